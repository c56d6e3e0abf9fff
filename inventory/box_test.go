package inventory_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory"
	"blangko/inventory/chip"
)

// run names chips from one to another of the test's series.
func run(box string, first, last int) inventory.Chips {
	return inventory.Chips{Box: box, First: uid(first), Last: uid(last)}
}

func uid(n int) string { return fmt.Sprintf("04A1B2C3D%05X", n) }

// boxed brings boxes into the national store by a manifest.
func (b bench) boxed(t testing.TB, boxes ...inventory.Chips) inventory.Delivered {
	t.Helper()
	d, err := b.tryBoxed(t, 0, boxes...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (b bench) tryBoxed(t testing.TB, pieces int64, boxes ...inventory.Chips) (inventory.Delivered, error) {
	t.Helper()
	var sum int64
	for _, c := range boxes {
		n := int64(len(c.UIDs))
		if first, err := chip.Parse(c.First); n == 0 && err == nil {
			if last, err := chip.Parse(c.Last); err == nil {
				n = int64(last-first) + 1
			}
		}
		sum += n
	}
	if pieces == 0 {
		pieces = max(sum, 1)
	}
	number := contracts.Add(1)
	p := must[inventory.Procurement](t)(b.ledger.Contract(t.Context(), planner, inventory.NewProcurement{
		Document: fmt.Sprint("KTR-", number), Supplier: "Percetakan", Pieces: pieces, Fund: "APBN", SignedOn: "2026-01-05"}))
	return b.ledger.Deliver(t.Context(), store, p.ID, inventory.NewDelivery{Document: "DN-1", Date: today, Pieces: pieces, Boxes: boxes})
}

var contracts atomic.Int64

func (b bench) box(t testing.TB, number string) inventory.Box {
	t.Helper()
	return must[inventory.Box](t)(b.ledger.Box(t.Context(), auditor, number))
}

func (b bench) trace(t testing.TB, chip string) inventory.Trace {
	t.Helper()
	return must[inventory.Trace](t)(b.ledger.TraceChip(t.Context(), auditor, chip))
}

func TestADeliveryComesWithItsChips(t *testing.T) {
	t.Parallel()
	b := open(t)
	d := b.boxed(t, run("B-1", 1, 500), run("B-2", 501, 1000), inventory.Chips{Box: "B-3", UIDs: []string{uid(2009), uid(2001), uid(2004)}})
	if d.Boxes != 3 || b.held(t, b.placeOf(t, "00", inventory.NationalStore), inventory.Usable) != 1003 {
		t.Errorf("%d boxes", d.Boxes)
	}
	first, last := b.box(t, "B-1"), b.box(t, "B-3")
	if first.Pieces != 500 || first.Kind != "run" || !first.Sealed || first.Condition != inventory.Usable || first.Delivery != d.ID || len(first.Steps) != 1 {
		t.Errorf("B-1 is %+v", first)
	}
	if last.Kind != "list" || last.Pieces != 3 || len(last.Chips) != 3 || last.Chips[0] != uid(2001) {
		t.Errorf("B-3 is %+v", last)
	}
	for chipUID, box := range map[string]string{uid(1): "B-1", uid(500): "B-1", uid(501): "B-2", uid(2004): "B-3"} {
		tr := b.trace(t, chipUID)
		if tr.Box.Number != box || tr.Standing != "in-box" || tr.Region != "00" || len(tr.Steps) != 1 || tr.Steps[0].Actor != "store" || tr.Steps[0].Document != "DN-1" {
			t.Errorf("%s is traced to %+v", chipUID, tr)
		}
		proved(t, tr)
	}
	for _, unknown := range []string{uid(2005), uid(3000), "04A1B2C3"} {
		_, err := b.ledger.TraceChip(t.Context(), auditor, unknown)
		wantFault(t, "a chip of no box", err, inventory.ErrChipUnknown)
	}
	_, err := b.ledger.TraceChip(t.Context(), medan, uid(1))
	wantFault(t, "a chip out of reach", err, inventory.ErrChipUnknown)
	_, err = b.ledger.Box(t.Context(), medan, "B-1")
	wantFault(t, "a box out of reach", err, inventory.ErrBoxUnknown)
	page := must[postgres.Page[inventory.Box]](t)(b.ledger.Boxes(t.Context(), store, inventory.BoxFilter{Delivery: d.ID, Sealed: true}))
	if len(page.Items) != 3 || page.Items[0].Number != "B-1" {
		t.Errorf("boxes %+v", page.Items)
	}
	b.sound(t)
}

// proved checks the proof of a trace as somebody would who has the digest of the box from its label alone.
func proved(t testing.TB, tr inventory.Trace) {
	t.Helper()
	u, err := chip.Parse(tr.UID)
	if err != nil {
		t.Fatal(err)
	}
	hash := func(text string) (h chip.Hash) {
		raw, err := hex.DecodeString(text)
		if err != nil || copy(h[:], raw) != len(h) {
			t.Fatalf("hash %q: %v", text, err)
		}
		return h
	}
	var path []chip.Hash
	for _, text := range tr.Proof.Path {
		path = append(path, hash(text))
	}
	if !chip.Proves(u, tr.Proof.Index, tr.Proof.Length, path, hash(tr.Box.Digest)) {
		t.Errorf("the proof of %s does not lead to the digest of %s", tr.UID, tr.Box.Number)
	}
}

func TestAManifestRefuses(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.boxed(t, run("OLD-1", 1, 100), inventory.Chips{Box: "OLD-2", UIDs: []string{uid(200), uid(202), uid(210)}})
	for _, c := range []struct {
		name   string
		pieces int64
		boxes  []inventory.Chips
		want   *fault.Fault
	}{
		{"one chip in two boxes", 0, []inventory.Chips{run("A", 300, 310), run("B", 310, 320)}, inventory.ErrChipTwice},
		{"one chip in a run and in a list", 0, []inventory.Chips{run("A", 300, 310), {Box: "B", UIDs: []string{uid(305), uid(400)}}}, inventory.ErrChipTwice},
		{"a chip that came before, run on run", 0, []inventory.Chips{run("A", 100, 110)}, inventory.ErrChipElsewhere},
		{"a chip that came before, list on run", 0, []inventory.Chips{{Box: "A", UIDs: []string{uid(50), uid(300)}}}, inventory.ErrChipElsewhere},
		{"a chip that came before, list on list", 0, []inventory.Chips{{Box: "A", UIDs: []string{uid(202), uid(300)}}}, inventory.ErrChipElsewhere},
		{"a chip that came before, run on list", 0, []inventory.Chips{run("A", 201, 205)}, inventory.ErrChipElsewhere},
		{"a number that is taken", 0, []inventory.Chips{run("OLD-1", 300, 310)}, inventory.ErrBoxTaken},
		{"fewer chips than pieces", 12, []inventory.Chips{run("A", 300, 310)}, inventory.ErrManifestDiffer},
		{"a chip twice in a list", 0, []inventory.Chips{{Box: "A", UIDs: []string{uid(300), uid(300)}}}, fault.ErrInvalid},
		{"no UID", 0, []inventory.Chips{{Box: "A", First: "not hexadecimal", Last: uid(310)}}, fault.ErrInvalid},
		{"last before first", 0, []inventory.Chips{run("A", 310, 300)}, fault.ErrInvalid},
		{"a box without chips", 0, []inventory.Chips{{Box: "A"}}, fault.ErrInvalid},
		{"a box without a number", 0, []inventory.Chips{run("", 300, 310)}, fault.ErrInvalid},
		{"a number like that of a part", 0, []inventory.Chips{run("A.1", 300, 310)}, fault.ErrInvalid},
		{"ten thousand and one", 0, []inventory.Chips{run("A", 20000, 30000)}, fault.ErrInvalid},
		{"one number twice", 0, []inventory.Chips{run("A", 300, 310), run("A", 311, 320)}, fault.ErrInvalid},
	} {
		_, err := b.tryBoxed(t, c.pieces, c.boxes...)
		wantFault(t, c.name, err, c.want)
	}
	// What lies between the listed chips of another box is free; so is a number after a refusal.
	b.boxed(t, run("A", 203, 209))
	if held := b.held(t, b.placeOf(t, "00", inventory.NationalStore), inventory.Usable); held != 110 {
		t.Errorf("the store holds %d after refusals, want 110", held)
	}
	b.sound(t)
}

// The database itself keeps a chip out of two boxes, whoever writes.
func TestNoChipIsInTwoBoxesWhoeverWrites(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.boxed(t, run("B-1", 1, 100), run("B-2", 101, 200))
	for name, statement := range map[string]string{
		"runs":  `UPDATE boxes SET last_uid = last_uid + 1, pieces = pieces + 1 WHERE number = 'B-1'`,
		"lists": `UPDATE boxes SET uids = ARRAY[first_uid, first_uid + 150], last_uid = first_uid + 150, pieces = 2 WHERE number = 'B-1'`,
	} {
		err := postgres.Write(t.Context(), b.db, access.System, func(tx *sqlx.Tx) error {
			_, err := tx.Exec(statement)
			return err
		})
		if err == nil {
			t.Errorf("%s: one chip is in two boxes", name)
		}
	}
}

// Two deliveries that name the same chips at the same time: one of them is refused, whether runs or lists.
func TestTwoDeliveriesCannotBringTheSameChip(t *testing.T) {
	t.Parallel()
	b := open(t)
	for i, pair := range [][2]inventory.Chips{
		{run("R-1", 1, 100), run("R-2", 100, 199)},
		{{Box: "L-1", UIDs: []string{uid(300), uid(310)}}, {Box: "L-2", UIDs: []string{uid(305), uid(310)}}},
		{run("M-1", 400, 410), {Box: "M-2", UIDs: []string{uid(405), uid(420)}}},
	} {
		var errs [2]error
		done := make(chan int)
		var ids [2]int64
		for k := range pair {
			number := contracts.Add(1)
			p := must[inventory.Procurement](t)(b.ledger.Contract(t.Context(), planner, inventory.NewProcurement{
				Document: fmt.Sprint("KTR-", number), Supplier: "Percetakan", Pieces: 1000, Fund: "APBN", SignedOn: "2026-01-05"}))
			ids[k] = p.ID
		}
		for k, c := range pair {
			go func() {
				n := int64(len(c.UIDs))
				if n == 0 {
					first, _ := chip.Parse(c.First)
					last, _ := chip.Parse(c.Last)
					n = int64(last-first) + 1
				}
				_, errs[k] = b.ledger.Deliver(t.Context(), store, ids[k], inventory.NewDelivery{Document: "DN", Date: today, Pieces: n, Boxes: []inventory.Chips{c}})
				done <- k
			}()
		}
		<-done
		<-done
		if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs[0], errs[1]), inventory.ErrChipElsewhere) {
			t.Errorf("pair %d: %v and %v, want one of them refused", i, errs[0], errs[1])
		}
	}
	b.sound(t)
}

// BenchmarkManifest takes in a delivery of 100,000 chips in 200 boxes, as runs and as lists of scattered chips.
func BenchmarkManifest(bm *testing.B) {
	b := open(bm)
	r := rand.New(rand.NewPCG(9, 9))
	n, next := 0, int64(0x04000000000000)
	for _, kind := range []string{"runs", "lists"} {
		bm.Run(kind, func(bm *testing.B) {
			for bm.Loop() {
				var boxes []inventory.Chips
				for range 200 {
					n++
					c := inventory.Chips{Box: fmt.Sprint("B-", n)}
					if kind == "runs" {
						c.First, c.Last = chip.UID(next).String(), chip.UID(next+499).String()
						next += 500
					} else {
						for range 500 {
							c.UIDs = append(c.UIDs, chip.UID(0x05000000000000+r.Int64N(1<<48)).String())
						}
					}
					boxes = append(boxes, c)
				}
				if _, err := b.tryBoxed(bm, 100_000, boxes...); err != nil {
					bm.Fatal(err)
				}
			}
			bm.ReportMetric(100_000/bm.Elapsed().Seconds()*float64(bm.N), "chips/s")
		})
	}
}
