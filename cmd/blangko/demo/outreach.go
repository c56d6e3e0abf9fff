package demo

import (
	_ "embed"

	"blangko/outreach"
)

//go:embed sites.csv
var sites []byte

// Sites is a file of public facts for the importer of sites: schools of Ternate and Medan as Dapodik listed them in
// mid-2019, and prisons and homes from public reports, with heads only where a report gives them. docs/demo.md says
// which were chosen.
func Sites() []byte { return sites }

// Islands are those of Ternate behind a crossing. Ports, landings and times are rough, as the field tells them; boats go
// by daylight.
func Islands() []outreach.NewIsland {
	daylight := []outreach.Opening{{Opens: "07:00", Closes: "17:00"}}
	const rough = "simulasi: pelabuhan dan waktu kira-kira"
	return []outreach.NewIsland{
		{Region: "82.71", Name: "Hiri", PortLon: 127.345, PortLat: 0.852, LandingLon: 127.322, LandingLat: 0.886, Crossing: 30, Openings: daylight, Note: rough},
		{Region: "82.71", Name: "Moti", PortLon: 127.378, PortLat: 0.765, LandingLon: 127.425, LandingLat: 0.470, Crossing: 120, Openings: daylight, Note: rough},
		{Region: "82.71", Name: "Batang Dua", PortLon: 127.389, PortLat: 0.785, LandingLon: 126.390, LandingLat: 1.320, Crossing: 600, Openings: daylight, Note: rough},
	}
}

// Teams are made up: two in Ternate and three in Medan, starting from the city's centre.
func Teams() (teams []outreach.NewTeam) {
	for _, t := range []struct {
		region, name string
		lon, lat     float64
		sets         int
	}{
		{"82.71", "Tim Satu (simulasi)", 127.382, 0.789, 2}, {"82.71", "Tim Dua (simulasi)", 127.382, 0.789, 1},
		{"12.71", "Tim Satu (simulasi)", 98.678, 3.590, 3}, {"12.71", "Tim Dua (simulasi)", 98.678, 3.590, 2}, {"12.71", "Tim Tiga (simulasi)", 98.678, 3.590, 2},
	} {
		teams = append(teams, outreach.NewTeam{Region: t.region, Name: t.name, DepotLon: &t.lon, DepotLat: &t.lat, Members: 2*t.sets + 1, Sets: t.sets,
			Pace: 10, Opens: "07:30", Closes: "16:00", Break: 60, Equipment: []string{"boat", "permit", "generator"}})
	}
	return teams
}
