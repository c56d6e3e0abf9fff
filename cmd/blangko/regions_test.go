package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/api"
	"blangko/cmd/blangko/demo"
	"blangko/coverage"
	"blangko/forecasting"
	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
	"blangko/internal/region"
	"blangko/internal/sheet"
	"blangko/inventory"
)

// partition is a part of the demo nation, and a look behind the server.
type partition struct {
	*system
	admin *sql.DB
}

var chief = access.Actor{ID: 1, Name: "planner", Role: access.Planner, Reach: access.Nation}

func openPart(t *testing.T) partition {
	t.Helper()
	end := region.Date(2026, time.November, 21)
	noon := func() time.Time { return end.AddDate(0, 0, 1).Add(5 * time.Hour) }
	db, url := pgtest.NewWithOwner(t)
	if err := demo.Load(t.Context(), url, demo.Options{End: end, Only: []string{"12.71", "82.71"}}, nil); err != nil {
		t.Fatal(err)
	}
	admin, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close() })
	s, err := newSystem(&database{DB: db}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.accounts.SeedDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.forecasts.Job(t.Context(), func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	return partition{s, admin}
}

// totals are what no change of regions may change, each as the database writes it.
var totals = map[string]string{
	"stock by item and condition": `SELECT string_agg(item_id || ' ' || condition || ' ' || pieces, ', ' ORDER BY item_id, condition)
		FROM (SELECT item_id, condition, sum(pieces) AS pieces FROM balances GROUP BY 1, 2) b`,
	"stock on the shelves of today's regions": `SELECT sum(b.pieces)::text FROM balances b JOIN regions_today r ON r.id = b.region_id JOIN places p ON p.id = b.place_id
		WHERE p.kind IN ('national', 'province', 'regency', 'service', 'team')`,
	"people of today's regencies": `SELECT concat_ws(' ', sum(people), sum(male), sum(female), sum(eligible), sum(children))
		FROM regions_today r CROSS JOIN LATERAL (SELECT * FROM populations WHERE region_id = r.id ORDER BY as_of DESC, version DESC LIMIT 1) p WHERE r.level = 2`,
	"uses":  `SELECT count(*) || ' ' || sum(pieces) || ' ' || sum(spoiled) FROM uses`,
	"flows": `SELECT string_agg(kind || ' ' || pieces, ', ' ORDER BY kind) FROM (SELECT kind, sum(pieces) AS pieces FROM flows GROUP BY 1) f`,
	"flows as the parts inherit them": `SELECT string_agg(day || ' ' || kind || ' ' || pieces, ', ' ORDER BY day, kind)
		FROM (SELECT day, kind, sum(pieces) AS pieces FROM flows_inherited WHERE kind <> 'transfer' GROUP BY 1, 2) f`,
	"figures as printed":    `SELECT md5(string_agg(f::text, '|' ORDER BY id)) FROM figures f WHERE part_of IS NULL`,
	"releases as they were": `SELECT md5(string_agg(p::text, '|' ORDER BY region_id, period, version)) FROM populations p WHERE source NOT LIKE '%UU 1/2026%'`,
	"needs":                 `SELECT round(sum(mean)::numeric, 6) || ' ' || round(sum(daily_mean)::numeric, 6) FROM needs`,
	"forecasts":             `SELECT round(sum(mean)::numeric, 6)::text FROM forecasts`,
	"boxes and their chips": `SELECT md5(string_agg(concat_ws(' ', id, number, pieces, condition, encode(digest, 'hex'), shipment_id, loss_id), '|' ORDER BY id)) FROM boxes`,
	"sealed boxes are backed": `SELECT count(*)::text FROM (SELECT b.place_id, b.item_id, b.lot_id FROM boxes b WHERE b.sealed AND b.condition = 'usable'
		GROUP BY 1, 2, 3 HAVING sum(b.pieces) > (SELECT coalesce(sum(pieces), 0) FROM balances x
			WHERE x.place_id = b.place_id AND x.item_id = b.item_id AND x.lot_id = b.lot_id AND x.condition IN ('usable', 'reserved'))) o`,
	"early recordings": `SELECT string_agg(month || ' ' || people, ', ' ORDER BY month) FROM (SELECT month, sum(people) AS people FROM early_recordings GROUP BY 1) e`,
}

// untouched are tables of which no row changes or goes; where a change adds rows of its own, those that were there.
var untouched = map[string]string{
	"requests": "", "shipments": "", "shipment_lines": "", "receipts": "", "receipt_lines": "", "discrepancies": "", "loans": "", "counts": "", "losses": "",
	"destructions": "", "procurements": "", "deliveries": "", "allocations": "", "print_counts": "", "reconciliations": "", "photos": "", "decisions": "",
	"sites": "", "site_heads": "", "islands": "", "teams": "", "plans": "", "visits": "", "holds": "", "hold_lots": "", "boundaries": "", "boundary_shapes": "",
	"imports": "", "visit_results": "", "visit_yields": "", "findings": "",
	"custody":   "kind NOT IN ('transferred', 'opened')",
	"targets":   "region_id IN (SELECT id FROM regions_today WHERE code IN ('00', '12.71') AND level <= 4)",
	"circulars": "region_id IN (SELECT id FROM regions_today WHERE code = '12.71' AND level <= 4)",
}

// filled are the tables that must not be empty, lest nothing be shown.
var filled = []string{"boxes", "custody", "print_counts", "photos", "decisions", "sites", "visits", "holds", "boundaries", "targets", "losses", "early_recordings", "circulars"}

func (p partition) totals(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	queries := maps.Clone(totals)
	for table, only := range untouched {
		if only == "" {
			only = "true"
		}
		queries["rows of "+table] = `SELECT count(*) || ' ' || coalesce(md5(string_agg(r::text, '|' ORDER BY r::text)), '') FROM ` + table + ` r WHERE ` + only
	}
	for name, query := range queries {
		var text sql.NullString
		if err := p.admin.QueryRowContext(t.Context(), query).Scan(&text); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[name] = text.String
	}
	for _, subject := range []coverage.Subject{coverage.Recording, coverage.Certificate} {
		page, err := p.coverage.Gaps(t.Context(), chief, coverage.GapFilter{Subject: subject, Level: region.Regency})
		if err != nil {
			t.Fatal(err)
		}
		n := page.Totals
		all["gaps of "+string(subject)] = fmt.Sprint(n.People, n.Have, n.Lack)
	}
	return all
}

func (p partition) same(t *testing.T, what string, before map[string]string) {
	t.Helper()
	after := p.totals(t)
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if before[name] == "" {
			t.Errorf("%s: nothing to compare", name)
		}
		if after[name] != before[name] {
			t.Errorf("%s changed %s\nfrom %.300s\nto   %.300s", what, name, before[name], after[name])
		}
	}
	v, err := p.ledger.Verify(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range v.Breaches {
		t.Errorf("after %s: %v", what, b)
	}
}

// split is the new city out of four kecamatan of Medan.
func split() region.NewChange {
	return region.NewChange{Kind: "split", Region: "12.71", Into: "12.99", Name: "Kota Medan Utara (uji)", On: "2026-11-22", Document: "UU 1/2026", Share: 0.31,
		Children: []region.NewCode{{Region: "12.71.18", Code: "12.99.01"}, {Region: "12.71.19", Code: "12.99.02"}, {Region: "12.71.20", Code: "12.99.03"},
			{Region: "12.71.21", Code: "12.99.04"}},
		Stock: []region.Counted{{Item: "ktp-el", Condition: "usable", Pieces: 207}}, Users: []string{"officer2.12.71"}}
}

// A regency of the demo is split and merged again, and not a piece, a person or a line of history is lost to the nation.
func TestSplittingAndMergingKeepsEveryNationalTotal(t *testing.T) {
	t.Parallel()
	p := openPart(t)
	ctx := t.Context()
	p.fill(t)
	p.work(t)
	before := p.totals(t)

	tried, err := p.regions.Do(ctx, chief, split(), true)
	if err != nil {
		t.Fatal(err)
	}
	p.same(t, "the dry run", before)
	if _, err := p.ledger.Stock(ctx, chief, inventory.StockFilter{Level: "regency", Region: "12.99"}); !errors.Is(err, region.ErrUnknown) {
		t.Errorf("after the dry run 12.99 is there: %v", err)
	}

	done, err := p.regions.Do(ctx, chief, split(), false)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(done.Moved, tried.Moved) {
		t.Errorf("moved %v\ntried %v", done.Moved, tried.Moved)
	}
	p.same(t, "the split", before)
	p.lookAtTheParts(t)

	again, err := p.regions.Get(ctx, chief, done.ID)
	if err != nil || !slices.Equal(again.Moved, done.Moved) {
		t.Errorf("the change is kept as %v, %v", again.Moved, err)
	}
	if page, err := p.regions.List(ctx, access.Actor{ID: 9, Role: access.Officer, Reach: "82.71"}, postgres.Paging{}); err != nil || len(page.Items) != 0 {
		t.Errorf("Ternate sees %d changes of Medan, %v", len(page.Items), err)
	}

	merge := region.NewChange{Kind: "merge", Region: "12.99", Into: "12.71", On: "2026-11-22", Document: "UU 1/2026 dicabut"}
	if _, err := p.regions.Do(ctx, chief, merge, false); !errors.Is(err, region.ErrChangedLater) {
		t.Errorf("a merge on the day of the split: %v, want %v", err, region.ErrChangedLater)
	}
	next, err := newSystem(p.db, func() time.Time { return time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	p.system = next
	merge.On = "2026-11-23"
	if _, err := p.regions.Do(ctx, chief, merge, false); err != nil {
		t.Fatal(err)
	}
	p.same(t, "the merge", before)
	p.answers(t, "the merge")
	officer := access.Actor{ID: 5, Name: "officer.12.71", Role: access.Officer, Reach: "12.71"}
	places, err := p.ledger.Places(ctx, officer, inventory.PlaceFilter{Kind: inventory.RegencyOffice})
	if err != nil || len(places.Items) != 2 {
		t.Fatalf("Medan has %d offices, %v; want its own and the one that joined it", len(places.Items), err)
	}
	for _, place := range places.Items {
		if place.Region != "12.71" {
			t.Errorf("%s stands under %s", place.Name, place.Region)
		}
	}
	page, err := p.ledger.Stock(ctx, officer, inventory.StockFilter{Level: "regency"})
	if err != nil || len(page.Items) != 1 || page.Items[0].Region != "12.71" {
		t.Errorf("stock of Medan: %+v, %v; want one line", page.Items, err)
	}
}

// answers asks every list of the API, as the nation and as the office, and fails for each that breaks.
func (p partition) answers(t *testing.T, what string) {
	t.Helper()
	server, err := api.New(p.domains(), api.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []access.Actor{access.System, {ID: 5, Name: "officer.12.71", Role: access.Officer, Reach: "12.71"}} {
		for _, name := range server.Tables() {
			if strings.Contains(name, "{") {
				continue
			}
			_, _, err := server.Export(t.Context(), who, name+".csv", url.Values{})
			var problem *api.Problem
			if err != nil && (!errors.As(err, &problem) || problem.Status >= 500) {
				t.Errorf("after %s, %s for %s: %v", what, name, who.Name, err)
			}
		}
	}
}

// fill puts blanks of two kinds on the shelf of Medan's office.
func (p partition) fill(t *testing.T) {
	t.Helper()
	err := postgres.Write(t.Context(), p.db.DB, access.System, func(tx *sqlx.Tx) error { // past what a person may post: the ledger has begun
		_, err := tx.Exec(`
			WITH place AS (
				SELECT (SELECT id FROM places WHERE kind = 'supplier') AS supplier, (SELECT place_id FROM office_of('12.71')) AS office
			)
			SELECT post(jsonb_build_array(jsonb_build_object('moves', jsonb_build_array(jsonb_build_object(
				'kind', 'opening', 'document', 'uji', 'date', '2026-11-22', 'lines', (
					SELECT jsonb_agg(jsonb_build_object('item', i.item, 'lot', 1, 'from', supplier, 'from_condition', 'usable',
						'to', office, 'to_condition', 'usable', 'pieces', i.pieces))
					FROM (VALUES (1, 1001), (2, 333)) AS i (item, pieces)))))))
			FROM place`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// work puts something into every table that a change of regions could harm: boxes on the shelf of Medan and one of them
// frozen by a loss, cards counted, evidence, a decision, sites and visits that bind blanks, a border, a target, what the
// forecast knows beforehand.
func (p partition) work(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	ok := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	store, medan := access.Actor{ID: 3, Name: "store", Role: access.Store, Reach: access.Nation}, access.Actor{ID: 5, Name: "officer.12.71", Role: access.Officer, Reach: "12.71"}
	ok(nil, p.loadDemoOutreach(ctx))

	contract, err := p.ledger.Contract(ctx, chief, inventory.NewProcurement{Document: "KTR-UJI", Supplier: "Percetakan", Pieces: 600, Fund: "APBN", SignedOn: "2026-01-05"})
	ok(nil, err)
	var boxes []inventory.Chips
	for i := range 6 {
		boxes = append(boxes, inventory.Chips{Box: fmt.Sprint("UJI-", i), First: fmt.Sprintf("04A1B2C3D%05X", i*100+1), Last: fmt.Sprintf("04A1B2C3D%05X", i*100+100)})
	}
	ok(p.ledger.Deliver(ctx, store, contract.ID, inventory.NewDelivery{Document: "DN-UJI", Date: "2026-11-22", Pieces: 600, Boxes: boxes}))
	asked, err := p.ledger.Ask(ctx, medan, inventory.NewRequest{Pieces: 600, Reason: "other"})
	ok(nil, err)
	asked, err = p.ledger.ApproveRequest(ctx, chief, asked.ID, asked.Version, inventory.Approval{Pieces: 600})
	ok(nil, err)
	var named []inventory.Chips
	for _, b := range boxes {
		named = append(named, inventory.Chips{Box: b.Box})
	}
	sent, err := p.ledger.Prepare(ctx, store, inventory.NewShipment{Lines: []inventory.NewShipmentLine{{Request: asked.ID, Pieces: 600}}, Boxes: named})
	ok(nil, err)
	sent, err = p.ledger.Dispatch(ctx, store, sent.ID, sent.Version, inventory.Dispatching{})
	ok(nil, err)
	ok(p.ledger.Receive(ctx, medan, inventory.NewReceipt{Shipment: sent.ID, Lines: []inventory.NewReceiptLine{{Line: 1, Good: 597}}}))
	disputed, err := p.ledger.Discrepancies(ctx, store, inventory.DiscrepancyFilter{Shipment: sent.ID})
	if err != nil || len(disputed.Items) != 1 {
		t.Fatalf("discrepancies %+v, %v", disputed.Items, err)
	}
	var picture bytes.Buffer
	ok(nil, jpeg.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 64, 48)), nil))
	ok(p.ledger.AddPhoto(ctx, medan, disputed.Items[0].ID, picture.Bytes()))
	ok(p.ledger.ReportLoss(ctx, medan, inventory.NewLoss{Document: "BA-UJI", Police: "LP-UJI", HappenedOn: "2026-11-21", Pieces: 100, Note: "hilang", Boxes: []inventory.Chips{{Box: "UJI-4"}}}))

	bring := func(kind, name, content string) {
		t.Helper()
		if report, err := p.imports.Import(ctx, chief, kind, name, strings.NewReader(content), sheet.Options{Strict: true}); err != nil || report.Taken == 0 || report.Bad > 0 {
			t.Fatalf("%s: %+v, %v", kind, report, err)
		}
	}
	bring("prints", "cetak.csv", "date,region_code,printed\n2026-11-20,12.71,5\n")
	bring("boundaries", "medan.json", `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"12.71"},"geometry":{"type":"Polygon",
		"coordinates":[[[98.6,3.5],[98.8,3.5],[98.8,3.7],[98.6,3.7],[98.6,3.5]]]}}]}`)
	ok(p.coverage.SetTarget(ctx, chief, coverage.Target{Region: "12.71", Subject: coverage.Recording, Year: 2026, Percent: 99.5, Source: "uji"}))
	ok(p.forecasts.RecordEarly(ctx, medan, forecasting.EarlyRecording{Region: "12.71", Month: "2026-12-01", People: 53}))
	ok(p.forecasts.WriteCircular(ctx, chief, forecasting.NewCircular{Region: "12.71", Document: "SE-UJI", Classes: []forecasting.Class{"damaged"}, From: "2026-11-01"}))
	for _, table := range filled {
		var n int
		if err := p.admin.QueryRowContext(ctx, `SELECT count(*) FROM `+table).Scan(&n); err != nil || n == 0 {
			t.Errorf("%s: %d rows, %v; want some", table, n, err)
		}
	}
}

func (p partition) lookAtTheParts(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	old := access.Actor{ID: 5, Name: "officer.12.71", Role: access.Officer, Reach: "12.71"}
	part := access.Actor{ID: 6, Name: "officer2.12.71", Role: access.Officer, Reach: "12.99"}
	page, err := p.ledger.Stock(ctx, part, inventory.StockFilter{Level: "regency"})
	if err != nil || len(page.Items) != 1 || page.Items[0].Region != "12.99" || page.Items[0].DailyNeed == nil {
		t.Fatalf("stock of the new city: %+v, %v", page.Items, err)
	}
	offices, err := p.ledger.Places(ctx, part, inventory.PlaceFilter{Kind: inventory.RegencyOffice})
	if err != nil || len(offices.Items) != 1 || len(offices.Items[0].Stock) == 0 {
		t.Fatalf("office of the new city: %+v, %v", offices.Items, err)
	}
	for _, b := range offices.Items[0].Stock {
		if b.Item == "ktp-el" && b.Condition == inventory.Usable && b.Pieces > 207 {
			t.Errorf("the new office holds %d usable blanks, 207 were counted", b.Pieces)
		}
	}
	boxes, err := p.ledger.Boxes(ctx, part, inventory.BoxFilter{Sealed: true})
	if err != nil || len(boxes.Items) != 2 {
		t.Fatalf("sealed boxes of the new city: %+v, %v; want the two of 100 that fit into 207", boxes.Items, err)
	}
	if b, err := p.ledger.Box(ctx, part, boxes.Items[0].Number); err != nil || b.Place != offices.Items[0].ID || b.Steps[len(b.Steps)-1].Kind != "transferred" {
		t.Errorf("the new city sees its box %+v, %v", b, err)
	}
	early, err := p.forecasts.EarlyRecordings(ctx, part, "12.99")
	if err != nil || len(early) != 1 || early[0].People != 16 { // 31 % of 53
		t.Errorf("recorded early in the new city: %+v, %v; want 16 of 53", early, err)
	}
	if points, err := p.ledger.Places(ctx, part, inventory.PlaceFilter{Kind: inventory.ServicePoint}); err != nil || len(points.Items) != 4 || points.Items[0].Region != "12.99.01" {
		t.Errorf("service points of the new city: %+v, %v", points.Items, err)
	}
	if points, err := p.ledger.Places(ctx, old, inventory.PlaceFilter{Kind: inventory.ServicePoint}); err != nil || len(points.Items) != 17 {
		t.Errorf("Medan keeps %d service points, %v; want 17", len(points.Items), err)
	}
	if _, err := p.ledger.Stock(ctx, old, inventory.StockFilter{Level: "district", Region: "12.99"}); !errors.Is(err, region.ErrUnknown) {
		t.Errorf("Medan's officer asks for the new city: %v", err)
	}
	use, err := p.ledger.MonthlyUse(ctx, access.System, region.Date(2026, time.November, 1))
	if err != nil {
		t.Fatal(err)
	}
	used := map[int]int64{}
	for _, m := range use {
		used[m.RegionID] += m.Used
	}
	var id, medan int
	if err := p.admin.QueryRowContext(ctx, `SELECT a.id, b.id FROM regions_today a, regions_today b WHERE a.code = '12.99' AND b.code = '12.71'`).Scan(&id, &medan); err != nil {
		t.Fatal(err)
	}
	if used[id] == 0 || used[medan] == 0 {
		t.Errorf("history of use: %d in the new city, %d in Medan; both should have one", used[id], used[medan])
	}
	trend, err := p.coverage.Trend(ctx, part, "12.99", coverage.Recording, "", 0)
	if err != nil || len(trend.Points) == 0 {
		t.Errorf("trend of the new city: %+v, %v", trend, err)
	}
	users, err := p.admin.QueryContext(ctx, `SELECT 1 FROM users u JOIN regions_today r ON r.id = u.region_id WHERE u.username = 'officer2.12.71' AND r.code = '12.99'`)
	if err != nil {
		t.Fatal(err)
	}
	defer users.Close()
	if !users.Next() || users.Err() != nil {
		t.Errorf("officer2.12.71 did not go over: %v", users.Err())
	}
}

// withRegion finds every table that names a region.
const withRegion = `
	SELECT DISTINCT c.relname
	FROM pg_class c
	JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
	WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname LIKE '%region_id'`

// atAChange says of every table that names a region what becomes of its rows when the region splits or merges. Rows are
// never given another region where a hash, a paper or the trail names it; the tree is dated instead, and a region that has
// merged is reached as its heir.
var atAChange = map[string]string{
	"region_versions": "moved: dated anew", "region_shares": "moved: says what share of the past is whose",
	"region_changes": "moved: tells the change itself",

	"balances": "moved: by a move from the old office to the new", "boxes": "moved: with the pieces they stand for", "places": "moved: opened for the new part",
	"needs": "moved: shared or added up until the next night", "forecasts": "moved: shared or added up, months to come",
	"outlooks": "moved: taken back, the next night looks anew", "outlook_curves": "moved: taken back as outlooks", "early_recordings": "moved: shared or added up, months to come",
	"circulars": "moved: hold for both parts, end with a region that merges", "populations": "moved: the last release, by share, as a new version",
	"figures": "moved: the last of each series, by share, as figures of their own", "targets": "moved: of this year and later", "alerts": "moved: closed at a merge",
	"alert_events": "moved: tell that an alert was closed", "users": "moved: those named, or all at a merge", "tokens": "moved: with their users",
	"flow_offsets": "moved: settles the inherited past with the shelves",

	"moves": "stays: hash chains name the region", "move_lines": "stays: as moves", "entries": "stays: hash chains name the region", "chains": "stays: of a place, which keeps its region",
	"flows": "stays: flows_inherited shares them for whoever looks at a part's past", "custody": "stays: hash chains name the region", "custody_heads": "stays: of a place",
	"requests": "stays: the paper names the office that asked", "allocations": "stays: the run was made with the regions of its day", "allocation_lines": "stays: as allocations",
	"shipments": "stays: the delivery note names the office", "shipment_lines": "stays: as shipments", "receipts": "stays: as shipments", "receipt_lines": "stays: as shipments",
	"discrepancies": "stays: the two parties of the shipment", "photos": "stays: evidence of a discrepancy", "loans": "stays: the paper names the two offices",
	"counts": "stays: the paper names the place that was counted", "losses": "stays: the berita acara names the office; its pieces stay in quarantine with it",
	"destructions": "stays: the berita acara names the office; its pieces stay with it", "procurements": "stays: of the nation", "deliveries": "stays: of the nation",
	"lots": "stays: a grant is earmarked for who paid it; after a merge for the heir, whose code the earmark is read as", "uses": "stays: a daily report of a place, inherited by share",
	"print_counts": "stays: of a place", "reconciliations": "stays: of a place", "import_moves": "stays: what an import posted",

	"findings": "stays: about a figure, which stays", "visit_yields": "stays: of a site, counted under the code that its region has today",
	"sites": "stays: go with their kecamatan", "site_heads": "stays: as sites", "islands": "stays: with the region that keeps them", "teams": "stays: with the office that sends them",
	"plans": "stays: of the office that made them", "visits": "stays: of the team's office; both see them", "visit_results": "stays: as visits",
	"calendar_links": "stays: of a team or a site, which keep their region", "holds": "stays: blanks set aside at the office that hands them to the team", "hold_lots": "stays: as holds",

	"decisions": "stays: the journal tells what was decided then", "forecast_failures": "stays: tells of a night", "audit": "stays: the trail names the region of the day", "histories": "stays: as audit",
	"imports": "stays: of the office that sent the file", "import_errors": "stays: as imports", "import_rows": "stays: as imports", "import_progress": "stays: as imports",
	"boundaries": "stays: the line that was imported; a new one is imported when it is drawn", "boundary_shapes": "stays: as boundaries",
}

func TestEveryTableWithARegionIsMovedOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	_, url := pgtest.NewWithOwner(t)
	admin, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	rows, err := admin.QueryContext(t.Context(), withRegion)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	known := maps.Clone(atAChange)
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		if how := known[table]; !strings.HasPrefix(how, "moved: ") && !strings.HasPrefix(how, "stays: ") {
			t.Errorf("%s names a region: let MoveRegion of its domain move it, or say here why it stays", table)
		}
		delete(known, table)
	}
	for table := range known {
		t.Errorf("%s names no region (any more)", table)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestAChangeThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	s, err := newSystem(&database{DB: pgtest.New(t)}, func() time.Time { return time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*region.NewChange)
		want   *fault.Fault
	}{
		"to come":                 {func(c *region.NewChange) { c.On = "2026-11-23" }, fault.ErrInvalid},
		"no day":                  {func(c *region.NewChange) { c.On = "31-12-2026" }, fault.ErrInvalid},
		"before the tree begins":  {func(c *region.NewChange) { c.On = "2012-01-01" }, region.ErrChangedLater},
		"no share":                {func(c *region.NewChange) { c.Share = 0 }, fault.ErrInvalid},
		"all the people":          {func(c *region.NewChange) { c.Share = 1 }, fault.ErrInvalid},
		"no name":                 {func(c *region.NewChange) { c.Name = "" }, fault.ErrInvalid},
		"no law":                  {func(c *region.NewChange) { c.Document = "" }, fault.ErrInvalid},
		"a code in use":           {func(c *region.NewChange) { c.Into = "12.72"; c.Children = nil }, region.ErrCodeTaken},
		"a code of another level": {func(c *region.NewChange) { c.Into = "98" }, region.ErrWrongLevel},
		"a malformed code":        {func(c *region.NewChange) { c.Into = "1299" }, region.ErrMalformed},
		"a province that is none": {func(c *region.NewChange) { c.Into = "99.99" }, region.ErrUnknown},
		"an unknown region":       {func(c *region.NewChange) { c.Region = "12.98" }, region.ErrUnknown},
		"the nation":              {func(c *region.NewChange) { c.Region = "00" }, region.ErrWrongLevel},
		"no kecamatan goes":       {func(c *region.NewChange) { c.Children = nil }, fault.ErrInvalid},
		"a kecamatan of another":  {func(c *region.NewChange) { c.Children[0].Region = "12.72.01" }, fault.ErrInvalid},
		"a kecamatan twice":       {func(c *region.NewChange) { c.Children[1].Region = c.Children[0].Region }, fault.ErrInvalid},
		"a code of another city":  {func(c *region.NewChange) { c.Children[0].Code = "12.72.99" }, fault.ErrInvalid},
		"more than is there":      {func(c *region.NewChange) { c.Users = nil }, inventory.ErrShare},
		"a user of elsewhere":     {func(c *region.NewChange) { c.Stock = nil }, fault.ErrInvalid},
		"into itself":             {func(c *region.NewChange) { c.Kind, c.Into, c.Children = "merge", "12.71", nil }, fault.ErrInvalid},
		"into a province":         {func(c *region.NewChange) { c.Kind, c.Into, c.Children = "merge", "12", nil }, region.ErrWrongLevel},
		"a third kind":            {func(c *region.NewChange) { c.Kind = "rename" }, fault.ErrInvalid},
	} {
		n := split()
		c.change(&n)
		if _, err := s.regions.Do(t.Context(), chief, n, false); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for _, role := range []access.Role{access.Officer, access.Province, access.Admin, access.Auditor} {
		if _, err := s.regions.Do(t.Context(), access.Actor{ID: 2, Role: role, Reach: "12"}, split(), true); !errors.Is(err, access.ErrForbidden) {
			t.Errorf("%s: %v, want forbidden", role, err)
		}
	}
	if page, err := s.regions.List(t.Context(), chief, postgres.Paging{}); err != nil || len(page.Items) != 0 {
		t.Errorf("%d changes are kept of what was refused, %v", len(page.Items), err)
	}
}
