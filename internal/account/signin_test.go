package account_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"blangko/internal/access"
	"blangko/internal/account"
	"blangko/internal/fault"
)

const office = "203.0.113.7" // RFC 5737: for documentation

func TestDemoUsersSignInAndReachTheirRegion(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.SeedDemo(t.Context()); err != nil {
		t.Fatalf("seed again: %v", err)
	}
	for _, demo := range account.DemoUsers {
		user, err := h.Authenticate(t.Context(), demo.Username, "blangko-demo", office)
		if err != nil {
			t.Errorf("%s: %v", demo.Username, err)
			continue
		}
		if user.Region != demo.Region || user.Role != demo.Role || user.Username != demo.Username {
			t.Errorf("%s signs in as %+v", demo.Username, user)
		}
		if !strings.Contains(user.Name, "demo") {
			t.Errorf("%s is called %q, which does not say that it is of the demo", demo.Username, user.Name)
		}
		who, err := h.Actor(t.Context(), user.ID, h.clock.now())
		want := access.Actor{ID: user.ID, Name: demo.Username, Role: demo.Role, Reach: demo.Region}
		if err != nil || who != want {
			t.Errorf("%s acts as %+v, %v; want %+v", demo.Username, who, err, want)
		}
		if me, err := h.Me(t.Context(), who); err != nil || me != user {
			t.Errorf("%s is %+v, %v to itself; want %+v", demo.Username, me, err, user)
		}
	}
}

func TestAFailedSignInSaysNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.disable(t, h.named(t, "officer2.12.71").ID, true)
	for _, c := range []struct{ name, username, password string }{
		{"wrong password", "officer.12.71", "blangko-demi"},
		{"no password", "officer.12.71", ""},
		{"password of thousands of characters", "officer.12.71", strings.Repeat("blangko-demo", 1000)},
		{"nobody's name", "officer.12.72", "blangko-demo"},
		{"a disabled user", "officer2.12.71", "blangko-demo"},
		{"no name", "", "blangko-demo"},
		{"a name that cannot be", "officer\x0012.71", "blangko-demo"},
	} {
		user, err := h.Authenticate(t.Context(), c.username, c.password, office)
		if !errors.Is(err, account.ErrSignInFailed) || err.Error() != "sign-in-failed" || user.ID != 0 {
			t.Errorf("%s: %+v, %v; want a bare sign-in-failed", c.name, user, err)
		}
	}
	if _, err := h.Authenticate(t.Context(), " Officer.12.71 ", "blangko-demo", office); err != nil {
		t.Errorf("a name as phones write it: %v", err)
	}
}

func TestANameNobodyHasTakesAsLongToRefuse(t *testing.T) {
	h := open(t) // not in parallel: it measures time
	names := []string{"planner", "nobody", "?"}
	quickest := map[string]time.Duration{}
	for range 5 { // in turns, so that a busy machine slows all alike
		for _, username := range names {
			began := time.Now()
			if _, err := h.Authenticate(t.Context(), username, "not the password", office); !errors.Is(err, account.ErrSignInFailed) {
				t.Fatal(err)
			}
			if took := time.Since(began); quickest[username] == 0 || took < quickest[username] {
				quickest[username] = took
			}
		}
	}
	for _, username := range names[1:] {
		// Without the work of a hash the answer would come in a fiftieth of the time.
		if quickest[username] < quickest["planner"]/10 {
			t.Errorf("%q is refused in %v, a user in %v", username, quickest[username], quickest["planner"])
		}
	}
}

func TestGuessingUnderOneNameIsSlowedDown(t *testing.T) {
	t.Parallel()
	h := open(t)
	address := func(i int) string { return fmt.Sprintf("198.51.100.%d", i) }
	var err error
	guesses := 0
	for ; guesses < 100; guesses++ {
		if _, err = h.Authenticate(t.Context(), "planner", "guess number x", address(guesses)); !errors.Is(err, account.ErrSignInFailed) {
			break
		}
	}
	f, ok := fault.As(err)
	if !ok || f.Code != "too-many-attempts" || guesses != 10 {
		t.Fatalf("after %d guesses: %v; want too-many-attempts after 10", guesses, err)
	}
	if _, err := h.Authenticate(t.Context(), "planner", "blangko-demo", office); !errors.Is(err, account.ErrTooManyAttempts) {
		t.Errorf("the right password, too soon: %v, want ErrTooManyAttempts", err)
	}
	if _, err := h.Authenticate(t.Context(), "planner2", "blangko-demo", office); err != nil {
		t.Errorf("another name meanwhile: %v", err)
	}
	h.clock.advance(time.Duration(f.Facts["retry_after"].(int)) * time.Second)
	if _, err := h.Authenticate(t.Context(), "planner", "blangko-demo", office); err != nil {
		t.Errorf("after retry_after: %v", err)
	}
	if _, err := h.Authenticate(t.Context(), "planner", "one more guess", office); !errors.Is(err, account.ErrSignInFailed) {
		t.Errorf("a slip after signing in: %v, want ErrSignInFailed", err)
	}
}

func TestAPasswordIsItsCharactersHoweverTyped(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.named(t, "store").ID
	if _, err := h.SetPassword(t.Context(), h.admin, id, "Kafé ﬁlm 12"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authenticate(t.Context(), "store", "Kafe\u0301 film 12", office); err != nil {
		t.Errorf("composed otherwise: %v", err)
	}
	if _, err := h.Authenticate(t.Context(), "store", "kafé film 12", office); !errors.Is(err, account.ErrSignInFailed) {
		t.Errorf("other case: %v, want ErrSignInFailed", err)
	}
}

func TestAPasswordChangeEndsSessions(t *testing.T) {
	t.Parallel()
	h := open(t)
	who, signedIn := h.named(t, "officer.12.71"), h.clock.now()
	h.clock.advance(time.Minute)
	if _, err := h.ChangePassword(t.Context(), who, "not the current one", "a new password", office); !errors.Is(err, account.ErrSignInFailed) {
		t.Errorf("without the current password: %v, want ErrSignInFailed", err)
	}
	if _, err := h.Actor(t.Context(), who.ID, signedIn); err != nil {
		t.Errorf("before the change: %v", err)
	}
	if _, err := h.ChangePassword(t.Context(), who, "blangko-demo", "a new password", office); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Actor(t.Context(), who.ID, signedIn); !errors.Is(err, access.ErrSignIn) {
		t.Errorf("session from before: %v, want ErrSignIn", err)
	}
	if _, err := h.Actor(t.Context(), who.ID, h.clock.now()); err != nil {
		t.Errorf("session from now: %v", err)
	}
	if _, err := h.Authenticate(t.Context(), who.Name, "blangko-demo", office); !errors.Is(err, account.ErrSignInFailed) {
		t.Errorf("the old password: %v, want ErrSignInFailed", err)
	}
	if _, err := h.Authenticate(t.Context(), who.Name, "a new password", office); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

func BenchmarkActor(b *testing.B) {
	h := open(b)
	id := h.named(b, "officer.12.71").ID
	for b.Loop() {
		if _, err := h.Actor(b.Context(), id, h.clock.now()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	h := open(b)
	for b.Loop() {
		if _, err := h.Authenticate(b.Context(), "planner", "blangko-demo", office); err != nil {
			b.Fatal(err)
		}
	}
}
