package postgres_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
)

// Questions that come while a query is under way share the next one: none of them gets an answer older than itself.
func TestQuestionsOfTheSameMomentShareAQuery(t *testing.T) {
	t.Parallel()
	var state, queries, taken atomic.Int64
	under, finish := make(chan struct{}, 100), make(chan struct{})
	g := postgres.NewGather(pgtest.New(t), func(_ context.Context, asked []int) ([]int64, error) {
		queries.Add(1)
		taken.Add(int64(len(asked)))
		seen := state.Load() // what the query sees is what was true when it began
		under <- struct{}{}
		<-finish
		return slices.Repeat([]int64{seen}, len(asked)), nil
	})
	var wg sync.WaitGroup
	ask := func(least int64) {
		wg.Go(func() {
			if got, err := g.Ask(context.Background(), 0); err != nil || got < least {
				t.Errorf("answered with the state %d (%v), asked at %d", got, err, least)
			}
		})
	}
	ask(0)
	<-under // a query is under way, and then something changes
	state.Store(1)
	for range 20 {
		ask(1)
	}
	for taken.Load()+int64(g.Waiting()) < 21 { // all have asked before the first is answered
		time.Sleep(time.Millisecond)
	}
	close(finish)
	wg.Wait()
	if n := queries.Load(); n < 2 || n > 10 {
		t.Errorf("%d queries for 21 questions", n)
	}
}

func TestWhoGoesAwayIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	stuck := make(chan struct{})
	g := postgres.NewGather(pgtest.New(t), func(_ context.Context, asked []string) ([]string, error) {
		switch asked[0] {
		case "wait":
			<-stuck
		case "fail":
			return nil, broken
		}
		return asked, nil
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { _, err := g.Ask(ctx, "wait"); done <- err }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("who went away: %v", err)
	}
	// Somebody is held up: who comes after them is answered beside them.
	go func() { _, err := g.Ask(context.Background(), "wait"); done <- err }()
	if got, err := g.Ask(context.Background(), "x"); got != "x" && err == nil {
		t.Errorf("answered %q, %v", got, err)
	}
	close(stuck)
	if err := <-done; err != nil {
		t.Errorf("who waited: %v", err)
	}
	if _, err := g.Ask(context.Background(), "fail"); !errors.Is(err, broken) {
		t.Errorf("a query that failed: %v", err)
	}
}
