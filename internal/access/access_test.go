package access_test

import (
	"errors"
	"testing"

	"blangko/internal/access"
)

func TestTheZeroActorMayDoNothing(t *testing.T) {
	t.Parallel()
	for action := range access.Policy {
		if err := (access.Actor{}).May(action); !errors.Is(err, access.ErrSignIn) {
			t.Errorf("zero Actor, %s: %v, want ErrSignIn", action, err)
		}
	}
}

func TestAuditorsAndAdminsTouchNoStock(t *testing.T) {
	t.Parallel()
	for _, role := range []access.Role{access.Auditor, access.Admin} {
		for _, action := range []access.Action{access.PostMoves, access.ReverseMoves} {
			if err := (access.Actor{ID: 1, Role: role, Reach: "00"}).May(action); !errors.Is(err, access.ErrForbidden) {
				t.Errorf("%s, %s: %v, want ErrForbidden", role, action, err)
			}
		}
	}
}

func TestAnUnknownActionIsForJobsAlone(t *testing.T) {
	t.Parallel()
	const unknown = access.Action("nothing.such")
	if err := (access.Actor{ID: 1, Role: access.Planner, Reach: "00"}).May(unknown); err == nil {
		t.Error("planner may take an action without a row")
	}
	if err := access.System.May(unknown); err != nil {
		t.Errorf("System: %v", err)
	}
}
