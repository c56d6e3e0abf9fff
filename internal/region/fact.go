package region

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Fact is what the product itself knows of one of today's regions; docs/data.md names the sources.
type Fact struct {
	ID       int    // the id that Seed gives the region
	Code     string // Kepmendagri 300.2.2-2430 of 2025
	Name     string
	Level    Level
	Kind     string // nation, province, regency, city or district
	Zone     Zone
	Lon, Lat float64   // WGS84 degrees of a representative point, where people live where that is known
	Male     int       // persons at the end of 2024 (DKB semester 2); 0 for districts, of which none are published
	Female   int       // likewise
	AreaKm2  float64   // 0 for districts
	Since    time.Time // first day of this code; Beginning where the table knows of no other
}

// Parent returns the code of the region over this one, "" for the nation.
func (f Fact) Parent() string { return Parent(f.Code) }

// People returns the population.
func (f Fact) People() int { return f.Male + f.Female }

// All returns the nation, the provinces and regencies in order of code, then the districts in order of code. The
// caller may change the slice.
func All() []Fact { return slices.Clone(known().today) }

// Beginning is the first day the tree knows: the law that made the 34th province (UU 20/2012). The tree of the last
// day of the 34 provinces is held to have stood since then.
var Beginning = Date(2012, time.November, 16)

// earlier is a code that a region bore, or a region that was, until a law of 2022.
type earlier struct {
	code, name string
	today      string // today's code of the same region, "" when the region is no more
	until      time.Time
}

type facts struct {
	today   []Fact
	earlier []earlier
}

//go:embed facts/*.csv
var files embed.FS

// known reads the files once. They are part of the program, so a wrong one is a bug.
var known = sync.OnceValue(func() facts {
	var k facts
	at := map[string]int{} // code → index in k.today
	add := func(f Fact) {
		f.ID = len(k.today) + 1
		at[f.Code] = len(k.today)
		k.today = append(k.today, f)
	}
	for _, row := range rows("facts/regions.csv") {
		f := Fact{Code: row[0], Name: row[1], Kind: row[2], Zone: Zone(row[3]), Since: date(row[4]),
			Lon: float(row[5]), Lat: float(row[6]), Male: whole(row[7]), Female: whole(row[8]), AreaKm2: float(row[10])}
		if f.People() != whole(row[9]) {
			panic(fmt.Sprintf("region: men and women of %s do not add up to its population", f.Code))
		}
		f.Level = must(LevelOf(f.Code))
		add(f)
	}
	for _, row := range rows("facts/earlier.csv") {
		e := earlier{code: row[0], today: row[1], name: row[2]}
		heir := e.today
		if heir == "" {
			heir = e.code
		}
		e.until = k.today[at[heir]].Since
		k.earlier = append(k.earlier, e)
	}
	moved := map[string]bool{} // regencies whose code changed
	for _, e := range k.earlier {
		moved[e.today] = e.today != e.code
	}
	for _, row := range rows("facts/districts.csv") {
		over := k.today[at[Parent(row[0])]]
		f := Fact{Code: row[0], Name: row[1], Level: District, Kind: "district", Zone: over.Zone,
			Lon: float(row[2]), Lat: float(row[3]), Since: Beginning}
		if moved[over.Code] {
			f.Since = over.Since
		}
		add(f)
	}
	return k
})

// rows returns the records of a file without its heading.
func rows(name string) [][]string {
	text := must(files.ReadFile(name))
	return must(csv.NewReader(bytes.NewReader(text)).ReadAll())[1:]
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("region: the facts cannot be read: %v", err))
	}
	return value
}

func whole(text string) int     { return must(strconv.Atoi(text)) }
func float(text string) float64 { return must(strconv.ParseFloat(text, 64)) }

func date(text string) time.Time {
	if text == "" {
		return Beginning
	}
	return must(time.Parse(time.DateOnly, text))
}

// FactsHash names the content of the files, so that a test template made from others is not taken for theirs.
func FactsHash() string {
	h := sha256.New()
	for _, name := range []string{"regions", "districts", "earlier"} {
		h.Write(must(files.ReadFile("facts/" + name + ".csv")))
	}
	return hex.EncodeToString(h.Sum(nil))
}
