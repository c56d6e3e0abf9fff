package outreach

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/region"
	"blangko/internal/sheet"
)

// siteLayout is a heading that a list of sites may have, and where its fields stand.
type siteLayout struct {
	sheet.Layout
	column map[string]string
}

// siteLayouts are the headings that the import of sites knows. schools is the list that Dapodik gives, institutions
// that of prisons and homes; sites is our own, of which the template is made, and takes both.
var siteLayouts = []siteLayout{
	{
		Layout: sheet.Layout{Name: "institutions", Columns: []sheet.Column{
			{Name: "kind", Required: true, List: kindWords()}, {Name: "name", Required: true}, {Name: "regency_code", Required: true}, {Name: "area_code"},
			{Name: "address"}, {Name: "lon", Required: true}, {Name: "lat", Required: true}, {Name: "coord_precision"}, {Name: "capacity"},
			{Name: "occupants", Required: true}, {Name: "as_of"}, {Name: "source_url"}, {Name: "note"}}},
		column: map[string]string{"kind": "kind", "name": "name", "regency": "regency_code", "code": "area_code", "precision": "coord_precision",
			"capacity": "capacity", "people": "occupants", "as_of": "as_of", "source": "source_url", "note": "note"},
	},
	{
		Layout: sheet.Layout{Name: "schools", Columns: []sheet.Column{
			{Name: "npsn", Required: true}, {Name: "name", Required: true}, {Name: "level", Required: true, List: []string{"sma", "smk", "slb", "smlb", "smalb", "ma"}},
			{Name: "status", Required: true, List: []string{"negeri", "swasta"}}, {Name: "regency_code", Required: true}, {Name: "district"},
			{Name: "lon", Required: true}, {Name: "lat", Required: true}, {Name: "coord_check"}}},
		column: map[string]string{"reference": "npsn", "name": "name", "regency": "regency_code", "district": "district", "level": "level", "status": "status"},
	},
	{
		Layout: sheet.Layout{Name: "sites", Columns: []sheet.Column{
			{Name: "site_id", Note: "nomor pada daftar asal, misalnya NPSN"}, {Name: "kind", Required: true, Note: "jenis lokasi", List: kindWords()},
			{Name: "name", Required: true, Note: "nama lembaga; bukan nama orang"},
			{Name: "regency_code", Required: true, Note: "kode kabupaten/kota"}, {Name: "district_code", Note: "kode kecamatan"},
			{Name: "district_name", Note: "dibandingkan dengan letak titik"},
			{Name: "lon", Required: true, Note: "bujur, 94 sampai 142"}, {Name: "lat", Required: true, Note: "lintang, -12 sampai 7"},
			{Name: "coord_precision", Note: "bagaimana titik diperoleh"},
			{Name: "people", Note: "jumlah orang di sana; kosong = diperkirakan bila dapat"}, {Name: "as_of", Note: "tanggal jumlah itu"},
			{Name: "source", Note: "sumber"}}},
		column: map[string]string{"reference": "site_id", "kind": "kind", "name": "name", "regency": "regency_code", "code": "district_code",
			"district": "district_name", "precision": "coord_precision", "people": "people", "as_of": "as_of", "source": "source"},
	},
}

func kindWords() []string {
	words := make([]string, len(SiteKinds))
	for i, k := range SiteKinds {
		words[i] = string(k)
	}
	return words
}

// What an estimated count names as its source; all begin alike.
const (
	estimate         = "perkiraan: "
	estimateSchool   = estimate + "median murid per sekolah, Dapodik 2025"
	estimateCapacity = estimate + "kapasitas, dianggap penuh"
	estimateKind     = estimate + "median lokasi sejenis yang diketahui"
)

// Kinds are the files that this package takes in.
func (d *Desk) Kinds() []sheet.Kind {
	sites := sheet.Kind{Name: "sites", Action: access.ImportSites, Take: d.takeSites, Undo: undoSites}
	for _, l := range siteLayouts {
		sites.Layouts = append(sites.Layouts, l.Layout)
	}
	return []sheet.Kind{sites}
}

// incoming is a good row on its way into the tables. The names are those of the columns.
type incoming struct {
	RegionID  int      `json:"region_id"`
	Kind      SiteKind `json:"kind"`
	Name      string   `json:"name"`
	Reference string   `json:"reference"`
	Lon       *float64 `json:"lon"`
	Lat       *float64 `json:"lat"`
	Precision string   `json:"precision"`
	Flags     []string `json:"flags"`
	Source    string   `json:"source"`
	Note      string   `json:"note"`
	Row       int      `json:"row"`

	People    *int64 `json:"people"`
	AsOf      string `json:"as_of,omitempty"` // absent, hence null, where nobody counted and there is nothing to guess from
	DateForm  string `json:"date_form"`
	Basis     string `json:"basis"`
	HeadsFrom string `json:"heads_from"`

	row    *sheet.Row
	plain  string           // its name as names are compared
	id     int64            // of a site that is there
	counts map[string]int64 // everybody counted at a site that is there, by day
	dated  bool             // the row says when it was counted
}

func (d *Desk) takeSites(ctx context.Context, tx *sqlx.Tx, who access.Actor, layout string, id int64, batches iter.Seq[[]*sheet.Row]) error {
	var l siteLayout
	for _, known := range siteLayouts {
		if known.Name == layout {
			l = known
		}
	}
	tree, err := region.Load(ctx, tx)
	if err != nil {
		return err
	}
	today := region.Today(region.WIB, d.now())
	near, err := knownSites(ctx, tx)
	if err != nil {
		return err
	}
	seen, within := map[string]int{}, bordersIn(ctx, tx)
	for rows := range batches {
		good, recounted := make([]incoming, 0, len(rows)), []incoming{}
		for _, row := range rows {
			in, err := l.decode(tree, today, within, row)
			if err != nil {
				return err
			}
			if !row.Good() {
				continue
			}
			if before, twice := seen[in.key()]; twice {
				row.Wrong("name", "duplicate", "row", before)
				continue
			}
			seen[in.key()] = row.Number
			if was, known := near.byKey[in.key()]; known {
				if in.recounts(l, was) {
					in.id, in.RegionID = was.id, was.RegionID
					recounted = append(recounted, in)
				}
				continue
			}
			if in.Lon != nil && near.duplicate(in) {
				in.Flags = append(in.Flags, NearDuplicate)
			}
			near.add(in)
			good = append(good, in)
		}
		if err := insertSites(ctx, tx, who, id, good); err != nil {
			return err
		}
		if err := recount(ctx, tx, who, id, recounted); err != nil {
			return err
		}
	}
	return nil
}

// recounts reports whether a row says no more of a site that is there than a count that is new, and notes on the row what
// else it is: nothing new, another site of the same number, another count of the same day.
func (in incoming) recounts(l siteLayout, was incoming) bool {
	if was.Name != in.Name || was.Kind != in.Kind || deref(was.Lon) != deref(in.Lon) || deref(was.Lat) != deref(in.Lat) {
		in.row.Wrong(l.column["reference"], ErrReference.Code)
		return false
	}
	latest := ""
	for day := range was.counts {
		latest = max(latest, day)
	}
	people, counted := was.counts[in.AsOf]
	switch {
	case in.Basis != "counted", counted && people == *in.People, !in.dated && latest != "" && was.counts[latest] == *in.People:
		in.row.Unchanged()
		return false
	case counted:
		in.row.Wrong(l.column["people"], "counted-otherwise", "people", people)
		return false
	}
	return true
}

// recount notes new counts of sites that are there.
func recount(ctx context.Context, tx *sqlx.Tx, who access.Actor, importID int64, rows []incoming) error {
	for _, in := range rows {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO site_heads (region_id, site_id, people_group, as_of, "precision", people, basis, source, recorded_by, import_id)
			VALUES ($1, $2, 'all', $3::date, $4, $5, 'counted', $6, $7, $8)
			ON CONFLICT (region_id, site_id, people_group, as_of) DO UPDATE
			SET people = excluded.people, basis = excluded.basis, source = excluded.source, "precision" = excluded."precision",
				recorded_by = excluded.recorded_by, recorded_at = now(), import_id = excluded.import_id`,
			in.RegionID, in.id, in.AsOf, in.DateForm, *in.People, in.HeadsFrom, who.Name, importID)
		if err != nil {
			return fmt.Errorf("note count of site %d: %w", in.id, err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE sites SET flags = array_remove(flags, $2), version = version + 1 WHERE id = $1`, in.id, NoHeads); err != nil {
			return fmt.Errorf("unflag site %d: %w", in.id, err)
		}
	}
	return nil
}

// key is what must not stand twice in a file.
func (in incoming) key() string {
	if in.Reference != "" {
		return in.Reference
	}
	return fmt.Sprintf("%d %s %s", in.RegionID, in.Kind, plainName(in.Name))
}

// decode reads a row and notes all that is wrong with it.
func (l siteLayout) decode(tree *region.Tree, today time.Time, within borders, row *sheet.Row) (incoming, error) {
	text := func(field string) string {
		if c, ok := l.column[field]; ok {
			return row.Text(c)
		}
		return ""
	}
	in := incoming{Name: row.Must("name", 200), Kind: SiteKind(strings.ToLower(text("kind"))), Reference: text("reference"), Precision: text("precision"),
		Source: text("source"), Note: text("note"), Flags: []string{}, Row: row.Number, row: row}
	for field, most := range map[string]int{"reference": 100, "precision": 50, "source": 500, "note": 500} {
		if utf8.RuneCountInString(text(field)) > most {
			row.Wrong(l.column[field], "too-long", "most", most)
		}
	}
	if l.Name == "schools" {
		in.Kind, in.Source = schoolKind(strings.ToLower(text("level"))), "Dapodik"
		row.OneOf("status", "negeri", "swasta")
		if in.Kind == "" {
			row.Wrong("level", "not-in-list", "list", []string{"sma", "smk", "slb", "smlb", "smalb", "ma"})
		}
	} else {
		row.OneOf("kind", kindWords()...)
		if in.Kind == "" {
			row.Wrong("kind", "missing")
		}
	}
	where, err := l.where(tree, today, row)
	if err != nil {
		return in, err
	}
	in.RegionID = where.ID
	in.Lon, in.Lat = row.Degrees("lon"), row.Degrees("lat")
	if row.Good() {
		if err := l.point(&in, where, text("district"), within, row); err != nil {
			return in, err
		}
		l.heads(&in, today, text("status"), row)
	}
	return in, nil
}

func schoolKind(level string) SiteKind {
	switch level {
	case "sma", "smk", "ma":
		return SiteKind("school_" + level)
	case "slb", "smlb", "smalb":
		return "school_slb"
	}
	return ""
}

// where finds the district that a row names, else its regency. A village's code is taken for its district's.
func (l siteLayout) where(tree *region.Tree, today time.Time, row *sheet.Row) (region.Region, error) {
	code, column := row.Text(l.column["code"]), l.column["code"]
	if strings.Count(code, ".") == 3 {
		code = region.Parent(code)
	}
	regency := row.Text(l.column["regency"])
	if code == "" || l.column["code"] == "" {
		code, column = regency, l.column["regency"]
	} else if !strings.HasPrefix(code, regency) {
		row.Wrong(column, "not-in-regency", "regency", regency)
	}
	r, err := tree.ByCode(code, today)
	if err == nil {
		err = r.Expect(region.Regency, region.District)
	}
	if err != nil {
		return r, row.WrongBecause(column, err)
	}
	return r, nil
}

func (l siteLayout) point(in *incoming, where region.Region, district string, within borders, row *sheet.Row) error {
	var wrong fault.Fields
	checkPoint(in.Lon, in.Lat, "lon", &wrong)
	if f, ok := fault.As(wrong.Err()); ok {
		for _, field := range f.Fields {
			var facts []any
			for name, value := range field.Facts {
				facts = append(facts, name, value)
			}
			row.Wrong("lon", field.Code, facts...)
		}
		return nil
	}
	if in.Lon == nil {
		in.Flags = append(in.Flags, NoPoint)
		return nil
	}
	flags, err := pointFlags(orb.Point{*in.Lon, *in.Lat}, where.Code, district, within)
	in.Flags = append(in.Flags, flags...)
	return err
}

// heads takes the count of a row, or estimates it: from schools of its level and status, from what the place was built
// for, or from others of its kind.
func (l siteLayout) heads(in *incoming, today time.Time, status string, row *sheet.Row) {
	if people := row.Count(l.column["people"]); l.column["people"] != "" && people != nil {
		in.People, in.Basis, in.HeadsFrom = people, "counted", in.Source
		in.AsOf, in.DateForm = today.Format(time.DateOnly), "day"
		if in.dated = row.Text(l.column["as_of"]) != ""; in.dated {
			day, precision := row.Span(l.column["as_of"])
			in.AsOf, in.DateForm = day.Format(time.DateOnly), string(precision)
		}
		return
	}
	state := stateSchool(in.Name)
	if status != "" {
		state = strings.EqualFold(status, "negeri")
	}
	n, from := schoolMedian[in.Kind][state], estimateSchool
	if n == 0 {
		n, from = kindMedian[in.Kind], estimateKind
	}
	if capacity := row.Count(l.column["capacity"]); l.column["capacity"] != "" && deref(capacity) > 0 {
		n, from = *capacity, estimateCapacity
	}
	if n == 0 {
		in.Flags = append(in.Flags, NoHeads)
		return
	}
	in.People, in.Basis, in.HeadsFrom, in.AsOf, in.DateForm = &n, "estimated", from, today.Format(time.DateOnly), "day"
}

// neighbours are the sites that are there, by what they are known by and by where they lie.
type neighbours struct {
	byKey map[string]incoming
	cells map[[2]int][]incoming
}

const nearDegrees = 0.02 // about 2 km

func nearCell(in incoming) [2]int {
	return [2]int{int(math.Floor(*in.Lon / nearDegrees)), int(math.Floor(*in.Lat / nearDegrees))}
}

func (n *neighbours) add(in incoming) {
	in.plain = plainName(in.Name)
	n.byKey[in.key()] = in
	if in.Lon != nil {
		n.cells[nearCell(in)] = append(n.cells[nearCell(in)], in)
	}
}

// duplicate reports whether a site of like name lies within 2 km.
func (n *neighbours) duplicate(in incoming) bool {
	at, plain := nearCell(in), plainName(in.Name)
	for x := at[0] - 1; x <= at[0]+1; x++ {
		for y := at[1] - 1; y <= at[1]+1; y++ {
			for _, other := range n.cells[[2]int{x, y}] {
				if other.plain == plain && plain != "" && geo.DistanceHaversine(orb.Point{*other.Lon, *other.Lat}, orb.Point{*in.Lon, *in.Lat}) < 2_000 {
					return true
				}
			}
		}
	}
	return false
}

func knownSites(ctx context.Context, tx *sqlx.Tx) (*neighbours, error) {
	n := &neighbours{byKey: map[string]incoming{}, cells: map[[2]int][]incoming{}}
	rows, err := tx.QueryxContext(ctx, `
		SELECT s.id, s.region_id, s.kind, s.name, s.reference, s.lon, s.lat, coalesce((
			SELECT jsonb_object_agg(h.as_of, h.people)
			FROM site_heads h
			WHERE h.region_id = s.region_id AND h.site_id = s.id AND h.people_group = 'all' AND h.basis = 'counted'), '{}')
		FROM sites s`)
	if err != nil {
		return nil, fmt.Errorf("read sites: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var in incoming
		var counts document[map[string]int64]
		if err := rows.Scan(&in.id, &in.RegionID, &in.Kind, &in.Name, &in.Reference, &in.Lon, &in.Lat, &counts); err != nil {
			return nil, fmt.Errorf("read site: %w", err)
		}
		in.counts = counts.V
		n.add(in)
	}
	return n, rows.Err()
}

func insertSites(ctx context.Context, tx *sqlx.Tx, who access.Actor, importID int64, rows []incoming) error {
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("encode sites: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		WITH n AS MATERIALIZED (
			SELECT nextval(pg_get_serial_sequence('sites', 'id')) AS id, r.*
			FROM jsonb_to_recordset($1) AS r (region_id int, kind text, name text, reference text, lon float8, lat float8, "precision" text,
				flags jsonb, source text, note text, "row" int, people bigint, as_of text, date_form text, basis text, heads_from text)
		), s AS (
			INSERT INTO sites (region_id, id, kind, name, reference, lon, lat, "precision", flags, source, note, import_id, created_by)
			SELECT region_id, id, kind, name, reference, lon, lat, "precision", ARRAY (SELECT jsonb_array_elements_text(n.flags)), source, note, $2, $3
			FROM n
		)
		INSERT INTO site_heads (region_id, site_id, people_group, as_of, "precision", people, basis, source, recorded_by)
		SELECT region_id, id, 'all', as_of::date, date_form, people, basis, heads_from, $3
		FROM n
		WHERE people IS NOT NULL`, string(text), importID, who.Name)
	if err != nil {
		return fmt.Errorf("save sites: %w", err)
	}
	return nil
}

// ErrSiteUsed is the fault of taking back an import of which a site was changed or visited since.
var ErrSiteUsed = fault.New(fault.Conflict, "site-used") // site

func undoSites(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64) error {
	var used []int64
	err := tx.SelectContext(ctx, &used, `
		SELECT s.id
		FROM sites s
		WHERE s.import_id = $1 AND (s.version > 1 OR EXISTS (SELECT FROM visits v WHERE v.site_id = s.id))
		ORDER BY s.id
		LIMIT 1`, id)
	if err != nil {
		return fmt.Errorf("look for used sites: %w", err)
	}
	if len(used) > 0 {
		return ErrSiteUsed.With("site", used[0])
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM sites WHERE import_id = $1`, id); err != nil {
		return fmt.Errorf("take back sites: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		WITH gone AS (
			DELETE FROM site_heads
			WHERE import_id = $1
			RETURNING region_id, site_id, people_group, as_of)
		UPDATE sites s
		SET version = version + 1, flags = CASE WHEN EXISTS (
			SELECT FROM site_heads h
			WHERE h.region_id = s.region_id AND h.site_id = s.id AND (h.people_group, h.as_of) NOT IN (SELECT people_group, as_of FROM gone g WHERE g.site_id = s.id))
			THEN s.flags ELSE array_append(s.flags, $2) END
		WHERE s.id IN (SELECT site_id FROM gone)`, id, NoHeads)
	if err != nil {
		return fmt.Errorf("take back counts: %w", err)
	}
	return nil
}
