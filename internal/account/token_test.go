package account_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"blangko/internal/access"
	"blangko/internal/account"
	"blangko/internal/postgres"
)

func TestATokenActsAsItsUserUntilItExpires(t *testing.T) {
	t.Parallel()
	h := open(t)
	who := h.named(t, "officer.12.71")
	token, err := h.AddToken(t.Context(), who, account.NewToken{Name: "printer", Days: 2})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(token.Secret, "blk_") || len(token.Secret) != 47 { // 32 bytes in base64url
		t.Errorf("secret %q", token.Secret)
	}
	h.clock.advance(48*time.Hour - time.Second)
	if got, err := h.ActorOfToken(t.Context(), token.Secret); err != nil || got != who {
		t.Errorf("acts as %+v, %v; want %+v", got, err, who)
	}
	h.clock.advance(time.Second)
	if _, err := h.ActorOfToken(t.Context(), token.Secret); !errors.Is(err, account.ErrTokenInvalid) {
		t.Errorf("expired: %v, want ErrTokenInvalid", err)
	}
}

func TestAForgedTokenIsInvalid(t *testing.T) {
	t.Parallel()
	h := open(t)
	token, err := h.AddToken(t.Context(), h.named(t, "officer.12.71"), account.NewToken{Name: "printer"})
	if err != nil {
		t.Fatal(err)
	}
	for _, forged := range []string{"", "blk_", token.Secret + "A", token.Secret[:46], "blk_" + strings.Repeat("A", 43),
		strings.ToUpper(token.Secret), token.Secret[4:], " " + token.Secret, token.Secret[:46] + "\x00"} {
		if _, err := h.ActorOfToken(t.Context(), forged); !errors.Is(err, account.ErrTokenInvalid) {
			t.Errorf("%q: %v, want ErrTokenInvalid", forged, err)
		}
	}
}

func TestARevokedTokenIsInvalidAndOnlyItsOwnerRevokesIt(t *testing.T) {
	t.Parallel()
	h := open(t)
	who := h.named(t, "officer.12.71")
	token, err := h.AddToken(t.Context(), who, account.NewToken{Name: "printer"})
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"officer2.12.71", "province.12", "admin"} {
		if _, err := h.RevokeToken(t.Context(), h.named(t, other), token.ID); !errors.Is(err, account.ErrTokenUnknown) {
			t.Errorf("revoked by %s: %v, want ErrTokenUnknown", other, err)
		}
		if page, err := h.ListTokens(t.Context(), h.named(t, other), postgres.Paging{}); err != nil || len(page.Items) != 0 {
			t.Errorf("listed by %s: %+v, %v; want none", other, page, err)
		}
	}
	revoked, err := h.RevokeToken(t.Context(), who, token.ID)
	if err != nil || revoked.RevokedAt == nil {
		t.Fatalf("revoked: %+v, %v", revoked, err)
	}
	if _, err := h.ActorOfToken(t.Context(), token.Secret); !errors.Is(err, account.ErrTokenInvalid) {
		t.Errorf("after: %v, want ErrTokenInvalid", err)
	}
	h.clock.advance(time.Hour)
	again, err := h.RevokeToken(t.Context(), who, token.ID)
	if err != nil || !again.RevokedAt.Equal(*revoked.RevokedAt) {
		t.Errorf("again: %+v, %v; want %+v", again, err, revoked)
	}
}

func TestTheSecretIsShownOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	who := h.named(t, "officer.12.71")
	ctx := postgres.WithKey(t.Context(), key("k1", "add"))
	first, err := h.AddToken(ctx, who, account.NewToken{Name: "printer"})
	if err != nil || first.Secret == "" {
		t.Fatalf("%+v, %v", first, err)
	}
	again, err := h.AddToken(postgres.WithKey(t.Context(), key("k1", "add")), who, account.NewToken{Name: "printer"})
	if err != nil || again.ID != first.ID || again.Secret != "" {
		t.Errorf("asked again: %+v, %v; want token %d without its secret", again, err, first.ID)
	}
}

func TestTokensHaveANameAnEndAndABound(t *testing.T) {
	t.Parallel()
	h := open(t)
	who := h.named(t, "officer.12.71")
	for _, c := range []struct {
		in   account.NewToken
		want string
	}{
		{account.NewToken{}, "body.name: empty"},
		{account.NewToken{Name: "1111111111111111"}, "body.name: sixteen-digits"},
		{account.NewToken{Name: "x", Days: -1}, "body.days: out-of-range"},
		{account.NewToken{Name: "x", Days: 367}, "body.days: out-of-range"},
	} {
		_, err := h.AddToken(t.Context(), who, c.in)
		if got := wrongFields(err); got != c.want {
			t.Errorf("%+v: %q, want %q", c.in, got, c.want)
		}
	}
	for _, nobody := range []access.Actor{{}, access.System} {
		if _, err := h.AddToken(t.Context(), nobody, account.NewToken{Name: "x"}); !errors.Is(err, access.ErrSignIn) {
			t.Errorf("%+v: %v, want ErrSignIn", nobody, err)
		}
	}
	for i := range 50 {
		if _, err := h.AddToken(t.Context(), who, account.NewToken{Name: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.AddToken(t.Context(), who, account.NewToken{Name: "50"}); !errors.Is(err, account.ErrTooManyTokens) {
		t.Errorf("the 51st: %v, want ErrTooManyTokens", err)
	}
	var names []string
	for p := (postgres.Paging{Limit: 20}); ; {
		page, err := h.ListTokens(t.Context(), who, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range page.Items {
			names = append(names, token.Name)
		}
		if p.Cursor = page.Next; p.Cursor == "" {
			break
		}
	}
	if len(names) != 50 || names[0] != "49" || names[49] != "0" {
		t.Errorf("listed %d tokens: %v; want 50, newest first", len(names), names)
	}
}
