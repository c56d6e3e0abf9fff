package demand_test

import (
	"fmt"

	"blangko/forecasting/demand"
)

func ExampleAsked() {
	// 120 cards were printed while the backlog grew from 30 to 80.
	fmt.Println(demand.Asked(120, 30, 80))
	// Output: 170
}
