// Package inventory keeps the ledger of identity-card blanks: where each piece is, who moved it and why.
//
// Blanks are moved, never created or lost: every Move takes from one account and gives to another, and no account
// inside the country's stores goes below zero. A mistake is undone by a reversing move, once.
package inventory

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/notice"
)

// Item is something kept in stock.
type Item struct {
	ID    int    `json:"-" db:"id"`
	Code  string `json:"code" db:"code" doc:"ktp-el, kia, ribbon or film"`
	Kind  string `json:"kind" db:"kind"`
	Name  string `json:"name" db:"name"`
	Cards int64  `json:"cards" db:"cards" doc:"cards that one piece serves"`
}

// Condition is what state pieces are in. Usable blanks, spoiled blanks and surrendered old cards never mix.
type Condition string

const (
	Usable      Condition = "usable"
	Reserved    Condition = "reserved"
	InTransit   Condition = "in-transit"
	Spoiled     Condition = "spoiled"
	Surrendered Condition = "surrendered"
	Quarantine  Condition = "quarantine"
	Issued      Condition = "issued"
)

// Purpose is why a card was printed.
type Purpose string

// Purposes are the reasons a blank is used, in the order the daily report lists them.
var Purposes = []Purpose{"first-time", "moved", "marital", "damaged", "lost", "data-change", "outreach", "other", "spoiled"}

// Ledger is the record of all pieces.
type Ledger struct {
	db     *postgres.DB
	now    func() time.Time
	alerts *notice.Alerts
	places placeCache
	posts  *postgres.Gather[handMove, handMoved]

	custodyKey []byte
}

// Items lists what is kept in stock.
func (l *Ledger) Items(ctx context.Context, who access.Actor) (page postgres.Page[Item], err error) {
	if err := who.May(access.ReadStock); err != nil {
		return page, err
	}
	page.Items = []Item{}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &page.Items, `SELECT id, code, kind, name, cards FROM items ORDER BY id`)
	})
	return page, err
}

// NewLedger returns the ledger in db; now tells the instant of a posting's checks.
func NewLedger(db *postgres.DB, now func() time.Time) *Ledger {
	l := &Ledger{db: db, now: now, alerts: notice.NewAlerts(db, now)}
	l.posts = postgres.NewGather(db, l.postByHand)
	return l
}
