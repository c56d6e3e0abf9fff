package region_test

import (
	"fmt"
	"time"

	"blangko/internal/region"
)

// The dot is the boundary of a code.
func ExampleUnder() {
	fmt.Println(region.Under("12.71.03", "12.71"), region.Under("12.71", "12.7"), region.Under("12.71", "00"))
	// Output: true false true
}

func ExampleAncestors() {
	fmt.Println(region.Ancestors("12.71.03"))
	// Output: [12.71 12 00]
}

// Half past ten at night in Jakarta is tomorrow in Jayapura.
func ExampleToday() {
	now := time.Date(2026, time.November, 22, 15, 30, 0, 0, time.UTC)
	fmt.Println(region.Today(region.WIB, now).Format(time.DateOnly), region.Today(region.WIT, now).Format(time.DateOnly))
	// Output: 2026-11-22 2026-11-23
}
