package outreach_test

import (
	"slices"
	"testing"
	"time"

	"blangko/internal/postgres"
	"blangko/inventory"
	"blangko/outreach"
)

// underWay plans the sites for one day of one team, and begins every visit with its blanks in the team's hands.
func (b *bench) underWay(t testing.TB, sites ...outreach.Site) []outreach.Visit {
	t.Helper()
	n := week(1)
	for _, s := range sites {
		n.Sites = append(n.Sites, s.ID)
	}
	p := must[outreach.Plan](t)(b.desk.Propose(t.Context(), field, n))
	if len(p.Visits) != len(sites) {
		t.Fatalf("%d visits of %d sites: %+v", len(p.Visits), len(sites), p.Omitted)
	}
	b.now = p.Visits[len(p.Visits)-1].Ends.Add(time.Hour)
	for i, v := range p.Visits {
		v = must[outreach.Visit](t)(b.desk.Hand(t.Context(), officer, v.ID, v.Version, v.Blanks))
		p.Visits[i] = must[outreach.Visit](t)(b.desk.Start(t.Context(), field, v.ID, v.Version, v.Blanks))
	}
	return p.Visits
}

// A bag holds the blanks of a whole day: what one visit does not need another may use, and the ledger stays true.
func TestOneBagForTheDay(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	team := b.team(t, "Satu")
	visits := b.underWay(t, b.village(t, "A", 60), b.village(t, "BB", 60))
	first, second := visits[0], visits[1]
	left := first.Blanks + second.Blanks
	_, err := b.desk.Report(ctx, field, first.ID, outreach.NewResult{Report: "r0", Complete: true, Present: 99, Served: 99, Recorded: 99, Printed: left + 1, Taken: left + 1, Used: left + 1})
	wantFault(t, "more than the team has", err, inventory.ErrBeyondHeld)
	n := outreach.NewResult{Report: "r1", Complete: true, Present: 60, Served: 60, Recorded: 60, Printed: first.Blanks + 5, Taken: first.Blanks + 6, Used: first.Blanks + 5, Spoiled: 1}
	r := must[outreach.Result](t)(b.desk.Report(ctx, field, first.ID, n))
	if !slices.Contains(r.Flags, "other-bag") || !slices.Contains(r.Flags, "taken-differs") {
		t.Errorf("flags %v", r.Flags)
	}
	used := second.Blanks - 10
	r = must[outreach.Result](t)(b.desk.Report(ctx, field, second.ID, outreach.NewResult{Report: "r2", Complete: true, Present: 40, Served: 40, Recorded: 40,
		Printed: used, Taken: second.Blanks, Used: used, Returned: 4}))
	if !slices.Contains(r.Flags, "blanks-unaccounted") {
		t.Errorf("flags %v", r.Flags)
	}
	place, office := *must[outreach.Team](t)(b.desk.Team(ctx, field, team.ID)).Place, b.placeOf(t, "82.71", inventory.RegencyOffice)
	if usable := b.held(t, place, inventory.Usable); usable != 4 {
		t.Errorf("the team has %d left, want 4", usable)
	}
	v := must[outreach.Visit](t)(b.desk.Visit(ctx, officer, second.ID))
	must[outreach.Visit](t)(b.desk.CheckIn(ctx, officer, v.ID, v.Version, 4, 0))
	if usable := b.held(t, office, inventory.Usable); usable != 500-left+4 {
		t.Errorf("the office holds %d, want %d", usable, 500-left+4)
	}
}

// A visit that was called off while the team was out of reach, and made all the same, is taken in and flagged; its
// blanks leave the office once.
func TestMadeAfterItWasCalledOff(t *testing.T) {
	t.Parallel()
	for name, callOff := range map[string]func(b *bench, v outreach.Visit) error{
		"missed": func(b *bench, v outreach.Visit) error {
			_, err := b.desk.Miss(t.Context(), field, v.ID, v.Version, "ombak tinggi")
			return err
		},
		"cancelled": func(b *bench, v outreach.Visit) error {
			_, err := b.desk.Cancel(t.Context(), field, v.ID, v.Version, "tim sakit")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, ctx := open(t), t.Context()
			b.give(t, "82.71", 500)
			b.team(t, "Satu")
			b.village(t, "Desa", 60)
			v := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1))).Visits[0]
			blanks := v.Blanks
			b.now = v.Ends
			if err := callOff(b, v); err != nil {
				t.Fatal(err)
			}
			if v = must[outreach.Visit](t)(b.desk.Visit(ctx, field, v.ID)); v.Blanks != 0 || v.Reason == "" {
				t.Errorf("called off, the visit is %+v", v)
			}
			n := outreach.NewResult{Report: "hp-1", Complete: true, Present: 50, Served: 50, Recorded: 48, Printed: 30, Taken: blanks, Used: 30, Returned: blanks - 30}
			r := must[outreach.Result](t)(b.desk.Report(ctx, field, v.ID, n))
			if r.Standing != "kept" || !slices.Contains(r.Flags, "called-off") || !slices.Contains(r.Flags, "no-handover") {
				t.Errorf("the report is %s with %v", r.Standing, r.Flags)
			}
			again := must[outreach.Result](t)(b.desk.Report(ctx, field, v.ID, n))
			if v = must[outreach.Visit](t)(b.desk.Visit(ctx, field, v.ID)); again.ID != r.ID || v.State != outreach.Done {
				t.Errorf("the visit is %s, the report sent again %d after %d", v.State, again.ID, r.ID)
			}
			must[outreach.Visit](t)(b.desk.CheckIn(ctx, officer, v.ID, v.Version, blanks-30, 0))
			if held := b.held(t, b.placeOf(t, "82.71", inventory.RegencyOffice), inventory.Usable); held != 470 {
				t.Errorf("the office holds %d of 500, 30 were printed", held)
			}
		})
	}
}

// What a person should look at is flagged and blocks nothing; what cannot be is refused.
func TestOddReports(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	b.team(t, "Satu")
	v := b.underWay(t, b.village(t, "Desa", 60))[0]
	ahead := b.now.Add(26 * time.Hour)
	n := outreach.NewResult{Report: "hp-1", Present: 10, Served: 8, Recorded: 9, Taken: v.Blanks - 1, Returned: v.Blanks - 1, TakenAt: &ahead}
	for day, code := range map[string]string{"2026-11-24": "in-the-future", "1926-11-23": "outside-the-plan", "2026-13-01": "not-a-date"} {
		odd := n
		odd.Day = day
		_, err := b.desk.Report(ctx, field, v.ID, odd)
		wantField(t, day, err, "body.day", code)
	}
	r := must[outreach.Result](t)(b.desk.Report(ctx, field, v.ID, n))
	for _, flag := range []string{"clock-ahead", "taken-differs", "recorded-above-served", "no-reason"} {
		if !slices.Contains(r.Flags, flag) {
			t.Errorf("%s is not among the flags %v", flag, r.Flags)
		}
	}
	if v = must[outreach.Visit](t)(b.desk.Visit(ctx, field, v.ID)); v.State != outreach.Partial {
		t.Errorf("a report that is not complete makes the visit %s", v.State)
	}
	// A second device says why: that differs, and stands beside the first.
	n.Report, n.Failures = "hp-2", []outreach.Failure{{Reason: "no-power", People: 20}}
	if r := must[outreach.Result](t)(b.desk.Report(ctx, officer, v.ID, n)); r.Standing != "conflict" || slices.Contains(r.Flags, "no-reason") {
		t.Errorf("with a reason it is %s with %v", r.Standing, r.Flags)
	}
	n.Report, n.Session = "hp-3", &outreach.Session{Topic: "IKD", Audience: 30, Material: "brosur"}
	if r := must[outreach.Result](t)(b.desk.Report(ctx, officer, v.ID, n)); r.Standing != "conflict" || r.Counts.Session == nil || r.Counts.Session.Material != "brosur" {
		t.Errorf("with a session it is %s with %+v", r.Standing, r.Counts.Session)
	}
	for _, r := range must[postgres.Page[outreach.Result]](t)(b.desk.Results(ctx, field, v.ID)).Items {
		if r.Report == "hp-1" && r.Standing != "kept" {
			t.Errorf("the first report is %s", r.Standing)
		}
	}
}

// Blanks that the office has handed to one team are to be handed anew when another team takes the visit over.
func TestAHandoverIsOfATeam(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 500)
	first, second := b.team(t, "Satu"), b.team(t, "Dua")
	b.village(t, "Desa", 60)
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(1)))
	v := p.Visits[0]
	other := first.ID
	if v.Team == first.ID {
		other = second.ID
	}
	v = must[outreach.Visit](t)(b.desk.Hand(ctx, officer, v.ID, v.Version, v.Blanks))
	must[outreach.Outcome](t)(b.desk.MoveVisit(ctx, field, v.ID, v.Version, outreach.Shift{Team: other, Day: monday}))
	v = must[outreach.Visit](t)(b.desk.Visit(ctx, field, v.ID))
	if v.Team != other || v.Handed != nil || v.HandedBy != "" {
		t.Errorf("moved, it is with team %d and %v were handed by %q", v.Team, v.Handed, v.HandedBy)
	}
	_, err := b.desk.Start(ctx, field, v.ID, v.Version, v.Blanks)
	wantFault(t, "the other team begins", err, outreach.ErrNotHanded)
}
