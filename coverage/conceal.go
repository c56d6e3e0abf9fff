package coverage

import (
	"encoding/json"
	"slices"
	"strings"

	"blangko/internal/access"
	"blangko/internal/region"
)

// smallest is the least count of a vulnerable group that is shown outside the region's own office: fewer people could
// be known one by one. UU 27/2022 makes health, disability and imprisonment specific data.
const smallest = 5

// vulnerable reports whether a group of people is one whose small counts are hidden: any but a group by age.
func vulnerable(group string) bool { return group != "" && !strings.HasPrefix(group, "age") }

// outside reports whether who asks from above the offices of kabupaten/kota. Whoever asks from one sees no other's.
func outside(who access.Actor) bool {
	level, err := region.LevelOf(who.Reach)
	return err != nil || level < region.Regency
}

// below is what is written in the place of a small count.
var below = map[string]int{"below": smallest}

// hidden are the numbers of a row that are not shown: small ones are written as below, and those that would tell them
// as null.
type hidden struct {
	all   bool
	small []string
}

// of is what is written for a number of that name: itself unless it is hidden.
func (h hidden) of(name string, shown any) any {
	switch {
	case !h.all:
		return shown
	case slices.Contains(h.small, name):
		return below
	}
	return nil
}

// conceal hides the numbers when one is small; any two of people, have, lack and percent would tell the third.
func (n *Numbers) conceal() (h hidden) {
	for _, c := range n.counts() {
		if c.value != nil && *c.value < smallest {
			h.small = append(h.small, c.name)
		}
	}
	if len(h.small) > 0 {
		h.all = true
		*n = Numbers{}
	}
	return h
}

// conceal hides the small counts of a vulnerable group, and what was found about them.
func (f *Figure) conceal(who access.Actor) {
	if !vulnerable(f.Group) || !outside(who) {
		return
	}
	if f.hidden = f.Numbers.conceal(); f.hidden.all {
		f.Findings = slices.Clone(f.Findings)
		for i := range f.Findings {
			f.Findings[i].Facts = json.RawMessage(`{}`)
		}
	}
}

// conceal hides the numbers behind a finding about a vulnerable group, which may be small.
func (f *Finding) conceal(who access.Actor) {
	if vulnerable(f.Group) && outside(who) {
		f.Facts = json.RawMessage(`{}`)
	}
}

// MarshalJSON writes {"below": 5} for a hidden count.
func (f Figure) MarshalJSON() ([]byte, error) {
	type plain Figure
	if !f.hidden.all {
		return json.Marshal(plain(f))
	}
	return json.Marshal(struct {
		plain
		People any `json:"people"`
		Have   any `json:"have"`
		Lack   any `json:"lack"`
	}{plain(f), f.hidden.of("people", nil), f.hidden.of("have", nil), f.hidden.of("lack", nil)})
}

// conceal hides the numbers of a gap.
func (g *Gap) conceal(h hidden) {
	g.hidden = h
	g.hidden.all = true
	g.People, g.Have, g.Lack, g.Percent, g.Live, g.Remaining, g.Achievement = nil, nil, nil, nil, nil, nil, nil
	g.SaidLack, g.Printed, g.Since = nil, nil, 0
}

// MarshalJSON writes {"below": 5} for a hidden count.
func (g Gap) MarshalJSON() ([]byte, error) {
	type plain Gap
	if !g.hidden.all {
		return json.Marshal(plain(g))
	}
	return json.Marshal(struct {
		plain
		People any `json:"people"`
		Have   any `json:"have"`
		Lack   any `json:"lack"`
	}{plain(g), g.hidden.of("people", nil), g.hidden.of("have", nil), g.hidden.of("lack", nil)})
}

// concealGaps hides small counts of a vulnerable group in a list whose sums are shown. When a single row is hidden its
// numbers are the sums less the other rows, so a second one is hidden with it; when there is no second, so are the sums.
func concealGaps(gaps []Gap, totals *GapTotals) {
	var concealed, least int
	least = -1
	for i := range gaps {
		g := &gaps[i]
		n := Numbers{People: g.People, Have: g.Have, Lack: g.Lack}
		if h := n.conceal(); h.all {
			g.conceal(h)
			concealed++
		} else if g.Lack != nil && (least < 0 || *g.Lack < *gaps[least].Lack) {
			least = i
		}
	}
	switch {
	case concealed != 1:
	case least >= 0:
		gaps[least].conceal(hidden{})
	default:
		*totals = GapTotals{Regions: totals.Regions, Reported: totals.Reported, Oldest: totals.Oldest, Newest: totals.Newest, Concealed: true}
	}
}
