package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"blangko/internal/access"
	"blangko/internal/postgres/pgtest"
	"blangko/inventory"
)

func TestTheSigningKeyIsMadeOnceAndForItsOwner(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key.pem")
	made, err := signingKey(file)
	if err != nil {
		t.Fatal(err)
	}
	again, err := signingKey(file)
	if err != nil || !made.Equal(again) {
		t.Errorf("the key read again differs: %v", err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file has mode %v: %v", info.Mode(), err)
	}
	if err := os.WriteFile(file, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := signingKey(file); err == nil {
		t.Error("a file without a key was taken for one")
	}
}

// The night signs the heads of all chains into a file beside the keys; what is then deleted in SQL, with everything that
// pointed at it, is found by that file, with the public key alone.
func TestTheNightlyCheckpointFindsWhatWasDeletedSince(t *testing.T) {
	t.Parallel()
	db, admin := pgtest.NewWithOwner(t)
	d := &database{DB: db, keys: keys(filepath.Join(t.TempDir(), "keys"))}
	var err error
	if d.custody, err = d.keys.custody(); err != nil {
		t.Fatal(err)
	}
	if again, err := d.keys.custody(); err != nil || !bytes.Equal(again, d.custody) {
		t.Fatalf("the key read again: %x, %v", again, err)
	}
	s, err := newSystem(d, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	p, err := s.ledger.Contract(ctx, access.System, inventory.NewProcurement{Document: "KTR-1", Supplier: "Percetakan", Pieces: 300, Fund: "APBN", SignedOn: "2026-01-05"})
	if err != nil {
		t.Fatal(err)
	}
	deliver := func(note, box, first, last string) {
		t.Helper()
		if _, err := s.ledger.Deliver(ctx, access.System, p.ID, inventory.NewDelivery{Document: note, Pieces: 100, Boxes: []inventory.Chips{{Box: box, First: first, Last: last}}}); err != nil {
			t.Fatal(err)
		}
	}
	deliver("DN-1", "B-1", "04000000000001", "04000000000064")
	deliver("DN-2", "B-2", "04000000000065", "040000000000C8")
	if err := s.schedule.Run(ctx, "checkpoint"); err != nil {
		t.Fatal(err)
	}
	if breaches, n, err := d.keptCheckpoints(ctx); err != nil || n != 1 || len(breaches) > 0 {
		t.Fatalf("%d checkpoints: %v, %v", n, breaches, err)
	}
	owner, err := sql.Open("postgres", admin)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	_, err = owner.Exec(`
		DELETE FROM boxes WHERE number = 'B-2';
		DELETE FROM custody WHERE seq = 2;
		UPDATE custody_heads h SET seq = 1, hash = (SELECT hash FROM custody WHERE seq = 1);
		DELETE FROM checkpoints`)
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.ledger.Verify(ctx, nil)
	if err != nil || len(v.Breaches) > 0 {
		t.Errorf("the chains alone see %v, %v", v.Breaches, err)
	}
	breaches, _, err := d.keptCheckpoints(ctx)
	if err != nil || len(breaches) != 1 || breaches[0].What != "custody-checkpoint-missing" || breaches[0].Seq != 2 {
		t.Errorf("the checkpoint finds %v, %v", breaches, err)
	}
}
