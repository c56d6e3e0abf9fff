package demand

import (
	"errors"
	"math"
	"math/rand/v2"
	"sort"
)

// Day is one day to come: the forecast period it lies in, counted from 0, and
// the share of that period's demand that falls on it. Weekends have share 0;
// the shares of the days of a period that has partly gone sum to what is left.
type Day struct {
	Period int
	Share  float64
}

// Arrival is a shipment under way or planned.
type Arrival struct {
	Quantity float64
	// Lead is the chance of each number of days between dispatch and shelf:
	// Lead[k] belongs to k days. It need not sum to one exactly.
	Lead []float64
	// Age is how many days it has been out already; what is left of Lead is
	// taken, given that it has not come yet. Negative for a shipment that will
	// be dispatched in so many days.
	Age int
	// Late is by how many days more it comes later than all that says.
	Late int
	// Lost is the chance, as things stand, that it never comes.
	Lost float64
}

// Never is the chance that an arrival which has not come after some days never will. A part lost of all that is sent
// never comes, the rest come as lead says; so of those that have not come yet it is lost/(lost + (1-lost)·S), S being the
// chance that one which does come takes at least as long (the mixture cure model: Boag 1949; Berkson & Gage 1952).
func Never(lost float64, lead []float64, age int) float64 {
	still, all := 0.0, 0.0
	for k, p := range lead {
		all += p
		if k >= age {
			still += p
		}
	}
	if !(lost > 0) || all <= 0 {
		return max(0, lost)
	}
	return lost / (lost + (1-lost)*still/all)
}

// Supply is what a place has to meet its demand with.
type Supply struct {
	OnHand   float64
	Waiting  float64 // people already recorded who wait for a card: served first
	Arrivals []Arrival
	Watch    int // days, from the first, of which the stock is told
}

// Outlook says how long the blanks last.
type Outlook struct {
	// RunOut is the probability that by the end of each day somebody has had to wait.
	RunOut []float64
	// P10, P50 and P90 are days of stock: the shelf fails someone within P10
	// days in one future of ten, within P50 in one of two. len(days) means
	// that it lasts at least as long as was looked ahead.
	P10, P50, P90 int
	// Short is the expected number of blanks still owed at the end.
	Short float64
	// PersonDays is the expected sum over all days of the people who wait.
	PersonDays float64
	// Stock is what lies on the shelf at the end of each day that is watched.
	Stock []Level
}

// Level is a stock that is not certain.
type Level struct{ P10, Mean, P90 float64 }

// ErrDays says that a day lies outside the forecast or has a share below 0.
var ErrDays = errors.New("a day lies outside the forecast")

// Shortage runs every future of the forecast against the supply, day by day.
// Demand that finds an empty shelf waits and is served first when blanks come.
// The chance in the arrivals depends on seed and on the position of an arrival
// only, so that scenarios which differ elsewhere share it.
func (f Forecast) Shortage(days []Day, supply Supply, seed uint64) (Outlook, error) {
	for _, d := range days {
		if d.Period < 0 || d.Period >= len(f.Draws) || !(d.Share >= 0) {
			return Outlook{}, ErrDays
		}
	}
	paths := len(f.Draws[0])
	arrive := make([][]int, len(supply.Arrivals))
	for k, a := range supply.Arrivals {
		arrive[k] = a.days(paths, seed+uint64(k)*0x9e3779b97f4a7c15)
	}
	out := Outlook{RunOut: make([]float64, len(days))}
	first := make([]int, paths)
	coming := make([]float64, len(days))
	left := matrix(min(max(0, supply.Watch), len(days)), paths)
	for i := range paths {
		clear(coming)
		for k, a := range supply.Arrivals {
			if d := arrive[k][i]; d < len(days) {
				coming[d] += a.Quantity
			}
		}
		var owed, waited float64
		first[i], owed, waited = f.live(i, days, supply, coming, left)
		if first[i] < len(days) {
			out.RunOut[first[i]]++
		}
		out.Short += owed / float64(paths)
		out.PersonDays += waited / float64(paths)
	}
	for _, column := range left {
		mean := average(column)
		sort.Float64s(column)
		out.Stock = append(out.Stock, Level{quantile(column, 0.1), mean, quantile(column, 0.9)})
	}
	sum := 0.0
	for t, n := range out.RunOut {
		sum += n
		out.RunOut[t] = sum / float64(paths)
	}
	sort.Ints(first)
	at := func(p float64) int { return first[min(paths-1, int(p*float64(paths)))] }
	out.P10, out.P50, out.P90 = at(0.1), at(0.5), at(0.9)
	return out, nil
}

// live runs one future and returns the first day on which somebody waits, who
// waits at the end, and the person-days of waiting. It writes into left what
// lies there at the end of the first days.
func (f Forecast) live(i int, days []Day, supply Supply, coming []float64, left [][]float64) (first int, owed, waited float64) {
	stock, owed := supply.OnHand, supply.Waiting
	first = len(days)
	for t, d := range days {
		stock += coming[t]
		owed += max(0, f.Draws[d.Period][i]) * d.Share
		served := math.Min(stock, owed)
		stock -= served
		owed -= served
		if owed > 1e-9 && first == len(days) {
			first = t
		}
		waited += owed
		if t < len(left) {
			left[t][i] = stock
		}
	}
	return first, owed, waited
}

// never is the day of an arrival that does not come.
const never = math.MaxInt

// days draws the day, counted from 0 for today, on which the arrival comes in each future.
func (a Arrival) days(paths int, seed uint64) []int {
	rng := rand.New(rand.NewPCG(seed, 0x5851f42d4c957f2d))
	total := 0.0
	for k := max(0, a.Age); k < len(a.Lead); k++ {
		total += a.Lead[k]
	}
	out := make([]int, paths)
	for i := range out {
		u, lost := rng.Float64(), rng.Float64()
		out[i] = never
		if lost < a.Lost {
			continue
		}
		if total <= 0 { // overdue beyond all experience: tomorrow is as good a guess as any
			out[i] = 1 + a.Late
			continue
		}
		u *= total
		for k := max(0, a.Age); k < len(a.Lead); k++ {
			if u -= a.Lead[k]; u < 0 || k == len(a.Lead)-1 {
				out[i] = k - a.Age + a.Late
				break
			}
		}
	}
	return out
}

// OrderUpTo is the stock to aim for when a blank too few costs under and a
// blank too many costs over: the quantile under/(under+over) of the demand to
// be covered, given as ascending draws, such as Cumulative returns (Silver,
// Pyke & Thomas 2017, §9.2).
func OrderUpTo(sums []float64, under, over float64) float64 {
	return quantile(sums, under/(under+over))
}

// LeadDemand is the mean and variance of the demand during a random lead time,
// when daily demand is independent (Silver, Pyke & Thomas 2017, eq. 6.46).
func LeadDemand(dailyMean, dailyVariance, leadMean, leadVariance float64) (mean, variance float64) {
	return dailyMean * leadMean, leadMean*dailyVariance + dailyMean*dailyMean*leadVariance
}

// NormalShortage is, for normal demand, the probability that it exceeds the
// stock and the expected excess (Silver, Pyke & Thomas 2017, appendix II).
func NormalShortage(mean, sd, stock float64) (probability, expected float64) {
	z := (stock - mean) / sd
	probability = normalCDF(-z)
	return probability, sd * (normalPDF(z) - z*probability)
}
