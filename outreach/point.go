package outreach

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/jmoiron/sqlx"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
	"github.com/paulmach/orb/planar"

	"blangko/internal/boundary"
	"blangko/internal/fault"
	"blangko/internal/region"
)

// The rectangle that holds Indonesia.
var country = orb.Bound{Min: orb.Point{94, -12}, Max: orb.Point{142, 7}}

// atSea is how far from the point of any kecamatan no one lives, unless the kecamatan around lie farther apart.
const atSea = 60_000 // metres

// Codes of what is odd about a site. None keeps it out.
const (
	NoPoint         = "no-point"          // no plan can go there
	OutsideRegion   = "outside-region"    // the point lies in another regency
	OutsideDistrict = "outside-district"  // the point lies far from the kecamatan that the site names
	NearDuplicate   = "near-duplicate"    // another site of like name lies close by
	NoHeads         = "no-heads"          // nobody has counted or estimated the people
	PerhapsAtSea    = "perhaps-at-sea"    // the point lies off the land of a coarse map, and far from every kecamatan
	PerhapsOnIsland = "perhaps-on-island" // the point lies beyond the port of an island, and nobody says that it is on it
)

// judged are those that a person may find nothing wrong with.
var judged = []string{OutsideRegion, OutsideDistrict, NearDuplicate, PerhapsAtSea, PerhapsOnIsland}

// checkPoint notes a point that cannot be a place in Indonesia and says when its numbers are swapped.
func checkPoint(lon, lat *float64, at string, wrong *fault.Fields) {
	switch {
	case lon == nil && lat == nil:
	case lon == nil || lat == nil:
		wrong.Add(at, "half-a-point", nil)
	case math.IsNaN(*lon) || math.IsNaN(*lat) || math.IsInf(*lon, 0) || math.IsInf(*lat, 0):
		wrong.Add(at, "not-a-point", nil)
	case *lon == 0 && *lat == 0:
		wrong.Add(at, "point-zero", []float64{0, 0}, "advice", "0, 0 lies in the Gulf of Guinea: a device without a fix writes it")
	case country.Contains(orb.Point{*lon, *lat}):
		near, metres := nearestDistrict(orb.Point{*lon, *lat})
		if metres > max(atSea, spreadOf(near.regency)) {
			wrong.Add(at, "in-the-sea", []float64{*lon, *lat}, "nearest", near.name, "km", math.Round(metres/1000))
		}
	case country.Contains(orb.Point{*lat, *lon}):
		wrong.Add(at, "longitude-and-latitude-swapped", []float64{*lon, *lat}, "lon", *lat, "lat", *lon)
	default:
		wrong.Add(at, "outside-indonesia", []float64{*lon, *lat})
	}
}

// borders tells whether a point lies within the border of a region, and whether that border is known.
type borders func(code string, p orb.Point) (inside, known bool, err error)

// bordersIn are those that were imported. The last few are kept, since lists of sites go by region.
func bordersIn(ctx context.Context, tx *sqlx.Tx) borders {
	kept := map[string]orb.MultiPolygon{}
	return func(code string, p orb.Point) (inside, known bool, err error) {
		shape, looked := kept[code]
		if !looked {
			shapes, err := boundary.Shapes(ctx, tx, []string{code}, finestZoom)
			if err != nil {
				return false, false, err
			}
			g, err := shapes[code].Geometry()
			if err != nil {
				return false, false, err
			}
			switch g := g.(type) {
			case orb.MultiPolygon:
				shape = g
			case orb.Polygon:
				shape = orb.MultiPolygon{g}
			}
			if len(kept) >= 16 {
				clear(kept)
			}
			kept[code] = shape
		}
		return planar.MultiPolygonContains(shape, p), shape != nil, nil
	}
}

// finestZoom is that at which borders are drawn as they were imported.
const finestZoom = 22

// pointFlags tells what is odd about a point of a site in a regency or district. Where the border of the regency, or of
// the kecamatan, was imported it decides. Otherwise there is only a point for each of the 7,285 kecamatan: a point is
// taken to lie outside its regency when the nearest kecamatan belongs to another one, and the nearest of its own is
// farther than the kecamatan of the regency lie from each other, or more than 10 km away and three times as far. Against
// 27,507 schools known to lie inside their regency the first of these is wrong about 36. Close to a border it says
// nothing; a coarse map of land then tells what is perhaps in the sea.
func pointFlags(p orb.Point, code, district string, within borders) (flags []string, err error) {
	regency := region.Parent(code)
	if strings.Count(code, ".") == 1 {
		regency = code
	}
	near, metres := nearestDistrict(p)
	inside, known, err := within(regency, p)
	if err != nil {
		return nil, err
	}
	if !known {
		own, ok := nearestOf(p, regency)
		inside = !ok || near.regency == regency || own <= spreadOf(regency) && (own <= 10_000 || own <= 3*metres)
		if perhapsAtSea(p) {
			flags = append(flags, PerhapsAtSea)
		}
	}
	if !inside {
		flags = append(flags, OutsideRegion)
	}
	for _, d := range districtNamed(regency, code, district) {
		inside, known, err := within(d.code, p)
		if err != nil {
			return nil, err
		}
		if !known {
			far := geo.DistanceHaversine(p, d.point)
			inside = d.code == near.code || far <= 5_000 || far <= 3*metres
		}
		if !inside {
			flags = append(flags, OutsideDistrict)
			break
		}
	}
	return flags, nil
}

// districtNamed is the kecamatan that a file names beside the code, in any of the spellings offices use, else the one
// of the code.
func districtNamed(regency, code, name string) []district {
	plain := func(s string) string {
		s = strings.ToLower(s)
		for _, word := range []string{"kecamatan ", "kec. ", "kota ", "pulau ", "distrik "} {
			s = strings.TrimPrefix(s, word)
		}
		return s
	}
	for _, d := range districts().of[regency] {
		if name != "" && plain(d.name) == plain(name) {
			return []district{d}
		}
	}
	for _, d := range districts().of[regency] {
		if d.code == code {
			return []district{d}
		}
	}
	return nil
}

type district struct {
	code, name, regency string
	point               orb.Point
}

type districtIndex struct {
	of     map[string][]district // by regency
	cells  map[[2]int][]district // by half degrees
	spread map[string]float64    // metres: how far a kecamatan of the regency lies from its nearest neighbour there, at most
}

const cellDegrees = 0.5

func cellOf(p orb.Point) [2]int {
	return [2]int{int(math.Floor(p[0] / cellDegrees)), int(math.Floor(p[1] / cellDegrees))}
}

// districts are today's kecamatan; what regions the asker reaches does not matter to where a point lies.
var districts = sync.OnceValue(func() districtIndex {
	ix := districtIndex{of: map[string][]district{}, cells: map[[2]int][]district{}, spread: map[string]float64{}}
	for _, f := range region.All() {
		if f.Level != region.District {
			continue
		}
		d := district{f.Code, f.Name, f.Parent(), orb.Point{f.Lon, f.Lat}}
		ix.of[d.regency] = append(ix.of[d.regency], d)
		ix.cells[cellOf(d.point)] = append(ix.cells[cellOf(d.point)], d)
	}
	for regency, all := range ix.of {
		for i, d := range all {
			nearest := math.Inf(1)
			for j, e := range all {
				if i != j {
					nearest = min(nearest, geo.DistanceHaversine(d.point, e.point))
				}
			}
			if !math.IsInf(nearest, 1) {
				ix.spread[regency] = max(ix.spread[regency], nearest)
			}
		}
	}
	return ix
})

func spreadOf(regency string) float64 { return max(3_000, districts().spread[regency]) }

// nearestDistrict finds the kecamatan whose point is nearest, in rings of cells around p.
func nearestDistrict(p orb.Point) (nearest district, metres float64) {
	ix, at, metres := districts(), cellOf(p), math.Inf(1)
	const kmPerRing = cellDegrees * 110_000
	for ring := 0; ring < 100 && metres > float64(ring-1)*kmPerRing; ring++ {
		for x := at[0] - ring; x <= at[0]+ring; x++ {
			for y := at[1] - ring; y <= at[1]+ring; y++ {
				if max(abs(x-at[0]), abs(y-at[1])) != ring {
					continue
				}
				for _, d := range ix.cells[[2]int{x, y}] {
					if m := geo.DistanceHaversine(p, d.point); m < metres {
						nearest, metres = d, m
					}
				}
			}
		}
	}
	return nearest, metres
}

func nearestOf(p orb.Point, regency string) (metres float64, ok bool) {
	metres = math.Inf(1)
	for _, d := range districts().of[regency] {
		metres = min(metres, geo.DistanceHaversine(p, d.point))
	}
	return metres, !math.IsInf(metres, 1)
}

func abs(n int) int { return max(n, -n) }

// stateSchool reports whether a school's name is that of a state school.
func stateSchool(name string) bool {
	words := strings.Fields(strings.ToUpper(name))
	return slices.Contains(words, "NEGERI") || len(words) > 0 && slices.Contains([]string{"SMAN", "SMKN", "SLBN", "MAN"}, words[0])
}

// sameName reports whether two names mean one place to a careful reader: the same letters and digits.
func sameName(a, b string) bool { return plainName(a) == plainName(b) && plainName(a) != "" }

// plainName is a name without case, blanks and signs, and with the usual long forms shortened.
func plainName(name string) string {
	name = longForms.Replace(strings.ToUpper(name))
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, name)
}

var longForms = strings.NewReplacer("SMA N ", "SMAN ", "SMK N ", "SMKN ", "SLB N ", "SLBN ", "SLB NEGERI", "SLBN", "MADRASAH ALIYAH NEGERI", "MAN",
	"RUMAH TAHANAN NEGARA", "RUTAN", "PANTI SOSIAL TRESNA WERDHA", "PSTW", "SMA NEGERI", "SMAN", "SMK NEGERI", "SMKN", "SMA SWASTA", "SMAS", "SMK SWASTA", "SMKS", "LEMBAGA PEMASYARAKATAN", "LAPAS")
