package outreach

// SiteKind is what sort of place a site is.
type SiteKind string

// facts of a kind that plans start from until visits teach better ones.
type kindFacts struct {
	vulnerable bool      // its people cannot come to the office, or are protected: small counts are hidden
	weight     int64     // of a person reached there, in tenths
	yield      float64   // of the heads, those a visit may expect to record
	printable  float64   // of those recorded, those who get a card on the day
	pace       float64   // speed of service there against a team's own pace
	hours      []Opening // when visits are usually welcome
}

// kinds are the sorts of site, with what is assumed of each.
//
// Yields: 42 of a school's pupils were targeted in Madiun (31 schools, 2024) and 38 recorded a school in Jakarta Utara
// (48 schools, 2019), where a school has 300 to 1,200 pupils; a village drive in Solok Selatan met 27 % of its target
// (2018); 38 of 646 inmates in Surakarta (2019) and 500 of some 9,000 at Tanjung Gusta were without a card or
// recording. Of 52 pupils recorded in Madiun 35 were 17, so 67 in 100 get a card at once and the others on their
// birthday. The bedridden take 15 minutes each where a pupil takes 5 to 10. Hours are those of schools and prisons
// where visits were reported; all of it is marked as assumed wherever it is shown.
var kinds = map[SiteKind]kindFacts{
	"school_sma":   {weight: 10, yield: 0.08, printable: 0.67, pace: 1.2, hours: schoolHours},
	"school_smk":   {weight: 10, yield: 0.08, printable: 0.67, pace: 1.2, hours: schoolHours},
	"school_ma":    {weight: 10, yield: 0.08, printable: 0.67, pace: 1.2, hours: schoolHours},
	"school_slb":   {vulnerable: true, weight: 25, yield: 0.25, printable: 0.67, pace: 0.5, hours: schoolHours},
	"pesantren":    {weight: 10, yield: 0.10, printable: 0.67, pace: 1, hours: week("1-6 08:00-15:00")},
	"panti_jompo":  {vulnerable: true, weight: 30, yield: 0.30, printable: 1, pace: 0.4, hours: week("1-6 08:00-15:00")},
	"panti_asuhan": {vulnerable: true, weight: 25, yield: 0.15, printable: 0.67, pace: 0.8, hours: week("1-6 08:00-16:00")},
	"lapas":        {vulnerable: true, weight: 20, yield: 0.06, printable: 1, pace: 0.8, hours: prisonHours},
	"rutan":        {vulnerable: true, weight: 20, yield: 0.06, printable: 1, pace: 0.8, hours: prisonHours},
	"lpka":         {vulnerable: true, weight: 25, yield: 0.15, printable: 0.67, pace: 0.8, hours: prisonHours},
	"hospital":     {vulnerable: true, weight: 25, yield: 0.05, printable: 1, pace: 0.4, hours: week("1-6 09:00-15:00")},
	"village":      {weight: 10, yield: 0.27, printable: 0.8, pace: 1, hours: week("1-6 08:00-16:00")},
	"island":       {vulnerable: true, weight: 25, yield: 0.27, printable: 0.8, pace: 0.8, hours: week("1-7 07:00-17:00")},
	"camp":         {vulnerable: true, weight: 30, yield: 0.30, printable: 0.9, pace: 0.8, hours: week("1-7 08:00-17:00")},
	"institution":  {weight: 10, yield: 0.05, printable: 1, pace: 1, hours: week("1-5 08:00-15:00")},
	"company":      {weight: 8, yield: 0.05, printable: 1, pace: 1.2, hours: week("1-5 08:00-16:00")},
	"other":        {weight: 10, yield: 0.10, printable: 0.8, pace: 1, hours: week("1-5 08:00-15:00")},
}

var (
	schoolHours = week("1-4 07:30-14:00", "5 07:30-11:30")
	prisonHours = week("1-4 09:00-15:00", "5 09:00-11:00")
)

// SiteKinds are the kinds in the order that forms list them.
var SiteKinds = []SiteKind{"school_sma", "school_smk", "school_ma", "school_slb", "pesantren", "panti_jompo", "panti_asuhan", "lapas", "rutan",
	"lpka", "hospital", "village", "island", "camp", "institution", "company", "other"}

// Access is what a site asks of a team, and what equipment answers it.
var Access = []string{"stairs", "wheelchair", "boat", "permit", "generator", "satellite", "female-officer"}

// Groups are the people counted at a site. All is everybody there; the others are parts of it.
var Groups = []string{"all", "not-enrolled", "age-16", "age-17", "elderly", "disabled", "mental-disability", "inmates", "children"}

// vulnerable groups are shown in small counts to their own office alone.
var vulnerableGroups = map[string]bool{"elderly": true, "disabled": true, "mental-disability": true, "inmates": true, "children": true}

// school median sizes: pupils of an SMA or SMK of six cities and regencies in 2025 (Dapodik, median of their medians),
// by level and status. Schools for the disabled are far smaller; 80 is assumed.
var schoolMedian = map[SiteKind]map[bool]int64{
	"school_sma": {true: 1109, false: 139},
	"school_smk": {true: 1448, false: 165},
	"school_ma":  {true: 1109, false: 139},
	"school_slb": {true: 80, false: 80},
}

// kindMedian are the people at a place of other kinds: medians of the 19 prisons and homes whose people press and offices
// told from 2017 to 2024; and for a LPKA the mean of 1,639 children (Ditjenpas, 2023) in 33 of them.
var kindMedian = map[SiteKind]int64{"lapas": 827, "rutan": 375, "lpka": 50, "panti_jompo": 60, "panti_asuhan": 60}
