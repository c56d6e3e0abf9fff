package inventory_test

import (
	"crypto/ed25519"
	"database/sql"
	"strings"
	"testing"

	"blangko/inventory"
)

// Whoever edits or deletes the history of a document, or a fund lot, in SQL is found; who takes the newest steps away with all
// that points at them is found by the checkpoint.
func TestVerifyNamesWhatWasDoneToHistoriesAndLots(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.deliver(t, 100)
	grant := b.brought(t, inventory.NewProcurement{Fund: "HIBAH_APBD", Earmark: "12.75", Pieces: 10}).Lot
	r := b.approved(t, 50, 30)
	must[inventory.Request](t)(b.ledger.CancelRequest(ctx, ternate, r.ID, r.Version, "sudah cukup"))
	other := b.approved(t, 20, 20)
	b.sound(t)
	trusted, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := sql.Open("postgres", b.admin)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	owner.SetMaxOpenConns(1)
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := owner.Exec(statement, args...); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}

	// A step that is being written when a checkpoint is taken belongs to the next one.
	slow, err := sql.Open("postgres", b.admin)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	writing, err := slow.Begin()
	if err != nil {
		t.Fatal(err)
	}
	const step = `INSERT INTO audit (region_id, actor_id, actor, action, noun, noun_id) VALUES (1, 1, 'x', 'set', 'setting', $1)`
	if _, err := writing.Exec(step, "slow"); err != nil {
		t.Fatal(err)
	}
	exec(step, "quick")
	point := must[inventory.Checkpoint](t)(b.ledger.Checkpoint(ctx, auditor, key))
	if err := writing.Commit(); err != nil {
		t.Fatal(err)
	}
	if breaches := must[[]inventory.Breach](t)(b.ledger.VerifyCheckpoint(ctx, auditor, point, trusted)); len(breaches) != 0 {
		t.Errorf("a sound trail: %v", breaches)
	}
	b.sound(t)

	exec(`SET session_replication_role = replica`) // no trigger sees it
	exec(`CREATE TABLE kept_audit AS TABLE audit; CREATE TABLE kept_histories AS TABLE histories; CREATE TABLE kept_requests AS TABLE requests; CREATE TABLE kept_lots AS TABLE lots`)
	const mine = ` WHERE noun = 'request' AND noun_id = $1::bigint::text`
	for _, c := range []struct {
		name, statement string
		id              int64
		what, detail    string
		seq             int64
	}{
		{"who submitted", `UPDATE audit SET actor = 'orang lain'` + mine + ` AND step = 2`, r.ID, "history-broken", "submit by orang lain", 2},
		{"how it was before", `UPDATE audit SET before = before || '{"asked": 40}'` + mine + ` AND step = 3`, r.ID, "history-broken", "approve by planner", 3},
		{"when", `UPDATE audit SET at = at - interval '1 day'` + mine + ` AND step = 1`, r.ID, "history-broken", "ask by officer.82.71", 1},
		{"whose it is", `UPDATE audit SET noun_id = '999'` + mine + ` AND step = 4`, r.ID, "history-missing", "request 999", 1},
		{"a step deleted", `DELETE FROM audit` + mine + ` AND step = 3`, r.ID, "history-missing", "the next step kept is 4", 3},
		{"the newest step deleted", `DELETE FROM audit` + mine + ` AND step = 4`, r.ID, "history-head", "the last step kept is 3", 4},
		{"the history deleted", `DELETE FROM audit` + mine, r.ID, "history-head", "the last step kept is 0", 4},
		{"the head deleted", `DELETE FROM histories` + mine, r.ID, "history-head", "the last step kept is 4", 0},
		{"a step slipped in", `INSERT INTO audit (region_id, actor_id, actor, action, noun, noun_id, step, hash)
			SELECT region_id, 1, 'planner', 'approve', noun, noun_id, 5, hash FROM histories` + mine, r.ID, "history-broken", "approve by planner", 5},
		{"what was approved", `UPDATE requests SET approved = 15 WHERE id = $1`, other.ID, "request-edited", "not as its last step left it", 0},
		{"a request deleted", `DELETE FROM requests WHERE id = $1`, other.ID, "request-deleted", "is gone", 0},
		{"a fund", `UPDATE lots SET fund = 'PNBP', version = '9' WHERE id = $1`, 1, "lot-edited", `"PNBP"`, 0},
		{"an earmark", `UPDATE lots SET earmark_region_id = earmark_region_id + 1 WHERE id = $1`, int64(grant), "lot-edited", "was opened as", 0},
		{"a version", `UPDATE lots SET version = '6' WHERE id = $1`, 2, "lot-edited", `"6"`, 0},
		{"a lot deleted", `DELETE FROM lots WHERE id = $1`, 2, "lot-deleted", "is gone", 0},
		{"a lot slipped in", `INSERT INTO lots (id, fund, name, version) VALUES ($1, 'APBN', 'lain', '7')`, 99, "lot-unknown", "opened as nothing", 0},
	} {
		exec(c.statement, c.id)
		v := must[inventory.Verified](t)(b.ledger.Verify(ctx, nil))
		if len(v.Breaches) == 0 || v.Breaches[0].What != c.what || v.Breaches[0].Seq != c.seq || !strings.Contains(v.Breaches[0].Detail, c.detail) {
			t.Errorf("%s: %v, want %s of %q at %d first", c.name, v.Breaches, c.what, c.detail, c.seq)
		}
		exec(`DELETE FROM audit; INSERT INTO audit OVERRIDING SYSTEM VALUE TABLE kept_audit; DELETE FROM histories; INSERT INTO histories TABLE kept_histories;
			DELETE FROM requests; INSERT INTO requests TABLE kept_requests; DELETE FROM lots; INSERT INTO lots TABLE kept_lots`)
		b.sound(t)
	}

	// The cancellation never was: its step is gone, with the head that pointed at it and what it did.
	exec(`DELETE FROM audit`+mine+` AND step = 4`, r.ID)
	exec(`UPDATE histories h SET step = 3, hash = (SELECT hash FROM audit a WHERE a.noun = h.noun AND a.noun_id = h.noun_id AND a.step = 3)`+mine, r.ID)
	exec(`UPDATE requests SET state = 'approved', approved = 30, declined = 20 WHERE id = $1`, r.ID)
	b.sound(t) // the chains see nothing
	breaches := must[[]inventory.Breach](t)(b.ledger.VerifyCheckpoint(ctx, auditor, point, trusted))
	if len(breaches) != 1 || breaches[0].What != "history-checkpoint-missing" || !strings.HasPrefix(breaches[0].Detail, "request: of the 7 steps") {
		t.Errorf("after the newest step was deleted: %v", breaches)
	}
	// Somebody else approved it, in a chain that is made anew.
	exec(`DELETE FROM audit; INSERT INTO audit OVERRIDING SYSTEM VALUE TABLE kept_audit; DELETE FROM histories; INSERT INTO histories TABLE kept_histories; DELETE FROM requests; INSERT INTO requests TABLE kept_requests`)
	exec(`UPDATE audit SET actor = 'orang lain'`+mine+` AND step = 3`, other.ID)
	exec(`UPDATE audit a SET hash = history_link((SELECT hash FROM audit b WHERE b.noun = a.noun AND b.noun_id = a.noun_id AND b.step = 2), 3, a)`+mine+` AND step = 3`, other.ID)
	exec(`UPDATE histories h SET hash = (SELECT hash FROM audit a WHERE a.noun = h.noun AND a.noun_id = h.noun_id AND a.step = 3)`+mine, other.ID)
	b.sound(t)
	breaches = must[[]inventory.Breach](t)(b.ledger.VerifyCheckpoint(ctx, auditor, point, trusted))
	if len(breaches) != 1 || breaches[0].What != "history-checkpoint-mismatch" || !strings.HasPrefix(breaches[0].Detail, "request: ") {
		t.Errorf("after a history was written anew: %v", breaches)
	}
	point.Trail = nil
	_, err = b.ledger.VerifyCheckpoint(ctx, auditor, point, trusted)
	wantFault(t, "a checkpoint without the trail", err, inventory.ErrCheckpointForged)
}
