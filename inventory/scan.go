package inventory

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	papers "blangko/internal/paper"
	"blangko/internal/postgres"
)

// stamp is what the seal of a paper says: what the paper is of, its number and its total.
type stamp struct {
	Kind     string
	ID       int64
	Document string
	Pieces   int64
}

// seal begins every code that this program prints on a paper.
const seal = "blangko:"

// text is what is signed. The number of a document may hold anything but stands between two numbers.
func (s stamp) text() string {
	return fmt.Sprintf("%s%s:%d:%s:%d", seal, s.Kind, s.ID, s.Document, s.Pieces)
}

// signed is a short signature: the first 80 bits of HMAC-SHA-256 (RFC 2104, truncated as its section 5 allows), as
// sixteen letters and digits that can be read aloud.
func (s stamp) signed(secret []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(s.text()))
	return base32.StdEncoding.EncodeToString(mac.Sum(nil)[:10])
}

// code is what the QR code holds.
func (s stamp) code(secret []byte) string { return s.text() + ":" + s.signed(secret) }

// readStamp reads a code that code wrote, and the signature that it claims.
func readStamp(code string) (s stamp, signature string, ok bool) {
	parts := strings.Split(code, ":")
	if n := len(parts); strings.HasPrefix(code, seal) && n >= 6 {
		id, errID := strconv.ParseInt(parts[2], 10, 64)
		pieces, errPieces := strconv.ParseInt(parts[n-2], 10, 64)
		s = stamp{parts[1], id, strings.Join(parts[3:n-2], ":"), pieces}
		return s, parts[n-1], errID == nil && errPieces == nil
	}
	return s, "", false
}

func paperSecret(ctx context.Context, tx *sqlx.Tx) (secret []byte, err error) {
	if err := tx.GetContext(ctx, &secret, `SELECT secret FROM paper_secret`); err != nil {
		return nil, fmt.Errorf("read the key of papers: %w", err)
	}
	return secret, nil
}

// Scanned is what a scanned code stands for.
type Scanned struct {
	Kind     string `json:"kind" enum:"shipment,receipt,count,loss,destruction,box"`
	ID       int64  `json:"id,omitempty" doc:"absent for a box, which goes by its number"`
	Document string `json:"document"`
	Pieces   int64  `json:"pieces" doc:"as the paper says; for a number that was typed, as the record says"`
	Sealed   bool   `json:"sealed" doc:"the code bears a genuine signature of this program; false for a number that was typed"`
	Stands   bool   `json:"stands" doc:"the record still says the same: it was not cancelled, rolled back, rejected or changed since; of a box that it was not opened"`
	State    string `json:"state" doc:"of the record today; of a box its condition"`
	Path     string `json:"path,omitempty" doc:"the record in this API; absent when it is out of reach"`
}

// What a scan refuses.
var (
	ErrCodeUnknown = fault.New(fault.NotFound, "code-unknown")
	ErrForged      = fault.New(fault.Conflict, "seal-not-genuine") // kind, document, pieces
)

// fallen are the states in which a record no longer means what its paper said.
var fallen = map[string]bool{"cancelled": true, "rolled-back": true, "rejected": true}

// record is what a sealed record says today.
type record struct {
	Kind     string `db:"kind"`
	ID       int64  `db:"id"`
	Document string `db:"document"`
	State    string `db:"state"`
	Pieces   int64  `db:"pieces"`
}

func (r record) scanned() Scanned {
	return Scanned{Kind: r.Kind, ID: r.ID, Document: r.Document, Pieces: r.Pieces, Stands: !fallen[r.State], State: r.State}
}

func (r record) path() string {
	plural := map[string]string{"loss": "losses"}[r.Kind]
	if plural == "" {
		plural = r.Kind + "s"
	}
	return fmt.Sprintf("/api/v1/%s/%d", plural, r.ID)
}

const selectPapers = `SELECT kind, id, document, state, pieces FROM papers`

// Scan says what a scanned code stands for: the seal of a paper, which anybody who is signed in may check, or a box or
// the number of a document in reach. Errors: seal-not-genuine when the signature is not ours, code-unknown.
func (l *Ledger) Scan(ctx context.Context, who access.Actor, code string) (Scanned, error) {
	if err := who.May(access.SeeMyself); err != nil {
		return Scanned{}, err
	}
	code = strings.TrimSpace(code)
	if number, ok := strings.CutPrefix(code, boxLabel); ok {
		return l.scanBox(ctx, who, number)
	}
	if strings.HasPrefix(code, seal) {
		return l.checkSeal(ctx, who, code)
	}
	r, err := l.recordIn(ctx, who, `WHERE document = $1 ORDER BY id DESC LIMIT 1`, code)
	if errors.Is(err, ErrCodeUnknown) {
		return l.scanBox(ctx, who, code)
	}
	if err != nil {
		return Scanned{}, err
	}
	s := r.scanned()
	s.Path = r.path()
	return s, nil
}

// boxLabel begins the code of a box. It bears no signature: what is in a box its chips and the chain of custody say.
const boxLabel = seal + "box:"

// scanBox finds a box in reach by its number.
func (l *Ledger) scanBox(ctx context.Context, who access.Actor, number string) (Scanned, error) {
	unknown := ErrCodeUnknown.With("advice", "scan again, or look the document up by its number")
	if who.May(access.ReadBoxes) != nil {
		return Scanned{}, unknown
	}
	b, err := l.Box(ctx, who, number)
	if errors.Is(err, ErrBoxUnknown) {
		return Scanned{}, unknown
	}
	return Scanned{Kind: "box", Document: b.Number, Pieces: b.Pieces, Stands: b.Sealed, State: string(b.Condition), Path: "/api/v1/boxes/" + url.PathEscape(b.Number)}, err
}

// BoxLabels are the labels of boxes in reach as PDF: a QR code for a camera and bars for a hand scanner, which Scan reads.
// A filter without a limit takes as many as one list may have.
func (l *Ledger) BoxLabels(ctx context.Context, who access.Actor, f BoxFilter) ([]byte, error) {
	if f.Limit == 0 {
		f.Limit = postgres.LargestLimit
	}
	page, err := l.Boxes(ctx, who, f)
	if err != nil {
		return nil, err
	}
	labels := make([]papers.Label, len(page.Items))
	for i, b := range page.Items {
		labels[i] = papers.Label{Code: boxLabel + b.Number, Bar: b.Number, Lines: []string{b.Number, goods[b.Item].name,
			papers.Number(b.Pieces) + " " + goods[b.Item].unit, "Chip " + b.First, "s.d. " + b.Last}}
		if b.Synthetic {
			labels[i].Lines = append(labels[i].Lines, "DATA SINTETIS")
		}
	}
	return papers.Labels("Label kotak", labels, l.now())
}

func (l *Ledger) checkSeal(ctx context.Context, who access.Actor, code string) (Scanned, error) {
	paper, signature, ok := readStamp(code)
	if !ok {
		return Scanned{}, ErrForged.With("advice", "the code is damaged or was not printed by this program")
	}
	// Whoever holds a paper may learn whether it stands, and nothing else: the record is read for them.
	err := postgres.Read(ctx, l.db, access.System, func(tx *sqlx.Tx) error {
		secret, err := paperSecret(ctx, tx)
		if err == nil && !hmac.Equal([]byte(paper.signed(secret)), []byte(strings.ToUpper(signature))) {
			err = ErrForged.With("kind", paper.Kind, "document", paper.Document, "pieces", paper.Pieces)
		}
		return err
	})
	if err != nil {
		return Scanned{}, err
	}
	r, err := l.recordIn(ctx, access.System, `WHERE kind = $1 AND id = $2`, paper.Kind, paper.ID)
	if err != nil {
		return Scanned{}, err
	}
	s := r.scanned()
	s.Sealed, s.Document, s.Pieces = true, paper.Document, paper.Pieces
	s.Stands = s.Stands && r.Document == paper.Document && r.Pieces == paper.Pieces
	switch own, err := l.recordIn(ctx, who, `WHERE kind = $1 AND id = $2`, paper.Kind, paper.ID); {
	case err == nil:
		s.Path = own.path()
	case !errors.Is(err, ErrCodeUnknown):
		return s, err
	}
	return s, nil
}

func (l *Ledger) recordIn(ctx context.Context, who access.Actor, which string, args ...any) (r record, err error) {
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.GetContext(ctx, &r, selectPapers+` `+which, args...)
	})
	return r, postgres.NotFound(err, ErrCodeUnknown.With("advice", "scan again, or look the document up by its number"))
}
