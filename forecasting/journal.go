package forecasting

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/privacy"
	"blangko/internal/region"
	"blangko/inventory"
)

// Decision is a line of the journal: what the forecast said of a region on a day, what was decided, and what came.
type Decision struct {
	ID         int64           `json:"id" db:"id"`
	Region     string          `json:"region" db:"region"`
	Name       string          `json:"name" db:"name"`
	Item       string          `json:"item" db:"item"`
	Kind       string          `json:"kind" db:"kind" enum:"request,allocation,note"`
	Source     string          `json:"source" db:"source" doc:"the document decided on"`
	Day        string          `json:"day" db:"day" format:"date"`
	ForecastOn *string         `json:"forecast_on" db:"forecast_on" doc:"day of the forecast that was there; null when there was none"`
	Said       json.RawMessage `json:"said" db:"said" doc:"on_hand, incoming, horizon_days, run_out, short, person_days, order_up_to as foreseen"`
	Decided    json.RawMessage `json:"decided" db:"decided" doc:"asked, suggested and given pieces and the reason, or the text of a note"`
	Note       string          `json:"note" db:"note"`
	By         string          `json:"decided_by" db:"decided_by"`
	ClosesOn   string          `json:"closes_on" db:"closes_on" doc:"day on which what came is written down"`
	Happened   json.RawMessage `json:"happened" db:"happened" doc:"used, received, stock_out_days and ran_out until then; null before"`
}

// NewDecision is a decision that no document tells: to wait, to lend, to print less.
type NewDecision struct {
	Region string `json:"region" maxLength:"13" doc:"kabupaten/kota"`
	Text   string `json:"text" minLength:"1" maxLength:"500" doc:"what was decided, and why"`
}

// noteDays is how long after a decision it is looked at what came, where no forecast says.
const noteDays = 30

const selectDecisions = `
	SELECT d.id, r.code AS region, r.name, i.code AS item, d.kind, d.source, d.day::text, d.forecast_on::text, d.said, d.decided, d.note, d.decided_by,
	       d.closes_on::text, coalesce(d.happened, 'null') AS happened
	FROM decisions d
	JOIN regions_ever r ON r.id = d.region_id
	JOIN items i ON i.id = d.item_id`

// Decisions lists the journal of regions in reach under a code, the newest first.
func (f *Forecaster) Decisions(ctx context.Context, who access.Actor, code string, paging postgres.Paging) (page postgres.Page[Decision], err error) {
	if err := who.May(access.ReadForecasts); err != nil {
		return page, err
	}
	type newest struct {
		Day string `json:"day"`
		ID  int64  `json:"id"`
	}
	before := newest{"9999-12-31", 0}
	limit, err := paging.Resume(&before)
	if err != nil {
		return page, err
	}
	found := []Decision{}
	err = postgres.Read(ctx, f.db, who, func(tx *sqlx.Tx) error {
		if code != "" {
			if _, err := region.ByCode(ctx, tx, code, region.Today(region.WIB, f.now())); err != nil {
				return err
			}
		}
		return tx.SelectContext(ctx, &found, selectDecisions+`
			WHERE (d.day, d.id) < ($1::date, $2) AND ($3 IN ('', '00') OR r.code = $3 OR r.code LIKE $3 || '.%')
			ORDER BY d.day DESC, d.id DESC
			LIMIT $4`, before.Day, before.ID, code, limit)
	})
	if err != nil {
		return page, err
	}
	return postgres.NewPage(paging, found, func(d Decision) newest { return newest{d.Day, d.ID} })
}

// Decide writes a decision into the journal that no document tells, beside what the forecast says today.
func (f *Forecaster) Decide(ctx context.Context, who access.Actor, n NewDecision) (Decision, error) {
	if err := who.May(access.NoteDecisions); err != nil {
		return Decision{}, err
	}
	var wrong fault.Fields
	if text := strings.TrimSpace(n.Text); text == "" {
		wrong.Add("body.text", "required", nil)
	}
	if len([]rune(n.Text)) > 500 {
		wrong.Add("body.text", "too-long", nil, "most", 500)
	}
	if privacy.Identifies(n.Text) {
		wrong.Add("body.text", "sixteen-digits", nil)
	}
	if err := wrong.Err(); err != nil {
		return Decision{}, err
	}
	return postgres.Once(ctx, f.db, who, func(tx *sqlx.Tx) (d Decision, err error) {
		today := region.Today(region.WIB, f.now())
		where, err := region.ByCode(ctx, tx, n.Region, today)
		if err != nil {
			return d, err
		}
		if err := where.Expect(region.Regency); err != nil {
			return d, err
		}
		source := fmt.Sprintf("%s %d", f.now().UTC().Format(time.RFC3339Nano), who.ID)
		written, err := writeDecisions(ctx, tx, []decisionRow{{RegionID: where.ID, Kind: "note", Source: source, Day: today.Format(time.DateOnly),
			Decided: map[string]any{}, Note: n.Text, By: who.Name}})
		if err != nil {
			return d, err
		}
		if len(written) != 1 {
			return d, fmt.Errorf("note a decision of %s: %d rows written", n.Region, len(written))
		}
		if err := tx.GetContext(ctx, &d, selectDecisions+` WHERE d.region_id = $1 AND d.id = $2`, where.ID, written[0]); err != nil {
			return d, fmt.Errorf("read the decision: %w", err)
		}
		return d, postgres.Audit(ctx, tx, who, where.ID, "noted", "decision", d.ID, nil, d)
	})
}

type decisionRow struct {
	RegionID int    `json:"region_id"`
	Kind     string `json:"kind"`
	Source   string `json:"source"`
	Day      string `json:"day"`
	Decided  any    `json:"decided"`
	Note     string `json:"note"`
	By       string `json:"decided_by"`
}

// writeDecisions adds lines to the journal beside what the last forecast before each said; one that is there is left as
// it is. It returns the ids of the new ones.
func writeDecisions(ctx context.Context, tx *sqlx.Tx, rows []decisionRow) (ids []int64, err error) {
	text, err := json.Marshal(rows)
	if err != nil {
		return nil, fmt.Errorf("encode decisions: %w", err)
	}
	err = tx.SelectContext(ctx, &ids, `
		INSERT INTO decisions (region_id, item_id, kind, source, day, forecast_on, said, decided, note, decided_by, closes_on)
		SELECT d.region_id, i.id, d.kind, d.source, d.day, o.as_of,
		       CASE WHEN o.as_of IS NULL THEN '{}' ELSE jsonb_build_object('on_hand', o.on_hand, 'incoming', o.incoming, 'horizon_days', o.horizon_days,
		           'run_out', o.run_out, 'short', o.short, 'person_days', o.person_days, 'order_up_to', o.order_up_to) END,
		       d.decided, d.note, d.decided_by, d.day + coalesce(o.horizon_days, $2::int)
		FROM json_populate_recordset(NULL::decisions, $1::json) d
		JOIN items i ON i.code = '`+item+`'
		LEFT JOIN LATERAL (
			SELECT * FROM outlooks o
			WHERE o.region_id = d.region_id AND o.item_id = i.id AND o.as_of <= d.day
			ORDER BY o.as_of DESC
			LIMIT 1) o ON true
		ON CONFLICT (region_id, kind, source) DO NOTHING
		RETURNING id`, string(text), noteDays)
	if err != nil {
		return nil, fmt.Errorf("write decisions: %w", err)
	}
	return ids, nil
}

// journalDays is how far back the nightly run looks for decisions that are not yet in the journal.
const journalDays = 45

// journal takes what was decided lately into the journal.
func journal(ctx context.Context, tx *sqlx.Tx, decided []inventory.Decided) error {
	rows := make([]decisionRow, len(decided))
	for i, d := range decided {
		rows[i] = decisionRow{RegionID: d.RegionID, Kind: d.Kind, Source: d.Document, Day: d.Day.Format(time.DateOnly), Decided: d, By: d.By}
	}
	_, err := writeDecisions(ctx, tx, rows)
	return err
}

// open is a decision of which it is time to say what came.
type openDecision struct {
	RegionID int       `db:"region_id"`
	ID       int64     `db:"id"`
	Day      time.Time `db:"day"`
	ClosesOn time.Time `db:"closes_on"`
}

func openDecisions(ctx context.Context, tx *sqlx.Tx, date time.Time) (due []openDecision, err error) {
	err = tx.SelectContext(ctx, &due, `
		SELECT region_id, id, day, closes_on
		FROM decisions
		WHERE closed_on IS NULL AND closes_on <= $1::date
		ORDER BY region_id, id`, date)
	if err != nil {
		return nil, fmt.Errorf("read open decisions: %w", err)
	}
	return due, nil
}

// came is what was used and received between a decision and the day it closes, and on how many days that something was
// posted the shelf ended empty.
func (d openDecision) came(days []inventory.DayOfUse) map[string]any {
	used, received, empty := int64(0), int64(0), 0
	for _, day := range days {
		if on := day.Day.UTC(); on.Before(d.Day.UTC()) || !on.Before(d.ClosesOn.UTC()) {
			continue
		}
		used += day.Used
		received += max(0, day.Other)
		if day.Closing <= 0 {
			empty++
		}
	}
	return map[string]any{"used": used, "received": received, "stock_out_days": empty, "ran_out": empty > 0}
}

func closeDecisions(ctx context.Context, tx *sqlx.Tx, due []openDecision, days map[int][]inventory.DayOfUse, date time.Time) error {
	type row struct {
		RegionID int   `json:"region_id"`
		ID       int64 `json:"id"`
		Happened any   `json:"happened"`
	}
	rows := make([]row, len(due))
	for i, d := range due {
		rows[i] = row{d.RegionID, d.ID, d.came(days[d.RegionID])}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("encode what came: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE decisions d
		SET happened = c.happened, closed_on = $2
		FROM json_populate_recordset(NULL::decisions, $1::json) c
		WHERE d.region_id = c.region_id AND d.id = c.id AND d.closed_on IS NULL`, string(text), date)
	if err != nil {
		return fmt.Errorf("close decisions: %w", err)
	}
	return nil
}
