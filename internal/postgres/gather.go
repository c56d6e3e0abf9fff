package postgres

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

// Gather answers questions that come in crowds: those asked while a query is under way share the next one, so that no answer is
// older than its question. One who comes alone goes alone and waits for nobody.
type Gather[Q, A any] struct {
	db *DB
	do func(ctx context.Context, asked []Q) ([]A, error)

	mu      sync.Mutex
	waiting []*question[Q, A]
	flying  int
}

// question is one ask on its way. Who asked reads the answer after it is answered.
type question[Q, A any] struct {
	asked    Q
	gone     <-chan struct{} // closed when nobody waits for the answer any more
	answer   A
	err      error
	answered chan struct{}
}

// mostQuestions bounds one query, and so how long the first to come wait for the rest.
const mostQuestions = 64

// NewGather returns the questions that do answers, in order. Its context is nobody's: those who ask may go away.
func NewGather[Q, A any](db *DB, do func(ctx context.Context, asked []Q) ([]A, error)) *Gather[Q, A] {
	return &Gather[Q, A]{db: db, do: do}
}

// Ask asks one question.
func (g *Gather[Q, A]) Ask(ctx context.Context, asked Q) (A, error) {
	q := &question[Q, A]{asked: asked, gone: ctx.Done(), answered: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, q)
	g.mu.Unlock()
	g.begin(1)
	slow := time.NewTimer(patience)
	defer slow.Stop()
	for {
		select {
		case <-q.answered:
			return q.answer, q.err
		case <-slow.C:
			g.begin(mostFlying) // the one before us is held up
		case <-ctx.Done():
			var none A
			return none, ctx.Err()
		}
	}
}

// begin lets another query begin when somebody waits and fewer than most are under way.
func (g *Gather[Q, A]) begin(most int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) > 0 && g.flying < most {
		g.flying++
		g.db.background.Go(g.fly)
	}
}

// fly takes those who wait until nobody does.
func (g *Gather[Q, A]) fly() {
	for {
		asking := g.board()
		if len(asking) == 0 {
			return
		}
		g.answer(asking)
		for _, q := range asking {
			close(q.answered)
		}
	}
}

func (g *Gather[Q, A]) board() (asking []*question[Q, A]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.waiting) > 0 && len(asking) < mostQuestions {
		q := g.waiting[0]
		g.waiting = g.waiting[1:]
		select {
		case <-q.gone:
		default:
			asking = append(asking, q)
		}
	}
	if len(asking) == 0 {
		g.flying--
	}
	return asking
}

func (g *Gather[Q, A]) answer(asking []*question[Q, A]) {
	ctx, cancel := context.WithTimeout(context.Background(), flightTime)
	defer cancel()
	asked := make([]Q, len(asking))
	for i, q := range asking {
		asked[i] = q.asked
	}
	answers, err := g.do(ctx, asked)
	for i, q := range asking {
		if q.err = err; err == nil {
			q.answer = answers[i]
		}
	}
}

// LookupAll runs a statement as Lookup does and hands each of its rows to each.
func (db *DB) LookupAll(ctx context.Context, text string, args []any, each func(*sql.Rows) error) error {
	stmt := db.looking(text)
	var rows *sql.Rows
	var err error
	if stmt == nil {
		rows, err = db.door.QueryContext(ctx, text, args...)
	} else {
		rows, err = stmt.QueryContext(ctx, args...)
	}
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
