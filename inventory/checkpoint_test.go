package inventory_test

import (
	"crypto/ed25519"
	"database/sql"
	"encoding/json"
	"testing"

	"blangko/internal/access"
	"blangko/inventory"
)

// TestACheckpointFindsWhatTheChainCannot takes the newest move away with everything that points at it.
func TestACheckpointFindsWhatTheChainCannot(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	b, office, public := openMedan(t, 50)
	for range 2 {
		must[inventory.Move](t)(b.ledger.Post(ctx, medan, use(office, public, 2)))
	}
	trusted, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := must[inventory.Checkpoint](t)(b.ledger.Checkpoint(ctx, auditor, key))
	must[inventory.Move](t)(b.ledger.Post(ctx, medan, use(office, public, 2))) // work goes on
	if breaches := must[[]inventory.Breach](t)(b.ledger.VerifyCheckpoint(ctx, auditor, c, trusted)); len(breaches) != 0 {
		t.Errorf("a sound ledger: %v", breaches)
	}
	owner, err := sql.Open("postgres", b.admin)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	_, err = owner.Exec(`
		CREATE TEMP TABLE gone AS SELECT region_id, id FROM moves ORDER BY id DESC LIMIT 2;
		CREATE TEMP TABLE undone AS SELECT e.* FROM entries e JOIN gone g ON g.region_id = e.move_region_id AND g.id = e.move_id;
		DELETE FROM entries e USING undone u WHERE e.region_id = u.region_id AND e.place_id = u.place_id AND e.seq = u.seq;
		DELETE FROM move_lines l USING gone g WHERE l.region_id = g.region_id AND l.move_id = g.id;
		DELETE FROM moves m USING gone g WHERE m.region_id = g.region_id AND m.id = g.id;
		UPDATE balances b SET pieces = (SELECT coalesce(sum(e.pieces), 0) FROM entries e WHERE e.place_id = b.place_id AND e.condition = b.condition);
		UPDATE flows f SET pieces = -2 WHERE kind = 'use';
		UPDATE chains c SET seq = e.seq, hash = e.hash FROM entries e
		WHERE e.place_id = c.place_id AND e.seq = (SELECT max(x.seq) FROM entries x WHERE x.place_id = c.place_id)`)
	if err != nil {
		t.Fatal(err)
	}
	b.sound(t) // the chains see nothing
	breaches := must[[]inventory.Breach](t)(b.ledger.VerifyCheckpoint(ctx, auditor, c, trusted))
	if len(breaches) != 2 || breaches[0].What != "checkpoint-missing" || breaches[0].Region != "12.71" {
		t.Errorf("breaches %v, want the missing links of the office and of its public", breaches)
	}
	c.Heads = c.Heads[:1]
	_, err = b.ledger.VerifyCheckpoint(ctx, auditor, c, trusted)
	wantFault(t, "a checkpoint that was cut", err, inventory.ErrCheckpointForged)
}

// Whoever edits or deletes rows of boxes or custody in SQL is found, and the first link that is broken or missing is named.
func TestVerifyNamesWhatWasDoneToTheChainOfCustody(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.ledger.SealWith([]byte("a key that is not in the database"))
	b.boxed(t, run("B-1", 1, 100), run("B-2", 101, 200), inventory.Chips{Box: "B-3", UIDs: []string{uid(301), uid(303)}})
	s := b.dispatched(t, 150, append(whole("B-1"), run("B-2", 101, 150))...)
	must[inventory.Receipt](t)(b.ledger.Receive(ctx, ternate, inventory.NewReceipt{Shipment: s.ID, Lines: counts(150, 0)}))
	b.sound(t)
	trusted, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	point := must[inventory.Checkpoint](t)(b.ledger.Checkpoint(ctx, auditor, key))
	owner, err := sql.Open("postgres", b.admin)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	owner.SetMaxOpenConns(1)
	exec := func(statement string) {
		t.Helper()
		if _, err := owner.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	national := b.placeOf(t, "00", inventory.NationalStore)
	exec(`CREATE TABLE kept_custody AS TABLE custody; CREATE TABLE kept_boxes AS SELECT id, place_id, first_uid, condition, digest FROM boxes; CREATE TABLE kept_heads AS TABLE custody_heads`)
	for _, c := range []struct {
		name, statement, what string
		seq                   int64
	}{
		{"who signed", `UPDATE custody SET actor = 'orang lain' WHERE place_id = $1 AND seq = 2`, "custody-broken", 2},
		{"the document", `UPDATE custody SET document = 'SJ/0' WHERE place_id = $1 AND seq = 5`, "custody-broken", 5},
		{"a link written anew without the key", `UPDATE custody SET hash = sha256('x'), actor = 'x' WHERE place_id = $1 AND seq = 1`, "custody-broken", 1},
		{"a link deleted", `DELETE FROM custody WHERE place_id = $1 AND seq = 4`, "custody-missing", 4},
		{"the newest link deleted", `DELETE FROM custody WHERE place_id = $1 AND seq = (SELECT max(seq) FROM custody WHERE place_id = $1)`, "custody-head", 0},
		{"a box moved", `UPDATE boxes SET place_id = $1 WHERE number = 'B-1'`, "box-edited", 0},
		{"a box frozen", `UPDATE boxes SET condition = 'quarantine' WHERE number = 'B-2' AND $1 > 0`, "box-edited", 0},
		{"chips exchanged", `UPDATE boxes SET first_uid = first_uid + 1000, last_uid = last_uid + 1000 WHERE number = 'B-1' AND $1 > 0`, "box-edited", 0},
		{"a digest", `UPDATE boxes SET digest = sha256('x') WHERE number = 'B-1' AND $1 > 0`, "box-edited", 0},
		{"a box slipped in", `INSERT INTO boxes (region_id, number, item_id, lot_id, delivery_id, place_id, condition, sealed, pieces, first_uid, last_uid, digest, step, since)
			SELECT region_id, 'Z-9', item_id, lot_id, delivery_id, $1, condition, sealed, 1, 1, 1, digest, 1, since FROM boxes WHERE number = 'B-1'`, "box-unknown", 0},
		{"a box deleted", `DELETE FROM boxes WHERE number = 'B-3' AND $1 > 0`, "box-deleted", 0},
	} {
		if _, err := owner.Exec(c.statement, national); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		v := must[inventory.Verified](t)(b.ledger.Verify(ctx, nil))
		if len(v.Breaches) == 0 || v.Breaches[0].What != c.what || c.seq != 0 && (v.Breaches[0].Seq != c.seq || v.Breaches[0].Place != national) {
			t.Errorf("%s: %v, want %s at %d first", c.name, v.Breaches, c.what, c.seq)
		}
		exec(`DELETE FROM boxes WHERE number = 'Z-9'; DELETE FROM custody; INSERT INTO custody TABLE kept_custody;
			UPDATE boxes b SET place_id = k.place_id, last_uid = k.first_uid + b.pieces - 1, first_uid = k.first_uid, condition = k.condition, digest = k.digest
			FROM kept_boxes k WHERE k.id = b.id AND b.uids IS NULL`)
	}
	// B-3 is gone for good: its steps with it, and the head that pointed at them. Only the checkpoint knows.
	exec(`DELETE FROM custody WHERE seq > 2; UPDATE custody_heads h SET seq = 2, hash = (SELECT hash FROM custody c WHERE c.place_id = h.place_id AND seq = 2);
		DELETE FROM boxes WHERE parent_id IS NOT NULL; DELETE FROM boxes WHERE number = 'B-3'`)
	breaches := must[[]inventory.Breach](t)(b.ledger.VerifyCheckpoint(ctx, auditor, point, trusted))
	if len(breaches) == 0 || breaches[0].What != "custody-checkpoint-missing" {
		t.Errorf("after the newest links were deleted: %v", breaches)
	}
	point.Custody = nil
	_, err = b.ledger.VerifyCheckpoint(ctx, auditor, point, trusted)
	wantFault(t, "a checkpoint without custody", err, inventory.ErrCheckpointForged)
	b.ledger.SealWith([]byte("another key"))
	if v := must[inventory.Verified](t)(b.ledger.Verify(ctx, nil)); len(v.Breaches) == 0 || v.Breaches[0].What != "custody-key-unknown" {
		t.Errorf("under another key: %v", v.Breaches)
	}
}

func TestACheckpointIsKeptOnceADay(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.boxed(t, run("B-1", 1, 100))
	trusted, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	day, text, err := b.ledger.KeepCheckpoint(ctx, access.System, key)
	if err != nil || day != today {
		t.Fatalf("%s, %v", day, err)
	}
	b.boxed(t, run("B-2", 101, 200))
	if _, again, err := b.ledger.KeepCheckpoint(ctx, access.System, key); err != nil || string(again) != string(text) {
		t.Errorf("the second of the day: %s, %v", again, err)
	}
	kept, err := b.ledger.CheckpointOf(ctx, auditor, day)
	var point inventory.Checkpoint
	if err != nil || json.Unmarshal(kept, &point) != nil {
		t.Fatalf("kept: %s, %v", kept, err)
	}
	if breaches := must[[]inventory.Breach](t)(b.ledger.VerifyCheckpoint(ctx, auditor, point, trusted)); len(breaches) != 0 || len(point.Custody) != 1 {
		t.Errorf("kept checkpoint %+v: %v", point, breaches)
	}
	_, err = b.ledger.CheckpointOf(ctx, auditor, "2020-01-01")
	wantFault(t, "a day without one", err, inventory.ErrCheckpointUnknown)
	_, err = b.ledger.CheckpointOf(ctx, medan, day)
	wantFault(t, "an officer", err, access.ErrForbidden)
}
