package inventory_test

import (
	"crypto/ed25519"
	"database/sql"
	"testing"

	"blangko/inventory"
)

// TestACheckpointFindsWhatTheChainCannot takes the newest move away with everything that points at it.
func TestACheckpointFindsWhatTheChainCannot(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	office, public := b.placeOf(t, "12.71", inventory.RegencyOffice), b.placeOf(t, "12.71", inventory.Public)
	b.give(t, office, 50)
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
