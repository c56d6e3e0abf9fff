package fairshare_test

import (
	"fmt"
	"math/big"

	"blangko/inventory/fairshare"
)

// Three regions asked for 9,000 blanks and 5,000 are there. Run out together, or share by request?
func ExampleDivide() {
	ask := func(request, stock, dailyNeed int64) fairshare.Claim {
		return fairshare.Claim{Request: &request, Stock: stock, DailyNeed: big.NewRat(dailyNeed, 1)}
	}
	claims := []fairshare.Claim{ask(3000, 200, 50), ask(4000, 300, 120), ask(2000, 400, 20)}
	for _, rule := range []fairshare.Rule{fairshare.Together, fairshare.Proportional} {
		result, err := fairshare.Divide(fairshare.Terms{Available: 5000, Rule: rule, Box: 100, Days: 30}, claims)
		if err != nil {
			fmt.Println(err)
			return
		}
		for i, line := range result.Lines {
			fmt.Println(rule, line.Given, claims[i].DaysOfCover(line.Given).FloatString(1), "days")
		}
	}
	// Output:
	// together 1400 32.0 days
	// together 3400 30.8 days
	// together 200 30.0 days
	// proportional 1700 38.0 days
	// proportional 2200 20.8 days
	// proportional 1100 75.0 days
}

// What each rule does to the region that is worst off.
func ExampleSummarize() {
	claims := three()
	base, _ := fairshare.Divide(fairshare.Terms{Available: 5000, Rule: fairshare.Together, Box: 1, Days: 30}, claims)
	gains, _ := fairshare.Divide(fairshare.Terms{Available: 5000, Rule: fairshare.Gains, Box: 1, Days: 30}, claims)
	for _, r := range []fairshare.Result{base, gains} {
		s := fairshare.Summarize(claims, r)
		fmt.Printf("at least %.1f days, fill %.2f\n", *s.MinDays, *s.Fill)
	}
	fmt.Println(fairshare.Changes(base, gains))
	// Output:
	// at least 31.1 days, fill 0.56
	// at least 16.4 days, fill 0.56
	// [314 -1759 1445]
}
