package inventory

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Count is a stock opname of one account of a place: requested, counting, counted, reviewed by somebody else, posted; or back
// to be counted again. It is blind: until somebody has counted, the ledger's figure is not told. Issuing goes on
// meanwhile: counted is held against what the ledger held at the instant of the count.
type Count struct {
	ID          int64         `json:"id" db:"id"`
	Region      string        `json:"region" db:"region"`
	Place       int           `json:"place" db:"place_id"`
	Item        string        `json:"item" db:"item"`
	Condition   Condition     `json:"condition" db:"condition"`
	Document    string        `json:"document" db:"document"`
	State       string        `json:"state" db:"state" enum:"requested,counting,counted,recount,reviewed,posted,cancelled"`
	Counted     *int64        `json:"counted" db:"counted"`
	CountedAt   *time.Time    `json:"counted_at" db:"counted_at"`
	Ledger      *int64        `json:"ledger" db:"ledger" doc:"what the ledger held at counted_at; null until somebody has counted"`
	Difference  *int64        `json:"difference" db:"-" doc:"counted - ledger"`
	Lot         *int          `json:"lot" db:"lot_id" doc:"fund lot of what is too many, as the counter named it; when posted, as it entered"`
	Reason      string        `json:"reason" db:"reason"`
	Note        string        `json:"note" db:"note"`
	RequestedAt time.Time     `json:"requested_at" db:"requested_at"`
	RequestedBy string        `json:"requested_by" db:"requested_by"`
	StartedAt   *time.Time    `json:"started_at" db:"started_at"`
	StartedBy   string        `json:"started_by" db:"started_by"`
	CountedBy   string        `json:"counted_by" db:"counted_by"`
	ReviewedAt  *time.Time    `json:"reviewed_at" db:"reviewed_at"`
	ReviewedBy  string        `json:"reviewed_by" db:"reviewed_by"`
	PostedAt    *time.Time    `json:"posted_at" db:"posted_at"`
	PostedBy    string        `json:"posted_by" db:"posted_by"`
	Move        string        `json:"move,omitempty" db:"move"`
	Synthetic   bool          `json:"synthetic" db:"synthetic"`
	Version     int64         `json:"version" db:"version"`
	RegionID    int           `json:"-" db:"region_id"`
	CounterIDs  pq.Int64Array `json:"-" db:"counter_ids"`
}

// CurrentVersion is the ETag of the count.
func (c Count) CurrentVersion() int64 { return c.Version }

// CountReasons are why a count differs from the ledger.
var CountReasons = []string{"none", "miscounted-before", "not-recorded", "recorded-twice", "damaged", "missing", "found", "other"}

// What a count refuses.
var (
	ErrCountUnknown = fault.New(fault.NotFound, "count-unknown")
	ErrCountState   = fault.New(fault.Conflict, "count-not-in-state") // count, state, wanted
	ErrCountOpen    = fault.New(fault.Conflict, "count-already-open") // place, item, condition
	ErrOvertaken    = fault.New(fault.Conflict, "count-overtaken")    // count, move, date
	ErrPeriodClosed = fault.New(fault.Conflict, "period-closed")      // date, locked_until
)

// NewCount asks for a count.
type NewCount struct {
	Region    string    `json:"region,omitempty" maxLength:"13" doc:"code of the place's region; your own when empty"`
	Place     int       `json:"place,omitempty" minimum:"1"`
	Item      string    `json:"item,omitempty" default:"ktp-el" enum:"ktp-el,kia,ribbon,film"`
	Condition Condition `json:"condition,omitempty" default:"usable" enum:"usable,spoiled,surrendered,quarantine"`
	Note      string    `json:"note,omitempty" maxLength:"500"`
}

const selectCounts = `
	SELECT c.id, c.region_id, r.code AS region, c.place_id, i.code AS item, c.condition, c.document, c.state, c.counted, c.counted_at, c.ledger, c.reason, c.note, c.lot_id,
	       c.counter_ids, c.requested_at, c.requested_by, c.started_at, c.started_by, c.counted_by, c.reviewed_at, c.reviewed_by, c.posted_at, c.posted_by, c.move, c.synthetic, c.version
	FROM counts c
	JOIN items i ON i.id = c.item_id
	JOIN regions_today r ON r.id = c.region_id`

// RequestCount asks for a count of an account in reach.
func (l *Ledger) RequestCount(ctx context.Context, who access.Actor, in NewCount) (Count, error) {
	if err := who.May(access.RequestCounts); err != nil {
		return Count{}, err
	}
	item, err := itemID(in.Item)
	if err != nil {
		return Count{}, err
	}
	if in.Condition == "" {
		in.Condition = Usable
	}
	if !slices.Contains([]Condition{Usable, Spoiled, Surrendered, Quarantine}, in.Condition) {
		return Count{}, fault.ErrInvalid.At("body.condition", "cannot-be-counted", in.Condition)
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Count, error) {
		place, err := l.placeNamed(ctx, tx, who, in.Place, in.Region)
		if err != nil {
			return Count{}, err
		}
		var id int64
		err = tx.GetContext(ctx, &id, `
			INSERT INTO counts (region_id, place_id, item_id, condition, document, state, note, requested_at, requested_by)
			VALUES ($1, $2, $3, $4::condition, '', 'requested', $5, $6, $7)
			RETURNING id`, place.RegionID, place.ID, item, string(in.Condition), in.Note, l.now(), who.Name)
		if postgres.Violates(err, "counts_one_at_a_time") {
			return Count{}, ErrCountOpen.With("place", place.ID, "item", itemCodes[item], "condition", in.Condition)
		}
		if err != nil {
			return Count{}, fmt.Errorf("insert count: %w", err)
		}
		c, err := countByID(ctx, tx, id)
		if err != nil {
			return c, err
		}
		return c, postgres.Audit(ctx, tx, who, c.RegionID, "request", "count", id, nil, c)
	})
}

// StartCount says that somebody is at the shelf. Whoever does so counts among the counters.
func (l *Ledger) StartCount(ctx context.Context, who access.Actor, id, version int64) (Count, error) {
	return l.recount(ctx, who, access.EnterCounts, id, version, []string{"requested", "recount"}, func(tx *sqlx.Tx, c Count) (Count, error) {
		if err := keeps(ctx, tx, who, c.Place); err != nil {
			return c, err
		}
		return l.enter(ctx, tx, who, "start", c, `state = 'counting', started_at = $3, started_by = $4, counter_ids = array_append(counter_ids, $5)`, l.now(), who.Name, who.ID)
	})
}

// Counting is what somebody found on the shelf.
type Counting struct {
	Counted   int64      `json:"counted" minimum:"0" maximum:"100000000"`
	CountedAt *time.Time `json:"counted_at,omitempty" doc:"the instant of the count, after the last one of the same that was posted; now when absent. What left the shelf before it is to be entered before it: count before the counters open, or after the day's report"`
	Lot       int        `json:"lot,omitempty" minimum:"1" doc:"fund lot of what may be too many, where papers tell it; when absent, the one that came in last of those that the place holds, or held"`
	Blank     *string    `json:"blank_version,omitempty" maxLength:"10" doc:"version of what may be too many, as the blanks say, in place of the lot; empty for those without one"`
	Note      string     `json:"note,omitempty" maxLength:"500"`
}

// EnterCount keeps what was counted, and what the ledger held at that instant. A count that nobody has started begins and
// ends with it.
func (l *Ledger) EnterCount(ctx context.Context, who access.Actor, id, version int64, in Counting) (Count, error) {
	at := l.now()
	if in.CountedAt != nil {
		at = *in.CountedAt
	}
	if at.After(l.now()) {
		return Count{}, fault.ErrInvalid.At("body.counted_at", "in-the-future", at)
	}
	if in.Counted < 0 || in.Counted > mostPieces {
		return Count{}, fault.ErrInvalid.At("body.counted", "out-of-range", in.Counted, "least", 0, "most", mostPieces)
	}
	return l.recount(ctx, who, access.EnterCounts, id, version, []string{"requested", "counting", "recount"}, func(tx *sqlx.Tx, c Count) (Count, error) {
		if err := keeps(ctx, tx, who, c.Place); err != nil {
			return c, err
		}
		var last *time.Time
		err := tx.GetContext(ctx, &last, `SELECT max(counted_at) FROM counts WHERE region_id = $1 AND place_id = $2 AND item_id = $3 AND condition = $4::condition AND state = 'posted'`,
			c.RegionID, c.Place, itemIDs[c.Item], string(c.Condition))
		if err != nil {
			return c, fmt.Errorf("read the last count: %w", err)
		}
		if last != nil && !at.After(*last) {
			return c, fault.ErrInvalid.At("body.counted_at", "before-last-count", at, "last", *last)
		}
		var ledger int64
		err = tx.GetContext(ctx, &ledger, `
			SELECT coalesce(sum(e.pieces), 0)::bigint
			FROM entries e
			JOIN moves m ON m.region_id = e.move_region_id AND m.id = e.move_id
			WHERE e.region_id = $1 AND e.place_id = $2 AND e.item_id = $3 AND e.condition = $4::condition AND m.at <= $5`,
			c.RegionID, c.Place, itemIDs[c.Item], string(c.Condition), at)
		if err != nil {
			return c, fmt.Errorf("read ledger at the count: %w", err)
		}
		lot, err := in.lot(ctx, tx, c)
		if err != nil {
			return c, err
		}
		return l.enter(ctx, tx, who, "count", c, `state = 'counted', counted = $3, counted_at = $4, ledger = $5, counted_by = $6, note = $7,
			counter_ids = array_append(counter_ids, $8), started_at = coalesce(started_at, $9), started_by = coalesce(nullif(started_by, ''), $6), lot_id = $10`,
			in.Counted, at, ledger, who.Name, in.Note, who.ID, l.now(), lot)
	})
}

// lot is the fund lot that the counter names, nil when that is left to the ledger.
func (in Counting) lot(ctx context.Context, tx *sqlx.Tx, c Count) (*int, error) {
	lot, item := in.Lot, itemIDs[c.Item]
	switch {
	case lot == 0 && in.Blank == nil:
		return nil, nil
	case lot == 0:
		found, err := lastLot(ctx, tx, c.Place, item, c.Condition, in.Blank)
		if err != nil {
			return nil, err
		}
		if found == nil {
			return nil, fault.ErrInvalid.At("body.blank_version", "version-never-here", *in.Blank, "place", c.Place)
		}
		return found, nil
	case in.Blank != nil:
		return nil, fault.ErrInvalid.At("body.blank_version", "lot-says-version", *in.Blank, "lot", lot)
	}
	err := postingLine{Item: item, Lot: lot, To: c.Place}.fits(ctx, tx, false)
	if errors.Is(err, fault.ErrInvalid) {
		err = fault.ErrInvalid.At("body.lot", "lot-unknown", lot)
	}
	return &lot, err
}

// lastLot is the fund lot, of a version if one is asked for, that came in last: of those that a place holds in a condition, else
// of those that it held, else of those that it has in another; nil when it had none. A grant of another
// region is none of them.
func lastLot(ctx context.Context, tx *sqlx.Tx, placeID, item int, condition Condition, version *string) (*int, error) {
	var lots []int
	err := tx.SelectContext(ctx, &lots, `
		SELECT b.lot_id
		FROM balances b
		JOIN lots t ON t.id = b.lot_id AND ($4::text IS NULL OR t.version = $4)
		JOIN places p ON p.id = b.place_id
		CROSS JOIN LATERAL (
			SELECT e.seq
			FROM entries e
			WHERE e.region_id = b.region_id AND e.place_id = b.place_id AND e.item_id = b.item_id AND e.condition = b.condition AND e.lot_id = b.lot_id AND e.pieces > 0
			ORDER BY e.seq DESC
			LIMIT 1) e
		WHERE b.place_id = $1 AND b.item_id = $2
		  AND (t.earmark_region_id IS NULL OR region_code(p.region_id) = region_code(t.earmark_region_id) OR region_code(p.region_id) LIKE region_code(t.earmark_region_id) || '.%')
		ORDER BY b.condition = $3::condition DESC, b.pieces > 0 DESC, e.seq DESC
		LIMIT 1`, placeID, item, string(condition), version)
	if err != nil {
		return nil, fmt.Errorf("find the last lot of place %d: %w", placeID, err)
	}
	if len(lots) == 0 {
		return nil, nil
	}
	return &lots[0], nil
}

// AskRecount sends a count back to be counted again, also one that was reviewed. The next counter is told no figure.
func (l *Ledger) AskRecount(ctx context.Context, who access.Actor, id, version int64, reason string) (Count, error) {
	if err := wanted("body.reason", reason); err != nil {
		return Count{}, err
	}
	return l.recount(ctx, who, access.ReviewCounts, id, version, []string{"counted", "reviewed"}, func(tx *sqlx.Tx, c Count) (Count, error) {
		return l.enter(ctx, tx, who, "recount", c, `state = 'recount', lot_id = NULL, counted = NULL, counted_at = NULL, ledger = NULL, started_at = NULL, started_by = '',
			reason = '', reviewed_at = NULL, reviewed_by = '', note = $3`, reason)
	})
}

// ReviewCount says why a count differs from the ledger, by a reason that is known. Whoever counted may not. A difference
// wants a reason other than none.
func (l *Ledger) ReviewCount(ctx context.Context, who access.Actor, id, version int64, reason, note string) (Count, error) {
	return l.recount(ctx, who, access.ReviewCounts, id, version, []string{"counted"}, func(tx *sqlx.Tx, c Count) (Count, error) {
		return l.review(ctx, tx, who, c, reason, note)
	})
}

func (l *Ledger) review(ctx context.Context, tx *sqlx.Tx, who access.Actor, c Count, reason, note string) (Count, error) {
	if !slices.Contains(CountReasons, reason) {
		return c, fault.ErrInvalid.At("body.reason", "reason-unknown", reason, "known", CountReasons)
	}
	if err := c.byAnother(who); err != nil {
		return c, err
	}
	if *c.Difference != 0 && reason == "none" {
		return c, fault.ErrInvalid.At("body.reason", "required", reason, "difference", *c.Difference, "known", CountReasons)
	}
	return l.enter(ctx, tx, who, "review", c, `state = 'reviewed', reason = $3, note = $4, reviewed_at = $5, reviewed_by = $6`, reason, note, l.now(), who.Name)
}

// byAnother refuses whoever counted.
func (c Count) byAnother(who access.Actor) error {
	if slices.Contains(c.CounterIDs, who.ID) {
		return ErrOwnWork.With("counted_by", c.CountedBy)
	}
	return nil
}

// PostCount makes the ledger agree with what was counted and reviewed: it posts counted - ledger of the instant of the count,
// against the account of what nobody can explain (the public's, at the nation the supplier's), and closes the days before the
// count for what was counted. Whoever counted may not. A reason reviews and posts in one; without one the count must be
// reviewed. Errors: count-overtaken when a move of an earlier day was entered since.
func (l *Ledger) PostCount(ctx context.Context, who access.Actor, id, version int64, reason, note string) (Count, error) {
	from := []string{"reviewed"}
	if reason != "" {
		from = []string{"counted"}
	}
	return l.recount(ctx, who, access.ReviewCounts, id, version, from, func(tx *sqlx.Tx, c Count) (Count, error) {
		if reason != "" {
			reviewed, err := l.review(ctx, tx, who, c, reason, note)
			if err != nil {
				return c, err
			}
			c = reviewed
		}
		if err := c.byAnother(who); err != nil {
			return c, err
		}
		facts, err := l.facts(ctx, []int{c.Place})
		if err != nil {
			return c, err
		}
		day := c.CountedAt.In(facts[c.Place].Zone.Location()).Format(time.DateOnly)
		if err := notOvertaken(ctx, tx, c, day); err != nil {
			return c, err
		}
		if err := c.findLot(ctx, tx); err != nil {
			return c, err
		}
		move, err := l.adjust(ctx, tx, c, day, *c.Difference, c.Reason)
		if err != nil {
			return c, err
		}
		if _, err := tx.ExecContext(ctx, `SELECT close_counted($1, $2::smallint, $3::condition, $4::date - 1)`, c.Place, itemIDs[c.Item], string(c.Condition), day); err != nil {
			return c, fmt.Errorf("close the days before the count: %w", err)
		}
		return l.enter(ctx, tx, who, "post", c, `state = 'posted', posted_at = $3, posted_by = $4, move = $5, lot_id = $6`, l.now(), who.Name, move, c.Lot)
	})
}

// notOvertaken refuses a count across which a move was entered: dated before the day of the count, after its instant.
// The pieces on the shelf knew of that move, the ledger of the instant did not.
func notOvertaken(ctx context.Context, tx *sqlx.Tx, c Count, day string) error {
	var across []struct {
		Move string `db:"move"`
		Date string `db:"date"`
	}
	err := tx.SelectContext(ctx, &across, `
		SELECT concat_ws('-', m.region_id, m.id) AS move, m.business_date::text AS date
		FROM entries e
		JOIN moves m ON m.region_id = e.move_region_id AND m.id = e.move_id
		WHERE e.region_id = $1 AND e.place_id = $2 AND e.item_id = $3 AND e.condition = $4::condition AND m.at > $5 AND m.business_date < $6::date
		ORDER BY e.seq
		LIMIT 1`, c.RegionID, c.Place, itemIDs[c.Item], string(c.Condition), *c.CountedAt, day)
	if err != nil {
		return fmt.Errorf("look for moves across the count: %w", err)
	}
	if len(across) > 0 {
		return ErrOvertaken.With("count", c.ID, "move", across[0].Move, "date", across[0].Date, "advice", "a move of an earlier day was entered since; count again")
	}
	return nil
}

// findLot says as which lot what is too many enters: as the counter named it, else the last that the place had, else APBN without
// a version. Without a surplus there is none.
func (c *Count) findLot(ctx context.Context, tx *sqlx.Tx) (err error) {
	if *c.Difference <= 0 {
		c.Lot = nil
		return nil
	}
	if c.Lot == nil {
		c.Lot, err = lastLot(ctx, tx, c.Place, itemIDs[c.Item], c.Condition, nil)
	}
	if c.Lot == nil {
		c.Lot = new(int)
		*c.Lot = 1
	}
	return err
}

// adjust posts a difference: what is too few leaves the account's lots in their order, what is too many enters as the lot of the
// count, without chips: nobody knows them by name.
func (l *Ledger) adjust(ctx context.Context, tx *sqlx.Tx, c Count, day string, difference int64, reason string) (move string, err error) {
	if difference == 0 {
		return "", nil
	}
	outside, err := outside(ctx, tx, c.Place)
	if err != nil {
		return "", err
	}
	p := posting{Kind: CountMove, Document: c.Document, Date: day, Reason: reason}
	item := itemIDs[c.Item]
	if difference > 0 {
		p.Lines = []postingLine{{Item: item, Lot: *c.Lot, From: outside, FromCondition: Quarantine, To: c.Place, ToCondition: c.Condition, Pieces: difference}}
	} else {
		lots, err := lotsIn(ctx, tx, c.Place, item, c.Condition, -difference)
		if err != nil {
			return "", err
		}
		if c.Condition == Quarantine { // what a case or a loss holds is settled there
			held := posting{Kind: QuarantineMove}
			for _, lot := range lots {
				held.Lines = append(held.Lines, postingLine{Item: item, Lot: lot.Lot, FromCondition: Quarantine, To: c.Place, Pieces: lot.Pieces})
			}
			if err := held.areFree(ctx, tx); err != nil {
				return "", err
			}
		}
		for _, lot := range lots {
			p.Lines = append(p.Lines, postingLine{Item: item, Lot: lot.Lot, From: c.Place, FromCondition: c.Condition, To: outside, ToCondition: Quarantine, Pieces: lot.Pieces})
		}
	}
	done, err := post(ctx, l.db, tx, agreed, p)
	if err != nil {
		return "", err
	}
	return moveID(done[0].RegionID, done[0].ID), nil
}

// lotsIn takes pieces of a condition from the lots of a place, those that are named first, whoever they are earmarked for.
func lotsIn(ctx context.Context, tx *sqlx.Tx, placeID, item int, condition Condition, pieces int64, named ...lotPieces) ([]lotPieces, error) {
	var there []lotPieces
	err := tx.SelectContext(ctx, &there, `
		SELECT lot_id, pieces
		FROM balances
		WHERE place_id = $1 AND item_id = $2 AND condition = $3::condition AND pieces > 0
		ORDER BY lot_id`, placeID, item, string(condition))
	if err != nil {
		return nil, fmt.Errorf("read lots of place %d: %w", placeID, err)
	}
	picked, left := takeLots(there, pieces, named)
	if left > 0 {
		return nil, ErrShort.With("place", placeID, "item", itemCodes[item], "condition", string(condition), "requested", pieces, "available", pieces-left)
	}
	return picked, nil
}

// CancelCount ends a count that is not posted.
func (l *Ledger) CancelCount(ctx context.Context, who access.Actor, id, version int64, reason string) (Count, error) {
	if err := wanted("body.reason", reason); err != nil {
		return Count{}, err
	}
	return l.recount(ctx, who, access.RequestCounts, id, version, []string{"requested", "counting", "counted", "recount", "reviewed"}, func(tx *sqlx.Tx, c Count) (Count, error) {
		return l.enter(ctx, tx, who, "cancel", c, `state = 'cancelled', note = $3`, reason)
	})
}

func (l *Ledger) recount(ctx context.Context, who access.Actor, action access.Action, id, version int64, from []string, do func(*sqlx.Tx, Count) (Count, error)) (Count, error) {
	if err := who.May(action); err != nil {
		return Count{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Count, error) {
		if _, err := tx.ExecContext(ctx, `SELECT FROM counts WHERE id = $1 FOR UPDATE`, id); err != nil {
			return Count{}, fmt.Errorf("lock count %d: %w", id, err)
		}
		c, err := countByID(ctx, tx, id)
		if err != nil {
			return c, err
		}
		if err := postgres.CheckVersion(version, c.Version); err != nil {
			return c, err
		}
		if !slices.Contains(from, c.State) {
			return c, ErrCountState.With("count", id, "state", c.State, "wanted", from)
		}
		return do(tx, c)
	})
}

func (l *Ledger) enter(ctx context.Context, tx *sqlx.Tx, who access.Actor, action string, was Count, set string, args ...any) (Count, error) {
	_, err := tx.ExecContext(ctx, `UPDATE counts SET version = version + 1, `+set+` WHERE region_id = $1 AND id = $2`, append([]any{was.RegionID, was.ID}, args...)...)
	if err != nil {
		return was, fmt.Errorf("%s count %d: %w", action, was.ID, err)
	}
	is, err := countByID(ctx, tx, was.ID)
	if err != nil {
		return was, err
	}
	return is, postgres.Audit(ctx, tx, who, is.RegionID, action, "count", is.ID, was, is)
}

func countByID(ctx context.Context, tx *sqlx.Tx, id int64) (c Count, err error) {
	if err := tx.GetContext(ctx, &c, selectCounts+` WHERE c.id = $1`, id); err != nil {
		return c, postgres.NotFound(err, ErrCountUnknown.With("count", id))
	}
	c.derive()
	return c, nil
}

func (c *Count) derive() {
	if c.Counted != nil && c.Ledger != nil {
		difference := *c.Counted - *c.Ledger
		c.Difference = &difference
	}
}

// Count returns one count in reach.
func (l *Ledger) Count(ctx context.Context, who access.Actor, id int64) (c Count, err error) {
	if err := who.May(access.ReadCounts); err != nil {
		return c, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		c, err = countByID(ctx, tx, id)
		return err
	})
	return c, err
}

// Counts lists counts in reach, newest first.
func (l *Ledger) Counts(ctx context.Context, who access.Actor, paging postgres.Paging) (page postgres.Page[Count], err error) {
	if err := who.May(access.ReadCounts); err != nil {
		return page, err
	}
	type newestFirst struct {
		Count int64 `json:"count"`
	}
	before := newestFirst{math.MaxInt64}
	limit, err := paging.Resume(&before)
	if err != nil {
		return page, err
	}
	var rows []Count
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, selectCounts+` WHERE c.id < $1 ORDER BY c.id DESC LIMIT $2`, before.Count, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list counts: %w", err)
	}
	for i := range rows {
		rows[i].derive()
	}
	return postgres.NewPage(paging, rows, func(c Count) newestFirst { return newestFirst{c.ID} })
}
