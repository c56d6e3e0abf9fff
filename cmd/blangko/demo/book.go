package demo

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strconv"
	"time"
)

// home is a place as the database knows it.
type home struct {
	id, region int
	kind       string
}

// outside places may go negative, inner ones hold stock of ours; sinks are neither.
func (h home) outside() bool { return h.kind == "supplier" || h.kind == "public" }
func (h home) inner() bool {
	switch h.kind {
	case "national", "province", "regency", "service":
		return true
	}
	return false
}

// account is where pieces are.
type account struct {
	place     int32 // number in World.Places
	item      int8
	condition int8
	lot       int8
}

// entry is what a move did to an account, with its link of the place's chain.
type entry struct {
	account
	move   int32 // number from 1
	seq    int64
	pieces int64
	hash   [sha256.Size]byte
}

// flowKey is a day's change of usable pieces.
type flowKey struct {
	place int32
	item  int8
	day   int
	kind  string
}

// book is the ledger that follows from the moves of a world: what the SQL function post would have written.
type book struct {
	world    *World
	homes    []home
	actor    string
	entries  []entry
	balances map[account]int64
	flows    map[flowKey]int64
	heads    map[int32]*chainHead
	lowest   map[account]int64 // the least that each account ever held
}

type chainHead struct {
	seq  int64
	hash []byte
}

// keep posts every move of the world in order.
func keep(w *World, homes []home, actor string) *book {
	b := &book{world: w, homes: homes, actor: actor, entries: make([]entry, 0, 3*len(w.Moves)),
		balances: map[account]int64{}, flows: map[flowKey]int64{}, heads: map[int32]*chainHead{}, lowest: map[account]int64{}}
	times := w.times()
	var text []byte
	for i, m := range w.Moves {
		text = b.appendDigest(text[:0], i, times[i])
		b.touch(i, m, sha256.Sum256(text))
	}
	return b
}

// times are when the moves were posted: one after the other, in the morning of Jakarta of their business date.
func (w *World) times() []time.Time {
	times := make([]time.Time, len(w.Moves))
	for i, m := range w.Moves {
		times[i] = w.Date(m.Day).Add(2 * time.Hour)
		if i > 0 && w.Moves[i-1].Day == m.Day {
			times[i] = times[i-1].Add(10 * time.Millisecond)
		}
	}
	return times
}

// lines are those of a move.
func (w *World) lines(m Move) []Line { return w.Lines[m.First : m.First+m.Count] }

// regions are that of the place the pieces leave, and the other one, 0 for none.
func (b *book) regions(m Move) (from, other int) {
	lines := b.world.lines(m)
	from = b.homes[lines[0].From].region
	for _, l := range lines {
		for _, place := range []int32{l.From, l.To} {
			if r := b.homes[place].region; r != from {
				other = r
			}
		}
	}
	return from, other
}

// appendDigest writes the text that a move's links cover, as the SQL function move_digest does; Ledger.Verify, written
// apart, judges it.
func (b *book) appendDigest(text []byte, i int, at time.Time) []byte {
	const unit, record, group = '\x1f', '\x1e', '\x1d'
	m := b.world.Moves[i]
	from, other := b.regions(m)
	text = appendInts(text, unit, int64(from), int64(i+1), int64(other))
	text = appendTexts(text, unit, m.Kind, m.Document)
	text = b.world.Date(m.Day).AppendFormat(text, time.DateOnly)
	text = append(text, unit)
	text = appendTexts(text, unit, "")               // reason
	text = appendInts(text, unit, 0, 0)              // reverses, actor's number
	text = appendTexts(text, unit, b.actor)          //
	text = appendInts(text, unit, at.UnixMicro(), 1) // synthetic
	for n, l := range b.world.lines(m) {
		if n > 0 {
			text = append(text, group)
		}
		text = appendInts(text, record, int64(n+1), int64(l.Item), int64(l.Lot), int64(b.homes[l.From].id))
		text = appendTexts(text, record, conditions[l.FromIn])
		text = appendInts(text, record, int64(b.homes[l.To].id))
		text = appendTexts(text, record, conditions[l.ToIn], l.purpose())
		text = strconv.AppendInt(text, l.Pieces, 10)
	}
	return text
}

func (l Line) purpose() string {
	if l.Purpose == noPurpose {
		return ""
	}
	return purposes[l.Purpose]
}

func appendInts(text []byte, after byte, values ...int64) []byte {
	for _, v := range values {
		text = append(strconv.AppendInt(text, v, 10), after)
	}
	return text
}

func appendTexts(text []byte, after byte, values ...string) []byte {
	for _, v := range values {
		text = append(append(text, v...), after)
	}
	return text
}

// touch writes the entries of a move, links them, and brings balances and flows up to date.
func (b *book) touch(i int, m Move, digest [sha256.Size]byte) {
	var sums []entry
	add := func(a account, pieces int64) {
		for n := range sums {
			if sums[n].account == a {
				sums[n].pieces += pieces
				return
			}
		}
		sums = append(sums, entry{account: a, move: int32(i + 1), pieces: pieces})
	}
	for _, l := range b.world.lines(m) {
		add(account{l.From, l.Item, l.FromIn, l.Lot}, -l.Pieces)
		add(account{l.To, l.Item, l.ToIn, l.Lot}, l.Pieces)
	}
	slices.SortFunc(sums, func(x, y entry) int {
		return cmp.Or(cmp.Compare(b.homes[x.place].id, b.homes[y.place].id), cmp.Compare(x.item, y.item),
			cmp.Compare(x.condition, y.condition), cmp.Compare(x.lot, y.lot))
	})
	for _, e := range sums {
		if e.pieces == 0 {
			continue
		}
		b.link(&e, digest)
		b.entries = append(b.entries, e)
		b.balances[e.account] += e.pieces
		b.lowest[e.account] = min(b.lowest[e.account], b.balances[e.account])
		if e.condition == usable && b.homes[e.place].inner() {
			b.flows[flowKey{e.place, e.item, m.Day, m.Kind}] += e.pieces
		}
	}
}

// link puts the entry at the end of its place's chain, as the SQL function link does.
func (b *book) link(e *entry, digest [sha256.Size]byte) {
	const unit = '\x1f'
	head := b.heads[e.place]
	if head == nil {
		head = &chainHead{}
		b.heads[e.place] = head
	}
	head.seq++
	e.seq = head.seq
	var space [160]byte
	text := append(append(space[:0], head.hash...), digest[:]...)
	h := b.homes[e.place]
	text = appendInts(text, unit, int64(h.region), int64(h.id), e.seq, int64(e.item))
	text = appendTexts(text, unit, conditions[e.condition])
	text = appendInts(text, unit, int64(e.lot))
	text = strconv.AppendInt(text, e.pieces, 10)
	e.hash = sha256.Sum256(text)
	head.hash = append(head.hash[:0], e.hash[:]...)
}
