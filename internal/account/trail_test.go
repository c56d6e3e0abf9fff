package account_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"blangko/internal/access"
	"blangko/internal/account"
	"blangko/internal/postgres"
)

func TestTheTrailTellsWhoChangedWhat(t *testing.T) {
	t.Parallel()
	h := open(t)
	before, name := h.user(t, "officer.12.71"), "Petugas baru"
	ctx := postgres.WithRequestID(t.Context(), "request-7")
	after, err := h.Update(ctx, h.admin, before.ID, before.Version, account.UserChange{Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	page, err := h.Trail(t.Context(), h.admin, account.TrailFilter{Actor: "admin"}, postgres.Paging{})
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%+v, %v; want one change", page, err)
	}
	c := page.Items[0]
	if c.ActorID != h.admin.ID || c.Action != "user.update" || c.Noun != "user" || c.Region != "12.71" || c.RequestID != "request-7" {
		t.Errorf("change %+v", c)
	}
	var was, is account.User
	if err := errors.Join(json.Unmarshal(c.Before, &was), json.Unmarshal(c.After, &is)); err != nil {
		t.Fatal(err)
	}
	if was.Name != before.Name || is.Name != name || is.Version != after.Version {
		t.Errorf("from %+v to %+v", was, is)
	}
}

func TestTheTrailIsReadByPageNewestFirst(t *testing.T) {
	t.Parallel()
	h := open(t)
	who := h.named(t, "officer.12.71")
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		if _, err := h.AddToken(t.Context(), who, account.NewToken{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for p := (postgres.Paging{Limit: 2}); ; {
		page, err := h.Trail(t.Context(), h.named(t, "auditor"), account.TrailFilter{Noun: "token"}, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page.Items {
			var token account.Token
			if err := json.Unmarshal(c.After, &token); err != nil {
				t.Fatal(err)
			}
			if string(c.Before) != "null" {
				t.Errorf("a new token was %s before", c.Before)
			}
			names = append(names, token.Name)
		}
		if p.Cursor = page.Next; p.Cursor == "" {
			break
		}
	}
	if want := []string{"e", "d", "c", "b", "a"}; !slices.Equal(names, want) {
		t.Errorf("tokens added: %v, want %v", names, want)
	}

	all, err := h.Trail(t.Context(), h.admin, account.TrailFilter{}, postgres.Paging{})
	if err != nil {
		t.Fatal(err)
	}
	middle := all.Items[2]
	for _, c := range []struct {
		name   string
		filter account.TrailFilter
		want   int
	}{
		{"one noun", account.TrailFilter{Noun: "token", NounID: middle.NounID}, 1},
		{"before an instant", account.TrailFilter{To: middle.At}, len(all.Items) - 3},
		{"from an instant on", account.TrailFilter{From: middle.At}, 3},
		{"jobs and commands", account.TrailFilter{Actor: "system"}, len(account.DemoUsers) + 2}, // and the two fund lots that are there from the start,
		{"nobody", account.TrailFilter{Actor: "nobody"}, 0},
	} {
		page, err := h.Trail(t.Context(), h.admin, c.filter, postgres.Paging{})
		if err != nil || len(page.Items) != c.want {
			t.Errorf("%s: %d changes, %v; want %d", c.name, len(page.Items), err, c.want)
		}
	}
}

func TestATextThatPostgreSQLCannotHoldIsAFault(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, text := range []string{"user\x00", "user\xff"} {
		if _, err := h.Trail(t.Context(), h.admin, account.TrailFilter{Noun: text}, postgres.Paging{}); !errors.Is(err, postgres.ErrText) {
			t.Errorf("%q: %v, want ErrText", text, err)
		}
	}
}

func TestOnlyThoseWhoMayReadTheTrail(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, demo := range account.DemoUsers {
		_, err := h.Trail(t.Context(), h.named(t, demo.Username), account.TrailFilter{}, postgres.Paging{})
		if may := slices.Contains(access.Policy[access.ReadAudit], demo.Role); (err == nil) != may {
			t.Errorf("%s: %v, may %v", demo.Username, err, may)
		}
	}
}
