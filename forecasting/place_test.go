package forecasting

import (
	"math"
	"testing"
)

// Whatever the backlog did, what is taken for demand lies between the identity and exposure, and exposure is a share.
func TestDemandBehindEmptyShelvesLiesBetweenIdentityAndExposure(t *testing.T) {
	t.Parallel()
	for _, used := range []float64{0, 1, 100, 1000} {
		for _, exposure := range []float64{0, 0.1, 0.3, 0.7, 1} {
			for _, grown := range []float64{-2000, -500, -10, 0, 10, 500} {
				got, share := demandBehind(monthKnown{used: used, exposure: exposure}, 2000, 2000+grown)
				if !(share > 0 && share <= 1) {
					t.Fatalf("used %g, exposed %g, backlog grown by %g: exposure %g", used, exposure, grown, share)
				}
				identity := math.Max(0, used+grown)
				least, most := identity, identity
				if exposure >= 0.25 && exposure < 1 {
					least, most = math.Min(identity, used/exposure), math.Max(identity, used/exposure)
				}
				if d := got / share; d < least-1e-9 || d > most+1e-9 {
					t.Errorf("used %g, exposed %g, backlog grown by %g: demand %g, want between %g and %g", used, exposure, grown, d, least, most)
				}
			}
		}
	}
}
