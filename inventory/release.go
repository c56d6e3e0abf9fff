package inventory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// ErrRequestsChanged is the fault of a run whose regions ask for less than when it was computed.
var ErrRequestsChanged = fault.New(fault.Conflict, "requests-changed") // region, given, open

// settlement is what a released line gives one request, or nobody who asked.
type settlement struct {
	RegionID int   `json:"region_id"`
	Request  int64 `json:"request"`
	Pieces   int64 `json:"pieces"`
}

// ReleaseAllocation makes an approved run true, all of it or nothing: what is given is reserved by one move, every
// region gets a prepared shipment, and its open requests are settled, emergencies first, then the oldest. What is left
// of a request stays open. Errors: requests-changed, insufficient-stock when the blanks went elsewhere meanwhile.
func (l *Ledger) ReleaseAllocation(ctx context.Context, who access.Actor, id, version int64) (Allocation, error) {
	return l.advance(ctx, who, access.ReleaseAllocations, id, version, []AllocationState{AllocationApproved}, func(tx *sqlx.Tx, a Allocation) (Allocation, error) {
		requests, err := openRequests(ctx, tx, a)
		if err != nil {
			return a, err
		}
		settled, err := a.settle(requests)
		if err != nil {
			return a, err
		}
		if err := a.printable(ctx, tx); err != nil {
			return a, err
		}
		lots, err := a.lots(ctx, tx)
		if err != nil {
			return a, err
		}
		parcels := spread(settled, lots, a)
		documents, err := l.shipRun(ctx, tx, who, a, parcels)
		if err != nil {
			return a, err
		}
		if err := l.packRun(ctx, tx, who, a, parcels, documents); err != nil {
			return a, err
		}
		if err := l.settleRun(ctx, tx, who, requests, settled); err != nil {
			return a, err
		}
		return l.record(ctx, tx, who, "release", a, `state = 'released', released_at = $3, released_by = $4`, l.now(), who.Name)
	})
}

// openRequests locks what the regions of a run still ask for, in the order in which it is settled.
func openRequests(ctx context.Context, tx *sqlx.Tx, a Allocation) ([]Request, error) {
	var regions []int64
	for _, line := range a.Lines {
		if line.Given+line.Granted > 0 {
			regions = append(regions, int64(line.RegionID))
		}
	}
	verify, err := verifyFirst.Read(ctx, tx)
	if err != nil {
		return nil, err
	}
	var open []Request
	// Lock in order of id, so that two releases wait instead of deadlocking.
	err = tx.SelectContext(ctx, &open, selectRequests+`
		WHERE q.region_id = ANY ($1) AND q.item_id = $2 AND q.asked > q.approved + q.declined
		  AND (q.state IN ('verified', 'approved', 'partly-shipped') OR q.state = 'submitted' AND (NOT $3 OR q.emergency))
		ORDER BY q.id
		FOR UPDATE OF q`, pq.Array(regions), itemIDs[a.Item], verify)
	if err != nil {
		return nil, fmt.Errorf("lock open requests: %w", err)
	}
	slices.SortStableFunc(open, func(x, y Request) int {
		return cmp.Or(cmp.Compare(number(y.Emergency), number(x.Emergency)), x.SubmittedAt.Compare(*y.SubmittedAt))
	})
	return open, nil
}

func number(is bool) int {
	if is {
		return 1
	}
	return 0
}

// settle spreads what each line gives over the open requests of its region; only a push may give more than is asked.
// What a province gets for those below it goes to its store, to be divided there: their requests stay open until then.
func (a Allocation) settle(open []Request) ([]settlement, error) {
	byRegion := map[int][]Request{}
	for _, r := range open {
		byRegion[r.RegionID] = append(byRegion[r.RegionID], r)
	}
	var settled []settlement
	for _, line := range a.Lines {
		left := line.Given + line.Granted
		for _, r := range byRegion[line.RegionID] {
			if n := min(left, r.open()); n > 0 {
				settled = append(settled, settlement{line.RegionID, r.ID, n})
				left -= n
			}
		}
		switch {
		case left > 0 && line.Request != nil && a.Level != "province":
			return nil, ErrRequestsChanged.With("region", line.Region, "given", line.Given+line.Granted, "open", line.Given+line.Granted-left,
				"advice", "requests were decided or cancelled since; void the run and compute a new one")
		case left > 0:
			settled = append(settled, settlement{line.RegionID, 0, left})
		}
	}
	return settled, nil
}

// runLots are the fund lots a run draws on: the common ones, and those of each region's own grant.
type runLots struct {
	common []lotPieces
	grants map[int][]lotPieces
}

func (a Allocation) lots(ctx context.Context, tx *sqlx.Tx) (lots runLots, err error) {
	from := picking{place: a.FromPlace, item: itemIDs[a.Item], region: a.RegionID, version: &a.Blank}
	if lots.common, err = from.lots(ctx, tx, a.Given); err != nil {
		return lots, err
	}
	lots.grants, err = a.grantLots(ctx, tx)
	return lots, err
}

// runLine is a line of one of the shipments of a run.
type runLine struct {
	RegionID int   `json:"region_id"`
	Shipment int64 `json:"shipment_id"`
	Line     int   `json:"line"`
	Lot      int   `json:"lot_id"`
	Request  int64 `json:"request_id"`
	Pieces   int64 `json:"pieces"`
}

// spread takes every settled quantity from the lots: the region's grant as far as it goes, then the common ones.
func spread(settled []settlement, lots runLots, a Allocation) []runLine {
	var lines []runLine
	count := map[int]int{}
	take := func(s settlement, left int64, from *[]lotPieces) int64 {
		for left > 0 && len(*from) > 0 {
			n := min(left, (*from)[0].Pieces)
			count[s.RegionID]++
			lines = append(lines, runLine{RegionID: s.RegionID, Line: count[s.RegionID], Lot: (*from)[0].Lot, Request: s.Request, Pieces: n})
			left -= n
			if (*from)[0].Pieces -= n; (*from)[0].Pieces == 0 {
				*from = (*from)[1:]
			}
		}
		return left
	}
	for _, s := range settled {
		grant := lots.grants[s.RegionID]
		left := take(s, s.Pieces, &grant)
		lots.grants[s.RegionID] = grant
		take(s, left, &lots.common)
	}
	return lines
}

// shipRun writes the shipments of a run in four statements, however many regions it has, and reserves their pieces by
// one move. It returns the documents of the shipments.
func (l *Ledger) shipRun(ctx context.Context, tx *sqlx.Tx, who access.Actor, a Allocation, lines []runLine) (documents map[int64]string, err error) {
	if len(lines) == 0 {
		return nil, nil
	}
	type head struct {
		RegionID int `json:"region_id"`
		Place    int `json:"place_id"`
	}
	var heads []head
	for _, line := range a.Lines {
		if line.Given+line.Granted > 0 {
			heads = append(heads, head{line.RegionID, line.Place})
		}
	}
	text, err := jsonText(heads)
	if err != nil {
		return nil, err
	}
	var made []struct {
		RegionID int    `db:"region_id"`
		ID       int64  `db:"id"`
		Document string `db:"document"`
	}
	err = tx.SelectContext(ctx, &made, `
		INSERT INTO shipments (region_id, sender_region_id, sender_place_id, receiver_place_id, document, cause, cause_id, mode, state, prepared_at, prepared_by)
		SELECT h.region_id, $2, $3, h.place_id, '', 'supply', $4, 'courier', 'prepared', $5, $6
		FROM jsonb_to_recordset($1::jsonb) AS h (region_id int, place_id int)
		RETURNING region_id, id, document`, text, a.RegionID, a.FromPlace, a.ID, l.now(), who.Name)
	if err != nil {
		return nil, fmt.Errorf("insert shipments of allocation %d: %w", a.ID, err)
	}
	shipment := map[int]int64{}
	documents = map[int64]string{}
	var trail []postgres.Change
	for _, m := range made {
		shipment[m.RegionID], documents[m.ID] = m.ID, m.Document
		trail = append(trail, postgres.Change{RegionID: m.RegionID, Action: "prepare", Noun: "shipment", ID: m.ID,
			After: map[string]any{"document": m.Document, "allocation": a.ID}})
	}
	reserve := posting{Kind: Reserve, Document: a.Document}
	for i := range lines {
		line := &lines[i]
		line.Shipment = shipment[line.RegionID]
		reserve.Lines = append(reserve.Lines, postingLine{Item: itemIDs[a.Item], Lot: line.Lot, From: a.FromPlace, FromCondition: Usable,
			To: a.FromPlace, ToCondition: Reserved, Pieces: line.Pieces})
	}
	if text, err = jsonText(lines); err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, `
		WITH new AS (
			SELECT * FROM jsonb_to_recordset($1::jsonb) AS n (region_id int, shipment_id bigint, line smallint, lot_id int, request_id bigint, pieces bigint)
		), named AS (
			UPDATE allocation_lines l
			SET shipment_id = n.shipment_id
			FROM (SELECT DISTINCT region_id, shipment_id FROM new) n
			WHERE l.region_id = n.region_id AND l.allocation_id = $4
		)
		INSERT INTO shipment_lines (region_id, sender_region_id, shipment_id, line, item_id, lot_id, request_id, pieces)
		SELECT region_id, $2, shipment_id, line, $3, lot_id, nullif(request_id, 0), pieces
		FROM new`, text, a.RegionID, itemIDs[a.Item], a.ID)
	if err != nil {
		return nil, fmt.Errorf("insert lines of shipments: %w", err)
	}
	facts, err := l.facts(ctx, []int{a.FromPlace})
	if err != nil {
		return nil, err
	}
	reserve.Date = l.today(facts[a.FromPlace].Zone)
	if _, err := post(ctx, l.db, tx, within, reserve); err != nil {
		return nil, err
	}
	return documents, postgres.AuditAll(ctx, tx, who, trail)
}

// shelved is a sealed box that is free to go.
type shelved struct {
	ID     int64 `db:"id"`
	Lot    int   `db:"lot_id"`
	Pieces int64 `db:"pieces"`
}

// packRun names the boxes that go with a run: of each lot of a shipment as many whole ones as fit, the largest first and
// of these the oldest. What is left of a line goes loose, or in boxes that the store names before it dispatches.
func (l *Ledger) packRun(ctx context.Context, tx *sqlx.Tx, who access.Actor, a Allocation, lines []runLine, documents map[int64]string) error {
	place, err := l.placeNamed(ctx, tx, who, a.FromPlace, "")
	if err != nil {
		return err
	}
	if err := l.settleBoxes(ctx, tx, who, place, itemIDs[a.Item]); err != nil {
		return err
	}
	var free []shelved
	err = tx.SelectContext(ctx, &free, `
		SELECT id, lot_id, pieces
		FROM boxes
		WHERE place_id = $1 AND item_id = $2 AND sealed AND condition = 'usable' AND loss_id IS NULL
		ORDER BY since, id
		FOR UPDATE`, place.ID, itemIDs[a.Item])
	if err != nil {
		return fmt.Errorf("read boxes of place %d: %w", place.ID, err)
	}
	goes := choose(free, lines)
	if len(goes) == 0 {
		return nil
	}
	boxes, err := lockBoxes(ctx, tx, `b.id = ANY ($1)`, pq.Array(slices.Collect(maps.Keys(goes))))
	if err != nil {
		return err
	}
	var steps []handing
	for _, b := range boxes {
		id := goes[b.ID]
		by := paper{place: place, noun: "shipment", id: id, document: documents[id], date: l.today(place.Zone)}
		b.Condition, b.Shipment = Reserved, &id
		steps = append(steps, handing{box: b, kind: "packed", from: b.Place, by: &by})
	}
	return l.hand(ctx, tx, who, paper{place: place}, steps)
}

// choose says which free boxes go with which shipment.
func choose(free []shelved, lines []runLine) map[int64]int64 {
	type size struct {
		lot    int
		pieces int64
	}
	shelf, sizes := map[size][]int64{}, map[int][]int64{} // boxes of a size, oldest first; sizes of a lot, largest first
	for _, b := range free {
		s := size{b.Lot, b.Pieces}
		if shelf[s] == nil {
			sizes[b.Lot] = append(sizes[b.Lot], b.Pieces)
		}
		shelf[s] = append(shelf[s], b.ID)
	}
	for _, of := range sizes {
		slices.SortFunc(of, func(x, y int64) int { return cmp.Compare(y, x) })
	}
	type wanted struct {
		shipment int64
		lot      int
	}
	left := map[wanted]int64{}
	var order []wanted
	for _, line := range lines {
		w := wanted{line.Shipment, line.Lot}
		if left[w] == 0 {
			order = append(order, w)
		}
		left[w] += line.Pieces
	}
	goes := map[int64]int64{}
	for _, w := range order {
		for _, pieces := range sizes[w.lot] {
			s := size{w.lot, pieces}
			n := min(left[w]/pieces, int64(len(shelf[s])))
			for _, id := range shelf[s][:n] {
				goes[id] = w.shipment
			}
			shelf[s] = shelf[s][n:]
			left[w] -= n * pieces
		}
	}
	return goes
}

// settleRun counts what a run gives as approved and shipped of the requests it settles. That a request's own people are three does
// not hold here: a run divides by a rule among many, and its two people stand for all of it.
func (l *Ledger) settleRun(ctx context.Context, tx *sqlx.Tx, who access.Actor, was []Request, settled []settlement) error {
	if len(settled) == 0 {
		return nil
	}
	text, err := jsonText(settled)
	if err != nil {
		return err
	}
	var is []Request
	err = tx.SelectContext(ctx, &is, `
		WITH given AS (
			SELECT region_id, request, pieces
			FROM jsonb_to_recordset($1::jsonb) AS g (region_id int, request bigint, pieces bigint)
			WHERE request <> 0
		)
		UPDATE requests q
		SET approved = q.approved + g.pieces, shipped = q.shipped + g.pieces, version = q.version + 1, decided_at = $2, decided_by = $3,
		    state = CASE WHEN q.shipped + g.pieces = q.asked - q.declined THEN 'shipped' ELSE 'partly-shipped' END
		FROM given g
		WHERE q.region_id = g.region_id AND q.id = g.request
		RETURNING q.id, q.region_id, q.approved, q.shipped, q.state, q.decided_at, q.decided_by, q.version`, text, l.now(), who.Name)
	if err != nil {
		return fmt.Errorf("settle requests: %w", err)
	}
	before := map[int64]Request{}
	for _, r := range was {
		before[r.ID] = r
	}
	trail := make([]postgres.Change, len(is))
	for i, now := range is {
		after := before[now.ID]
		after.Approved, after.Shipped, after.State, after.DecidedAt, after.DecidedBy, after.Version = now.Approved, now.Shipped, now.State, now.DecidedAt, now.DecidedBy, now.Version
		trail[i] = postgres.Change{RegionID: now.RegionID, Action: "allocate", Noun: "request", ID: now.ID, Before: before[now.ID], After: after}
	}
	return postgres.AuditAll(ctx, tx, who, trail)
}
