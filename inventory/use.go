package inventory

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// NewUse is the daily report of a place: cards handed out by purpose, and blanks spoiled.
type NewUse struct {
	Region   string    `json:"region,omitempty" maxLength:"13" doc:"code of the office, or of the kecamatan of a service point; your own when empty"`
	Place    int       `json:"place,omitempty" minimum:"1" doc:"id of the place, instead of the region"`
	Item     string    `json:"item,omitempty" default:"ktp-el" enum:"ktp-el,kia,ribbon,film"`
	Date     string    `json:"date" format:"date"`
	Document string    `json:"document,omitempty" maxLength:"100" doc:"number of the daily report; one is given when empty"`
	Lines    []UseLine `json:"lines,omitempty" maxItems:"8" doc:"none on a day without use: the day counts as reported"`
	Spoiled  int64     `json:"spoiled,omitempty" minimum:"0" maximum:"100000000"`
	Reason   string    `json:"reason,omitempty" maxLength:"500" doc:"why an earlier report is corrected"`
	Chips    []Chips   `json:"spoiled_chips,omitempty" maxItems:"1000" doc:"which blanks were spoiled, as far as they are named"`
}

// UseLine is a part of a day's use.
type UseLine struct {
	Purpose Purpose `json:"purpose" enum:"first-time,moved,marital,damaged,lost,data-change,outreach,other"`
	Pieces  int64   `json:"pieces" minimum:"1" maximum:"100000000"`
}

// DailyUse is a daily report as it was posted.
type DailyUse struct {
	ID        int64     `json:"id" db:"id"`
	RegionID  int       `json:"-" db:"region_id"`
	Region    string    `json:"region" db:"region"`
	PlaceID   int       `json:"place" db:"place_id"`
	Item      string    `json:"item" db:"item"`
	Date      string    `json:"date" db:"day" format:"date"`
	Document  string    `json:"document" db:"document"`
	Pieces    int64     `json:"pieces" db:"pieces" doc:"cards handed out, all purposes"`
	Spoiled   int64     `json:"spoiled" db:"spoiled"`
	Lines     []UseLine `json:"lines" db:"-"`
	Move      string    `json:"move,omitempty" db:"move"`
	Corrected bool      `json:"corrected" db:"corrected" doc:"a later report stands in its place"`
	Corrects  *int64    `json:"corrects" db:"corrects" doc:"the report in whose place this one stands"`
	At        time.Time `json:"at" db:"at"`
	Actor     string    `json:"actor" db:"actor"`
	Synthetic bool      `json:"synthetic" db:"synthetic"`
}

// What a daily report refuses.
var (
	ErrUseUnknown   = fault.New(fault.NotFound, "use-unknown")
	ErrUseReported  = fault.New(fault.Conflict, "day-already-reported") // date, place, use
	ErrUseCorrected = fault.New(fault.Conflict, "already-corrected")    // use
)

const selectUses = `
	SELECT u.id, u.region_id, r.code AS region, u.place_id, i.code AS item, u.day::text, u.document, u.pieces, u.spoiled, u.corrected, u.corrects, u.at, u.actor, u.synthetic,
	       CASE WHEN u.move_id IS NULL THEN '' ELSE concat_ws('-', u.region_id, u.move_id) END AS move
	FROM uses u
	JOIN items i ON i.id = u.item_id
	JOIN regions_today r ON r.id = u.region_id`

// ReportUse posts a day's use of a place: usable → issued by purpose, and usable → spoiled. A place has one report for
// a day and item; a second is day-already-reported and belongs into CorrectUse. Errors: insufficient-stock.
func (l *Ledger) ReportUse(ctx context.Context, who access.Actor, in NewUse) (DailyUse, error) {
	if err := who.May(access.ReportUses); err != nil {
		return DailyUse{}, err
	}
	item, err := in.check()
	if err != nil {
		return DailyUse{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (DailyUse, error) {
		place, err := l.usingPlace(ctx, tx, who, in)
		if err != nil {
			return DailyUse{}, err
		}
		return l.report(ctx, tx, who, place, item, in, nil, "")
	})
}

// CorrectUse reverses the move of a report and posts another in its place, for the same place, item and day. Where a closed month
// covers that day, both moves are of the first day that is open. Errors: counted-since.
func (l *Ledger) CorrectUse(ctx context.Context, who access.Actor, id int64, in NewUse) (DailyUse, error) {
	if err := who.May(access.ReportUses); err != nil {
		return DailyUse{}, err
	}
	if err := wanted("body.reason", in.Reason); err != nil {
		return DailyUse{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (DailyUse, error) {
		var was DailyUse
		if err := tx.GetContext(ctx, &was, selectUses+` WHERE u.id = $1 FOR UPDATE OF u`, id); err != nil {
			return was, postgres.NotFound(err, ErrUseUnknown.With("use", id))
		}
		if was.Corrected {
			return was, ErrUseCorrected.With("use", id)
		}
		in.Item, in.Date = was.Item, was.Date
		item, err := in.check()
		if err != nil {
			return was, err
		}
		in.Place = was.PlaceID
		place, err := l.usingPlace(ctx, tx, who, in)
		if err != nil {
			return was, err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE uses SET corrected = true WHERE region_id = $1 AND id = $2`, was.RegionID, id); err != nil {
			return was, fmt.Errorf("mark use %d corrected: %w", id, err)
		}
		if was.Move != "" {
			if _, err := l.undo(ctx, tx, agreed, was.Move, in.Reason); err != nil {
				return was, err
			}
		}
		posted, err := openDay(ctx, tx, was.Date, place.ID)
		if err != nil {
			return was, err
		}
		if err := l.unspoilChips(ctx, tx, who, was, place); err != nil {
			return was, err
		}
		is, err := l.report(ctx, tx, who, place, item, in, &id, posted)
		if err != nil {
			return is, err
		}
		return is, backed(ctx, tx, place.ID, item)
	})
}

func (in NewUse) check() (item int, err error) {
	if item, err = itemID(in.Item); err != nil {
		return 0, err
	}
	var wrong fault.Fields
	seen := map[Purpose]bool{}
	for i, line := range in.Lines {
		at := "body.lines[" + strconv.Itoa(i) + "]"
		if line.Pieces < 1 || line.Pieces > mostPieces {
			wrong.Add(at+".pieces", "out-of-range", line.Pieces, "least", 1, "most", mostPieces)
		}
		if line.Purpose == "spoiled" || !slices.Contains(Purposes, line.Purpose) {
			wrong.Add(at+".purpose", "purpose-unknown", line.Purpose)
		}
		if seen[line.Purpose] {
			wrong.Add(at+".purpose", "twice", line.Purpose)
		}
		seen[line.Purpose] = true
	}
	if in.Spoiled < 0 || in.Spoiled > mostPieces {
		wrong.Add("body.spoiled", "out-of-range", in.Spoiled, "least", 0, "most", mostPieces)
	}
	checkText(&wrong, "body.document", in.Document, 100)
	checkText(&wrong, "body.reason", in.Reason, 500)
	return item, wrong.Err()
}

// usingPlace finds the place of a report and checks that who keeps it. A regency's officer keeps its service points.
func (l *Ledger) usingPlace(ctx context.Context, tx *sqlx.Tx, who access.Actor, in NewUse) (Place, error) {
	place, err := l.placeNamed(ctx, tx, who, in.Place, in.Region)
	if err != nil {
		return place, err
	}
	return place, keeps(ctx, tx, who, place.ID)
}

// report writes a daily report; its move is of the day that is reported unless another is given.
func (l *Ledger) report(ctx context.Context, tx *sqlx.Tx, who access.Actor, place Place, item int, in NewUse, corrects *int64, posted string) (DailyUse, error) {
	day, err := l.checkDate(place.Zone, in.Date)
	if err != nil {
		return DailyUse{}, err
	}
	var known struct {
		Opened string
		Stands *int64
	}
	err = tx.GetContext(ctx, &known, `
		SELECT p.opened_on::text AS opened, u.id AS stands
		FROM places p
		LEFT JOIN uses u ON u.region_id = $2 AND u.place_id = p.id AND u.item_id = $3 AND u.day = $4::date AND NOT u.corrected
		WHERE p.id = $1`, place.ID, place.RegionID, item, day.Format(time.DateOnly))
	if err != nil {
		return DailyUse{}, fmt.Errorf("read opening and report of place %d: %w", place.ID, err)
	}
	if known.Opened > day.Format(time.DateOnly) {
		return DailyUse{}, ErrOpening.With("date", in.Date, "opened_on", known.Opened)
	}
	// Told before the stock is looked at, and with the report that stands: who wrote without a network can compare the two.
	if known.Stands != nil {
		return DailyUse{}, ErrUseReported.With("date", day.Format(time.DateOnly), "place", place.ID, "use", *known.Stands, "advice", "correct the report of that day instead")
	}
	u := DailyUse{RegionID: place.RegionID, Region: place.Region, PlaceID: place.ID, Item: itemCodes[item], Date: day.Format(time.DateOnly),
		Spoiled: in.Spoiled, Corrects: corrects, Lines: append([]UseLine{}, in.Lines...), At: l.now(), Actor: who.Name}
	for _, line := range in.Lines {
		u.Pieces += line.Pieces
	}
	document := cmp.Or(in.Document, fmt.Sprintf("LH/%s/%d", day.Format("20060102"), place.ID))
	var number *int64
	holds := map[itemLot]int64{}
	if u.Pieces+u.Spoiled > 0 {
		p := posting{Kind: Use, Document: document, Date: cmp.Or(posted, u.Date), Reason: in.Reason}
		if p.Lines, err = l.useLines(ctx, tx, place, item, in); err != nil {
			return u, err
		}
		done, err := post(ctx, l.db, tx, across, p)
		if err != nil {
			return u, err
		}
		holds = p.into(Spoiled)
		number, u.Move, u.At = &done[0].ID, moveID(done[0].RegionID, done[0].ID), done[0].At
	}
	err = tx.QueryRowxContext(ctx, `
		INSERT INTO uses (region_id, place_id, item_id, day, document, pieces, spoiled, move_id, corrects, at, actor)
		VALUES ($1, $2, $3, $4::date, $5, $6, $7, $8, $9, $10, $11)
		RETURNING id, document`, u.RegionID, u.PlaceID, item, u.Date, document, u.Pieces, u.Spoiled, number, corrects, u.At, who.Name).Scan(&u.ID, &u.Document)
	if postgres.Violates(err, "uses_one_a_day") { // another report of the same moment
		return u, ErrUseReported.With("date", u.Date, "place", place.ID, "advice", "correct the report of that day instead")
	}
	if err != nil {
		return u, fmt.Errorf("insert use: %w", err)
	}
	return u, l.spoilChips(ctx, tx, who, u, place, in.Chips, holds)
}

// useLines turns a day's use into lines of a move: what is spoiled comes from the lots of the chips that are named, all else
// from the lots in their order.
func (l *Ledger) useLines(ctx context.Context, tx *sqlx.Tx, place Place, item int, in NewUse) ([]postingLine, error) {
	public, err := around(ctx, tx, place.ID, Public)
	if err != nil {
		return nil, err
	}
	named, err := lotsOfBoxes(ctx, tx, in.Chips, "body.spoiled_chips")
	if err != nil {
		return nil, err
	}
	total := in.Spoiled
	for _, line := range in.Lines {
		total += line.Pieces
	}
	lots, err := pickLots(ctx, tx, place.ID, item, place.RegionID, total, named...)
	if err != nil {
		return nil, err
	}
	var out, spoiled []postingLine
	fromLots, _ := takeLots(lots, in.Spoiled, named)
	for _, lot := range fromLots {
		spoiled = append(spoiled, postingLine{Item: item, Lot: lot.Lot, From: place.ID, FromCondition: Usable, To: place.ID, ToCondition: Spoiled, Purpose: "spoiled", Pieces: lot.Pieces})
	}
	lots = afterTaken(lots, spoiled, item)
	for _, line := range in.Lines {
		for pieces := line.Pieces; pieces > 0; {
			n := min(pieces, lots[0].Pieces)
			out = append(out, postingLine{Item: item, Lot: lots[0].Lot, From: place.ID, FromCondition: Usable, To: public, ToCondition: Issued, Purpose: line.Purpose, Pieces: n})
			pieces -= n
			if lots[0].Pieces -= n; lots[0].Pieces == 0 {
				lots = lots[1:]
			}
		}
	}
	return append(out, spoiled...), nil
}

// DailyUse returns one daily report in reach, with its lines.
func (l *Ledger) DailyUse(ctx context.Context, who access.Actor, id int64) (u DailyUse, err error) {
	if err := who.May(access.ReadMoves); err != nil {
		return u, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		if err := tx.GetContext(ctx, &u, selectUses+` WHERE u.id = $1`, id); err != nil {
			return postgres.NotFound(err, ErrUseUnknown.With("use", id))
		}
		return u.readLines(ctx, tx)
	})
	return u, err
}

func (u *DailyUse) readLines(ctx context.Context, tx *sqlx.Tx) error {
	u.Lines = []UseLine{}
	if u.Move == "" {
		return nil
	}
	m, err := moveByID(ctx, tx, u.Move)
	if err != nil {
		return err
	}
	for _, line := range m.Lines {
		at := slices.IndexFunc(u.Lines, func(l UseLine) bool { return l.Purpose == line.Purpose })
		switch {
		case line.To.Condition == Spoiled:
		case at < 0:
			u.Lines = append(u.Lines, UseLine{line.Purpose, line.Pieces})
		default:
			u.Lines[at].Pieces += line.Pieces
		}
	}
	return nil
}

// UseFilter narrows a list of daily reports; the zero filter takes all in reach.
type UseFilter struct {
	Region string // code; with everything below it
	Place  int
	From   string // first day
	To     string // last day
	postgres.Paging
}

// DailyUses lists daily reports in reach, the last written first.
func (l *Ledger) DailyUses(ctx context.Context, who access.Actor, f UseFilter) (page postgres.Page[DailyUse], err error) {
	if err := who.May(access.ReadMoves); err != nil {
		return page, err
	}
	type newestFirst struct {
		Use int64 `json:"use"`
	}
	before := newestFirst{math.MaxInt64}
	limit, err := f.Resume(&before)
	if err != nil {
		return page, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		var rows []DailyUse
		err := tx.SelectContext(ctx, &rows, selectUses+`
			WHERE u.id < $1
			  AND ($2 IN ('', '00') OR r.code = $2 OR r.code LIKE $2 || '.%')
			  AND ($3 = 0 OR u.place_id = $3)
			  AND ($4 = '' OR u.day >= $4::date)
			  AND ($5 = '' OR u.day <= $5::date)
			ORDER BY u.id DESC
			LIMIT $6`, before.Use, f.Region, f.Place, f.From, f.To, limit)
		if err != nil {
			return fmt.Errorf("list uses: %w", err)
		}
		if page, err = postgres.NewPage(f.Paging, rows, func(u DailyUse) newestFirst { return newestFirst{u.ID} }); err != nil {
			return err
		}
		for i := range page.Items {
			if err := page.Items[i].readLines(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	return page, err
}

// CalendarDay is whether a place reported a day.
type CalendarDay struct {
	Date     string `json:"date" db:"day" format:"date"`
	Business bool   `json:"business" db:"business" doc:"Monday to Friday, and no holiday"`
	Reported bool   `json:"reported" db:"reported"`
	Missing  bool   `json:"missing" db:"missing" doc:"a business day before today, since the place opened, without a report"`
	Pieces   int64  `json:"pieces" db:"pieces"`
	Spoiled  int64  `json:"spoiled" db:"spoiled"`
	Use      *int64 `json:"use" db:"use" doc:"the report"`
}

// UseCalendar lists the days of a month (YYYY-MM) of a place with what it reported. A day with postings of use that
// have no report, such as those of a visit, counts as reported.
func (l *Ledger) UseCalendar(ctx context.Context, who access.Actor, code string, placeID int, month string) (days []CalendarDay, err error) {
	if err := who.May(access.ReadMoves); err != nil {
		return nil, err
	}
	first, err := time.Parse("2006-01", month)
	if err != nil {
		return nil, fault.ErrInvalid.At("query.month", "not-a-month", month, "form", "YYYY-MM")
	}
	days = []CalendarDay{}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		place, err := l.placeNamed(ctx, tx, who, placeID, code)
		if err != nil {
			return err
		}
		return tx.SelectContext(ctx, &days, `
			SELECT d.day::date::text AS day, b.business, coalesce(u.id, f.pieces) IS NOT NULL AS reported,
			       b.business AND coalesce(u.id, f.pieces) IS NULL AND d.day < $4::date AND d.day >= p.opened_on AS missing,
			       coalesce(u.pieces, -f.pieces, 0) AS pieces, coalesce(u.spoiled, 0) AS spoiled, u.id AS use
			FROM generate_series($2::date, $3::date, interval '1 day') AS d (day)
			JOIN places p ON p.id = $1
			CROSS JOIN LATERAL (SELECT extract(isodow FROM d.day) < 6 AND NOT EXISTS (SELECT FROM holidays h WHERE h.day = d.day::date) AS business) b
			LEFT JOIN uses u ON u.region_id = p.region_id AND u.place_id = p.id AND u.day = d.day::date AND u.item_id = 1 AND NOT u.corrected
			LEFT JOIN flows f ON f.region_id = p.region_id AND f.place_id = p.id AND f.day = d.day::date AND f.item_id = 1 AND f.kind = 'use'
			ORDER BY d.day`, place.ID, first, first.AddDate(0, 1, -1), l.today(place.Zone))
	})
	return days, err
}
