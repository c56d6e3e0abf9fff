package sheet

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Running is a file that is being taken in.
type Running struct {
	ID      int64     `json:"id" db:"id"`
	Kind    string    `json:"kind" db:"kind"`
	File    string    `json:"file" db:"file"`
	Done    int64     `json:"done" db:"done" doc:"rows read so far"`
	Total   int64     `json:"total" db:"total" doc:"rows of the file, about"`
	By      string    `json:"by" db:"actor"`
	BeganAt time.Time `json:"began_at" db:"began_at"`
	SeenAt  time.Time `json:"seen_at" db:"seen_at"`
}

const (
	followEvery = time.Second
	goneAfter   = time.Minute // without a word: its process has died
)

// follow lets others see how far a file is, which the import's own transaction would hide until its end: a word every
// second, said beside it. told notes how far it is; finish is to be called when it has ended. A word that cannot be
// said is no reason to stop the import.
func (s *Imports) follow(ctx context.Context, who access.Actor, kind, name string, total int) (told func(int), finish func()) {
	var done atomic.Int64
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		var id int64
		tick := time.NewTicker(followEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s.say(ctx, who, func(ctx context.Context, tx *sqlx.Tx) (err error) {
					id, err = s.note(ctx, tx, who, id, Running{Kind: kind, File: name, Done: done.Load(), Total: int64(total)})
					return err
				})
			case <-stop:
				if id != 0 {
					s.say(context.WithoutCancel(ctx), who, func(ctx context.Context, tx *sqlx.Tx) error {
						_, err := tx.ExecContext(ctx, `DELETE FROM import_progress WHERE id = $1`, id)
						return err
					})
				}
				return
			}
		}
	}()
	return func(n int) { done.Store(int64(n)) }, func() {
		close(stop)
		<-ended
	}
}

func (s *Imports) say(ctx context.Context, who access.Actor, fn func(ctx context.Context, tx *sqlx.Tx) error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := postgres.Write(ctx, s.db, who, func(tx *sqlx.Tx) error { return fn(ctx, tx) })
	if err != nil {
		slog.DebugContext(ctx, "progress of an import not told", "error", err)
	}
}

// note writes how far an import is, first under a new number; the words of processes that have died go then too.
func (s *Imports) note(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64, r Running) (int64, error) {
	if id != 0 {
		_, err := tx.ExecContext(ctx, `UPDATE import_progress SET done = $2, seen_at = now() WHERE id = $1`, id, r.Done)
		return id, err
	}
	top, err := region.ByCode(ctx, tx, who.Reach, region.Today(region.WIB, s.now()))
	if err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM import_progress WHERE seen_at < now() - $1::interval`, goneAfter.String()); err != nil {
		return 0, err
	}
	err = tx.GetContext(ctx, &id, `
		INSERT INTO import_progress (region_id, kind, file, done, total, actor)
		VALUES ($1, $2, $3, $4, $5, $6)
		RETURNING id`, top.ID, r.Kind, r.File, r.Done, r.Total, who.Name)
	return id, err
}

// Running lists the files that are being taken in now and take more than a second, the oldest first.
func (s *Imports) Running(ctx context.Context, who access.Actor) (page postgres.Page[Running], err error) {
	if err := who.May(access.ReadImports); err != nil {
		return page, err
	}
	page.Items = []Running{}
	err = postgres.Read(ctx, s.db, who, func(tx *sqlx.Tx) error {
		err := tx.SelectContext(ctx, &page.Items, `
			SELECT id, kind, file, done, total, actor, began_at, seen_at
			FROM import_progress
			WHERE seen_at >= now() - $1::interval
			ORDER BY id`, goneAfter.String())
		if err != nil {
			return fmt.Errorf("list running imports: %w", err)
		}
		return nil
	})
	return page, err
}
