package account

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"
)

// stopped is a clock that a test moves.
func stopped() (now func() time.Time, advance func(time.Duration)) {
	at := time.Date(2026, time.November, 22, 3, 0, 0, 0, time.UTC)
	return func() time.Time { return at }, func(d time.Duration) { at = at.Add(d) }
}

func TestAnAddressMayTryManyNamesButNotEndlessly(t *testing.T) {
	t.Parallel()
	now, advance := stopped()
	th := newThrottle(now)
	attempts := func(address func(int) string) (n int) {
		for ; n < 1000; n++ {
			if th.attempt(fmt.Sprintf("name%d", n), address(n)) != nil {
				return n
			}
		}
		return n
	}
	if n := attempts(func(int) string { return "203.0.113.7" }); n != addressBurst {
		t.Errorf("%d attempts from one address, want %d", n, addressBurst)
	}
	if n := attempts(func(i int) string { return fmt.Sprintf("2001:db8::%x", i) }); n != addressBurst {
		t.Errorf("%d attempts from one IPv6 network, want %d", n, addressBurst)
	}
	if n := attempts(func(i int) string { return fmt.Sprintf("::ffff:203.0.113.%d", i%7) }); n == 0 {
		t.Error("addresses of IPv4 written as IPv6 are taken for one network")
	}
	advance(addressEvery)
	if err := th.attempt("fresh", "203.0.113.7"); err != nil {
		t.Errorf("after %v: %v", addressEvery, err)
	}
}

func TestSigningInCostsAnAddressNothing(t *testing.T) {
	t.Parallel()
	now, _ := stopped()
	th := newThrottle(now)
	for i := range 5 * addressBurst {
		name := fmt.Sprintf("name%d", i%100)
		if err := th.attempt(name, "203.0.113.7"); err != nil {
			t.Fatalf("sign-in %d of an office: %v", i, err)
		}
		th.succeeded(name, "203.0.113.7")
	}
}

func TestEndlessNamesTakeBoundedMemory(t *testing.T) {
	t.Parallel()
	now, advance := stopped()
	th := newThrottle(now)
	name := func(i int) string { return fmt.Sprintf("name%d", i) }
	address := func(i int) string { return fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255) }
	refused := 0
	for i := range mostLimiters + 1000 {
		if th.attempt(name(i), address(i)) != nil {
			refused++
		}
	}
	if len(th.names.by) > mostLimiters || len(th.addresses.by) > mostLimiters {
		t.Errorf("%d names and %d addresses kept, at most %d wanted", len(th.names.by), len(th.addresses.by), mostLimiters)
	}
	if refused == 0 {
		t.Error("when memory is full new names go uncounted")
	}
	advance(time.Hour)
	if err := th.attempt("officer", "203.0.113.7"); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	if len(th.names.by) > 1 {
		t.Errorf("an hour later %d names are kept", len(th.names.by))
	}
}

func TestHashesAreInPHCFormatAndSalted(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`)
	first, err := hash(t.Context(), "the same password")
	if err != nil {
		t.Fatal(err)
	}
	second, err := hash(t.Context(), "the same password")
	if err != nil {
		t.Fatal(err)
	}
	if !form.MatchString(first) || !form.MatchString(nobody) || first == second {
		t.Errorf("hashes %q and %q", first, second)
	}
	if _, err := matches(t.Context(), "x", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"); err == nil {
		t.Error("a hash of other parameters is checked as if it were ours")
	}
}

func TestWhoWaitsToHashCanGiveUp(t *testing.T) {
	hashing <- struct{}{} // not in parallel: it takes both places
	hashing <- struct{}{}
	defer func() { <-hashing; <-hashing }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := hash(ctx, "a password"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want DeadlineExceeded", err)
	}
}
