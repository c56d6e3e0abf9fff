package demo

// Parameters are everything the simulator takes for granted. They are the truth behind the synthetic figures, so no
// other package may see them: a forecast that knew them would prove nothing. docs/demo.md names the sources.
type Parameters struct {
	Seed  uint64
	Years int // length of the history

	DailyFor int // days before the end that are posted day by day; the ones before week by week

	Demand   Demand
	Supply   Supply
	Rare     Rare
	Coverage Coverage
	Drivers  Drivers
}

// Demand is what people come for. Shares are of good cards, by cause in the order of causes.
type Demand struct {
	RateRegency, RateCity float64             // median cards a person and year
	RateSpread            float64             // sigma of the log-normal between regions
	RatePapua             float64             // factor in the six provinces of Papua
	NationYear            float64             // cards the whole nation comes for in a year: the rates are scaled to it
	Shares                [causeCount]float64 // kabupaten
	SharesCity            [causeCount]float64
	SharesPapua           [causeCount]float64 // where many are recorded for the first time
	Spoiled               float64             // of the blanks that go into the printer

	Friday, Saturday float64 // against Monday to Thursday; Saturday where the office opens at all
	SaturdayOffices  float64 // share of offices that open on Saturday
	SchoolHoliday    float64 // factor on first cards, mid June to mid July and around New Year
	Ramadan          float64 // factor on all
	AfterLebaran     float64 // factor on all, for two weeks from the first working day
	BeforeElection   float64 // factor on first cards, 75 days before
	YearEnd          float64 // factor on all, November and December
	Recruitment      float64 // factor on replacements, four weeks in September
	DayNoise         float64 // sigma of the log-normal day
	WeekNoise        float64 // sigma of the week's drift, an AR(1) of 0.8

	Capacity float64 // cards a day that an office can print, in mean working days
	GiveUp   float64 // of those who wait for a replacement, the share that turns away each working day; first cards wait
}

// Supply is how blanks come.
type Supply struct {
	RegionDays float64 // days of use in the offices at the start
	NationDays float64 // days of use in the national store at the start
	Lot        int64   // blanks in the smallest order and step

	// Purchases are the contracts: each begins to be delivered From days before the end and is bought to last until
	// Until days before the end. Between them lies scarcity.
	Purchases []Purchase

	ReviewDays float64 // an office orders when what it has and expects covers less than lead time and this
	OrderDays  float64 // days of use that an order is for
	OrderNoise float64 // relative spread between offices of both

	TightBelow    float64    // days of the nation's use in the store below which requests are cut
	RationedBelow float64    // likewise, below which each region gets one lot
	FillNormal    [2]float64 // share of what was asked that is approved
	FillTight     [2]float64

	// Lead is the time on the road in days, from least to most, by group of provinces (see route.go).
	Lead       map[string][2]float64
	Onward     [2]float64 // and onward to an island without an airport for cargo
	BadSea     float64    // factor in December to February and June to August, where there is a sea to cross
	Delayed    float64    // share of shipments that are held up
	DelayDays  [2]float64
	ByProvince []string // provinces that fetch for all their regencies

	// The story of the README begins in this region: it asks for nothing in its last days, so that a newcomer can.
	Story     string
	StoryDays int
}

// Purchase is a contract with a printer, in days before the end of the history.
type Purchase struct {
	From, Until int
	Weeks       int // over which the printer delivers
	Fund        int // lot: 1 APBN, 2 PNBP
}

// Rare is what goes wrong.
type Rare struct {
	ReceiptShort   float64 // share of shipments that arrive with pieces missing
	ReceiptDamaged float64
	PiecesMost     int     // missing or damaged pieces of such a shipment, from 1
	LostYear       float64 // losses a region and year
	NetworkYear    float64 // days without network come so often a region and year, 1 to 3 at a time
	RibbonYear     float64 // stops for want of ribbon a region and year, 1 to 8 weeks in January to March or August, September
	Emergency      float64 // share of requests
}

// Calibration is the demo's.
var Calibration = Parameters{
	Seed:     20251122,
	Years:    3,
	DailyFor: 365,
	Demand: Demand{
		RateRegency: 0.080, RateCity: 0.105, RateSpread: 0.20, RatePapua: 0.6,
		NationYear:  22_500_000,
		Shares:      [causeCount]float64{.17, .10, .08, .38, .13, .12},
		SharesCity:  [causeCount]float64{.17, .15, .08, .33, .13, .12},
		SharesPapua: [causeCount]float64{.40, .07, .06, .27, .09, .09},
		Spoiled:     0.0174,
		Friday:      0.5, Saturday: 0.4, SaturdayOffices: 0.1,
		SchoolHoliday: 1.8, Ramadan: 0.85, AfterLebaran: 1.3, BeforeElection: 1.6, YearEnd: 1.12, Recruitment: 1.25,
		DayNoise: 0.15, WeekNoise: 0.08,
		Capacity: 2.2, GiveUp: 0.06,
	},
	Supply: Supply{
		RegionDays: 20, NationDays: 25, Lot: 500,
		Purchases: []Purchase{
			{From: 1080, Until: 985, Weeks: 6, Fund: 1},
			{From: 990, Until: 872, Weeks: 7, Fund: 1},
			{From: 880, Until: 735, Weeks: 8, Fund: 2},
			// November to February: nothing but two small purchases.
			{From: 712, Until: 690, Weeks: 1, Fund: 2},
			{From: 680, Until: 659, Weeks: 1, Fund: 2},
			{From: 648, Until: 545, Weeks: 5, Fund: 1},
			{From: 552, Until: 470, Weeks: 5, Fund: 1},
			{From: 440, Until: 318, Weeks: 6, Fund: 2},
			{From: 325, Until: 218, Weeks: 6, Fund: 1},
			{From: 225, Until: 122, Weeks: 6, Fund: 1},
			{From: 128, Until: 22, Weeks: 6, Fund: 2},
			{From: 24, Until: 4, Weeks: 2, Fund: 1},
			{From: -12, Until: -110, Weeks: 6, Fund: 1}, // signed and yet to come
		},
		ReviewDays: 14, OrderDays: 23, OrderNoise: 0.25,
		TightBelow: 7, RationedBelow: 3,
		FillNormal: [2]float64{.9, 1}, FillTight: [2]float64{.25, .45},
		Lead: map[string][2]float64{
			"jabodetabek":       {0, 1},
			"jawa":              {1, 3},
			"bali-lampung":      {2, 4},
			"outer":             {3, 6},
			"nusa-maluku":       {4, 10},
			"papua":             {5, 14},
			"inside-a-province": {1, 4},
		},
		Onward: [2]float64{2, 10}, BadSea: 1.3, Delayed: 0.03, DelayDays: [2]float64{5, 20},
		ByProvince: []string{"17", "53", "61", "94", "95"},
		Story:      "82.71", StoryDays: 24,
	},
	Rare: Rare{
		ReceiptShort: 0.005, ReceiptDamaged: 0.005, PiecesMost: 20,
		LostYear: 0.2, NetworkYear: 4, RibbonYear: 0.3, Emergency: 0.03,
	},
	Coverage: Coverage{
		NotEnrolled: 0.018, NotEnrolledPapua: 0.18, NoCertificate: 0.045, NoCertificatePap: 0.30, Spread: 0.55, PerYear: 0.12,
		Eligible: 0.735, Child: 0.28, Growth: 0.009,
		PrintReadyDays: [2]float64{1, 5}, Sent: 0.0006, Adjudicated: 0.002, Late: 0.05, Silent: 0.03,
	},
}

// Judged are the nations on which forecasts and rules are judged: the demo's, with drivers that offices know of beforehand, no
// two of which a forecast assumes just so.
func Judged(seed uint64) Parameters {
	p := Calibration
	p.Seed = seed
	p.Drivers = Drivers{
		Birthdays: 0.2, Lag: [3]float64{.5, .35, .15}, Digital: [2]float64{.05, .25}, Saved: 0.2,
		Visits: 1, Heads: 2, Turnout: [2]float64{.4, .8}, Spread: 0.3, Held: 0.85, Announced: 21,
		Circulars: []Switched{{Class: "moved", From: 620, Until: 585}, {Class: "data-change", From: 135, Until: 90}},
	}
	return p
}
