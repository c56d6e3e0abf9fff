package forecasting

import (
	"maps"
	"math"
	"slices"
	"time"

	"blangko/coverage"
	"blangko/forecasting/demand"
	"blangko/inventory"
)

// drivers are what is known of why people will come to a place, besides its own history.
type drivers struct {
	shares    map[inventory.Purpose]float64 // of its use; they sum to 1
	perBirth  float64                       // first cards for a 17th birthday
	birthdays map[month]float64             // 17th birthdays, where a release speaks of the month
	usual     float64                       // the mean of them over the last year, 0 when none is known
	early     map[month]float64             // of them, who were recorded at sixteen
	lag       []float64                     // chance that a first card is printed so many months after the birthday
	digital   trend                         // share with a digital identity
	saved     float64                       // part of later cards that a person with one no longer asks for
	circulars []Circular                    // that hold here
}

// assumedShares are of what people come for while nothing is posted by purpose (domain notes, 8.3): assumptions within
// the bounds of what is published, that a third of cards is for predictable reasons.
var assumedShares = map[inventory.Purpose]float64{"first-time": 0.17, "moved": 0.10, "marital": 0.08, "damaged": 0.38, "lost": 0.13, "data-change": 0.12, "spoiled": 0.02}

// assumedLag is from the 17th birthday to the first card, in months, while the ledger says nothing of it. Those recorded
// early come at once, but for some who move away or die.
var assumedLag = []float64{0.45, 0.3, 0.15, 0.1}

const earlyComes = 0.95

// learnDrivers gives each place its drivers, what is its own shrunk towards its province.
func (k *Known) learnDrivers(places []*place, c *calendar, date time.Time) {
	used := byRegion(k.Purposes, func(u inventory.PurposeUse) int { return u.RegionID })
	births := byRegion(k.Birthdays, func(b coverage.Birthdays) int { return b.RegionID })
	early := byRegion(k.Early, func(e EarlyRecording) int { return e.RegionID })
	first, all := purposeMix(places, used)
	for i, p := range places {
		id := p.position.RegionID
		d := drivers{shares: all[i], lag: assumedLag, saved: k.Settings.DigitalID, birthdays: map[month]float64{}, early: map[month]float64{}}
		for _, b := range births[id] {
			d.birthdays[monthOf(b.Month)] = float64(b.People)
		}
		for _, e := range early[id] {
			d.early[e.month()] = float64(e.People)
		}
		n := 0.0
		for m := monthOf(date) - purposeMonths; m < monthOf(date); m++ {
			if v, ok := d.birthdays[m]; ok {
				d.usual, n = d.usual+v, n+1
			}
		}
		d.usual /= max(1, n)
		for _, circular := range k.Circulars {
			if circular.covers(p.position.Region) {
				d.circulars = append(d.circulars, circular)
			}
		}
		p.drivers = d
	}
	learnLag(places, first)
	learnPerBirth(places, first)
	k.learnDigital(places)
	for _, p := range places {
		p.unswitch(c)
	}
}

// purposeMix is what part of the use of each place is for which purpose, shrunk towards its province and that towards
// the nation, and the first cards by month as posted.
func purposeMix(places []*place, used map[int][]inventory.PurposeUse) (first []map[month]float64, mix []map[inventory.Purpose]float64) {
	first, mix = make([]map[month]float64, len(places)), make([]map[inventory.Purpose]float64, len(places))
	counts, totals := make([]map[inventory.Purpose]float64, len(places)), make([]float64, len(places))
	known := 0.0
	for i, p := range places {
		counts[i], first[i], mix[i] = map[inventory.Purpose]float64{}, map[month]float64{}, map[inventory.Purpose]float64{}
		for _, u := range used[p.position.RegionID] {
			counts[i][u.Purpose] += float64(u.Used)
			totals[i] += float64(u.Used)
			if u.Purpose == "first-time" {
				first[i][monthOf(u.Month)] += float64(u.Used)
			}
		}
		known += totals[i]
	}
	for _, purpose := range inventory.Purposes {
		shares := shrinkByProvince(places, func(i int) (float64, float64) {
			q := counts[i][purpose] / totals[i] // NaN where nothing is posted
			return q, math.Max(q*(1-q), 1e-4) / totals[i]
		})
		for i := range places {
			if mix[i][purpose] = shares[i]; known == 0 {
				mix[i][purpose] = assumedShares[purpose]
			}
		}
	}
	for i := range mix {
		sum := 0.0
		for _, purpose := range inventory.Purposes {
			sum += mix[i][purpose]
		}
		for purpose := range mix[i] {
			mix[i][purpose] /= sum
		}
	}
	return first, mix
}

// shrinkByProvince shrinks the estimates of places towards their province; one without any takes the nation's mean.
func shrinkByProvince(places []*place, estimate func(i int) (value, variance float64)) []float64 {
	out, nation := make([]float64, len(places)), []float64{}
	by := map[string][]int{}
	for i, p := range places {
		by[p.position.Region[:2]] = append(by[p.position.Region[:2]], i)
	}
	means := map[string]float64{}
	for province, members := range by {
		values, variances := make([]float64, len(members)), make([]float64, len(members))
		for j, i := range members {
			values[j], variances[j] = estimate(i)
		}
		shrunk, mean := demand.Shrink(values, variances)
		for j, i := range members {
			out[i] = shrunk[j]
		}
		means[province] = mean
	}
	for _, p := range places { // in the order of places, so that sums come out the same every time
		if m := means[p.position.Region[:2]]; !math.IsNaN(m) {
			nation = append(nation, m)
		}
	}
	sum := 0.0
	for _, m := range nation {
		sum += m
	}
	for i := range out {
		if math.IsNaN(out[i]) {
			out[i] = sum / math.Max(1, float64(len(nation)))
		}
	}
	return out
}

// learnLag finds how long after the birthday first cards are printed, from all places together: a deconvolution by
// expectation-maximisation (Richardson 1972; Lucy 1974), starting at the assumed lag and keeping it where birthdays are
// the same in every month.
func learnLag(places []*place, first []map[month]float64) {
	lag := slices.Clone(assumedLag)
	for range 25 {
		next, weight := make([]float64, len(lag)), 0.0
		for i, p := range places {
			d := &p.drivers
			for _, m := range inOrder(first[i]) {
				cards, fit, known := first[i][m], 0.0, true
				for j, w := range lag {
					n, ok := d.birthdays[m-month(j)]
					known = known && ok
					fit += w * n
				}
				if !known || fit <= 0 {
					continue
				}
				for j, w := range lag {
					next[j] += cards * w * d.birthdays[m-month(j)] / fit
				}
				weight += cards
			}
		}
		if weight == 0 {
			break
		}
		// A thousand cards are worth as much as the assumption.
		for j := range lag {
			lag[j] = (next[j] + 1000*assumedLag[j]) / (weight + 1000)
		}
	}
	for _, p := range places {
		p.drivers.lag = lag
	}
}

// inOrder are the months of a map from the first to the last: a sum over a map would differ in its last bits.
func inOrder[V any](by map[month]V) []month { return slices.Sorted(maps.Keys(by)) }

// learnPerBirth is how many first cards come of a birthday, shrunk towards the province.
func learnPerBirth(places []*place, first []map[month]float64) {
	rates := shrinkByProvince(places, func(i int) (float64, float64) {
		cards, births := 0.0, 0.0
		for _, m := range inOrder(first[i]) {
			if b, ok := places[i].drivers.birthdays[m]; ok {
				cards, births = cards+first[i][m], births+b
			}
		}
		return cards / births, math.Max(cards, 1) / (births * births)
	})
	for i, p := range places {
		d := &p.drivers
		if d.perBirth = rates[i]; d.perBirth <= 0 && d.usual > 0 && len(p.months) > 0 { // nothing is posted by purpose
			used := 0.0
			for _, m := range p.months[max(0, len(p.months)-purposeMonths):] {
				used += m.demand / float64(min(purposeMonths, len(p.months)))
			}
			d.perBirth = d.shares["first-time"] * used / d.usual
		}
	}
}

// firstCards is how many more first cards than usual a month brings, as a ratio, and which part of them is of people
// recorded at sixteen. It is 1 where nothing is known of birthdays.
func (d *drivers) firstCards(m month) (ratio, early float64) {
	if d.usual <= 0 || d.perBirth <= 0 {
		return 1, 0
	}
	sum := 0.0
	for j, w := range d.lag {
		n, ok := d.birthdays[m-month(j)]
		if !ok {
			n = d.usual
		}
		sum += w * math.Max(0, n-d.early[m-month(j)])
	}
	usual, known := d.perBirth*d.usual, earlyComes*d.early[m]
	total := d.perBirth*sum + known
	return math.Min(3, math.Max(0.3, total/usual)), known / math.Max(total, 1e-9)
}

// factor is how much the drivers raise or lower demand in a month against the usual.
func (d *drivers) factor(m month) float64 {
	ratio, _ := d.firstCards(m)
	first := d.shares["first-time"]
	return first*ratio + (1-first)*d.kept(m)
}

// kept is the part of later cards that the digital identity leaves.
func (d *drivers) kept(m month) float64 { return 1 - d.saved*d.digital.at(m) }

// driven reports whether the drivers say anything that the history does not.
func (d *drivers) driven() bool {
	return len(d.birthdays) > 0 && d.usual > 0 || len(d.early) > 0 && d.usual > 0 || d.digital.known && d.saved > 0
}

// off is the part of demand that circulars switch off on a day.
func (d *drivers) off(day time.Time) float64 {
	sum := 0.0
	for _, purpose := range inventory.Purposes {
		if slices.ContainsFunc(d.circulars, func(c Circular) bool { return c.switchesOff(purpose, day) }) {
			sum += d.shares[purpose]
		}
	}
	return math.Min(1, sum)
}

// left is the part of a month's demand that circulars leave.
func (d *drivers) left(m month, c *calendar) float64 {
	if len(d.circulars) == 0 {
		return 1
	}
	sum := 0.0
	for day := m.first(); monthOf(day) == m; day = day.AddDate(0, 0, 1) {
		sum += c.work(day) * (1 - d.off(day))
	}
	return math.Min(1, sum/c.workIn(m))
}

// unswitch puts the months in which classes were switched off at the demand there would have been; with less than a
// quarter left nothing is known of them.
func (p *place) unswitch(c *calendar) {
	for t := range p.values {
		left := p.drivers.left(p.first+month(t), c)
		if p.values[t] /= left; left < 0.25 {
			p.values[t], p.exposure[t] = math.NaN(), 0
		}
	}
}

// trend is a share that grows along a logistic curve.
type trend struct {
	known        bool
	level, slope float64 // logit at month 0 and its growth a month
}

func (t trend) at(m month) float64 {
	if !t.known {
		return 0
	}
	return 1 / (1 + math.Exp(-(t.level + t.slope*float64(m))))
}

// learnDigital fits the share of the digital identity in each place, by its own figures, or its province's, or the
// nation's. One figure alone is taken to stay; nothing grows faster than tenfold a year, and nothing falls.
func (k *Known) learnDigital(places []*place) {
	figures := byRegion(k.DigitalIDs, func(s coverage.Share) int { return s.RegionID })
	above := map[string]trend{}
	for _, r := range k.Regions {
		above[r.Code] = fitTrend(figures[r.ID])
	}
	for _, p := range places {
		t := fitTrend(figures[p.position.RegionID])
		for _, code := range []string{p.position.Region[:2], "00"} {
			if !t.known {
				t = above[code]
			}
		}
		p.drivers.digital = t
	}
}

func fitTrend(shares []coverage.Share) trend {
	var n, sx, sy, sxx, sxy float64
	for _, s := range shares {
		q := math.Min(0.98, math.Max(0.001, s.Share))
		x, y := float64(monthOf(s.Day)), math.Log(q/(1-q))
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	if n == 0 {
		return trend{}
	}
	slope := 0.0
	if spread := sxx - sx*sx/n; spread > 1e-9 {
		slope = math.Max(0, math.Min(math.Log(10)/12, (sxy-sx*sy/n)/spread))
	}
	return trend{true, sy/n - slope*sx/n, slope}
}
