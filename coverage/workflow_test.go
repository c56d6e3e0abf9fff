package coverage_test

import (
	"errors"
	"testing"

	"blangko/coverage"
	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

func TestAFigureIsDraftedSubmittedAndVerifiedByAnother(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	n := recording("12.71.01", "2024-06-30", counts(1000, 900, 90))
	n.Draft = true
	f := record(t, r, medan, n)
	list := coverage.GapFilter{Subject: coverage.Recording, Level: region.District, Region: "12.71"}
	if p := gaps(t, r, list); p.Totals.Reported != 0 {
		t.Errorf("a draft is counted in %d regions, want none", p.Totals.Reported)
	}
	if _, err := r.Verify(t.Context(), sumut, f.ID, f.Version); !errors.Is(err, coverage.ErrNotSubmitted) {
		t.Errorf("a draft is verified: %v, want %v", err, coverage.ErrNotSubmitted)
	}
	var err error
	if f, err = r.Submit(t.Context(), medan, f.ID, f.Version); err != nil || f.Status != coverage.Submitted {
		t.Fatalf("submit: %s, %v", f.Status, err)
	}
	if p := gaps(t, r, list); p.Totals.Reported != 1 {
		t.Errorf("a submitted figure is counted in %d regions, want 1", p.Totals.Reported)
	}
	if _, err := r.Return(t.Context(), medan, f.ID, f.Version, "lihat lagi"); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an officer sends back: %v, want %v", err, access.ErrForbidden)
	}
	if _, err := r.Return(t.Context(), sumut, f.ID, f.Version, ""); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("sent back without a reason: %v, want %v", err, fault.ErrInvalid)
	}
	if f, err = r.Return(t.Context(), sumut, f.ID, f.Version, "Jumlah wajib KTP dari semester lalu"); err != nil || f.Status != coverage.Draft || f.Note != "Jumlah wajib KTP dari semester lalu" {
		t.Fatalf("return: %+v, %v; want a draft with the reason", f, err)
	}
	if p := gaps(t, r, list); p.Totals.Reported != 0 {
		t.Errorf("what was sent back is counted in %d regions, want none", p.Totals.Reported)
	}
	if _, err := r.Return(t.Context(), sumut, f.ID, f.Version, "sekali lagi"); !errors.Is(err, coverage.ErrNotSubmitted) {
		t.Errorf("sent back twice: %v, want %v", err, coverage.ErrNotSubmitted)
	}
	if f, err = r.Submit(t.Context(), medan, f.ID, f.Version); err != nil || f.Status != coverage.Submitted || f.SentAt == nil {
		t.Fatalf("submit again: %+v, %v", f, err)
	}
	if _, err := r.Verify(t.Context(), medan, f.ID, f.Version); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an officer verifies: %v, want %v", err, access.ErrForbidden)
	}
	if f, err = r.Verify(t.Context(), sumut, f.ID, f.Version); err != nil || *f.VerifiedBy != "province.12" {
		t.Fatalf("verify: %+v, %v", f, err)
	}
	stale := f.Version - 1
	right := coverage.Correction{Note: "salah ketik", Numbers: counts(1000, 900, 100)}
	if _, err := r.Correct(t.Context(), medan, f.ID, stale, right); !errors.Is(err, postgres.ErrStale) {
		t.Errorf("a correction of what was read before: %v, want %v", err, postgres.ErrStale)
	}
	f, err = r.Correct(t.Context(), medan, f.ID, f.Version, right)
	if err != nil || f.Status != coverage.Submitted || f.VerifiedBy != nil {
		t.Fatalf("correct: %+v, %v; want submitted again", f, err)
	}
	if len(f.Findings) != 1 || f.Findings[0].State != "corrected" {
		t.Errorf("findings %+v, want the one settled as corrected", f.Findings)
	}
	own := record(t, r, sumut, recording("12.71.02", "2024-06-30", counts(10, 9, 1)))
	if _, err := r.Return(t.Context(), sumut, own.ID, own.Version, "salah"); !errors.Is(err, coverage.ErrOwnFigure) {
		t.Errorf("one's own figure sent back: %v, want %v", err, coverage.ErrOwnFigure)
	}
	if _, err := r.Verify(t.Context(), sumut, own.ID, own.Version); !errors.Is(err, coverage.ErrOwnFigure) {
		t.Errorf("one's own figure: %v, want %v", err, coverage.ErrOwnFigure)
	}
}

func TestAFindingIsAcknowledgedOnceWithAReason(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	d := record(t, r, medan, recording("12.71.01", "2024-06-30", counts(1000, 1100, 0))).Findings[0]
	if _, err := r.Acknowledge(t.Context(), medan, d.ID, d.Version, ""); err == nil {
		t.Error("a finding is acknowledged without a reason")
	}
	if _, err := r.Acknowledge(t.Context(), ternate, d.ID, d.Version, "bukan urusan saya"); !errors.Is(err, coverage.ErrFindingUnknown) {
		t.Errorf("another city: %v, want %v", err, coverage.ErrFindingUnknown)
	}
	d, err := r.Acknowledge(t.Context(), medan, d.ID, d.Version, "penyebut lebih tua")
	if err != nil || d.State != "acknowledged" {
		t.Fatalf("%+v, %v", d, err)
	}
	if _, err := r.Acknowledge(t.Context(), medan, d.ID, d.Version, "lagi"); !errors.Is(err, coverage.ErrFindingSettled) {
		t.Errorf("again: %v, want %v", err, coverage.ErrFindingSettled)
	}
}

func TestATargetIsTheNearestAboveAndAchievementIsOfIt(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	record(t, r, medan, recording("12.71.01", "2024", counts(1000, 497, 503)))
	first := func(who access.Actor) coverage.Gap {
		t.Helper()
		p, err := r.Gaps(t.Context(), who, coverage.GapFilter{Subject: coverage.Recording, Level: region.District, Region: "12.71"})
		if err != nil {
			t.Fatal(err)
		}
		return p.Items[0]
	}
	if g := first(medan); g.Target == nil || *g.Target != 99.4 || *g.Percent != 49.7 || *g.Achievement != 50 {
		t.Errorf("coverage %v, target %v, achievement %v; want 49.7 of the nation's 99.4, 50", deref(g.Percent), deref(g.Target), deref(g.Achievement))
	}
	if _, err := r.SetTarget(t.Context(), sumut, coverage.Target{Region: "12", Subject: coverage.Recording, Year: 2026, Percent: 60}); err != nil {
		t.Fatal(err)
	}
	if g := first(medan); *g.Target != 60 {
		t.Errorf("target %v, want the province's 60", *g.Target)
	}
	if _, err := r.SetTarget(t.Context(), sumut, coverage.Target{Region: "82", Subject: coverage.Recording, Year: 2026, Percent: 60}); !errors.Is(err, region.ErrUnknown) {
		t.Errorf("another province's target: %v, want %v", err, region.ErrUnknown)
	}
}
