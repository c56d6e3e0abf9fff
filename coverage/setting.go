package coverage

import "blangko/internal/setting"

// rhythms are the months that a report of a subject may cover: none, one, a quarter, or a semester as DKB has it.
var rhythms = []float64{0, 1, 3, 6}

func rhythm(of Subject, months float64) setting.Of[float64] {
	return setting.NewChoice("reports."+string(of), months, rhythms,
		"Months that a report of "+string(of)+" covers; 0 asks nobody for one.")
}

var (
	reportDays = setting.NewWhole("reports.days", 10, 0, 92, "days", "Days after the end of its period by which a report of coverage is due.")
	staleDays  = setting.NewWhole("findings.stale", 400, 31, 3650, "days", "Days without a newer figure after which the last one is found stale.")

	// The defaults are choices of ours: no rule was found that says which reports are due when.
	reportMonths = map[Subject]setting.Of[float64]{
		Recording: rhythm(Recording, 1), Certificate: rhythm(Certificate, 3), Card: rhythm(Card, 0), ChildCard: rhythm(ChildCard, 0), DigitalID: rhythm(DigitalID, 0),
	}
)

// Settings are what an administrator may set of this package.
func Settings() []setting.Declared {
	all := []setting.Declared{reportDays, staleDays}
	for _, s := range Subjects {
		all = append(all, reportMonths[s])
	}
	return all
}
