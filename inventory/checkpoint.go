package inventory

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Checkpoint is the newest link of every chain at an instant, signed (Ed25519, RFC 8032). Kept outside the database, it
// finds what the chains alone cannot: rows at the end that were taken away together with the heads that pointed at them.
type Checkpoint struct {
	At        time.Time   `json:"at"`
	Heads     []ChainHead `json:"heads"`
	Key       []byte      `json:"key"` // public
	Signature []byte      `json:"signature"`
}

// ChainHead is the newest link of the chain of a place.
type ChainHead struct {
	Place int    `json:"place" db:"place_id"`
	Seq   int64  `json:"seq" db:"seq"`
	Hash  string `json:"hash" db:"hash"` // hexadecimal
}

// ErrCheckpointForged is the fault of a checkpoint that its key has not signed.
var ErrCheckpointForged = fault.New(fault.Invalid, "checkpoint-not-signed")

// Checkpoint reads the heads of all chains that have a link and signs them.
func (l *Ledger) Checkpoint(ctx context.Context, who access.Actor, key ed25519.PrivateKey) (Checkpoint, error) {
	c := Checkpoint{At: l.now().UTC(), Heads: []ChainHead{}, Key: key.Public().(ed25519.PublicKey)}
	if err := who.May(access.ReadAudit); err != nil {
		return c, err
	}
	err := postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &c.Heads, `SELECT place_id, seq, encode(hash, 'hex') AS hash FROM chains WHERE seq > 0 ORDER BY place_id`)
	})
	if err != nil {
		return c, fmt.Errorf("read heads of chains: %w", err)
	}
	c.Signature = ed25519.Sign(key, c.text())
	return c, nil
}

// text is what the signature covers: a line for the instant, then one for each head.
func (c Checkpoint) text() []byte {
	var b strings.Builder
	fmt.Fprintln(&b, c.At.UTC().Format(time.RFC3339Nano))
	for _, h := range c.Heads {
		fmt.Fprintln(&b, h.Place, h.Seq, h.Hash)
	}
	return []byte(b.String())
}

// VerifyCheckpoint holds the ledger against a checkpoint taken earlier: every link that was the newest then must still
// stand where it stood. The checkpoint must be signed by the key that the caller trusts.
func (l *Ledger) VerifyCheckpoint(ctx context.Context, who access.Actor, c Checkpoint, trusted ed25519.PublicKey) ([]Breach, error) {
	if err := who.May(access.ReadAudit); err != nil {
		return nil, err
	}
	if !trusted.Equal(ed25519.PublicKey(c.Key)) || !ed25519.Verify(trusted, c.text(), c.Signature) {
		return nil, ErrCheckpointForged.With("at", c.At, "key", hex.EncodeToString(c.Key))
	}
	text, err := jsonText(c.Heads)
	if err != nil {
		return nil, err
	}
	var wrong []struct {
		Place  int    `db:"place"`
		Seq    int64  `db:"seq"`
		Region string `db:"region"`
		Last   int64  `db:"last"`
		There  bool   `db:"there"`
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &wrong, `
			SELECT h.place, h.seq, coalesce(region_code(p.region_id), '') AS region, coalesce(c.seq, 0) AS last, e.seq IS NOT NULL AS there
			FROM jsonb_to_recordset($1::jsonb) AS h (place int, seq bigint, hash text)
			LEFT JOIN places p ON p.id = h.place
			LEFT JOIN chains c ON c.region_id = p.region_id AND c.place_id = p.id
			LEFT JOIN entries e ON e.region_id = p.region_id AND e.place_id = p.id AND e.seq = h.seq
			WHERE e.hash IS DISTINCT FROM decode(h.hash, 'hex')
			ORDER BY h.place
			LIMIT 100`, text)
	})
	if err != nil {
		return nil, fmt.Errorf("hold ledger against checkpoint: %w", err)
	}
	var breaches []Breach
	for _, w := range wrong {
		b := Breach{What: "checkpoint-missing", Region: w.Region, Place: w.Place, Seq: w.Seq,
			Detail: fmt.Sprintf("it was the newest at %s; the newest now is %d", c.At.Format(time.RFC3339), w.Last)}
		if w.There {
			b.What, b.Detail = "checkpoint-mismatch", "the chain was written anew"
		}
		breaches = append(breaches, b)
	}
	return breaches, nil
}
