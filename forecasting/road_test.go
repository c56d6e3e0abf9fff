package forecasting

import (
	"math"
	"testing"
	"time"

	"blangko/forecasting/demand"
	"blangko/inventory"
)

// supplies are n shipments along a route that took so many days each.
func supplies(to int, from inventory.PlaceKind, sender, days, n int) (all []inventory.LeadTime) {
	for k := range n {
		sent := on(2026, time.January, 1).AddDate(0, 0, k)
		all = append(all, inventory.LeadTime{RegionID: to, Sender: sender, From: from, DispatchedOn: sent, ReceivedOn: sent.AddDate(0, 0, days)})
	}
	return all
}

// office is a kabupaten/kota to which something is under way from each of some senders since yesterday.
func office(id int, code string, incoming ...inventory.Incoming) *place {
	p := &place{position: inventory.Position{RegionID: id, Region: code, Zone: "WIB"}}
	for _, in := range incoming {
		in.DispatchedOn = on(2026, time.October, 31)
		p.position.Incoming = append(p.position.Incoming, in)
	}
	return p
}

const nation, store, lender = inventory.NationalStore, inventory.ProvinceStore, inventory.RegencyOffice

// by is the chance that a wait is over within so many days.
func by(wait []float64, days int) (p float64) {
	for _, v := range wait[:days+1] {
		p += v
	}
	return p
}

func TestEachRouteHasItsOwnLeadTimes(t *testing.T) {
	t.Parallel()
	today := on(2026, time.November, 1)
	p := office(1, "12.71", inventory.Incoming{Sender: 90, From: nation}, inventory.Incoming{Sender: 91, From: store},
		inventory.Incoming{Sender: 92, From: store}, inventory.Incoming{Sender: 93, From: lender})
	elsewhere := office(2, "12.72", inventory.Incoming{Sender: 90, From: nation})
	abroad := office(3, "32.01", inventory.Incoming{Sender: 90, From: nation}, inventory.Incoming{Sender: 94, From: store})
	// 200 supplies from the nation took 12 days and 200 from the province 3; in another province those of the nation took 5.
	leads := append(append(supplies(1, nation, 90, 12, 200), supplies(1, store, 91, 3, 200)...), supplies(4, nation, 90, 5, 200)...)
	learnWaits([]*place{p, elsewhere, abroad, office(4, "32.02")}, leads, nil, today)
	direct, near, new, lent := p.waits.coming[0], p.waits.coming[1], p.waits.coming[2], p.waits.coming[3]
	// The oracle is what was seen, all of it alike; the belief counts as a few of 200.
	if q := by(direct.transit, 11); q > 0.1 {
		t.Errorf("from the nation within 11 days with %.3f, all took 12", q)
	}
	if q := by(near.transit, 3); q < 0.9 {
		t.Errorf("from the province within 3 days with %.3f, all took 3", q)
	}
	// A second store of a kind that supplies the place is taken to be as near as the first; a neighbour who lends, of whom
	// nothing is known, like all senders together.
	if q := by(new.transit, 3); q < 0.85 {
		t.Errorf("from a new store of the province within 3 days with %.3f", q)
	}
	if q := by(lent.transit, 3); math.Abs(q-0.5) > 0.1 || math.Abs(q-by(p.waits.transit, 3)) > 0.05 {
		t.Errorf("from a neighbour within 3 days with %.3f, of all supplies half came within 3", q)
	}
	// What the place beside it has never had comes as it does to the province, and elsewhere as it does there.
	if q := waitQuantile(elsewhere.waits.coming[0].transit, 0.5); q != 12 {
		t.Errorf("to a neighbour half of what the nation sends comes within %d days, want the 12 of the province", q)
	}
	if q := waitQuantile(abroad.waits.coming[0].transit, 0.5); q != 5 {
		t.Errorf("to the other province half of what the nation sends comes within %d days, want 5", q)
	}
	if q := waitQuantile(abroad.waits.coming[1].transit, 0.5); q > 5 {
		t.Errorf("what stores of provinces send is there within 3 days elsewhere, and here half within %d", q)
	}
	// The chances of arrival differ in the same way when the shelf is played through.
	f := demand.FromDraws("certain", [][]float64{{300, 300, 300, 300, 300, 300, 300, 300}})
	days := make([]demand.Day, 30)
	for i := range days {
		days[i].Share = 1.0 / 30
	}
	runsOut := func(w way) float64 {
		o, err := f.Shortage(days, demand.Supply{OnHand: 60, Arrivals: []demand.Arrival{{Quantity: 1000, Lead: w.transit}}}, 1)
		if err != nil {
			t.Fatal(err)
		}
		return o.RunOut[29]
	}
	if far, close := runsOut(direct), runsOut(near); far < 0.99 || close > 0.2 {
		t.Errorf("a shelf of six days runs out with %.2f before what takes 12 and with %.2f before what takes 3", far, close)
	}
}

// A few records of a route hardly move what is known of the place, many decide: the weight is that of Bühlmann.
func TestAFewRecordsAreShrunk(t *testing.T) {
	t.Parallel()
	today := on(2026, time.November, 1)
	late := func(own int) float64 {
		p := office(1, "12.71", inventory.Incoming{Sender: 91, From: store}, inventory.Incoming{Sender: 92, From: store})
		learnWaits([]*place{p}, append(supplies(1, store, 91, 3, 100), supplies(1, store, 92, 15, own)...), nil, today)
		return 1 - by(p.waits.coming[1].transit, 14)
	}
	one, ten, many := late(1), late(10), late(100)
	if !(one < ten && ten < many) || one > 0.5 || many < 0.9 {
		t.Errorf("after 1, 10 and 100 records of 15 days such a wait has %.2f, %.2f and %.2f", one, ten, many)
	}
}

// By hand: groups 1, 3 and 5, 7 and 2, 4, 6 of one family, and 10, 12 alone in another.
func TestCredibilityByHand(t *testing.T) {
	t.Parallel()
	got := credibility(map[string][][]float64{"a": {{1, 3}, {5, 7}, {2, 4, 6}, nil}, "b": {{10, 12}}}, 5)
	if got != 5 {
		t.Errorf("five records more than groups decide: %v, want the 5 of too little", got)
	}
	// Four times each, the squares around the means 2, 6, 4 and 11 are 8, 8, 32 and 8 over 36 - 4 degrees of freedom; the first
	// three lie around 4 with 8·4 + 8·4 + 12·0, less two of the variance within, over 28 - (64+64+144)/28.
	four := func(v ...float64) []float64 {
		return append(append(append(append([]float64{}, v...), v...), v...), v...)
	}
	within := (8 + 8 + 32 + 8) / 32.0
	want := within / ((64 - 2*within) / (28 - 272.0/28))
	got = credibility(map[string][][]float64{"a": {four(1, 3), four(5, 7), four(2, 4, 6)}, "b": {four(10, 12)}}, 1)
	if math.Abs(got-want) > 1e-12 {
		t.Errorf("credibility %v, want %v", got, want)
	}
	same := [][]float64{{1, 3, 1, 3, 1, 3}, {1, 3, 1, 3, 1, 3}, {1, 3, 1, 3, 1, 3}}
	if got := credibility(map[string][][]float64{"": same}, 5); got != 20 {
		t.Errorf("groups that do not differ: %v, want the most, 20", got)
	}
}

// What never came is learned in pieces, from a belief that counts as a hundred shipments.
func TestHowOftenItNeverComes(t *testing.T) {
	t.Parallel()
	today := on(2026, time.November, 1)
	p := office(1, "12.71", inventory.Incoming{Sender: 90, From: nation})
	var fates []inventory.Fate
	for k := range 300 {
		f := inventory.Fate{RegionID: 1, Sender: 90, From: nation, Pieces: 1000}
		if k%10 == 0 {
			f.Lost = 500 // half of every tenth: .05 of all
		}
		fates = append(fates, f)
	}
	learnWaits([]*place{p}, supplies(1, nation, 90, 4, 100), fates, today)
	// Zone, province and route, each from the last: (100 q + 300·.05) / 400; without the route for all senders together. One
	// that left yesterday, where all take four days, tells nothing more.
	want := func(levels int) float64 {
		q := assumedLost
		for range levels {
			q = (lostStrength*q + 15) / (lostStrength + 300)
		}
		return q
	}
	if got := p.waits.coming[0].lost; math.Abs(got-want(3)) > 1e-12 {
		t.Errorf("never comes with %.5f, want %.5f", got, want(3))
	}
	if math.Abs(p.waits.lost-want(2)) > 1e-12 {
		t.Errorf("of all senders %.5f, want %.5f", p.waits.lost, want(2))
	}
	// One alone that is far beyond all waits is taken for lost, and does not make waits look longer than they are.
	late := func(n int) (way, float64) {
		p := office(1, "12.71", make([]inventory.Incoming, n)...)
		for k := range p.position.Incoming {
			p.position.Incoming[k] = inventory.Incoming{Sender: 90, From: nation, DispatchedOn: today.AddDate(0, 0, -30)}
		}
		learnWaits([]*place{p}, supplies(1, nation, 90, 4, 100), fates, today)
		return p.waits.coming[0], by(p.waits.coming[0].transit, 10)
	}
	if w, soon := late(1); w.lost < 0.95 || soon < 0.99 {
		t.Errorf("after 30 days where all came after 4 it is lost with %.3f; %.3f of waits are shorter than ten days", w.lost, soon)
	}
	// Forty that are late together are late: a port is closed.
	if w, soon := late(40); w.lost > 0.3 || soon > 0.85 {
		t.Errorf("of forty late together each is lost with %.3f; %.3f of waits are shorter than ten days", w.lost, soon)
	}
	// Without a record a few days beyond what is assumed are no loss yet, two months are.
	early := office(1, "12.71", inventory.Incoming{Sender: 90, From: nation})
	early.position.Incoming[0].DispatchedOn = today.AddDate(0, 0, -10)
	learnWaits([]*place{early}, nil, nil, today)
	slow := early.waits.coming[0].lost
	early.waits.coming = nil
	early.position.Incoming[0].DispatchedOn = today.AddDate(0, 0, -75)
	learnWaits([]*place{early}, nil, nil, today)
	if gone := early.waits.coming[0].lost; slow > 0.3 || gone < 0.7 {
		t.Errorf("without a record lost with %.2f after ten days and %.2f after 75", slow, gone)
	}
}
