package inventory

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Checkpoint is the newest link of every chain at an instant, signed (Ed25519, RFC 8032). Kept outside the database, it
// finds what the chains alone cannot: rows at the end that were taken away together with the heads that pointed at them.
type Checkpoint struct {
	At        time.Time   `json:"at"`
	Heads     []ChainHead `json:"heads"`
	Custody   []ChainHead `json:"custody"`         // of the chains of custody
	Trail     *TrailMark  `json:"trail,omitempty"` // of what was changed by whom; none in those signed before it was chained
	Key       []byte      `json:"key"`             // public
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
	c := Checkpoint{At: l.now().UTC(), Heads: []ChainHead{}, Custody: []ChainHead{}, Key: key.Public().(ed25519.PublicKey)}
	if err := who.May(access.ReadAudit); err != nil {
		return c, err
	}
	err := postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		if err := tx.SelectContext(ctx, &c.Heads, `SELECT place_id, seq, encode(hash, 'hex') AS hash FROM chains WHERE seq > 0 ORDER BY place_id`); err != nil {
			return err
		}
		if err := tx.SelectContext(ctx, &c.Custody, `SELECT place_id, seq, encode(hash, 'hex') AS hash FROM custody_heads WHERE seq > 0 ORDER BY place_id`); err != nil {
			return err
		}
		var err error
		c.Trail, err = markTrail(ctx, tx)
		return err
	})
	if err != nil {
		return c, fmt.Errorf("read heads of chains: %w", err)
	}
	c.Signature = ed25519.Sign(key, c.text())
	return c, nil
}

// text is what the signature covers: a line for the instant, then one for each head, the ledger's before those of custody,
// then the trail.
func (c Checkpoint) text() []byte {
	var b strings.Builder
	fmt.Fprintln(&b, c.At.UTC().Format(time.RFC3339Nano))
	for _, h := range c.Heads {
		fmt.Fprintln(&b, h.Place, h.Seq, h.Hash)
	}
	for _, h := range c.Custody {
		fmt.Fprintln(&b, "custody", h.Place, h.Seq, h.Hash)
	}
	if c.Trail != nil {
		fmt.Fprintln(&b, "trail", c.Trail.Last, c.Trail.Snapshot)
		for _, n := range c.Trail.Nouns {
			fmt.Fprintln(&b, "trail", n.Noun, n.Steps, n.Hash)
		}
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
	var breaches []Breach
	err := postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) (err error) {
		breaches, err = c.missing(ctx, tx, c.Heads, "checkpoint", `
			LEFT JOIN chains c ON c.region_id = p.region_id AND c.place_id = p.id
			LEFT JOIN entries e ON e.region_id = p.region_id AND e.place_id = p.id AND e.seq = h.seq`)
		if err != nil {
			return err
		}
		custody, err := c.missing(ctx, tx, c.Custody, "custody-checkpoint", `
			LEFT JOIN custody_heads c ON c.region_id = p.region_id AND c.place_id = p.id
			LEFT JOIN custody e ON e.region_id = p.region_id AND e.place_id = p.id AND e.seq = h.seq`)
		if err != nil {
			return err
		}
		trail, err := c.Trail.missing(ctx, tx, c.At)
		breaches = slices.Concat(breaches, custody, trail)
		return err
	})
	return breaches, err
}

// missing finds the heads that no longer stand where they stood; chains joins the newest link as c and the one at the head
// as e.
func (c Checkpoint) missing(ctx context.Context, tx *sqlx.Tx, heads []ChainHead, what, chains string) ([]Breach, error) {
	text, err := jsonText(append([]ChainHead{}, heads...))
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
	err = tx.SelectContext(ctx, &wrong, `
		SELECT h.place, h.seq, coalesce(region_code(p.region_id), '') AS region, coalesce(c.seq, 0) AS last, e.seq IS NOT NULL AS there
		FROM jsonb_to_recordset($1::jsonb) AS h (place int, seq bigint, hash text)
		LEFT JOIN places p ON p.id = h.place`+chains+`
		WHERE e.hash IS DISTINCT FROM decode(h.hash, 'hex')
		ORDER BY h.place
		LIMIT 100`, text)
	if err != nil {
		return nil, fmt.Errorf("hold chains against checkpoint: %w", err)
	}
	var breaches []Breach
	for _, w := range wrong {
		b := Breach{What: what + "-missing", Region: w.Region, Place: w.Place, Seq: w.Seq,
			Detail: fmt.Sprintf("it was the newest at %s; the newest now is %d", c.At.Format(time.RFC3339), w.Last)}
		if w.There {
			b.What, b.Detail = what+"-mismatch", "the chain was written anew after "+c.At.Format(time.RFC3339)
		}
		breaches = append(breaches, b)
	}
	return breaches, nil
}

// KeepCheckpoint signs the heads of all chains for today, once a day, and returns the day with the text of the checkpoint: to
// be kept away from the database as well.
func (l *Ledger) KeepCheckpoint(ctx context.Context, who access.Actor, key ed25519.PrivateKey) (day string, text []byte, err error) {
	c, err := l.Checkpoint(ctx, who, key)
	if err != nil {
		return "", nil, err
	}
	if text, err = json.MarshalIndent(c, "", " "); err != nil {
		return "", nil, fmt.Errorf("encode checkpoint: %w", err)
	}
	day = l.today(region.WIB)
	err = postgres.Write(ctx, l.db, who, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO checkpoints (day, at, body) VALUES ($1::date, $2, $3) ON CONFLICT DO NOTHING`, day, c.At, string(text)); err != nil {
			return fmt.Errorf("keep checkpoint: %w", err)
		}
		var kept string
		err := tx.GetContext(ctx, &kept, `SELECT body FROM checkpoints WHERE day = $1::date`, day)
		text = []byte(kept)
		return err
	})
	return day, text, err
}

// KeptCheckpoint is a day of which a checkpoint is kept.
type KeptCheckpoint struct {
	Day string    `json:"day" db:"day" format:"date"`
	At  time.Time `json:"at" db:"at"`
}

// ErrCheckpointUnknown is the fault of a day without a checkpoint.
var ErrCheckpointUnknown = fault.New(fault.NotFound, "checkpoint-unknown") // day

// Checkpoints lists the days of which a checkpoint is kept, the newest first.
func (l *Ledger) Checkpoints(ctx context.Context, who access.Actor, paging postgres.Paging) (page postgres.Page[KeptCheckpoint], err error) {
	if err := who.May(access.ReadAudit); err != nil {
		return page, err
	}
	type newestFirst struct {
		Day string `json:"day"`
	}
	before := newestFirst{"9999-12-31"}
	limit, err := paging.Resume(&before)
	if err != nil {
		return page, err
	}
	var rows []KeptCheckpoint
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, `SELECT day::text, at FROM checkpoints WHERE day < $1::date ORDER BY day DESC LIMIT $2`, before.Day, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list checkpoints: %w", err)
	}
	return postgres.NewPage(paging, rows, func(c KeptCheckpoint) newestFirst { return newestFirst{c.Day} })
}

// CheckpointOf returns the text of the checkpoint of a day, as it was signed.
func (l *Ledger) CheckpointOf(ctx context.Context, who access.Actor, day string) (text []byte, err error) {
	if err := who.May(access.ReadAudit); err != nil {
		return nil, err
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return nil, fault.ErrInvalid.At("path.day", "not-a-date", day, "form", "YYYY-MM-DD")
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		var body string
		err := tx.GetContext(ctx, &body, `SELECT body FROM checkpoints WHERE day = $1::date`, day)
		text = []byte(body)
		return postgres.NotFound(err, ErrCheckpointUnknown.With("day", day))
	})
	return text, err
}
