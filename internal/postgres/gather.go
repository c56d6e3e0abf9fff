package postgres

import (
	"context"
	"sync"
	"time"
)

// Gather answers questions, or does what is asked, that come in crowds: those asked while a statement is under way share the next
// one, and with it the round trips, the locks and the wait for the disk, so that no answer is older than its question. One who
// comes alone goes alone and waits for nobody; a statement that is held up is overtaken.
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

// One statement at a time makes the largest ones. After patience another begins beside it, since somebody else's lock may hold
// it up; mostQuestions bounds one, and so how long the first to come wait for the rest; flightTime bounds it when nobody waits
// for it any more.
const (
	mostQuestions = 64
	patience      = 200 * time.Millisecond
	mostFlying    = 4
	flightTime    = 30 * time.Second
)

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
