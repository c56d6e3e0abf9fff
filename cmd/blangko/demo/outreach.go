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
// by daylight. Each is a kecamatan, so all sites there lie on it.
func Islands() []outreach.NewIsland {
	daylight := []outreach.Opening{{Opens: "07:00", Closes: "17:00"}}
	const rough = "simulasi: pelabuhan dan waktu kira-kira"
	return []outreach.NewIsland{
		{Region: "82.71.07", Name: "Hiri", PortLon: 127.345, PortLat: 0.852, LandingLon: 127.322, LandingLat: 0.886, Crossing: 30, Openings: daylight, Note: rough},
		{Region: "82.71.04", Name: "Moti", PortLon: 127.378, PortLat: 0.765, LandingLon: 127.425, LandingLat: 0.470, Crossing: 120, Openings: daylight, Note: rough},
		{Region: "82.71.05", Name: "Batang Dua", PortLon: 127.389, PortLat: 0.785, LandingLon: 126.390, LandingLat: 1.320, Crossing: 600, Openings: daylight, Note: rough},
	}
}

// Services are made up: an open-air service of each city for Saturday and one for Sunday, when schools and offices are
// closed.
func Services() (services []Service) {
	for _, s := range []struct {
		region, name string
		lon, lat     float64
		weekday      int
		people       int64
	}{
		{"82.71", "Layanan Sabtu Pasar Gamalama (simulasi)", 127.3846, 0.7826, 6, 60}, {"82.71", "Car free day Landmark (simulasi)", 127.3842, 0.7893, 7, 80},
		{"12.71", "Layanan Sabtu Pasar Petisah (simulasi)", 98.6661, 3.5918, 6, 300}, {"12.71", "Car free day Lapangan Merdeka (simulasi)", 98.6777, 3.5911, 7, 400},
	} {
		services = append(services, Service{People: s.people, Site: outreach.NewSite{Region: s.region, Kind: "other", Name: s.name, Lon: &s.lon, Lat: &s.lat,
			Openings: []outreach.Opening{{Weekdays: []int{s.weekday}, Opens: "07:00", Closes: "11:00"}}, Source: "simulasi", Synthetic: true}})
	}
	return services
}

// PlannedKinds are the sites of the demo's first plans: few, so that what a person plans beside them finds its own.
var PlannedKinds = []outreach.SiteKind{"school_slb", "panti_jompo", "panti_asuhan", "lapas", "rutan", "other"}

// Service is a site and how many people come by on its day.
type Service struct {
	Site   outreach.NewSite
	People int64
}

// Teams are made up: two in Ternate and three in Medan, starting from the city's centre. The last of each city also goes
// out at weekends, so that a demo begun on any day has a visit.
func Teams() (teams []outreach.NewTeam) {
	for _, t := range []struct {
		region, name string
		lon, lat     float64
		sets, days   int
	}{
		{"82.71", "Tim Satu (simulasi)", 127.382, 0.789, 2, 5}, {"82.71", "Tim Dua (simulasi)", 127.382, 0.789, 1, 7},
		{"12.71", "Tim Satu (simulasi)", 98.678, 3.590, 3, 5}, {"12.71", "Tim Dua (simulasi)", 98.678, 3.590, 2, 5}, {"12.71", "Tim Tiga (simulasi)", 98.678, 3.590, 2, 7},
	} {
		teams = append(teams, outreach.NewTeam{Region: t.region, Name: t.name, DepotLon: &t.lon, DepotLat: &t.lat, Members: 2*t.sets + 1, Sets: t.sets,
			Pace: 10, Opens: "07:30", Closes: "16:00", Break: 60, Weekdays: []int{1, 2, 3, 4, 5, 6, 7}[:t.days], Equipment: []string{"boat", "permit", "generator"}, Synthetic: true})
	}
	return teams
}
