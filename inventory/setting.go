package inventory

import "blangko/internal/setting"

var (
	verifyFirst      = setting.NewSwitch("requests.verification", false, "Whether the province verifies a request before the planner approves it.")
	requestTolerance = setting.NewNumber("requests.tolerance", 0.10, 0, 1, "part", "Part by which a request may depart from the suggestion without a reason.")
	requestQuantile  = setting.NewChoice("requests.quantile", 0.9, []float64{0.5, 0.8, 0.9, 0.95}, "Quantile of demand that a suggestion covers.")
	boxPieces        = setting.NewWhole("allocations.box", 500, 1, 100_000, "pieces", "Pieces in a box, for an allocation that does not say.")
	discrepancyDays  = setting.NewWhole("discrepancies.days", 7, 1, 365, "days", "Days that the sender has to answer a discrepancy.")
	photoDays        = setting.NewWhole("discrepancies.photos", 365, 1, 3650, "days", "Days that the photos of a discrepancy are kept at least.")
)

// Settings are what an administrator may set of this package.
func Settings() []setting.Declared {
	return []setting.Declared{verifyFirst, requestTolerance, requestQuantile, boxPieces, discrepancyDays, photoDays}
}
