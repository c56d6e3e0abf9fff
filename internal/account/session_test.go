package account_test

import (
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/account"
	"blangko/internal/postgres"
)

var _ scs.CtxStore = (*account.Accounts)(nil)

func TestASessionIsKeptUntilItExpiresOrEnds(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	if err := h.CommitCtx(ctx, "a", []byte("one"), h.clock.now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := h.CommitCtx(ctx, "a", []byte("two"), h.clock.now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := h.CommitCtx(ctx, "b", []byte("other"), h.clock.now().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	expect := func(what, token, want string) {
		t.Helper()
		data, found, err := h.FindCtx(ctx, token)
		if err != nil || found != (want != "") || string(data) != want {
			t.Errorf("%s: %q, %v, %v; want %q", what, data, found, err, want)
		}
	}
	expect("kept", "a", "two")
	expect("never kept", "c", "")
	h.clock.advance(time.Hour)
	expect("expired", "a", "")
	expect("not expired", "b", "other")
	if n, err := h.PurgeSessions(ctx); err != nil || n != 1 {
		t.Errorf("purged %d, %v; want 1", n, err)
	}
	if err := h.DeleteCtx(ctx, "b"); err != nil {
		t.Fatal(err)
	}
	expect("ended", "b", "")
	if err := h.DeleteCtx(ctx, "b"); err != nil {
		t.Errorf("ended again: %v", err)
	}
}

func TestReadingDoesNotWriteTheSessionEveryTime(t *testing.T) {
	t.Parallel()
	h := open(t)
	written := func(after time.Duration) (transaction int64) {
		t.Helper()
		h.clock.advance(after)
		if err := h.CommitCtx(t.Context(), "a", []byte("one"), h.clock.now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		err := postgres.Read(t.Context(), h.db, access.System, func(tx *sqlx.Tx) error {
			return tx.GetContext(t.Context(), &transaction, `SELECT xmin::text::bigint FROM sessions WHERE token = 'a'`)
		})
		if err != nil {
			t.Fatal(err)
		}
		return transaction
	}
	first := written(0)
	if again := written(30 * time.Second); again != first {
		t.Error("written again after half a minute")
	}
	if later := written(time.Minute); later == first {
		t.Error("not put off after a minute and a half")
	}
}
