package account

import (
	"math"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often one may try. An office of dozens shares an address; a person rarely mistypes ten times.
const (
	nameBurst    = 10
	nameEvery    = 20 * time.Second
	addressBurst = 60
	addressEvery = 2 * time.Second
)

// mostLimiters bounds the memory that guesses under ever new names can take.
const mostLimiters = 20_000

// throttle counts attempts to sign in by name and by address.
type throttle struct {
	now       func() time.Time
	mu        sync.Mutex
	names     limiters
	addresses limiters
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{
		now:       now,
		names:     newLimiters(nameEvery, nameBurst),
		addresses: newLimiters(addressEvery, addressBurst),
	}
}

// attempt notes an attempt, or returns ErrTooManyAttempts and notes nothing.
func (t *throttle) attempt(username, address string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	counted := []*rate.Limiter{t.addresses.of(network(address), now)}
	if usernameForm.MatchString(username) { // nobody has another, and it may be long
		counted = append(counted, t.names.of(username, now))
	}
	var wait time.Duration
	for _, l := range counted {
		wait = max(wait, untilFree(l, now))
	}
	if wait > 0 {
		return ErrTooManyAttempts.With("retry_after", int(math.Ceil(wait.Seconds())))
	}
	for _, l := range counted {
		l.AllowN(now, 1)
	}
	return nil
}

// succeeded forgets the attempts under a name whose owner has just proved to be there, and that this one came from
// the address.
func (t *throttle) succeeded(username, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.names.by, username)
	now := t.now()
	t.addresses.of(network(address), now).AllowN(now, -1) // gives the token back
}

// untilFree is how long until the limiter lets one attempt through.
func untilFree(l *rate.Limiter, now time.Time) time.Duration {
	missing := 1 - l.TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return time.Duration(missing / float64(l.Limit()) * float64(time.Second))
}

// network is the address, or of IPv6 the /64 that one customer holds whole.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "" // all that cannot be told apart count together
	}
	ip = ip.Unmap()
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().Addr().String()
}

// limiters holds one limiter a key, and one for all keys that come when it is full.
type limiters struct {
	every  time.Duration
	burst  int
	by     map[string]*rate.Limiter
	others *rate.Limiter
	swept  time.Time
}

func newLimiters(every time.Duration, burst int) limiters {
	return limiters{every: every, burst: burst, by: map[string]*rate.Limiter{}, others: rate.NewLimiter(rate.Every(every), burst)}
}

func (l *limiters) of(key string, now time.Time) *rate.Limiter {
	if kept, ok := l.by[key]; ok {
		return kept
	}
	if len(l.by) >= mostLimiters {
		l.sweep(now)
	}
	if len(l.by) >= mostLimiters {
		return l.others
	}
	fresh := rate.NewLimiter(rate.Every(l.every), l.burst)
	l.by[key] = fresh
	return fresh
}

// sweep drops the limiters that are as good as fresh, at most once a second.
func (l *limiters) sweep(now time.Time) {
	if now.Sub(l.swept).Abs() < time.Second {
		return
	}
	l.swept = now
	for key, kept := range l.by {
		if kept.TokensAt(now) >= float64(l.burst) {
			delete(l.by, key)
		}
	}
}
