package account_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"blangko/internal/access"
	"blangko/internal/account"
	"blangko/internal/sheet"
)

func TestUsersComeByFileAndSignInOnceTheyHaveAPassword(t *testing.T) {
	t.Parallel()
	h := open(t)
	admin := h.named(t, "admin")
	imports := sheet.NewImports(h.db, h.clock.now, h.Kinds()...)
	take := func(text string) sheet.Report {
		t.Helper()
		r, err := imports.Import(t.Context(), admin, "users", "petugas.csv", strings.NewReader(text), sheet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	const head = "username;name;role;region_code\n"
	good := head + "officer.12.01;Petugas Tapanuli Tengah (demo);officer;12.01\n" + "officer.12.02;Petugas Tapanuli Utara (demo);Officer;12.02\n"
	first := take(good)
	if first.Taken != 2 || first.Bad != 0 {
		t.Fatalf("%+v, want 2 taken", first)
	}
	if again := take(good); again.Unchanged != 2 {
		t.Errorf("the same file again: %+v, want 2 unchanged", again)
	}
	bad := take(head + "officer.12.01;Nama lain;officer;12.01\n" + "Officer X;Petugas;officer;12.03\n" + "officer.12.04;;officer;12\n" +
		"officer.12.05;Petugas;boss;99.99\n" + "officer.12.06;Petugas;officer;12.06\n" + "officer.12.06;Petugas;officer;12.06\n")
	want := []string{"A2 username username-taken", "A3 username username-malformed", "B4 name empty", "D4 region_code wrong-level-for-role",
		"C5 role role-unknown", "D5 region_code region-unknown", "A7 username duplicate"}
	var got []string
	for _, e := range bad.Errors {
		got = append(got, fmt.Sprint(e.Cell, " ", e.Column, " ", e.Code))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("wrong cells\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if _, err := imports.Import(t.Context(), h.named(t, "planner"), "users", "x.csv", strings.NewReader(good), sheet.Options{}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("planner: %v, want %v", err, access.ErrForbidden)
	}

	id := h.named(t, "officer.12.01").ID
	const password = "long-enough-1"
	if _, err := h.Authenticate(t.Context(), "officer.12.01", password, "198.51.100.7"); err == nil {
		t.Error("signed in without a password")
	}
	if _, err := h.SetPassword(t.Context(), admin, id, password); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authenticate(t.Context(), "officer.12.01", password, "198.51.100.7"); err != nil {
		t.Errorf("with a password: %v", err)
	}
	if _, err := imports.Undo(t.Context(), admin, first.ID); !errors.Is(err, account.ErrUserActive) {
		t.Errorf("undo: %v, want %v", err, account.ErrUserActive)
	}
	if _, err := imports.Undo(t.Context(), admin, bad.ID); err != nil {
		t.Errorf("undo of users nobody used: %v", err)
	}
	if _, err := h.ActorNamed(t.Context(), "officer.12.06"); !errors.Is(err, account.ErrUserUnknown) {
		t.Errorf("officer.12.06 after the undo: %v, want %v", err, account.ErrUserUnknown)
	}
}
