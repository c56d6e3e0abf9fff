package outreach_test

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"blangko/outreach"
)

// awkward is a name that a file format could stumble over.
const awkward = "SMA \"Nurul; Iman\", Jl. Pahlawan Revolusi no. 12\\14 — Kélurahan Tanah Tinggi Barat, Kecamatan Ternate Selatan, sisi utara\nlantai 2 <aula & mushala>"

// drawn is the text that a PDF draws.
func drawn(t testing.TB, pdf []byte) string {
	t.Helper()
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(pdf), []byte("%%EOF")) {
		t.Fatalf("%.20q … %.20q is no PDF", pdf, pdf[max(0, len(pdf)-20):])
	}
	var all strings.Builder
	for _, found := range regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`).FindAllSubmatch(pdf, -1) {
		if r, err := zlib.NewReader(bytes.NewReader(found[1])); err == nil {
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
	}
	return all.String()
}

// unfolded reads an iCalendar file as RFC 5545, section 3.1 has it: lines of 75 octets at most that end in CRLF, longer
// ones folded behind a blank; a character is not cut in two.
func unfolded(t testing.TB, text string) (lines []string) {
	t.Helper()
	if !strings.HasSuffix(text, "\r\n") || strings.Count(text, "\n") != strings.Count(text, "\r\n") || strings.Count(text, "\r") != strings.Count(text, "\r\n") {
		t.Error("the lines do not all end in CRLF")
	}
	for _, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 {
			t.Errorf("%d octets in the line %q", len(line), line)
		}
		if !utf8.ValidString(line) {
			t.Errorf("a character is cut in two: %q", line)
		}
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			lines[len(lines)-1] += line[1:]
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

type event map[string]string

// events reads the events of a calendar and holds every one against what RFC 5545, section 3.6.1 asks of it.
func events(t testing.TB, calendar []byte) (all []event) {
	t.Helper()
	var open []string
	head := map[string]string{}
	for _, line := range unfolded(t, string(calendar)) {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			t.Errorf("a line without a name: %q", line)
		}
		name, _, _ = strings.Cut(name, ";")
		switch {
		case name == "BEGIN":
			open = append(open, value)
			if value == "VEVENT" {
				all = append(all, event{})
			}
		case name == "END":
			if len(open) == 0 || open[len(open)-1] != value {
				t.Fatalf("END:%s within %v", value, open)
			}
			open = open[:len(open)-1]
		case len(open) == 2:
			if _, twice := all[len(all)-1][name]; twice {
				t.Errorf("%s stands twice in an event", name)
			}
			all[len(all)-1][name] = value
		default:
			head[name] = value
		}
	}
	if len(open) > 0 || head["VERSION"] != "2.0" || head["PRODID"] == "" {
		t.Errorf("open %v, head %v", open, head)
	}
	seen := map[string]bool{}
	for _, e := range all {
		for _, name := range []string{"DTSTAMP", "DTSTART", "DTEND"} {
			if _, err := time.Parse("20060102T150405Z", e[name]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if e["UID"] == "" || seen[e["UID"]] || e["DTEND"] <= e["DTSTART"] || e["SEQUENCE"] == "" {
			t.Errorf("event %v", e)
		}
		seen[e["UID"]] = true
		// TEXT: comma, semicolon, backslash and line end are escaped (section 3.3.11).
		if plain := regexp.MustCompile(`\\[\\,;nN]`).ReplaceAllString(e["SUMMARY"], ""); strings.ContainsAny(plain, `,;\`) {
			t.Errorf("SUMMARY is not escaped: %q", e["SUMMARY"])
		}
	}
	return all
}

// Letters, calendars, tracks and maps say what the plan says, and are read by what follows the rules of their format.
func TestPapersOfAPlan(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, "82.71", 100)
	first := b.village(t, awkward, 100)
	second := b.village(t, "Panti Himo-Himo", 90, func(n *outreach.NewSite) { n.Lon, n.Lat = at(127.356), at(0.780) })
	team := b.team(t, "Satu")
	p := must[outreach.Plan](t)(b.desk.Propose(ctx, field, week(2)))
	if len(p.Visits) != 2 || p.Outcome.Blanks.RecordOnly != 1 {
		t.Fatalf("%d visits, %+v", len(p.Visits), p.Outcome.Blanks)
	}
	p = must[outreach.Plan](t)(b.desk.Publish(ctx, field, p.ID, p.Version))

	for _, v := range p.Visits {
		text := drawn(t, must[[]byte](t)(b.desk.Letter(ctx, field, v.ID)))
		for _, want := range []string{"Kota Ternate", "Senin", "23-11-2026", "Satu", fmt.Sprint(v.Expected.People, " orang")} {
			if v.Day == monday && !strings.Contains(text, want) {
				t.Errorf("the letter to %q does not say %q", v.SiteName, want)
			}
		}
		if told := strings.Contains(text, "dicetak kemudian"); told != v.RecordOnly {
			t.Errorf("cards come later: %v, told: %v", v.RecordOnly, told)
		}
	}
	duty := drawn(t, must[[]byte](t)(b.desk.TaskLetter(ctx, field, p.ID, team.ID)))
	for _, v := range p.Visits {
		if want := fmt.Sprintf("%d orang, %d blangko", v.Expected.People, v.Blanks); !strings.Contains(duty, want) {
			t.Errorf("the letter of duty does not say %q", want)
		}
	}

	all := events(t, must[[]byte](t)(b.desk.Calendar(ctx, field, team.ID, 0)))
	if len(all) != 2 || all[0]["STATUS"] != "TENTATIVE" {
		t.Errorf("the team's calendar: %v", all)
	}
	of := events(t, must[[]byte](t)(b.desk.Calendar(ctx, field, 0, first.ID)))
	if len(of) != 1 {
		t.Fatalf("the site's calendar: %v", of)
	}
	summary := strings.NewReplacer(`\\`, `\`, `\,`, `,`, `\;`, `;`, `\n`, "\n").Replace(of[0]["SUMMARY"])
	if !strings.Contains(summary, awkward) || of[0]["GEO"] != fmt.Sprintf("%v;%v", *first.Lat, *first.Lon) {
		t.Errorf("the event is %q at %s", summary, of[0]["GEO"])
	}

	v := p.Visits[slices.IndexFunc(p.Visits, func(v outreach.Visit) bool { return v.Site == second.ID })]
	must[outreach.Visit](t)(b.desk.Miss(ctx, field, v.ID, v.Version, "hujan"))
	missed := events(t, must[[]byte](t)(b.desk.Calendar(ctx, field, 0, second.ID)))
	if len(missed) != 1 || missed[0]["STATUS"] != "CANCELLED" || missed[0]["UID"] != fmt.Sprintf("visit-%d@blangko", v.ID) {
		t.Errorf("a visit that was missed: %v", missed)
	}

	track(t, must[[]byte](t)(b.desk.GPX(ctx, field, p.ID)), team, first)
	chart(t, must[outreach.FeatureCollection](t)(b.desk.PlanMap(ctx, field, p.ID)), first)
}

// track holds a GPX file against the schema of GPX 1.1: names, order and ranges of what it holds.
func track(t testing.TB, file []byte, team outreach.Team, site outreach.Site) {
	t.Helper()
	var doc struct {
		XMLName xml.Name `xml:"http://www.topografix.com/GPX/1/1 gpx"`
		Version string   `xml:"version,attr"`
		Creator string   `xml:"creator,attr"`
		Routes  []struct {
			Name   string `xml:"name"`
			Points []struct {
				Lat  float64 `xml:"lat,attr"`
				Lon  float64 `xml:"lon,attr"`
				Rest []struct {
					XMLName xml.Name
					Text    string `xml:",chardata"`
				} `xml:",any"`
			} `xml:"rtept"`
		} `xml:"rte"`
	}
	if err := xml.Unmarshal(file, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Version != "1.1" || doc.Creator == "" || len(doc.Routes) != 1 || len(doc.Routes[0].Points) != 3 {
		t.Fatalf("GPX %+v", doc)
	}
	points := doc.Routes[0].Points
	if points[0].Lat != *team.DepotLat || points[2].Lon != *team.DepotLon || points[1].Lat != *site.Lat || points[1].Lon != *site.Lon {
		t.Errorf("the way is %+v", points)
	}
	order := []string{"ele", "time", "name", "cmt", "desc"}
	for _, p := range points {
		last := -1
		for _, r := range p.Rest {
			at := slices.Index(order, r.XMLName.Local)
			if at <= last {
				t.Errorf("%s stands where GPX 1.1 does not allow it", r.XMLName.Local)
			}
			last = at
			if _, err := time.Parse(time.RFC3339, r.Text); r.XMLName.Local == "time" && err != nil {
				t.Error(err)
			}
		}
	}
	if name := points[1].Rest[len(points[1].Rest)-1].Text; name != awkward {
		t.Errorf("the place is called %q", name)
	}
}

// chart reads the map of a plan with another program's eyes: GeoJSON of points and lines, longitude first.
func chart(t testing.TB, fc outreach.FeatureCollection, site outreach.Site) {
	t.Helper()
	text, err := json.Marshal(fc)
	if err != nil {
		t.Fatal(err)
	}
	read, err := geojson.UnmarshalFeatureCollection(text)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, f := range read.Features {
		kinds[f.Geometry.GeoJSONType()]++
		if !(orb.Bound{Min: orb.Point{94, -12}, Max: orb.Point{142, 7}}).Contains(f.Geometry.Bound().Min) {
			t.Errorf("%v lies at %v", f.ID, f.Geometry)
		}
		if p, ok := f.Geometry.(orb.Point); ok && (p != orb.Point{*site.Lon, *site.Lat} || f.Properties["name"] != awkward) {
			t.Errorf("%v at %v", f.Properties["name"], p)
		}
	}
	if kinds["Point"] != 1 || kinds["LineString"] != 1 {
		t.Errorf("the map holds %v", kinds)
	}
}
