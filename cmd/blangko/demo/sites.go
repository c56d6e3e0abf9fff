package demo

import _ "embed"

//go:embed sites.csv
var sites []byte

// Sites is a file of public facts for the importer of sites: schools of Ternate and Medan as Dapodik listed them in
// mid-2019, and prisons and homes from public reports, with heads only where a report gives them. docs/demo.md says
// which were chosen.
func Sites() []byte { return sites }
