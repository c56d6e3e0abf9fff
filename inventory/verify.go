package inventory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// Breach is one place where the ledger does not agree with itself.
type Breach struct {
	What   string `json:"what"` // link-broken, entry-missing, move-deleted, move-without-lines, head-mismatch, head-missing, entries-do-not-match-move, balance-mismatch, flow-mismatch; custody-missing, custody-broken, custody-head, custody-key-unknown, box-step-missing, box-edited, box-deleted, box-unknown; history-missing, history-broken, history-head, lot-edited, lot-deleted, lot-unknown, request-edited, request-deleted
	Region string `json:"region"`
	Place  int    `json:"place,omitempty"`
	Seq    int64  `json:"seq,omitempty"`
	Move   string `json:"move,omitempty"`
	Detail string `json:"detail,omitempty"`
}

func (b Breach) String() string {
	text := b.What + " region=" + b.Region
	if b.Place != 0 {
		text += fmt.Sprintf(" place=%d", b.Place)
	}
	if b.Seq != 0 {
		text += fmt.Sprintf(" entry=%d", b.Seq)
	}
	if b.Move != "" {
		text += " move=" + b.Move
	}
	if b.Detail != "" {
		text += " (" + b.Detail + ")"
	}
	return text
}

// Verified tells what Verify looked at.
type Verified struct {
	Places, Moves, Entries int64
	Boxes, Links           int64 // of the chains of custody
	Steps                  int64 // of the trail
	Breaches               []Breach
}

// mostBreaches bounds the list: the first ones tell what happened.
const mostBreaches = 100

// Verify reads the whole ledger and names every place where it does not agree with itself: a move or line edited or
// deleted, a link broken, an entry missing, a balance or a daily flow that is not the sum of its entries; then the chains of
// custody and the boxes, the trail of documents and the lots: see custody and history. It trusts nothing in the database but the rows: digests and links are computed here. progress may be nil.
func (l *Ledger) Verify(ctx context.Context, progress func(done, total int)) (Verified, error) {
	var v Verified
	err := postgres.Read(ctx, l.db, access.System, func(tx *sqlx.Tx) error {
		if err := v.pieces(ctx, tx, l.custodyKey, progress); err != nil {
			return err
		}
		return v.history(ctx, tx)
	})
	return v, err
}

// pieces verifies the chains of all places, the sums and the chains of custody.
func (v *Verified) pieces(ctx context.Context, tx *sqlx.Tx, key []byte, progress func(done, total int)) error {
	groups, total, err := verifiedTogether(ctx, tx)
	if err != nil {
		return err
	}
	var done int
	for _, g := range groups {
		if err := v.region(ctx, tx, g); err != nil {
			return fmt.Errorf("verify region %s and %d more: %w", g[0].Code, len(g)-1, err)
		}
		if done += len(g); progress != nil {
			progress(done, total)
		}
		if len(v.Breaches) >= mostBreaches {
			return nil
		}
	}
	if err := v.sums(ctx, tx); err != nil {
		return err
	}
	return v.custody(ctx, tx, key)
}

// verifiedRegion is a region whose chains are verified.
type verifiedRegion struct {
	ID      int    `db:"id"`
	Code    string `db:"code"`
	Entries int64  `db:"entries"`
}

// entriesTogether bounds how many entries are held in memory at once, unless one region alone has more.
const entriesTogether = 50_000

// verifiedTogether lists the regions that have places, small ones in groups, so that a small ledger is read at once and a
// large one region by region.
func verifiedTogether(ctx context.Context, tx *sqlx.Tx) (groups [][]verifiedRegion, total int, err error) {
	var regions []verifiedRegion
	err = tx.SelectContext(ctx, &regions, `
		SELECT p.id, coalesce(v.code, p.id::text) AS code, p.entries
		FROM (SELECT p.region_id AS id, coalesce(sum(c.seq), 0)::bigint AS entries
		      FROM places p
		      LEFT JOIN chains c ON c.region_id = p.region_id AND c.place_id = p.id
		      GROUP BY p.region_id) p
		LEFT JOIN region_versions v ON v.region_id = p.id AND v.valid_to IS NULL
		ORDER BY 2`)
	if err != nil {
		return nil, 0, fmt.Errorf("list regions: %w", err)
	}
	var together int64
	for _, r := range regions {
		if together += r.Entries; len(groups) == 0 || together > entriesTogether {
			groups, together = append(groups, nil), r.Entries
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], r)
	}
	return groups, len(regions), nil
}

func (v *Verified) add(b Breach) {
	if len(v.Breaches) < mostBreaches {
		v.Breaches = append(v.Breaches, b)
	}
}

// accountKey is one account of a place.
type accountKey struct {
	place, item int
	condition   Condition
	lot         int
}

// checkedMove is a move whose digest was computed anew, with what its lines say its entries must be.
type checkedMove struct {
	digest [sha256.Size]byte
	want   map[accountKey]int64
	region int
}

// region verifies the chains of a group of regions.
func (v *Verified) region(ctx context.Context, tx *sqlx.Tx, group []verifiedRegion) error {
	codes, ids := map[int]string{}, pq.Int64Array{}
	for _, r := range group {
		codes[r.ID], ids = r.Code, append(ids, int64(r.ID))
	}
	moves, err := readMoves(ctx, tx, ids)
	if err != nil {
		return err
	}
	places := map[int]bool{}
	rows, err := tx.QueryxContext(ctx, `
		SELECT e.region_id, e.place_id, e.seq, e.move_region_id, e.move_id, e.item_id, e.condition, e.lot_id, e.pieces, e.hash
		FROM entries e
		WHERE e.region_id = ANY ($1)
		ORDER BY e.region_id, e.place_id, e.seq`, ids)
	if err != nil {
		return fmt.Errorf("read entries: %w", err)
	}
	defer rows.Close()
	heads := map[int]head{}
	got := map[string]map[accountKey]int64{}
	var place int
	var last head
	for rows.Next() {
		var e struct {
			RegionID     int       `db:"region_id"`
			PlaceID      int       `db:"place_id"`
			Seq          int64     `db:"seq"`
			MoveRegionID int       `db:"move_region_id"`
			MoveID       int64     `db:"move_id"`
			ItemID       int       `db:"item_id"`
			Condition    Condition `db:"condition"`
			LotID        int       `db:"lot_id"`
			Pieces       int64     `db:"pieces"`
			Hash         []byte    `db:"hash"`
		}
		if err := rows.StructScan(&e); err != nil {
			return fmt.Errorf("scan entry: %w", err)
		}
		v.Entries++
		code := codes[e.RegionID]
		if e.PlaceID != place {
			place, last = e.PlaceID, head{}
			places[place] = true
		}
		id := moveID(e.MoveRegionID, e.MoveID)
		if e.Seq != last.seq+1 {
			v.add(Breach{What: "entry-missing", Region: code, Place: place, Seq: last.seq + 1, Detail: fmt.Sprintf("the next one kept is %d", e.Seq)})
		}
		m, ok := moves[id]
		if !ok {
			v.add(Breach{What: "move-deleted", Region: code, Place: place, Seq: e.Seq, Move: id})
		} else {
			want := link(last.hash, e.RegionID, place, e.Seq, m.digest, e.ItemID, e.Condition, e.LotID, e.Pieces)
			if !bytes.Equal(want, e.Hash) && e.Seq == last.seq+1 {
				v.add(Breach{What: "link-broken", Region: code, Place: place, Seq: e.Seq, Move: id, Detail: "the move, its lines or this entry were edited"})
			}
		}
		if got[id] == nil {
			got[id] = map[accountKey]int64{}
		}
		got[id][accountKey{e.PlaceID, e.ItemID, e.Condition, e.LotID}] += e.Pieces
		last = head{e.Seq, e.Hash}
		heads[place] = last
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read entries: %w", err)
	}
	v.Places += int64(len(places))
	home, err := v.heads(ctx, tx, codes, ids, heads, moves)
	if err != nil {
		return err
	}
	v.lines(codes, home, moves, got)
	return nil
}

type head struct {
	seq  int64
	hash []byte
}

// heads compares the newest link of each place with the one kept aside: a deleted tail shows here. It returns the region
// of each place that something moved at.
func (v *Verified) heads(ctx context.Context, tx *sqlx.Tx, codes map[int]string, ids pq.Int64Array, heads map[int]head, moves map[string]checkedMove) (home map[int]string, err error) {
	moved := map[int]bool{}
	for place := range heads {
		moved[place] = true
	}
	for _, m := range moves {
		for account := range m.want {
			moved[account.place] = true
		}
	}
	var kept []struct {
		RegionID int    `db:"region_id"`
		PlaceID  int    `db:"place_id"`
		Seq      *int64 `db:"seq"`
		Hash     []byte `db:"hash"`
	}
	err = tx.SelectContext(ctx, &kept, `
		SELECT p.region_id, p.id AS place_id, c.seq, c.hash
		FROM places p
		LEFT JOIN chains c ON c.region_id = p.region_id AND c.place_id = p.id
		WHERE p.region_id = ANY ($1) AND (c.seq IS DISTINCT FROM 0 OR p.id = ANY ($2))
		ORDER BY p.id`, ids, pq.Array(slices.Collect(maps.Keys(moved))))
	if err != nil {
		return nil, fmt.Errorf("read chains: %w", err)
	}
	home = map[int]string{}
	for _, k := range kept {
		code := codes[k.RegionID]
		home[k.PlaceID] = code
		h := heads[k.PlaceID]
		switch {
		case k.Seq == nil:
			v.add(Breach{What: "head-missing", Region: code, Place: k.PlaceID, Detail: fmt.Sprintf("the chain of the place was deleted; the last entry kept is %d", h.seq)})
		case h.seq != *k.Seq || !bytes.Equal(h.hash, k.Hash):
			v.add(Breach{What: "head-mismatch", Region: code, Place: k.PlaceID, Seq: *k.Seq, Detail: fmt.Sprintf("the last entry kept is %d", h.seq)})
		}
	}
	return home, nil
}

// lines compares what the entries did with what the lines of their moves say.
func (v *Verified) lines(codes map[int]string, home map[int]string, moves map[string]checkedMove, got map[string]map[accountKey]int64) {
	for id, m := range moves {
		if code, ours := codes[m.region]; ours {
			v.Moves++
			if len(m.want) == 0 {
				v.add(Breach{What: "move-without-lines", Region: code, Move: id})
			}
		}
		for account, want := range m.want {
			if code, here := home[account.place]; here && want != 0 && got[id][account] != want {
				v.add(Breach{What: "entries-do-not-match-move", Region: code, Place: account.place, Move: id,
					Detail: fmt.Sprintf("lines give %d, entries %d", want, got[id][account])})
			}
		}
	}
}

// readMoves reads the moves that begin or end in one of the regions, with the digest of each computed anew.
func readMoves(ctx context.Context, tx *sqlx.Tx, ids pq.Int64Array) (map[string]checkedMove, error) {
	rows, err := tx.QueryxContext(ctx, `
		SELECT m.region_id, m.id, coalesce(m.other_region_id, 0) AS other_region_id, m.kind, m.document, m.business_date, m.reason,
		       coalesce(m.reverses, 0) AS reverses, m.actor_id, m.actor, m.at, m.synthetic,
		       coalesce(l.line, 0) AS line, coalesce(l.item_id, 0) AS item_id, coalesce(l.lot_id, 0) AS lot_id,
		       coalesce(l.source_place_id, 0) AS source_place_id, coalesce(l.source_condition::text, '') AS source_condition,
		       coalesce(l.target_place_id, 0) AS target_place_id, coalesce(l.target_condition::text, '') AS target_condition,
		       coalesce(l.purpose::text, '') AS purpose, coalesce(l.pieces, 0) AS pieces
		FROM moves m
		LEFT JOIN move_lines l ON l.region_id = m.region_id AND l.move_id = m.id
		WHERE m.region_id = ANY ($1) OR m.other_region_id = ANY ($1)
		ORDER BY m.region_id, m.id, l.line`, ids)
	if err != nil {
		return nil, fmt.Errorf("read moves: %w", err)
	}
	defer rows.Close()
	moves := map[string]checkedMove{}
	var current ledgerMove
	for rows.Next() {
		var r struct {
			ledgerMove
			ledgerLine
		}
		if err := rows.StructScan(&r); err != nil {
			return nil, fmt.Errorf("scan move: %w", err)
		}
		if r.RegionID != current.RegionID || r.ID != current.ID {
			current.keep(moves)
			current = r.ledgerMove
		}
		if r.Line != 0 {
			current.lines = append(current.lines, r.ledgerLine)
		}
	}
	current.keep(moves)
	return moves, rows.Err()
}

// ledgerMove is a move as the chain covers it.
type ledgerMove struct {
	RegionID      int       `db:"region_id"`
	ID            int64     `db:"id"`
	OtherRegionID int       `db:"other_region_id"`
	Kind          MoveKind  `db:"kind"`
	Document      string    `db:"document"`
	Date          time.Time `db:"business_date"`
	Reason        string    `db:"reason"`
	Reverses      int64     `db:"reverses"`
	ActorID       int64     `db:"actor_id"`
	Actor         string    `db:"actor"`
	At            time.Time `db:"at"`
	Synthetic     bool      `db:"synthetic"`
	lines         []ledgerLine
}

type ledgerLine struct {
	Line            int       `db:"line"`
	ItemID          int       `db:"item_id"`
	LotID           int       `db:"lot_id"`
	SourcePlaceID   int       `db:"source_place_id"`
	SourceCondition Condition `db:"source_condition"`
	TargetPlaceID   int       `db:"target_place_id"`
	TargetCondition Condition `db:"target_condition"`
	Purpose         Purpose   `db:"purpose"`
	Pieces          int64     `db:"pieces"`
}

func (m *ledgerMove) keep(moves map[string]checkedMove) {
	if m.ID == 0 {
		return
	}
	c := checkedMove{digest: m.digest(), want: map[accountKey]int64{}, region: m.RegionID}
	for _, l := range m.lines {
		c.want[accountKey{l.SourcePlaceID, l.ItemID, l.SourceCondition, l.LotID}] -= l.Pieces
		c.want[accountKey{l.TargetPlaceID, l.ItemID, l.TargetCondition, l.LotID}] += l.Pieces
	}
	moves[moveID(m.RegionID, m.ID)] = c
}

// digest covers the whole move; the SQL function move_digest writes the same text.
func (m *ledgerMove) digest() [sha256.Size]byte {
	var lines []string
	for _, l := range m.lines {
		lines = append(lines, join("\x1e", l.Line, l.ItemID, l.LotID, l.SourcePlaceID, string(l.SourceCondition),
			l.TargetPlaceID, string(l.TargetCondition), string(l.Purpose), l.Pieces))
	}
	synthetic := 0
	if m.Synthetic {
		synthetic = 1
	}
	return sha256.Sum256([]byte(join("\x1f", m.RegionID, m.ID, m.OtherRegionID, string(m.Kind), m.Document, m.Date.Format(time.DateOnly),
		m.Reason, m.Reverses, m.ActorID, m.Actor, m.At.UnixMicro(), synthetic, strings.Join(lines, "\x1d"))))
}

// link is the next hash of a place's chain; the SQL function of the same name computes the same.
func link(previous []byte, regionID, place int, seq int64, move [sha256.Size]byte, item int, condition Condition, lot int, pieces int64) []byte {
	h := sha256.New()
	h.Write(previous)
	h.Write(move[:])
	h.Write([]byte(join("\x1f", regionID, place, seq, item, string(condition), lot, pieces)))
	return h.Sum(nil)
}

func join(separator string, parts ...any) string {
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteString(separator)
		}
		switch p := part.(type) {
		case string:
			b.WriteString(p)
		case int:
			b.WriteString(strconv.Itoa(p))
		case int64:
			b.WriteString(strconv.FormatInt(p, 10))
		default:
			panic(fmt.Sprintf("join: %T", part))
		}
	}
	return b.String()
}

// sums compares balances and flows with the sums of the entries behind them.
func (v *Verified) sums(ctx context.Context, tx *sqlx.Tx) error {
	var wrong []struct {
		What   string `db:"what"`
		Region string `db:"region"`
		Place  int    `db:"place_id"`
		Detail string `db:"detail"`
	}
	err := tx.SelectContext(ctx, &wrong, `
		SELECT 'balance-mismatch' AS what, region_id::text AS region, place_id,
		       format('item %s %s lot %s: balance %s, entries %s', item_id, condition, lot_id, coalesce(b.pieces, 0), coalesce(e.pieces, 0)) AS detail
		FROM balances b
		FULL JOIN (SELECT region_id, place_id, item_id, condition, lot_id, sum(pieces) AS pieces
		           FROM entries GROUP BY region_id, place_id, item_id, condition, lot_id) e
		USING (region_id, place_id, item_id, condition, lot_id)
		WHERE coalesce(b.pieces, 0) <> coalesce(e.pieces, 0)
		UNION ALL
		SELECT 'flow-mismatch', region_id::text, place_id,
		       format('item %s on %s %s: flow %s, entries %s', item_id, day, kind, coalesce(f.pieces, 0), coalesce(e.pieces, 0))
		FROM flows f
		FULL JOIN (SELECT e.region_id, e.place_id, e.item_id, m.business_date AS day, coalesce(o.kind, m.kind) AS kind, sum(e.pieces) AS pieces
		           FROM entries e
		           JOIN moves m ON m.region_id = e.move_region_id AND m.id = e.move_id
		           LEFT JOIN moves o ON o.id = m.reverses
		           JOIN places p ON p.id = e.place_id AND p.kind IN ('national', 'province', 'regency', 'service', 'team')
		           WHERE e.condition = 'usable'
		           GROUP BY 1, 2, 3, 4, 5) e
		USING (region_id, place_id, item_id, day, kind)
		WHERE coalesce(f.pieces, 0) <> coalesce(e.pieces, 0)
		LIMIT 100`)
	if err != nil {
		return fmt.Errorf("compare sums: %w", err)
	}
	for _, w := range wrong {
		v.add(Breach{What: w.What, Region: w.Region, Place: w.Place, Detail: w.Detail})
	}
	return nil
}
