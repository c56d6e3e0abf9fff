package demo

import (
	"math/rand/v2"
	"slices"
	"time"

	"blangko/internal/region"
)

// groups tells how far a province is from the national store; the keys of Supply.Lead.
var groups = map[string][]string{
	"jabodetabek":  {"31", "36"},
	"jawa":         {"32", "33", "34", "35"},
	"bali-lampung": {"16", "18", "51", "52"},
	"outer":        {"11", "12", "13", "14", "15", "17", "19", "21", "61", "62", "63", "64", "65", "71", "72", "73", "74", "75", "76"},
	"nusa-maluku":  {"53", "81", "82"},
	"papua":        {"91", "92", "93", "94", "95", "96"},
}

// nearJakarta are the regencies of West Java that belong to Jabodetabek: Bogor, Bekasi and Depok.
var nearJakarta = []string{"32.01", "32.16", "32.71", "32.75", "32.76"}

// islands are the regencies that a weekly ship serves.
var islands = []string{
	"11.09",                                     // Simeulue
	"12.04", "12.14", "12.24", "12.25", "12.78", // Nias
	"13.09",                   // Mentawai
	"21.03", "21.04", "21.05", // Natuna, Lingga, Anambas
	"53.05", "53.13", "53.14", "53.20", // Alor, Lembata, Rote Ndao, Sabu Raijua
	"71.03", "71.04", "71.09", // Sangihe, Talaud, Sitaro
	"72.07", "72.11", "73.01", "74.07", "74.12", // Banggai Kepulauan, Banggai Laut, Selayar, Wakatobi, Konawe Kepulauan
	"81.03", "81.04", "81.07", "81.08", "81.09", "82.05", // Tanimbar, Buru, Aru, Maluku Barat Daya, Buru Selatan, Sula
	"82.07", "91.05", "91.06", "91.19", "96.03", // Morotai, Yapen, Biak, Supiori, Raja Ampat
}

// road is the way from a store to an office.
type road struct {
	days   [2]float64 // least and most
	onward [2]float64 // by ship, zero on the mainland
	sea    bool
	pickup bool // the office's own people fetch
}

// roadTo is the way from the national store, or from that of the province when it fetches for its regencies.
func (p Supply) roadTo(code string) road {
	province := code[:2]
	var r road
	for name, provinces := range groups {
		if slices.Contains(provinces, province) {
			r.days = p.Lead[name]
			r.sea = name != "jabodetabek" && name != "jawa"
			r.pickup = !r.sea
		}
	}
	if slices.Contains(nearJakarta, code) {
		r.days = p.Lead["jabodetabek"]
	}
	if region.Parent(code) == province && slices.Contains(p.ByProvince, province) {
		r.days, r.sea = p.Lead["inside-a-province"], false
	}
	if slices.Contains(islands, code) {
		r.onward, r.sea = p.Onward, true
	}
	return r
}

// mean is how many days a shipment takes.
func (r road) mean() float64 { return (2*r.days[0] + r.days[1] + 2*r.onward[0] + r.onward[1]) / 3 }

// promised is the time that the sender states: most shipments keep it.
func (r road) promised() float64 {
	const late = 0.6 // of the way from least to most
	return r.days[0] + r.onward[0] + late*(r.days[1]-r.days[0]+r.onward[1]-r.onward[0])
}

// travel draws the days on the road from the triangular law whose mode lies at the least.
func (r road) travel(rng *rand.Rand, p Supply, date time.Time) float64 {
	days := early(rng, r.days) + early(rng, r.onward)
	if m := date.Month(); r.sea && (m == 12 || m <= 2 || m >= 6 && m <= 8) {
		days *= p.BadSea
	}
	if rng.Float64() < p.Delayed {
		days += between(rng, p.DelayDays)
	}
	return days
}

// early draws between least and most, the least days most often.
func early(rng *rand.Rand, span [2]float64) float64 {
	return span[0] + (span[1]-span[0])*min(rng.Float64(), rng.Float64())
}

func between(rng *rand.Rand, span [2]float64) float64 {
	return span[0] + (span[1]-span[0])*rng.Float64()
}
