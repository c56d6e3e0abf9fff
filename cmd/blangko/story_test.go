package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"blangko/coverage"
	"blangko/internal/account"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
	"blangko/internal/region"
	"blangko/internal/sheet"
	"blangko/inventory"
	"blangko/notice"
	"blangko/outreach"
)

// story is the whole program on a fresh database, spoken to over HTTP, with a clock that the test moves.
type story struct {
	t       *testing.T
	db      *postgres.DB
	key     string // the Idempotency-Key; a new one each time when empty
	system  *system
	url     string
	clock   atomic.Int64
	clients map[string]*http.Client
}

func (s *story) now() time.Time { return time.Unix(s.clock.Load(), 0) }

// at moves the clock to a time of day in Ternate.
func (s *story) at(day, hour string) {
	s.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", day+" "+hour, region.WIT.Location())
	if err != nil {
		s.t.Fatal(err)
	}
	s.clock.Store(at.Unix())
}

func tell(t *testing.T) *story {
	t.Helper()
	s := &story{t: t, db: pgtest.New(t), clients: map[string]*http.Client{}}
	s.at("2026-10-05", "09:00")
	var err error
	if s.system, err = newSystem(&database{DB: s.db, keys: keys(t.TempDir())}, s.now); err != nil {
		t.Fatal(err)
	}
	if err := s.system.accounts.SeedDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	server, err := s.system.api(serving{})
	if err != nil {
		t.Fatal(err)
	}
	listening := httptest.NewServer(server.Handler)
	t.Cleanup(listening.Close)
	s.url = listening.URL
	return s
}

// ask is a request of a signed-in user whose answer, which must be a success, goes into v. A version above 0 is the
// If-Match.
func (s *story) ask(user, method, path string, body any, version int64, v any) {
	s.t.Helper()
	status, text := s.speak(user, method, path, body, version)
	if status >= 300 {
		s.t.Fatalf("%s: %s %s: %d %s", user, method, path, status, text)
	}
	if v != nil {
		if err := json.Unmarshal(text, v); err != nil {
			s.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
}

// speak asks as a user and reads the whole answer.
func (s *story) speak(user, method, path string, body any, version int64) (status int, text []byte) {
	s.t.Helper()
	client, known := s.clients[user]
	if !known {
		jar, err := cookiejar.New(nil)
		if err != nil {
			s.t.Fatal(err)
		}
		client = &http.Client{Jar: jar}
		s.clients[user] = client
		s.ask(user, http.MethodPost, "/session", account.Credentials{Username: user, Password: account.DemoPassword}, 0, nil)
	}
	var reader io.Reader
	kind := "application/json"
	switch b := body.(type) {
	case nil:
	case []byte:
		reader, kind = bytes.NewReader(b), "application/octet-stream"
	default:
		text, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+"/api/v1"+path, reader)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Idempotency-Key", cmp.Or(s.key, uuid.NewString()))
	if version > 0 {
		r.Header.Set("If-Match", fmt.Sprintf("%q", strconv.FormatInt(version, 10)))
	}
	answer, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err = io.ReadAll(answer.Body); err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, text
}

func (s *story) get(user, path string, v any) {
	s.t.Helper()
	s.ask(user, http.MethodGet, path, nil, 0, v)
}
func (s *story) post(user, path string, body any, version int64, v any) {
	s.t.Helper()
	s.ask(user, http.MethodPost, path, body, version, v)
}

// published reads a public data file, and skips the test where the folder of them is absent.
func published(t *testing.T, name string) ([]byte, []map[string]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the story needs the public data files in ../shared/data: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, fields := range all[1:] {
		row := map[string]string{}
		for i, f := range fields {
			row[all[0][i]] = f
		}
		rows = append(rows, row)
	}
	return text, rows
}

func (s *story) take(user, kind, name string, want int64) (sheet.Report, []map[string]string) {
	s.t.Helper()
	text, rows := published(s.t, name)
	var report sheet.Report
	s.post(user, "/imports?kind="+kind+"&file="+name, text, 0, &report)
	if report.Rows != want || report.Taken != want || report.Bad != 0 {
		s.t.Errorf("%s: %d of %d rows taken, %d bad %+v; want all of %d", name, report.Taken, report.Rows, report.Bad, report.Errors, want)
	}
	return report, rows
}

// The whole job on real input: figures and sites come in, blanks come in, are asked for, sent, received short, used, run
// low, are foreseen to run out, come again, go out with a team, and every one of them is accounted for.
func TestTheWholeStory(t *testing.T) {
	t.Parallel()
	published(t, "ktp_recording_coverage.csv")
	s := tell(t)
	s.figures()
	s.sites()
	s.supply()
	s.useAWeek()
	s.runLow()
	used, spoiled := s.visits()
	s.accountFor(used, spoiled)
}

// figures: both published files come in whole, nothing is altered, and every contradiction is a finding.
func (s *story) figures() {
	s.t.Helper()
	contradicts, above := map[string]bool{}, map[string]bool{}
	for _, file := range []struct {
		name                         string
		rows                         int64
		people, have, lack, percents string
	}{
		{"ktp_recording_coverage.csv", 104, "wajib", "recorded", "not_recorded", "pct_printed"},
		{"akta_kelahiran_coverage.csv", 83, "children", "with_akta", "without_akta", "pct"},
	} {
		report, rows := s.take("planner", "figures", file.name, file.rows)
		var printed, kept []string
		for _, r := range rows {
			percent := r[file.percents]
			if v, err := strconv.ParseFloat(percent, 64); err == nil {
				percent = fmt.Sprint(v)
				if v > 100 {
					above[r["region_code"]+" "+r["as_of"]] = true
				}
			}
			if r["adds_up"] == "no" {
				contradicts[r["region_code"]+" "+r["as_of"]] = true
			}
			printed = append(printed, strings.Join([]string{r["as_of"], r[file.people], r[file.have], r[file.lack], percent}, "|"))
		}
		var page postgres.Page[coverage.Figure]
		s.get("planner", fmt.Sprintf("/coverage?limit=1000&import=%d", report.ID), &page)
		for _, f := range page.Items {
			kept = append(kept, strings.Join([]string{f.AsOf, text(f.People), text(f.Have), text(f.Lack), text(f.Percent)}, "|"))
		}
		slices.Sort(printed)
		slices.Sort(kept)
		if !slices.Equal(printed, kept) {
			s.t.Errorf("%s is kept otherwise than it was printed:\n%q\n%q", file.name, kept, printed)
		}
	}
	found, over := map[string]bool{}, map[string]bool{}
	var page postgres.Page[coverage.Finding]
	s.get("planner", "/findings?limit=1000", &page)
	for _, f := range page.Items {
		switch f.Rule {
		case coverage.PartsDoNotAddUp, coverage.PercentDiffers:
			found[f.Region+" "+f.AsOf] = true
		case coverage.Above100:
			over[f.Region+" "+f.AsOf] = true
		}
	}
	if len(contradicts) != 7 || !maps.Equal(found, contradicts) || len(above) != 3 || !maps.Equal(over, above) {
		s.t.Errorf("findings about %v and above 100 %% %v; want %v and %v", found, over, contradicts, above)
	}
	var gaps coverage.GapPage
	s.get("planner", "/gaps?level=district&region=71.01", &gaps)
	if g := gaps.Totals; g.Reported != 15 || g.People != 186_818 || g.Have != 161_914 || g.Lack != 24_904 {
		s.t.Errorf("71.01: %+v, want 15 kecamatan of 186,818, 161,914 recorded and 24,904 not", g)
	}
	s.get("planner", "/gaps?level=district&region=82.71&as_of=2019-01-09", &gaps)
	if g := gaps.Totals; g.Reported != 7 || g.Lack != 14_498 {
		s.t.Errorf("82.71: %+v, want 7 kecamatan with 14,498 not recorded", g)
	}
}

func text[T any](v *T) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(*v)
}

// sites: the lists of Ternate and Medan, with heads of schools guessed within the published range and marked so.
func (s *story) sites() {
	s.t.Helper()
	s.take("outreach.82.71", "sites", "sites_ternate.csv", 35)
	s.take("outreach.12.71", "sites", "sites_medan.csv", 396)
	least, most := map[string]int64{}, map[string]int64{}
	_, rows := published(s.t, "school_size_distribution.csv")
	for _, r := range rows {
		median, err := strconv.ParseInt(r["p50"], 10, 64)
		if err != nil {
			s.t.Fatal(err)
		}
		kind := "school_" + strings.ToLower(r["level"])
		least[kind], most[kind] = min(cmp.Or(least[kind], median), median), max(most[kind], median)
	}
	for _, region := range []string{"82.71", "12.71"} {
		var page postgres.Page[outreach.Site]
		s.get("outreach."+region, "/sites?limit=1000", &page)
		estimated := 0
		for _, site := range page.Items {
			for _, h := range site.Heads {
				if h.Basis != "estimated" {
					continue
				}
				estimated++
				kind := string(site.Kind)
				if h.Source == "" || most[kind] > 0 && (h.People.People < least[kind] || h.People.People > most[kind]) {
					s.t.Errorf("%s is guessed at %d by %q, want between the medians %d and %d of its kind", site.Name, h.People.People, h.Source, least[kind], most[kind])
				}
			}
		}
		if estimated == 0 {
			s.t.Errorf("%s: no count is marked as an estimate", region)
		}
	}
}

// send takes a request of Ternate from asking to dispatch.
func (s *story) send(asked, approved int64, emergency bool) (sh inventory.Shipment) {
	s.t.Helper()
	var r inventory.Request
	s.post("officer.82.71", "/requests", inventory.NewRequest{Pieces: asked, Emergency: emergency, Reason: "higher-use"}, 0, &r)
	s.post("planner", fmt.Sprintf("/requests/%d/approval", r.ID), inventory.Approval{Pieces: approved, Note: "sesuai stok"}, r.Version, &r)
	if r.Asked != asked || r.Approved != approved {
		s.t.Errorf("request %+v, want %d of %d approved", r, approved, asked)
	}
	s.post("store", "/shipments", inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: r.ID, Pieces: approved}}}, 0, &sh)
	s.post("store", fmt.Sprintf("/shipments/%d/dispatch", sh.ID), inventory.Dispatching{}, sh.Version, &sh)
	return sh
}

func (s *story) deliver(contract int64, note, day string, pieces int64) {
	s.t.Helper()
	s.post("store", fmt.Sprintf("/procurements/%d/deliveries", contract), inventory.NewDelivery{Document: note, Date: day, Pieces: pieces}, 0, nil)
}

// supply: a delivery comes in, Ternate asks for 500, gets 400, and three of them are not in the parcel.
func (s *story) supply() {
	s.t.Helper()
	var c inventory.Procurement
	s.post("planner", "/procurements", inventory.NewProcurement{Document: "KTR-1", Supplier: "Percetakan", Pieces: 100_000, Fund: "APBN", SignedOn: "2026-09-01"}, 0, &c)
	s.deliver(c.ID, "SJ-1", "2026-10-05", 5_000)
	sh := s.send(500, 400, false)
	s.at("2026-10-09", "10:00")
	var r inventory.Receipt
	s.post("officer.82.71", "/receipts", inventory.NewReceipt{Shipment: sh.ID, Lines: []inventory.NewReceiptLine{{Line: 1, Good: 397}}}, 0, &r)
	var cases postgres.Page[inventory.Discrepancy]
	s.get("store", fmt.Sprintf("/discrepancies?shipment=%d", sh.ID), &cases)
	if len(cases.Items) != 1 || cases.Items[0].Kind != "short" || cases.Items[0].Pieces != 3 {
		s.t.Fatalf("discrepancies %+v, want one of three short", cases.Items)
	}
	d := cases.Items[0]
	s.post("store", fmt.Sprintf("/discrepancies/%d/answer", d.ID), inventory.NewAnswer{Answer: "lost", Note: "BA-12"}, d.Version, &d)
	if s.get("store", fmt.Sprintf("/shipments/%d", sh.ID), &sh); d.State != "resolved" || sh.State != inventory.ShipmentClosedShort {
		s.t.Errorf("the case is %s and the shipment %s, want resolved and closed-short", d.State, sh.State)
	}
}

// useAWeek: five days of 60 cards, and two blanks spoiled on one of them.
func (s *story) useAWeek() {
	s.t.Helper()
	for day := 12; day <= 16; day++ {
		date := fmt.Sprintf("2026-10-%d", day)
		s.at(date, "16:00")
		u := inventory.NewUse{Date: date, Lines: []inventory.UseLine{{Purpose: "first-time", Pieces: 20}, {Purpose: "lost", Pieces: 12},
			{Purpose: "data-change", Pieces: 18}, {Purpose: "moved", Pieces: 10}}}
		if day == 14 {
			u.Spoiled = 2
		}
		s.post("officer.82.71", "/uses", u, 0, nil)
	}
	if got := s.held("82.71")[inventory.RegencyOffice]; got[inventory.Usable] != 95 || got[inventory.Spoiled] != 2 {
		s.t.Errorf("after the week the office holds %v, want 95 usable and 2 spoiled", got)
	}
}

func (s *story) night(day string) {
	s.t.Helper()
	s.at(day, "03:30") // half past one in Jakarta
	if err := s.system.schedule.Run(s.t.Context(), "forecast"); err != nil {
		s.t.Fatal(err)
	}
}

func (s *story) alerts(state string) []notice.Alert {
	s.t.Helper()
	var page postgres.Page[notice.Alert]
	s.get("officer.82.71", "/alerts?region=82.71&cause=run-out&state="+state, &page)
	return page.Items
}

// runLow: the night after the week an alert opens; when a delivery has come, two calm nights close it.
func (s *story) runLow() {
	s.t.Helper()
	s.night("2026-10-17")
	open := s.alerts("open")
	if len(open) != 1 || open[0].Probability < 0.5 {
		s.t.Fatalf("alerts %+v, want one: 95 blanks and 60 a day", open)
	}
	a := open[0]
	s.post("officer.82.71", fmt.Sprintf("/alerts/%d/acknowledgement", a.ID), notice.Seen{Note: "minta tambahan"}, a.Version, &a)
	s.at("2026-10-17", "10:00")
	s.deliver(1, "SJ-2", "2026-10-17", 30_000)
	sh := s.send(20_000, 20_000, true)
	s.at("2026-10-20", "10:00")
	s.post("officer.82.71", "/receipts", inventory.NewReceipt{Shipment: sh.ID, Lines: []inventory.NewReceiptLine{{Line: 1, Good: 20_000}}}, 0, nil)
	s.night("2026-10-21")
	if got := s.alerts("acknowledged"); len(got) != 1 {
		s.t.Errorf("after one calm night %+v, want the alert to wait for a second", got)
	}
	s.night("2026-10-22")
	if s.get("officer.82.71", fmt.Sprintf("/alerts/%d", a.ID), &a); a.State != notice.Closed {
		s.t.Errorf("after two calm nights the alert is %s at %.3f", a.State, a.Probability)
	}
}

// visits: a week is planned and judged again here, and one visit of it is told to its end.
func (s *story) visits() (used, spoiled int64) {
	s.t.Helper()
	s.at("2026-10-22", "10:00")
	const team = "outreach.82.71"
	lon, lat := 127.3735, 0.7886
	s.post(team, "/teams", outreach.NewTeam{Region: "82.71", Name: "Tim Satu", DepotLon: &lon, DepotLat: &lat, Members: 4, Sets: 2}, 0, nil)
	var p outreach.Plan
	s.post(team, "/plans", outreach.NewPlan{Region: "82.71", From: "2026-10-26", Days: 5, Seconds: 2}, 0, &p)
	s.holds(p)
	i := slices.IndexFunc(p.Visits, func(v outreach.Visit) bool { return v.Blanks >= 10 })
	if i < 0 {
		s.t.Fatalf("no visit of %+v has blanks", p.Outcome)
	}
	v := p.Visits[i]
	at := func(rest string) string { return fmt.Sprintf("/visits/%d%s", v.ID, rest) }
	s.clock.Store(v.Starts.Unix())
	s.post(team, at("/confirmation"), nil, v.Version, &v)
	s.post("officer.82.71", at("/handover"), map[string]int64{"blanks": v.Blanks}, v.Version, &v)
	s.post(team, at("/start"), map[string]int64{"blanks": v.Blanks}, v.Version, &v)
	if got := s.held("82.71")[inventory.TeamPlace][inventory.Usable]; got != v.Blanks {
		s.t.Errorf("the team holds %d, want the %d it took", got, v.Blanks)
	}
	s.clock.Store(v.Ends.Unix())
	used, spoiled = v.Blanks-3, 1
	var before, after coverage.GapPage
	s.get(team, "/gaps?region=82.71", &before)
	var r outreach.Result
	s.post(team, at("/results"), outreach.NewResult{Report: "hp-1", Complete: true, Present: used + 9, Served: used + 7, Recorded: used + 5, Printed: used,
		Taken: v.Blanks, Used: used, Spoiled: spoiled, Returned: 2, Lon: v.Lon, Lat: v.Lat}, 0, &r)
	if r.Standing != "kept" || r.Whereabouts != "at-the-site" || len(r.Flags) > 0 {
		s.t.Errorf("result %+v, want it kept without a flag", r)
	}
	s.get("officer.82.71", at(""), &v)
	s.post("officer.82.71", at("/checkin"), map[string]int64{"blanks": 2, "spoiled": spoiled}, v.Version, &v)
	s.get(team, "/gaps?region=82.71", &after)
	if b, a := before.Totals, after.Totals; a.Since-b.Since != used+5 || b.Remaining-a.Remaining != used+5 || a.Lack != b.Lack {
		s.t.Errorf("coverage went from %+v to %+v, want %d people since, and no figure changed", b, a, used+5)
	}
	return used, spoiled
}

// holds judges a plan by its answer alone; the program itself saves none that route.Check refuses.
func (s *story) holds(p outreach.Plan) {
	s.t.Helper()
	var reserved int64
	last := map[string]outreach.Visit{}
	for _, v := range slices.SortedFunc(slices.Values(p.Visits), func(a, b outreach.Visit) int { return a.Starts.Compare(b.Starts) }) {
		reserved += v.Blanks
		from, until := v.Starts.In(region.WIT.Location()).Format("15:04"), v.Ends.In(region.WIT.Location()).Format("15:04")
		if from < "07:30" || until > "16:00" || v.Day < "2026-10-26" || v.Day > "2026-10-30" || v.Starts.In(region.WIT.Location()).Format(time.DateOnly) != v.Day {
			s.t.Errorf("%s on %s from %s to %s is outside the shift", v.SiteName, v.Day, from, until)
		}
		key := fmt.Sprint(v.Team, v.Day)
		if before, ok := last[key]; ok && v.Starts.Before(before.Ends.Add(time.Duration(v.Travel)*time.Second)) {
			s.t.Errorf("%s begins before the team can be there from %s", v.SiteName, before.SiteName)
		}
		last[key] = v
	}
	if len(p.Visits) == 0 || reserved != p.Outcome.Blanks.Reserved || s.held("82.71")[inventory.RegencyOffice][inventory.Reserved] != reserved {
		s.t.Errorf("%d visits with %d blanks, want those of the outcome %+v, set aside in the ledger", len(p.Visits), reserved, p.Outcome.Blanks)
	}
	for _, o := range p.Omitted {
		if o.Reason == "" {
			s.t.Errorf("%s is left out without a reason", o.Name)
		}
	}
}

// held sums the blanks of a region and below it by kind of place and condition; "" is every account there is.
func (s *story) held(code string) map[inventory.PlaceKind]map[inventory.Condition]int64 {
	s.t.Helper()
	sums := map[inventory.PlaceKind]map[inventory.Condition]int64{}
	for cursor := ""; ; {
		var page postgres.Page[inventory.Place]
		s.get("planner", "/places?limit=1000&region="+code+"&cursor="+cursor, &page)
		for _, p := range page.Items {
			if sums[p.Kind] == nil {
				sums[p.Kind] = map[inventory.Condition]int64{}
			}
			for _, b := range p.Stock {
				sums[p.Kind][b.Condition] += b.Pieces
			}
		}
		if cursor = page.Next; cursor == "" {
			return sums
		}
	}
}

// accountFor: every one of the 35,000 blanks that the printer delivered is somewhere, and the ledger agrees with itself.
func (s *story) accountFor(used, spoiled int64) {
	s.t.Helper()
	sums := s.held("")
	total := int64(0)
	for _, conditions := range sums {
		for _, pieces := range conditions {
			total += pieces
		}
	}
	office := sums[inventory.RegencyOffice]
	for what, is := range map[string][2]int64{
		"all accounts together": {total, 0},
		"the printer":           {sums[inventory.Supplier][inventory.Usable], -35_000},
		"the national store":    {sums[inventory.NationalStore][inventory.Usable], 35_000 - 400 - 20_000},
		"lost on the way":       {sums[inventory.Lost][inventory.Usable], 3},
		"issued to people":      {sums[inventory.Public][inventory.Issued], 300 + used},
		"spoiled":               {office[inventory.Spoiled], 2 + spoiled},
		"with the team":         {sums[inventory.TeamPlace][inventory.Usable] + sums[inventory.TeamPlace][inventory.Spoiled], 0},
		"at the office":         {office[inventory.Usable] + office[inventory.Reserved], 397 + 20_000 - 302 - used - spoiled},
	} {
		if is[0] != is[1] {
			s.t.Errorf("%s: %d, want %d; of %v", what, is[0], is[1], sums)
		}
	}
	verified, err := s.system.ledger.Verify(s.t.Context(), nil)
	if err != nil || len(verified.Breaches) > 0 || verified.Moves == 0 {
		s.t.Errorf("ledger verify: %+v, %v", verified, err)
	}
}
