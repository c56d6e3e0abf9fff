package coverage

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Rule is a way in which a figure cannot be right, or deserves a look.
type Rule string

// The rules, in the order in which they are examined.
const (
	Above100           Rule = "above-100"                // percent, people, have: more than everybody has it
	PartsDoNotAddUp    Rule = "parts-do-not-add-up"      // people, have, lack: have + lack is not people
	PercentDiffers     Rule = "percent-differs"          // percent, computed: not what the counts give, as printed
	StageExceeds       Rule = "stage-exceeds-recorded"   // stage, stages, have: more wait than were recorded
	ExceedsPopulation  Rule = "exceeds-population"       // people, population, period: more eligible than residents
	PartsExceedParent  Rule = "parts-exceed-parent"      // number, sum, own, regions: the regions below have more
	PartsDifferFromOwn Rule = "parts-differ-from-parent" // number, sum, own, regions: all regions below have another sum
	Jump               Rule = "jump"                     // percent or people, before, as_of_before
	Stale              Rule = "stale"                    // as_of, days: nothing newer was reported for more than so many days
)

// Bounds of the rule on change. They are choices of ours: a DKB semester moves coverage by a few points at most.
const (
	jumpPoints = 10.0 // points of percent
	jumpPeople = 0.20 // share of the people counted against
	jumpWithin = 400  // days between the two figures
)

// Facts are the numbers behind a finding, by their name.
type Facts map[string]any

// Broken is a rule that a figure breaks.
type Broken struct {
	Rule  Rule
	Facts Facts
}

// Around is what a figure is examined against. The zero Around leaves only the figure itself.
type Around struct {
	Before     *Figure     // the figure before it of the same region, subject, scope and group
	Population *Population // latest release of the region
	Below      *Below      // figures of the same date of the regions below
}

// Below is the sum of the figures of the same date of the regions one level below.
type Below struct {
	Regions int    // that have a figure
	Of      int    // that there are today
	People  *int64 // nil unless every one of Regions says it
	Have    *int64
	Lack    *int64
}

// Examine lists the rules that a figure breaks. It judges drafts as any other.
func Examine(f Figure, a Around) []Broken {
	var broken []Broken
	note := func(rule Rule, facts Facts) { broken = append(broken, Broken{rule, facts}) }
	f.examineItself(note)
	if a.Population != nil && f.People != nil && *f.People > a.Population.People && f.Group == "" {
		note(ExceedsPopulation, Facts{"people": *f.People, "population": a.Population.People, "period": a.Population.Period})
	}
	if a.Below != nil {
		f.examineBelow(*a.Below, note)
	}
	if a.Before != nil {
		f.examineChange(*a.Before, note)
	}
	return broken
}

func (f Figure) examineItself(note func(Rule, Facts)) {
	if f.Percent != nil && *f.Percent > 100 || f.People != nil && f.Have != nil && *f.Have > *f.People {
		note(Above100, Facts{"percent": f.Percent, "people": f.People, "have": f.Have})
	}
	if f.People != nil && f.Have != nil && f.Lack != nil && *f.Have+*f.Lack != *f.People {
		note(PartsDoNotAddUp, Facts{"people": *f.People, "have": *f.Have, "lack": *f.Lack, "difference": *f.People - *f.Have - *f.Lack})
	}
	if computed, ok := f.computed(); ok && f.Percent != nil && math.Abs(*f.Percent-computed) > roundingOf(*f.Percent) {
		note(PercentDiffers, Facts{"percent": *f.Percent, "computed": math.Round(computed*100) / 100})
	}
	stages := int64(0)
	for _, stage := range []*int64{f.Sent, f.Adjudication, f.Duplicate, f.PrintReady} {
		if stage != nil {
			stages += *stage
		}
	}
	if f.Have != nil && stages > *f.Have {
		note(StageExceeds, Facts{"stages": stages, "have": *f.Have})
	}
}

// computed is the percentage that the counts give.
func (n Numbers) computed() (float64, bool) {
	switch {
	case n.People == nil || *n.People == 0:
		return 0, false
	case n.Have != nil:
		return 100 * float64(*n.Have) / float64(*n.People), true
	case n.Lack != nil:
		return 100 * float64(*n.People-*n.Lack) / float64(*n.People), true
	}
	return 0, false
}

// coverage is the percentage of the counts, or else the printed one.
func (n Numbers) coverage() (float64, bool) {
	if p, ok := n.computed(); ok {
		return p, true
	}
	if n.Percent != nil {
		return *n.Percent, true
	}
	return 0, false
}

// roundingOf is half a unit of the last printed digit: 74 may stand for 73.63, 97.58 not for 97.5.
func roundingOf(percent float64) float64 {
	_, decimals, _ := strings.Cut(strconv.FormatFloat(percent, 'f', -1, 64), ".")
	return 0.5*math.Pow10(-len(decimals)) + 1e-9
}

func (f Figure) examineBelow(b Below, note func(Rule, Facts)) {
	for _, n := range []struct {
		name     string
		own, sum *int64
	}{{"people", f.People, b.People}, {"have", f.Have, b.Have}, {"lack", f.Lack, b.Lack}} {
		if n.own == nil || n.sum == nil {
			continue
		}
		facts := Facts{"number": n.name, "sum": *n.sum, "own": *n.own, "regions": b.Regions, "of": b.Of}
		switch {
		case *n.sum > *n.own:
			note(PartsExceedParent, facts)
			return
		case b.Regions == b.Of && *n.sum != *n.own:
			note(PartsDifferFromOwn, facts)
			return
		}
	}
}

func (f Figure) examineChange(before Figure, note func(Rule, Facts)) {
	if f.Last().Sub(before.Last()) > jumpWithin*24*time.Hour || f.PartOf != nil { // a part is no change of the whole
		return
	}
	is, ok := f.coverage()
	was, had := before.coverage()
	if ok && had && math.Abs(is-was) > jumpPoints {
		note(Jump, Facts{"percent": math.Round(is*100) / 100, "before": math.Round(was*100) / 100, "as_of_before": before.AsOf})
		return
	}
	if f.People != nil && before.People != nil && *before.People > 0 {
		if change := float64(*f.People)/float64(*before.People) - 1; math.Abs(change) > jumpPeople {
			note(Jump, Facts{"people": *f.People, "before": *before.People, "as_of_before": before.AsOf})
		}
	}
}

// series is what figures must share to be compared over time.
type series struct {
	region       int
	subject      Subject
	scope, group string
}

func (f Figure) series() series { return series{f.RegionID, f.Subject, f.Scope, f.Group} }

// predecessors gives for each figure the one before it in its series, by id. Of several of one date the first entry
// counts as before the second; figures of the same date are never compared as a change.
func predecessors(figures []Figure) map[int64]*Figure {
	sorted := slices.Clone(figures)
	slices.SortFunc(sorted, func(a, b Figure) int {
		return cmp.Or(a.Last().Compare(b.Last()), cmp.Compare(a.ID, b.ID))
	})
	last := map[series]*Figure{}
	before := map[int64]*Figure{}
	for i, f := range sorted {
		was := last[f.series()]
		for was != nil && !was.Last().Before(f.Last()) {
			was = before[was.ID]
		}
		before[f.ID] = was
		last[f.series()] = &sorted[i]
	}
	return before
}
