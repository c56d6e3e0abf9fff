package account_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/account"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

func TestOnlyAdminsManageUsers(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.named(t, "store").ID
	actors := []access.Actor{{}}
	for _, demo := range account.DemoUsers {
		actors = append(actors, h.named(t, demo.Username))
	}
	for _, who := range actors {
		want := access.ErrForbidden
		switch who.Role {
		case access.Admin:
			continue
		case "":
			want = access.ErrSignIn
		}
		_, create := h.Create(t.Context(), who, account.NewUser{})
		_, update := h.Update(t.Context(), who, id, 1, account.UserChange{})
		_, password := h.SetPassword(t.Context(), who, id, "another password")
		_, get := h.Get(t.Context(), who, id)
		_, list := h.List(t.Context(), who, account.UserFilter{}, postgres.Paging{})
		for what, err := range map[string]error{"Create": create, "Update": update, "SetPassword": password, "Get": get, "List": list} {
			if !errors.Is(err, want) {
				t.Errorf("%s by %q: %v, want %v", what, who.Name, err, want)
			}
		}
	}
}

func TestARoleFitsTheLevelOfItsRegion(t *testing.T) {
	t.Parallel()
	h := open(t)
	codes := []string{"00", "12", "12.71", "12.71.03"}
	fits := map[access.Role][]string{
		access.Planner: {"00"}, access.Store: {"00"}, access.Auditor: {"00"}, access.Admin: {"00"},
		access.Province: {"12"},
		access.Officer:  {"12.71", "12.71.03"},
		access.Outreach: {"12.71", "12.71.03"},
	}
	target := h.named(t, "officer.82.71").ID
	for _, role := range access.Roles {
		for _, code := range codes {
			version := h.version(t, target)
			_, err := h.Update(t.Context(), h.admin, target, version, account.UserChange{Role: &role, Region: &code})
			if slices.Contains(fits[role], code) {
				if err != nil {
					t.Errorf("%s at %s: %v", role, code, err)
				}
				continue
			}
			if got := wrongFields(err); got != "body.region: wrong-level-for-role" {
				t.Errorf("%s at %s: %q, want body.region: wrong-level-for-role", role, code, got)
			}
		}
	}
}

func (h house) version(t testing.TB, id int64) int64 {
	t.Helper()
	user, err := h.Get(t.Context(), h.admin, id)
	if err != nil {
		t.Fatal(err)
	}
	return user.Version
}

// wrongFields lists the fields that a fault names.
func wrongFields(err error) string {
	f, ok := fault.As(err)
	if !ok {
		return fmt.Sprint(err)
	}
	var fields []string
	for _, field := range f.Fields {
		fields = append(fields, field.Location+": "+field.Code)
	}
	return strings.Join(fields, "; ")
}

func TestEveryWrongFieldOfANewUserIsNamed(t *testing.T) {
	t.Parallel()
	h := open(t)
	right := account.NewUser{Username: "officer.12.07", Name: "Petugas", Role: access.Officer, Region: "12.07", Password: "a long password"}
	for _, c := range []struct {
		name  string
		wrong func(u *account.NewUser)
		want  string
	}{
		{"nothing given", func(u *account.NewUser) { *u = account.NewUser{} },
			"body.username: username-malformed; body.name: empty; body.password: too-short; body.role: role-unknown; body.region: region-code-malformed"},
		{"capitals in the username", func(u *account.NewUser) { u.Username = "Officer" }, "body.username: username-malformed"},
		{"sixteen digits in the username", func(u *account.NewUser) { u.Username = "1111111111111111" }, "body.username: sixteen-digits"},
		{"sixteen digits in the name", func(u *account.NewUser) { u.Name = "Budi 1111 1111 1111 1111" }, "body.name: sixteen-digits"},
		{"NUL in the name", func(u *account.NewUser) { u.Name = "Budi\x00" }, "body.name: control-character"},
		{"bytes that are no text", func(u *account.NewUser) { u.Name = "Budi\xff" }, "body.name: control-character"},
		{"an endless name", func(u *account.NewUser) { u.Name = strings.Repeat("é", 201) }, "body.name: too-long"},
		{"nine characters of password", func(u *account.NewUser) { u.Password = "ééééééééé" }, "body.password: too-short"},
		{"too many characters of password", func(u *account.NewUser) { u.Password = strings.Repeat("é", 129) }, "body.password: too-long"},
		{"the username as password", func(u *account.NewUser) { u.Password = "OFFICER.12.07" }, "body.password: same-as-username"},
		{"no such role", func(u *account.NewUser) { u.Role = "system" }, "body.role: role-unknown"},
		{"no such region", func(u *account.NewUser) { u.Region = "99.99" }, "body.region: region-unknown"},
		{"a code of before 2022", func(u *account.NewUser) { u.Region = "91.01" }, "body.region: region-code-old"},
		{"a region written otherwise", func(u *account.NewUser) { u.Region = "1271" }, "body.region: region-code-malformed"},
	} {
		in := right
		c.wrong(&in)
		_, err := h.Create(t.Context(), h.admin, in)
		if got := wrongFields(err); got != c.want || !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if err != nil && in.Password != "" && strings.Contains(err.Error(), in.Password) {
			t.Errorf("%s: the error spells the password", c.name)
		}
	}
	if _, err := h.Create(t.Context(), h.admin, right); err != nil {
		t.Errorf("nothing wrong: %v", err)
	}
	if _, err := h.Create(t.Context(), h.admin, right); !errors.Is(err, account.ErrUsernameTaken) {
		t.Errorf("the same again: %v, want ErrUsernameTaken", err)
	}
}

func TestACreatedUserIsTheOneThatSignsIn(t *testing.T) {
	t.Parallel()
	h := open(t)
	made, err := h.Create(t.Context(), h.admin, account.NewUser{
		Username: "officer.93.01", Name: "Petugas Merauke", Role: access.Officer, Region: "93.01", Password: "panjang sekali"})
	if err != nil {
		t.Fatal(err)
	}
	user, err := h.Authenticate(t.Context(), "officer.93.01", "panjang sekali", office)
	if err != nil || user != made {
		t.Errorf("signed in as %+v, %v; want %+v", user, err, made)
	}
}

func TestAStaleChangeIsRefusedWithTheCurrentVersion(t *testing.T) {
	t.Parallel()
	h := open(t)
	before, name := h.user(t, "store"), "Gudang"
	after, err := h.Update(t.Context(), h.admin, before.ID, before.Version, account.UserChange{Name: &name})
	if err != nil || after.Name != name || after.Version != before.Version+1 || after.Role != before.Role || after.Region != before.Region {
		t.Fatalf("change of name: %+v, %v", after, err)
	}
	_, err = h.Update(t.Context(), h.admin, before.ID, before.Version, account.UserChange{Name: &name})
	if f, ok := fault.As(err); !ok || !errors.Is(err, postgres.ErrStale) || f.Facts["current"] != after.Version {
		t.Errorf("change of the version before: %v, want stale with %d", err, after.Version)
	}
	if _, err := h.Update(t.Context(), h.admin, 1<<40, 1, account.UserChange{}); !errors.Is(err, account.ErrUserUnknown) {
		t.Errorf("change of nobody: %v, want ErrUserUnknown", err)
	}
	_, err = h.Update(t.Context(), h.admin, before.ID, after.Version, account.UserChange{Name: new(string)})
	if got := wrongFields(err); got != "body.name: empty" {
		t.Errorf("no name: %q", got)
	}
}

func TestDisablingTakesEffectAtOnceAndEndsTokensForGood(t *testing.T) {
	t.Parallel()
	h := open(t)
	who, signedIn := h.named(t, "officer.12.71"), h.clock.now()
	token, err := h.AddToken(t.Context(), who, account.NewToken{Name: "printer"})
	if err != nil {
		t.Fatal(err)
	}
	h.disable(t, who.ID, true)
	if _, err := h.Actor(t.Context(), who.ID, signedIn); !errors.Is(err, access.ErrSignIn) {
		t.Errorf("session of the disabled user: %v, want ErrSignIn", err)
	}
	if _, err := h.ActorNamed(t.Context(), who.Name); !errors.Is(err, account.ErrUserUnknown) {
		t.Errorf("name of the disabled user: %v, want ErrUserUnknown", err)
	}
	if _, err := h.ActorOfToken(t.Context(), token.Secret); !errors.Is(err, account.ErrTokenInvalid) {
		t.Errorf("token of the disabled user: %v, want ErrTokenInvalid", err)
	}
	if _, err := h.AddToken(t.Context(), who, account.NewToken{Name: "late"}); !errors.Is(err, access.ErrSignIn) {
		t.Errorf("a disabled user adds a token: %v, want ErrSignIn", err)
	}
	if user := h.disable(t, who.ID, false); user.DisabledAt != nil {
		t.Errorf("enabled again: %+v", user)
	}
	if _, err := h.Actor(t.Context(), who.ID, signedIn); err != nil {
		t.Errorf("session of the enabled user: %v", err)
	}
	if _, err := h.ActorOfToken(t.Context(), token.Secret); !errors.Is(err, account.ErrTokenInvalid) {
		t.Errorf("token from before: %v, want ErrTokenInvalid", err)
	}
}

func TestAMovedUserTakesTheReachAndTheTokensAlong(t *testing.T) {
	t.Parallel()
	h := open(t)
	who := h.named(t, "officer.12.71")
	token, err := h.AddToken(t.Context(), who, account.NewToken{Name: "printer"})
	if err != nil {
		t.Fatal(err)
	}
	code := "82.71"
	if _, err := h.Update(t.Context(), h.admin, who.ID, h.version(t, who.ID), account.UserChange{Region: &code}); err != nil {
		t.Fatal(err)
	}
	moved, err := h.ActorOfToken(t.Context(), token.Secret)
	if err != nil || moved.Reach != code {
		t.Fatalf("the token acts as %+v, %v; want reach %s", moved, err, code)
	}
	page, err := h.ListTokens(t.Context(), moved, postgres.Paging{})
	if err != nil || len(page.Items) != 1 {
		t.Errorf("tokens after the move: %+v, %v; want one", page, err)
	}
}

func TestOneAdminIsAlwaysLeft(t *testing.T) {
	t.Parallel()
	h := open(t)
	second, err := h.Create(t.Context(), h.admin, account.NewUser{
		Username: "admin2", Name: "Admin kedua", Role: access.Admin, Region: "00", Password: "another password"})
	if err != nil {
		t.Fatal(err)
	}
	// Each of the two unseats the other at once.
	disabled, errs := true, make([]error, 2)
	var both sync.WaitGroup
	for i, id := range []int64{h.admin.ID, second.ID} {
		version := h.version(t, id)
		both.Go(func() {
			_, errs[i] = h.Update(t.Context(), h.admin, id, version, account.UserChange{Disabled: &disabled})
		})
	}
	both.Wait()
	refused := 0
	for _, err := range errs {
		switch {
		case errors.Is(err, account.ErrLastAdmin):
			refused++
		case err != nil:
			t.Error(err)
		}
	}
	if refused != 1 {
		t.Errorf("%d of two refused, want one: %v", refused, errs)
	}
}

func TestUsersAreListedByPageAndFilter(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.disable(t, h.named(t, "outreach.12.71").ID, true)
	yes, no := true, false
	for _, c := range []struct {
		name   string
		filter account.UserFilter
		want   string
	}{
		{"all", account.UserFilter{}, "admin auditor officer.12.71 officer.12.71.03 officer.82.71 officer2.12.71 outreach.12.71 outreach.82.71 planner planner2 province.12 province.82 province2.12 store"},
		{"role", account.UserFilter{Role: access.Province}, "province.12 province.82 province2.12"},
		{"region and below", account.UserFilter{Region: "12.71"}, "officer.12.71 officer.12.71.03 officer2.12.71 outreach.12.71"},
		{"the dot is the boundary", account.UserFilter{Region: "12.07"}, ""},
		{"disabled", account.UserFilter{Disabled: &yes}, "outreach.12.71"},
		{"in force", account.UserFilter{Disabled: &no, Role: access.Outreach}, "outreach.82.71"},
	} {
		var names []string
		for p := (postgres.Paging{Limit: 3}); ; {
			page, err := h.List(t.Context(), h.admin, c.filter, p)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			for _, user := range page.Items {
				names = append(names, user.Username)
			}
			if p.Cursor = page.Next; p.Cursor == "" {
				break
			}
		}
		want := strings.Fields(c.want)
		slices.Sort(want)
		slices.Sort(names)
		if !slices.Equal(names, want) {
			t.Errorf("%s:\n got %v\nwant %v", c.name, names, want)
		}
	}
	_, err := h.List(t.Context(), h.admin, account.UserFilter{Role: "king", Region: "x"}, postgres.Paging{})
	if got := wrongFields(err); got != "query.role: role-unknown; query.region: region-code-malformed" {
		t.Errorf("wrong filter: %q", got)
	}
}

func TestAskingAgainActsOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	in := account.NewUser{Username: "officer.12.07", Name: "Petugas", Role: access.Officer, Region: "12.07", Password: "a long password"}
	asked := key("k1", "create officer.12.07")
	first, err := h.Create(postgres.WithKey(t.Context(), asked), h.admin, in)
	if err != nil {
		t.Fatal(err)
	}
	again := key("k1", "create officer.12.07")
	second, err := h.Create(postgres.WithKey(t.Context(), again), h.admin, in)
	if err != nil || second.ID != first.ID || second.Username != first.Username || !again.Replayed {
		t.Errorf("again: %+v, %v, replayed %v; want %+v", second, err, again.Replayed, first)
	}
	if _, err := h.Create(postgres.WithKey(t.Context(), key("k1", "create another")), h.admin, in); !errors.Is(err, postgres.ErrKeyReused) {
		t.Errorf("same key, other request: %v, want ErrKeyReused", err)
	}

	who := h.named(t, "store")
	for range 2 {
		ctx := postgres.WithKey(t.Context(), key("k2", "change password"))
		if _, err := h.ChangePassword(ctx, who, "blangko-demo", "a new password", office); err != nil {
			t.Errorf("change of password, asked twice: %v", err)
		}
	}
}

func TestWhatIsKeptTellsNoSecret(t *testing.T) {
	t.Parallel()
	h := open(t)
	const password = "a very secret password"
	plain := key("k1", "the digest of a body with a password")
	ctx := postgres.WithKey(t.Context(), key("k1", "the digest of a body with a password"))
	if _, err := h.Create(ctx, h.admin, account.NewUser{
		Username: "officer.12.07", Name: "Petugas", Role: access.Officer, Region: "12.07", Password: password}); err != nil {
		t.Fatal(err)
	}
	who := h.named(t, "officer.12.07")
	ctx = postgres.WithKey(t.Context(), key("k2", "add a token"))
	token, err := h.AddToken(ctx, who, account.NewToken{Name: "printer"})
	if err != nil {
		t.Fatal(err)
	}
	err = postgres.Read(t.Context(), h.db, access.System, func(tx *sqlx.Tx) error {
		for _, table := range []string{"users", "tokens", "audit", "idempotency_keys"} {
			var rows []string
			if err := tx.SelectContext(t.Context(), &rows, `SELECT r::text FROM `+table+` r`); err != nil {
				return err
			}
			if len(rows) == 0 {
				t.Errorf("%s is empty", table)
			}
			for _, row := range rows {
				if strings.Contains(row, password) || strings.Contains(row, token.Secret) || strings.Contains(row, token.Secret[4:]) {
					t.Errorf("%s holds a secret in clear: %s", table, row)
				}
				if table == "audit" && strings.Contains(row, "argon2") {
					t.Errorf("the trail holds a hash: %s", row)
				}
			}
		}
		var digest []byte
		err := tx.GetContext(t.Context(), &digest, `SELECT digest FROM idempotency_keys WHERE key = 'k1'`)
		if slices.Equal(digest, plain.Digest[:]) {
			t.Error("the plain digest of a body with a password is kept")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
