package outreach

import (
	"context"
	"encoding/json"
	"runtime"
	"time"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/outreach/route"
	"blangko/outreach/route/vroom"
)

// ErrRouting is the fault of a routing problem that cannot be solved as it stands; advice says what is wrong with it.
var ErrRouting = fault.New(fault.Invalid, "routing-problem") // code, advice

// routingTime is how long a problem may be searched while somebody waits.
const routingTime = 20 * time.Second

// SolveRoute answers a problem in VROOM's JSON in VROOM's JSON, as the command route does.
func (d *Desk) SolveRoute(ctx context.Context, who access.Actor, problem []byte, seed uint64, iterations int) (json.RawMessage, error) {
	if err := who.May(access.PlanRoutes); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, routingTime)
	defer cancel()
	answer, err := vroom.Solve(ctx, problem, route.Options{Seed: seed, Iterations: iterations, Threads: runtime.GOMAXPROCS(0)})
	if err == nil {
		return answer, nil
	}
	var failure struct {
		Code  int    `json:"code"`
		Error string `json:"error"`
	}
	if bad := json.Unmarshal(answer, &failure); bad != nil || failure.Code != vroom.Input {
		return nil, err
	}
	return nil, ErrRouting.With("code", failure.Code, "advice", failure.Error)
}
