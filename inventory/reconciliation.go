package inventory

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Reconciliation holds what the ledger issued at a place on a day against what the print system counted. A difference
// stays open until it is explained; one that changes afterwards is open again.
type Reconciliation struct {
	ID          int64      `json:"id" db:"id"`
	Region      string     `json:"region" db:"region"`
	Place       int        `json:"place" db:"place_id"`
	PlaceName   string     `json:"place_name" db:"place_name"`
	Item        string     `json:"item" db:"item"`
	Date        string     `json:"date" db:"day" format:"date"`
	Printed     int64      `json:"printed" db:"printed" doc:"good cards, as the print system counts them"`
	Issued      int64      `json:"issued" db:"issued" doc:"cards handed out, as the ledger has them now"`
	Difference  int64      `json:"difference" db:"difference" doc:"issued - printed"`
	State       string     `json:"state" db:"state" enum:"agrees,open,explained"`
	Reason      string     `json:"reason" db:"reason"`
	Note        string     `json:"note" db:"note"`
	ExplainedAt *time.Time `json:"explained_at" db:"explained_at"`
	ExplainedBy string     `json:"explained_by" db:"explained_by"`
	Version     int64      `json:"version" db:"version"`
	RegionID    int        `json:"-" db:"region_id"`
}

// CurrentVersion is the ETag of the reconciliation.
func (r Reconciliation) CurrentVersion() int64 { return r.Version }

// DifferenceReasons are why issued and printed may differ.
var DifferenceReasons = []string{"reported-other-day", "not-reported", "printed-not-issued", "printed-elsewhere", "reprinted", "count-wrong", "other"}

// Explanation says why a day's figures differ.
type Explanation struct {
	Reason string `json:"reason" enum:"reported-other-day,not-reported,printed-not-issued,printed-elsewhere,reprinted,count-wrong,other"`
	Note   string `json:"note" minLength:"1" maxLength:"500"`
}

// What a reconciliation refuses.
var (
	ErrReconciliationUnknown = fault.New(fault.NotFound, "reconciliation-unknown")
	ErrAgrees                = fault.New(fault.Conflict, "figures-agree") // issued, printed
)

// ReconciliationFilter narrows a list of reconciliations.
type ReconciliationFilter struct {
	Region string // code; with everything below it
	Place  int
	State  string // agrees, open or explained
	From   string // first day; 31 days up to To when empty
	To     string // last day; today when empty
	postgres.Paging
}

// mostSpan bounds the days of one list.
const (
	usualSpan = 31
	mostSpan  = 366
)

// days are the first and last day of a list.
func (f ReconciliationFilter) days(today time.Time) (from, to time.Time, err error) {
	to = today
	if f.To != "" {
		if to, err = time.Parse(time.DateOnly, f.To); err != nil {
			return from, to, fault.ErrInvalid.At("query.to", "not-a-date", f.To, "form", "YYYY-MM-DD")
		}
	}
	from = to.AddDate(0, 0, 1-usualSpan)
	if f.From != "" {
		if from, err = time.Parse(time.DateOnly, f.From); err != nil {
			return from, to, fault.ErrInvalid.At("query.from", "not-a-date", f.From, "form", "YYYY-MM-DD")
		}
	}
	if to.Before(from) || to.Sub(from) > mostSpan*24*time.Hour {
		return from, to, fault.ErrInvalid.At("query.from", "not-a-span", from.Format(time.DateOnly), "to", to.Format(time.DateOnly), "most_days", mostSpan)
	}
	return from, to, nil
}

// spoiledUse is what was spoiled of the use of a day at a place: corrections count for the day that they correct.
type spoiledUse struct {
	places, items, pieces pq.Int64Array
	days                  pq.StringArray
}

// spoiledBetween reads it for the places of which prints were counted. It goes to the next statement as values: joined
// inside one, the planner takes it for a single row and goes through it for every day of every place.
func spoiledBetween(ctx context.Context, tx *sqlx.Tx, from, to time.Time) (s spoiledUse, err error) {
	err = tx.QueryRowxContext(ctx, `
		WITH spoiled AS (
			SELECT l.source_place_id AS place_id, l.item_id, m.business_date AS day,
			       sum(CASE WHEN l.target_condition = 'spoiled' THEN l.pieces ELSE -l.pieces END)::bigint AS pieces
			FROM move_lines l
			JOIN moves m ON m.region_id = l.region_id AND m.id = l.move_id AND m.business_date BETWEEN $1::date AND $2::date
			LEFT JOIN moves o ON o.id = m.reverses -- which may lie in another region: it begins where the other ended
			WHERE l.source_place_id = l.target_place_id
			  AND (l.target_condition = 'spoiled' AND l.source_condition = 'usable' OR l.source_condition = 'spoiled' AND l.target_condition = 'usable')
			  AND l.source_place_id IN (SELECT c.place_id FROM reconciliations c WHERE c.day BETWEEN $1::date AND $2::date)
			  AND coalesce(o.kind, m.kind) = 'use'
			GROUP BY 1, 2, 3
		)
		SELECT coalesce(array_agg(place_id), '{}'), coalesce(array_agg(item_id), '{}'), coalesce(array_agg(day::text), '{}'), coalesce(array_agg(pieces), '{}')
		FROM spoiled`, from, to).Scan(&s.places, &s.items, &s.days, &s.pieces)
	if err != nil {
		return s, fmt.Errorf("read what was spoiled: %w", err)
	}
	return s, nil
}

// selectReconciliations reads the days from $1 to $2. Issued is the day's use less what of it was spoiled ($3 to $6).
const selectReconciliations = `
	WITH spoiled AS (
		SELECT place_id, item_id, day, pieces
		FROM unnest($3::int[], $4::smallint[], $5::date[], $6::bigint[]) AS s (place_id, item_id, day, pieces)
	), compared AS (
		SELECT c.id, c.region_id, c.place_id, c.item_id, c.day, c.explained, c.reason, c.note, c.explained_at, c.explained_by, c.version,
		       p.printed, (coalesce(-f.pieces, 0) - coalesce(s.pieces, 0))::bigint AS issued
		FROM reconciliations c
		CROSS JOIN LATERAL (
			SELECT sum(n.printed)::bigint AS printed
			FROM print_counts n
			WHERE n.region_id = c.region_id AND n.place_id = c.place_id AND n.item_id = c.item_id AND n.day = c.day
			GROUP BY n.import_id
			ORDER BY n.import_id DESC
			LIMIT 1
		) p
		LEFT JOIN flows f ON f.region_id = c.region_id AND f.place_id = c.place_id AND f.item_id = c.item_id AND f.day = c.day AND f.kind = 'use'
		LEFT JOIN spoiled s ON s.place_id = c.place_id AND s.item_id = c.item_id AND s.day = c.day
		WHERE c.day BETWEEN $1::date AND $2::date
	), judged AS (
		SELECT c.*, issued - printed AS difference,
		       CASE WHEN issued = printed THEN 'agrees' WHEN explained = issued - printed THEN 'explained' ELSE 'open' END AS state
		FROM compared c
	)
	SELECT j.id, j.region_id, r.code AS region, j.place_id, l.name AS place_name, i.code AS item, j.day::text, j.printed, j.issued, j.difference, j.state,
	       j.reason, j.note, j.explained_at, j.explained_by, j.version
	FROM judged j
	JOIN places l ON l.id = j.place_id
	JOIN items i ON i.id = j.item_id
	JOIN regions_today r ON r.id = j.region_id`

// Reconciliations lists days of places in reach of which prints were counted, the latest day first.
func (l *Ledger) Reconciliations(ctx context.Context, who access.Actor, f ReconciliationFilter) (page postgres.Page[Reconciliation], err error) {
	if err := who.May(access.ReadReconciliations); err != nil {
		return page, err
	}
	from, to, err := f.days(region.Today(region.WIT, l.now()))
	if err != nil {
		return page, err
	}
	type latestFirst struct {
		Day string `json:"day"`
		ID  int64  `json:"id"`
	}
	before := latestFirst{"9999-12-31", math.MaxInt64}
	limit, err := f.Resume(&before)
	if err != nil {
		return page, err
	}
	var rows []Reconciliation
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		s, err := spoiledBetween(ctx, tx, from, to)
		if err != nil {
			return err
		}
		return tx.SelectContext(ctx, &rows, selectReconciliations+`
			WHERE (j.day, j.id) < ($7::date, $8::bigint)
			  AND ($9 IN ('', '00') OR r.code = $9 OR r.code LIKE $9 || '.%')
			  AND ($10 = 0 OR j.place_id = $10)
			  AND ($11 = '' OR j.state = $11)
			ORDER BY j.day DESC, j.id DESC
			LIMIT $12`, from, to, s.places, s.items, s.days, s.pieces, before.Day, before.ID, f.Region, f.Place, f.State, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list reconciliations: %w", err)
	}
	return postgres.NewPage(f.Paging, rows, func(r Reconciliation) latestFirst { return latestFirst{r.Date, r.ID} })
}

// Reconciliation returns one day of a place in reach.
func (l *Ledger) Reconciliation(ctx context.Context, who access.Actor, id int64) (r Reconciliation, err error) {
	if err := who.May(access.ReadReconciliations); err != nil {
		return r, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		r, err = reconciliationByID(ctx, tx, id)
		return err
	})
	return r, err
}

func reconciliationByID(ctx context.Context, tx *sqlx.Tx, id int64) (r Reconciliation, err error) {
	var day time.Time
	if err := tx.GetContext(ctx, &day, `SELECT day FROM reconciliations WHERE id = $1`, id); err != nil {
		return r, postgres.NotFound(err, ErrReconciliationUnknown.With("reconciliation", id))
	}
	s, err := spoiledBetween(ctx, tx, day, day)
	if err != nil {
		return r, err
	}
	err = tx.GetContext(ctx, &r, selectReconciliations+` WHERE j.id = $7`, day, day, s.places, s.items, s.days, s.pieces, id)
	return r, postgres.NotFound(err, ErrReconciliationUnknown.With("reconciliation", id))
}

// Explain says why issued and printed differ on a day. It stays said as long as the difference stays the same.
func (l *Ledger) Explain(ctx context.Context, who access.Actor, id, version int64, in Explanation) (Reconciliation, error) {
	if err := who.May(access.ExplainDifferences); err != nil {
		return Reconciliation{}, err
	}
	if !slices.Contains(DifferenceReasons, in.Reason) {
		return Reconciliation{}, fault.ErrInvalid.At("body.reason", "reason-unknown", in.Reason, "known", DifferenceReasons)
	}
	if err := wanted("body.note", in.Note); err != nil {
		return Reconciliation{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Reconciliation, error) {
		if _, err := tx.ExecContext(ctx, `SELECT FROM reconciliations WHERE id = $1 FOR UPDATE`, id); err != nil {
			return Reconciliation{}, fmt.Errorf("lock reconciliation %d: %w", id, err)
		}
		was, err := reconciliationByID(ctx, tx, id)
		if err != nil {
			return was, err
		}
		if err := postgres.CheckVersion(version, was.Version); err != nil {
			return was, err
		}
		if was.Difference == 0 {
			return was, ErrAgrees.With("reconciliation", id, "issued", was.Issued, "printed", was.Printed)
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE reconciliations
			SET explained = $3, reason = $4, note = $5, explained_at = $6, explained_by = $7, version = version + 1
			WHERE region_id = $1 AND id = $2`, was.RegionID, id, was.Difference, in.Reason, in.Note, l.now(), who.Name)
		if err != nil {
			return was, fmt.Errorf("explain reconciliation %d: %w", id, err)
		}
		is, err := reconciliationByID(ctx, tx, id)
		if err != nil {
			return was, err
		}
		return is, postgres.Audit(ctx, tx, who, is.RegionID, "explain", "reconciliation", id, was, is)
	})
}

// SuggestedUse is what the print system says of a day, to begin a daily report with.
type SuggestedUse struct {
	Region   string    `json:"region"`
	Place    int       `json:"place"`
	Item     string    `json:"item"`
	Date     string    `json:"date" format:"date"`
	Counted  bool      `json:"counted" doc:"prints of the day were imported; without them there is nothing to begin with"`
	Lines    []UseLine `json:"lines" doc:"by purpose; other where the file did not say"`
	Spoiled  int64     `json:"spoiled" doc:"prints that failed"`
	Reported *int64    `json:"reported" doc:"the day's report, when there is one already"`
}

// SuggestUse pre-fills the daily report of a place from the imported print counts.
func (l *Ledger) SuggestUse(ctx context.Context, who access.Actor, code string, placeID int, item, date string) (s SuggestedUse, err error) {
	if err := who.May(access.ReadMoves); err != nil {
		return s, err
	}
	id, err := itemID(item)
	if err != nil {
		return s, err
	}
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return s, fault.ErrInvalid.At("query.date", "not-a-date", date, "form", "YYYY-MM-DD")
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		place, err := l.placeNamed(ctx, tx, who, placeID, code)
		if err != nil {
			return err
		}
		s = SuggestedUse{Region: place.Region, Place: place.ID, Item: itemCodes[id], Date: date, Lines: []UseLine{}}
		var uses []int64
		err = tx.SelectContext(ctx, &uses, `
			SELECT id FROM uses WHERE region_id = $1 AND place_id = $2 AND item_id = $3 AND day = $4::date AND NOT corrected`, place.RegionID, place.ID, id, date)
		if err != nil {
			return fmt.Errorf("look for a report: %w", err)
		}
		if len(uses) > 0 {
			s.Reported = &uses[0]
		}
		return s.fill(ctx, tx, place, id)
	})
	return s, err
}

func (s *SuggestedUse) fill(ctx context.Context, tx *sqlx.Tx, place Place, item int) error {
	var counts []struct {
		Purpose Purpose `db:"purpose"`
		Printed int64   `db:"printed"`
		Failed  int64   `db:"failed"`
	}
	err := tx.SelectContext(ctx, &counts, `
		SELECT purpose, printed, failed
		FROM print_counts
		WHERE region_id = $1 AND place_id = $2 AND item_id = $3 AND day = $4::date
		  AND import_id = (SELECT max(import_id) FROM print_counts WHERE region_id = $1 AND place_id = $2 AND item_id = $3 AND day = $4::date)
		ORDER BY purpose`, place.RegionID, place.ID, item, s.Date)
	if err != nil {
		return fmt.Errorf("read print counts: %w", err)
	}
	by := map[Purpose]int64{}
	for _, c := range counts {
		if c.Purpose == "" {
			c.Purpose = "other"
		}
		by[c.Purpose] += c.Printed
		s.Spoiled += c.Failed
		s.Counted = true
	}
	for _, p := range Purposes {
		if by[p] > 0 {
			s.Lines = append(s.Lines, UseLine{p, by[p]})
		}
	}
	return nil
}
