package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"blangko/internal/fault"
)

var errShort = fault.New(fault.Conflict, "insufficient-stock")

func TestWithLeavesTheDeclaredFaultAlone(t *testing.T) {
	t.Parallel()
	_ = errShort.With("requested", 7)
	if len(errShort.Facts) != 0 {
		t.Errorf("declared fault has facts %v, want none", errShort.Facts)
	}
}

func TestAWrappedFaultIsFoundByCode(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("release run 3: %w", errShort.With("requested", 7))
	if !errors.Is(err, errShort) {
		t.Errorf("errors.Is(%v, errShort) = false", err)
	}
	f, ok := fault.As(err)
	if !ok || f.Facts["requested"] != 7 {
		t.Errorf("As = %v, %v", f, ok)
	}
}

func TestFieldsGathersAll(t *testing.T) {
	t.Parallel()
	var c fault.Fields
	if c.Err() != nil {
		t.Fatal("no field noted, yet an error")
	}
	c.Add("body.pieces", "not-positive", -1)
	c.Add("body.date", "in-the-future", "2999-01-01", "today", "2026-11-22")
	f, ok := fault.As(c.Err())
	if !ok || len(f.Fields) != 2 {
		t.Fatalf("fault = %v, want two fields", f)
	}
	if got, want := f.Error(), "invalid-input; body.pieces: not-positive (-1); body.date: in-the-future (2999-01-01)"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}
