package inventory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/region"
)

// ErrShare is the fault of a change that would give more pieces than the office holds.
var ErrShare = fault.New(fault.Conflict, "share-above-stock") // item, condition, pieces, held

// ends are the places that every region of a level has.
var ends = map[region.Level][]PlaceKind{
	region.Province: {ProvinceStore, Public, Destroyed, Lost},
	region.Regency:  {RegencyOffice, Public, Destroyed, Lost},
	region.District: {ServicePoint},
}

// MoveRegion takes the ledger's part in a split or merge. A new region gets its places; pieces on the shelf of the old
// office go to the new one's by move, as they were counted or by the share of people, whole pieces and none lost, with the
// sealed boxes that fit. In a merge all go. Service points go with their kecamatan. Requests, shipments, loans, counts,
// losses, destructions and visits that are open stay with the office they name, and so do the pieces that they bind; after
// a merge the heir's officers carry them on.
func (l *Ledger) MoveRegion(ctx context.Context, tx *sqlx.Tx, who access.Actor, c region.Change) (moved []region.Moved, err error) {
	if c.Splits() {
		if moved, err = l.openEnds(ctx, tx, who, c); err != nil {
			return nil, err
		}
	}
	lines, err := l.share(ctx, tx, who, c)
	if err != nil {
		return nil, err
	}
	moved = append(moved, lines...)
	if lines, err = moveNeeds(ctx, tx, c); err != nil {
		return nil, err
	}
	moved = append(moved, lines...)
	lines, err = staying(ctx, tx, c)
	return append(moved, lines...), err
}

func (l *Ledger) openEnds(ctx context.Context, tx *sqlx.Tx, who access.Actor, c region.Change) (moved []region.Moved, err error) {
	var had []PlaceKind
	if err := tx.SelectContext(ctx, &had, `SELECT kind FROM places WHERE region_id = $1`, c.From.ID); err != nil {
		return nil, fmt.Errorf("read places of %s: %w", c.From.Code, err)
	}
	names := map[PlaceKind]string{ProvinceStore: "Gudang ", RegencyOffice: "Kantor ", ServicePoint: "Kecamatan ", Public: "Masyarakat ",
		Destroyed: "Dimusnahkan ", Lost: "Hilang "}
	for _, kind := range ends[c.Into.Level] {
		if kind == ServicePoint && !slices.Contains(had, ServicePoint) {
			continue
		}
		if _, err := l.open(ctx, tx, who, c.Into.ID, kind, names[kind]+c.Into.Name, c.Effective); err != nil {
			return nil, err
		}
		moved = append(moved, region.Moved{What: "place", How: "opened", From: c.From.Code, To: c.Into.Code, Name: names[kind] + c.Into.Name, Count: 1})
	}
	return moved, nil
}

// shelf is one account on the shelf of the old office.
type shelf struct {
	Item      int
	Code      string
	Condition Condition
	Lot       int   `db:"lot_id"`
	Pieces    int64 // that may go
	Bound     bool  // a grant that is earmarked for the old region
	given     int64
	boxes     []*Box // that go with it
}

// share moves pieces from the old office to the new one.
func (l *Ledger) share(ctx context.Context, tx *sqlx.Tx, who access.Actor, c region.Change) (moved []region.Moved, err error) {
	kinds := ends[c.From.Level]
	if len(kinds) == 0 {
		return nil, nil
	}
	from, to, err := twoOffices(ctx, tx, c, kinds[0])
	if err != nil {
		return nil, err
	}
	if from == nil || to == nil {
		return nil, checkNothing(c)
	}
	for _, item := range slices.Sorted(maps.Values(itemIDs)) {
		if err := l.settleBoxes(ctx, tx, who, *from, item); err != nil {
			return nil, err
		}
	}
	shelves, err := readShelves(ctx, tx, from.ID, c.From.ID)
	if err != nil {
		return nil, err
	}
	if err := divide(shelves, c); err != nil {
		return nil, err
	}
	if err := chooseBoxes(ctx, tx, from.ID, shelves, c); err != nil {
		return nil, err
	}
	today := c.From.Today(c.Now)
	if err := offset(ctx, tx, c, from.ID, to.ID, today); err != nil {
		return nil, err
	}
	p := posting{Kind: Transfer, Document: c.Document, Date: today.Format(time.DateOnly), Reason: "pembagian wilayah " + c.From.Code + " " + c.Into.Code}
	for _, s := range shelves {
		if s.given == 0 {
			continue
		}
		p.Lines = append(p.Lines, postingLine{Item: s.Item, Lot: s.Lot, From: from.ID, FromCondition: s.Condition, To: to.ID, ToCondition: s.Condition, Pieces: s.given})
		moved = append(moved, region.Moved{What: "stock", How: "moved", From: c.From.Code, To: c.Into.Code, Name: s.Code + " " + string(s.Condition), Count: 1, Pieces: s.given})
	}
	if len(p.Lines) == 0 {
		return nil, nil
	}
	made, err := post(ctx, l.db, tx, within, p)
	if err != nil {
		return nil, err
	}
	boxes, err := l.moveBoxes(ctx, tx, who, c, *from, *to, shelves, made[0].ID)
	return append(moved, boxes...), err
}

// twoOffices finds the places of a kind of the two regions; nil where there is none.
func twoOffices(ctx context.Context, tx *sqlx.Tx, c region.Change, kind PlaceKind) (from, to *Place, err error) {
	var found []Place
	if err := tx.SelectContext(ctx, &found, selectPlaces+` WHERE p.region_id IN ($1, $2) AND p.kind = $3::place_kind`, c.From.ID, c.Into.ID, string(kind)); err != nil {
		return nil, nil, fmt.Errorf("read the two offices: %w", err)
	}
	for i := range found {
		if found[i].RegionID == c.From.ID {
			from = &found[i]
		} else {
			to = &found[i]
		}
	}
	return from, to, nil
}

// chooseBoxes says which boxes go with the pieces: the oldest that fit. Blanks that are known by name, as spoiled ones may
// be, cannot stay behind pieces that go; where a share of people would part them, it takes fewer.
func chooseBoxes(ctx context.Context, tx *sqlx.Tx, from int, shelves []shelf, c region.Change) error {
	for i := range shelves {
		s := &shelves[i]
		if s.given == 0 {
			continue
		}
		boxes, err := lockBoxes(ctx, tx, `b.place_id = $1 AND b.item_id = $2 AND b.lot_id = $3 AND b.condition = $4::condition
			AND b.shipment_id IS NULL AND b.loss_id IS NULL AND (b.sealed OR b.condition <> 'usable')`, from, s.Item, s.Lot, string(s.Condition))
		if err != nil {
			return err
		}
		slices.SortStableFunc(boxes, func(a, b *Box) int { return a.Since.Compare(b.Since) })
		left, staying := s.given, int64(0)
		for _, b := range boxes {
			if b.Pieces > left {
				staying += b.Pieces
				continue
			}
			left -= b.Pieces
			s.boxes = append(s.boxes, b)
		}
		if loose := s.Pieces - s.given; s.Condition != Usable && staying > loose {
			if slices.ContainsFunc(c.Stock, func(n region.Counted) bool { return n.Item == s.Code && n.Condition == string(s.Condition) }) {
				return ErrBoxesDoNotFit.With("item", s.Code, "lot", s.Lot, "named", staying, "pieces", loose)
			}
			s.given -= staying - loose
		}
	}
	return nil
}

// moveBoxes hands the boxes over to the new office. What the old one then lacks of what its own stand for, it has opened.
func (l *Ledger) moveBoxes(ctx context.Context, tx *sqlx.Tx, who access.Actor, c region.Change, from, to Place, shelves []shelf, move int64) ([]region.Moved, error) {
	line := region.Moved{What: "box", How: "moved", From: c.From.Code, To: c.Into.Code}
	var steps []handing
	for _, s := range shelves {
		for _, b := range s.boxes {
			b.Place, b.RegionID = to.ID, to.RegionID
			steps = append(steps, handing{box: b, kind: "transferred", from: from.ID})
			line.Count++
			line.Pieces += b.Pieces
		}
	}
	p := paper{place: to, noun: "move", id: move, document: c.Document, date: l.today(to.Zone)}
	if err := l.hand(ctx, tx, who, p, steps); err != nil {
		return nil, err
	}
	for _, item := range slices.Sorted(maps.Values(itemIDs)) {
		if err := l.settleBoxes(ctx, tx, who, from, item); err != nil {
			return nil, err
		}
	}
	if line.Count == 0 {
		return nil, nil
	}
	return []region.Moved{line}, nil
}

// checkNothing refuses counts of stock where there is no office to take them from.
func checkNothing(c region.Change) error {
	for _, counted := range c.Stock {
		if counted.Pieces > 0 {
			return ErrShare.With("item", counted.Item, "condition", counted.Condition, "pieces", counted.Pieces, "held", 0)
		}
	}
	return nil
}

// readShelves reads what may go over. What is reserved, under way or in quarantine belongs to a document, as do spoiled
// blanks and surrendered cards that a destruction has written down, and stays with the office that the document names.
func readShelves(ctx context.Context, tx *sqlx.Tx, place, from int) ([]shelf, error) {
	var found []shelf
	err := tx.SelectContext(ctx, &found, `
		SELECT b.item_id AS item, i.code, b.condition, b.lot_id, b.pieces, coalesce(lot.earmark_region_id = $2, false) AS bound
		FROM balances b
		JOIN items i ON i.id = b.item_id
		JOIN lots lot ON lot.id = b.lot_id
		WHERE b.place_id = $1 AND b.pieces > 0 AND b.condition IN ('usable', 'spoiled', 'surrendered')
		  AND NOT (b.condition <> 'usable' AND EXISTS (
			SELECT FROM destructions d
			WHERE d.place_id = b.place_id AND d.item_id = b.item_id AND d.state IN ('draft', 'witnessed')))
		ORDER BY b.item_id, b.condition, b.lot_id`, place, from)
	if err != nil {
		return nil, fmt.Errorf("read the shelf of place %d: %w", place, err)
	}
	return found, nil
}

// divide says how many pieces of each account go over: all in a merge; in a split as counted, taken lot by lot, or by the
// share of people. Earmarked grants stay with the region that paid for them.
func divide(shelves []shelf, c region.Change) error {
	type kind struct{ item, condition string }
	counted, left := map[kind]int64{}, map[kind]int64{}
	for _, n := range c.Stock {
		counted[kind{n.Item, n.Condition}] += n.Pieces
	}
	for k, n := range counted {
		left[k] = n
	}
	for i := range shelves {
		s := &shelves[i]
		k := kind{s.Code, string(s.Condition)}
		_, said := counted[k]
		switch {
		case !c.Splits():
			s.given = s.Pieces
		case s.Bound:
		case said:
			s.given = min(s.Pieces, left[k])
			left[k] -= s.given
		default:
			s.given = min(s.Pieces, c.Part(s.Pieces))
		}
	}
	for k, n := range left {
		if n > 0 && c.Splits() {
			return ErrShare.With("item", k.item, "condition", k.condition, "pieces", counted[k], "held", counted[k]-n)
		}
	}
	return nil
}

// offset takes off the new part's inherited past what it held on the day, since the pieces themselves come by move, and
// gives it back to the old part.
func offset(ctx context.Context, tx *sqlx.Tx, c region.Change, from, to int, day time.Time) error {
	if !c.Splits() {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		WITH held AS (
			SELECT item_id, sum(pieces)::bigint AS pieces
			FROM flows_inherited
			WHERE region_id = $2
			GROUP BY item_id
			HAVING sum(pieces) <> 0)
		INSERT INTO flow_offsets (region_id, place_id, item_id, day, pieces, change_into)
		SELECT o.region_id, o.place_id, h.item_id, $5::date, o.sign * h.pieces, $2::int
		FROM held h, (VALUES ($2::int, $4::int, -1), ($1::int, $3::int, 1)) AS o (region_id, place_id, sign)`,
		c.From.ID, c.Into.ID, from, to, day)
	if err != nil {
		return fmt.Errorf("settle the inherited past: %w", err)
	}
	return nil
}

// moveNeeds shares what was foreseen until the next night foresees it anew.
func moveNeeds(ctx context.Context, tx *sqlx.Tx, c region.Change) ([]region.Moved, error) {
	statements := []string{`
		INSERT INTO needs (region_id, item_id, as_of, method, daily_mean, horizon_days, mean, sd, p10, p50, p80, p90, p95, print_ready, planned_visits,
		                   lead_p50, lead_p90, run_out)
		SELECT $2::int, item_id, as_of, method, daily_mean * $3::float8, horizon_days, mean * $3, sd * sqrt($3), p10 * $3, p50 * $3, p80 * $3, p90 * $3, p95 * $3,
		       round(print_ready * $3), 0, lead_p50, lead_p90, run_out
		FROM needs
		WHERE region_id = $1::int`, `
		UPDATE needs
		SET daily_mean = daily_mean * (1 - $3::float8), mean = mean * (1 - $3), sd = sd * sqrt(1 - $3), p10 = p10 * (1 - $3), p50 = p50 * (1 - $3),
			p80 = p80 * (1 - $3), p90 = p90 * (1 - $3), p95 = p95 * (1 - $3), print_ready = print_ready - round(print_ready * $3)
		WHERE region_id = $1::int AND $2::int IS NOT NULL`}
	how := "shared"
	if !c.Splits() {
		how = "added"
		statements = []string{`
		UPDATE needs n
		SET daily_mean = n.daily_mean + o.daily_mean, mean = n.mean + o.mean, sd = sqrt(n.sd ^ 2 + o.sd ^ 2), p10 = n.p10 + o.p10, p50 = n.p50 + o.p50,
			p80 = n.p80 + o.p80, p90 = n.p90 + o.p90, p95 = n.p95 + o.p95, print_ready = n.print_ready + o.print_ready,
			planned_visits = n.planned_visits + o.planned_visits
		FROM needs o
		WHERE o.region_id = $1::int AND n.region_id = $2::int AND n.item_id = o.item_id AND $3::float8 >= 0`, `
		DELETE FROM needs
		WHERE region_id = $1::int AND $2::int IS NOT NULL AND $3::float8 >= 0`}
	}
	var count int64
	for _, text := range statements {
		result, err := tx.ExecContext(ctx, text, c.From.ID, c.Into.ID, c.Share)
		if err != nil {
			return nil, fmt.Errorf("share needs: %w", err)
		}
		if count, err = result.RowsAffected(); err != nil {
			return nil, err
		}
	}
	return []region.Moved{{What: "need", How: how, From: c.From.Code, To: c.Into.Code, Count: count}}, nil
}

// staying counts what is open and stays with the office it names.
func staying(ctx context.Context, tx *sqlx.Tx, c region.Change) ([]region.Moved, error) {
	var open []struct {
		What          string
		Count, Pieces int64
	}
	err := tx.SelectContext(ctx, &open, `
		SELECT 'request' AS what, count(*), coalesce(sum(asked), 0)::bigint AS pieces
		FROM requests
		WHERE region_id = $1 AND state NOT IN ('closed', 'cancelled', 'rejected', 'shipped')
		UNION ALL
		SELECT 'shipment', count(DISTINCT s.id), coalesce(sum(n.pieces), 0)::bigint
		FROM shipments s
		LEFT JOIN shipment_lines n ON n.region_id = s.region_id AND n.shipment_id = s.id
		WHERE $1 IN (s.region_id, s.sender_region_id) AND s.state IN ('prepared', 'dispatched', 'partly-received')
		UNION ALL
		SELECT 'loan', count(*), coalesce(sum(pieces), 0)::bigint
		FROM loans
		WHERE $1 IN (region_id, sender_region_id) AND state NOT IN ('settled', 'declined', 'cancelled')
		UNION ALL
		SELECT 'count', count(*), 0
		FROM counts
		WHERE region_id = $1 AND state NOT IN ('posted', 'cancelled')
		UNION ALL
		SELECT 'loss', count(*), coalesce(sum(pieces), 0)::bigint
		FROM losses
		WHERE region_id = $1 AND state = 'reported'
		UNION ALL
		SELECT 'destruction', count(*), 0
		FROM destructions
		WHERE region_id = $1 AND state IN ('draft', 'witnessed')
		UNION ALL
		SELECT 'reserved, in-transit and quarantined stock', count(*), coalesce(sum(b.pieces), 0)::bigint
		FROM balances b
		JOIN places p ON p.id = b.place_id AND p.kind IN ('province', 'regency', 'service', 'team')
		WHERE b.region_id = $1 AND b.condition IN ('reserved', 'in-transit', 'quarantine') AND b.pieces > 0`, c.From.ID)
	if err != nil {
		return nil, fmt.Errorf("count what is open: %w", err)
	}
	var moved []region.Moved
	for _, o := range open {
		if o.Count > 0 {
			moved = append(moved, region.Moved{What: o.What, How: "stays", From: c.From.Code, To: c.From.Code, Count: o.Count, Pieces: o.Pieces})
		}
	}
	return moved, nil
}
