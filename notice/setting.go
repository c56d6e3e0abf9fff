package notice

import "blangko/internal/setting"

const costLoss = "Probability above which there is an alert of this level: the cost of acting over the loss of not acting."

var (
	watchAbove    = setting.NewNumber("alerts.watch", DefaultThresholds.Watch, 0.01, 0.99, "probability", costLoss)
	warningAbove  = setting.NewNumber("alerts.warning", DefaultThresholds.Warning, 0.01, 0.99, "probability", costLoss)
	criticalAbove = setting.NewNumber("alerts.critical", DefaultThresholds.Critical, 0.01, 0.99, "probability", costLoss)
)

// Settings are what an administrator may set of this package.
func Settings() []setting.Declared {
	return []setting.Declared{watchAbove, warningAbove, criticalAbove}
}
