package inventory

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/region"
	"blangko/internal/sheet"
)

// printLayout is the heading of a file of print counts.
var printLayout = sheet.Layout{Name: "prints", Columns: []sheet.Column{
	{Name: "date", Required: true, Note: "tanggal cetak"},
	{Name: "region_code", Required: true, Note: "kode kabupaten/kota untuk kantor, kode kecamatan untuk tempat layanan"},
	{Name: "place", Note: "nomor tempat, bila bukan kantor atau tempat layanan"},
	{Name: "item", Note: "kosong = ktp-el", List: []string{"ktp-el", "kia"}},
	{Name: "purpose", Note: "alasan cetak; kosong bila tidak dirinci", List: printPurposes()},
	{Name: "printed", Required: true, Note: "kartu yang tercetak baik"},
	{Name: "failed", Note: "gagal cetak"}}}

// printPurposes are the purposes that a card can be printed for.
func printPurposes() []string {
	var words []string
	for _, p := range Purposes {
		if p != "spoiled" {
			words = append(words, string(p))
		}
	}
	return words
}

// prints is a file of daily print counts. For a day the newest file holds; a day inside the span that a file covers for
// a place, which it does not name, counts as none printed.
func (l *Ledger) prints() sheet.Kind {
	return sheet.Kind{Name: "prints", Action: access.ImportPrints, Layouts: []sheet.Layout{printLayout}, Whole: true, Take: l.takePrints, Undo: l.undoPrints}
}

// ErrExplained is the fault of taking back counts whose difference somebody has explained.
var ErrExplained = fault.New(fault.Conflict, "reconciliation-explained") // reconciliation

// printDay is a day of a place of which prints were counted.
type printDay struct {
	place, item int
	day         string
}

// printCount is one row of a file, named as the columns of the table are.
type printCount struct {
	RegionID int    `json:"region_id"`
	PlaceID  int    `json:"place_id"`
	ItemID   int    `json:"item_id"`
	Day      string `json:"day"`
	Purpose  string `json:"purpose"`
	Printed  int64  `json:"printed"`
	Failed   int64  `json:"failed"`
	row      *sheet.Row
}

func (c printCount) key() printDay { return printDay{c.PlaceID, c.ItemID, c.Day} }

func (l *Ledger) takePrints(ctx context.Context, tx *sqlx.Tx, who access.Actor, _ string, id int64, batches iter.Seq[[]*sheet.Row]) error {
	where, err := l.printingPlaces(ctx, tx)
	if err != nil {
		return err
	}
	for rows := range batches {
		if err := l.takePrintRows(ctx, tx, where, id, rows); err != nil {
			return err
		}
	}
	return nil
}

func (l *Ledger) takePrintRows(ctx context.Context, tx *sqlx.Tx, where map[string]Place, id int64, rows []*sheet.Row) error {
	days := map[printDay][]printCount{}
	for _, row := range rows {
		c := l.readPrint(where, row)
		if !row.Good() {
			continue
		}
		same := func(other printCount) bool { return other.Purpose == c.Purpose }
		if at := slices.IndexFunc(days[c.key()], same); at >= 0 {
			row.Wrong("", "duplicate", "row", days[c.key()][at].row.Number)
			continue
		}
		days[c.key()] = append(days[c.key()], c)
	}
	dropLongSpans(days)
	if err := passOverKnown(ctx, tx, days); err != nil {
		return err
	}
	return savePrints(ctx, tx, id, days)
}

// printingPlaces finds places in reach by how a file names them: by number, or by the code of their region.
func (l *Ledger) printingPlaces(ctx context.Context, tx *sqlx.Tx) (map[string]Place, error) {
	var places []Place
	if err := tx.SelectContext(ctx, &places, selectPlaces+` WHERE p.kind IN ('regency', 'service', 'team')`); err != nil {
		return nil, fmt.Errorf("read places: %w", err)
	}
	where := map[string]Place{}
	for _, p := range places {
		where["#"+strconv.Itoa(p.ID)] = p
		if p.Kind != TeamPlace {
			where[p.Region] = p
		}
	}
	return where, nil
}

// readPrint reads a row and notes all that is wrong with it.
func (l *Ledger) readPrint(where map[string]Place, row *sheet.Row) printCount {
	c := printCount{Purpose: row.OneOf("purpose", printPurposes()...), ItemID: 1, row: row}
	if item := row.OneOf("item", "ktp-el", "kia"); item != "" {
		c.ItemID = itemIDs[item]
	}
	place, known := where[row.Must("region_code", 13)]
	if number := row.Text("place"); number != "" {
		other, there := where["#"+number]
		if !there || other.Region != row.Text("region_code") {
			row.Wrong("place", ErrPlaceUnknown.Code)
		}
		place, known = other, there
	} else if !known && row.Text("region_code") != "" {
		row.Wrong("region_code", ErrPlaceUnknown.Code)
	}
	if known {
		c.RegionID, c.PlaceID = place.RegionID, place.ID
	}
	day, precision := row.Span("date")
	switch {
	case day.IsZero():
	case precision != sheet.Day:
		row.Wrong("date", "not-a-day")
	case day.After(region.Today(place.Zone, l.now())):
		row.Wrong("date", "in-the-future")
	}
	c.Day = day.Format(time.DateOnly)
	c.Printed = l.readPieces(row, "printed", true)
	c.Failed = l.readPieces(row, "failed", false)
	return c
}

func (l *Ledger) readPieces(row *sheet.Row, column string, must bool) int64 {
	if must && row.Text(column) == "" {
		row.Wrong(column, "missing")
	}
	n := row.Count(column)
	switch {
	case n == nil:
		return 0
	case *n > mostPieces:
		row.Wrong(column, "out-of-range", "most", mostPieces)
	}
	return *n
}

// dropLongSpans refuses rows that lie more than a year before the newest of their place: between them lie days that
// the file would say nothing was printed on.
func dropLongSpans(days map[printDay][]printCount) {
	newest := map[int]string{}
	for key := range days {
		newest[key.place] = max(newest[key.place], key.day)
	}
	for key, counts := range days {
		last, err := time.Parse(time.DateOnly, newest[key.place])
		if err == nil && key.day >= last.AddDate(0, 0, -mostSpan).Format(time.DateOnly) {
			continue
		}
		for _, c := range counts {
			c.row.Wrong("date", "span-too-long", "newest", newest[key.place], "most_days", mostSpan)
		}
		delete(days, key)
	}
}

// passOverKnown takes out the days of which the newest import said the same.
func passOverKnown(ctx context.Context, tx *sqlx.Tx, days map[printDay][]printCount) error {
	var places, items []int64
	var dates []string
	for key := range days {
		places, items, dates = append(places, int64(key.place)), append(items, int64(key.item)), append(dates, key.day)
	}
	var kept []struct {
		Place   int    `db:"place_id"`
		Item    int    `db:"item_id"`
		Day     string `db:"day"`
		Purpose string `db:"purpose"`
		Printed int64  `db:"printed"`
		Failed  int64  `db:"failed"`
	}
	err := tx.SelectContext(ctx, &kept, `
		SELECT n.place_id, n.item_id, n.day::text, n.purpose, n.printed, n.failed
		FROM unnest($1::int[], $2::int[], $3::date[]) AS a (place_id, item_id, day)
		JOIN places p ON p.id = a.place_id
		JOIN print_counts n ON n.region_id = p.region_id AND n.place_id = a.place_id AND n.item_id = a.item_id AND n.day = a.day
		WHERE n.import_id = (SELECT max(m.import_id) FROM print_counts m
			WHERE m.region_id = n.region_id AND m.place_id = n.place_id AND m.item_id = n.item_id AND m.day = n.day)`,
		pq.Array(places), pq.Array(items), pq.Array(dates))
	if err != nil {
		return fmt.Errorf("read print counts: %w", err)
	}
	type said struct{ printed, failed int64 }
	known := map[printDay]map[string]said{}
	for _, k := range kept {
		key := printDay{k.Place, k.Item, k.Day}
		if known[key] == nil {
			known[key] = map[string]said{}
		}
		known[key][k.Purpose] = said{k.Printed, k.Failed}
	}
	for key, counts := range days {
		now := map[string]said{}
		for _, c := range counts {
			now[c.Purpose] = said{c.Printed, c.Failed}
		}
		if maps.Equal(now, known[key]) {
			for _, c := range counts {
				c.row.Unchanged()
			}
			delete(days, key)
		}
	}
	return nil
}

// savePrints writes the counts, a zero for each day between the first and the last of a place that nobody counted, and
// opens a reconciliation for every day.
func savePrints(ctx context.Context, tx *sqlx.Tx, id int64, days map[printDay][]printCount) error {
	var all []printCount
	for _, key := range slices.SortedFunc(maps.Keys(days), func(a, b printDay) int { return strings.Compare(a.day, b.day) }) {
		all = append(all, days[key]...)
	}
	if len(all) == 0 {
		return nil
	}
	text, err := jsonText(all)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO print_counts (region_id, place_id, item_id, day, import_id, purpose, printed, failed)
		SELECT region_id, place_id, item_id, day, $2, purpose, printed, failed
		FROM jsonb_to_recordset($1::jsonb) AS n (region_id int, place_id int, item_id smallint, day date, purpose text, printed bigint, failed bigint)`, text, id)
	if err != nil {
		return fmt.Errorf("insert print counts: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO print_counts (region_id, place_id, item_id, day, import_id, printed)
		SELECT s.region_id, s.place_id, s.item_id, d.day::date, $1, 0
		FROM (SELECT region_id, place_id, item_id, min(day) AS first, max(day) AS last FROM print_counts WHERE import_id = $1 GROUP BY 1, 2, 3) s
		CROSS JOIN LATERAL generate_series(s.first, s.last, interval '1 day') AS d (day)
		WHERE NOT EXISTS (SELECT FROM print_counts n WHERE n.region_id = s.region_id AND n.place_id = s.place_id AND n.item_id = s.item_id AND n.day = d.day::date)`, id)
	if err != nil {
		return fmt.Errorf("insert days without prints: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO reconciliations (region_id, place_id, item_id, day)
		SELECT DISTINCT region_id, place_id, item_id, day
		FROM print_counts
		WHERE import_id = $1
		ON CONFLICT (region_id, place_id, item_id, day) DO NOTHING`, id)
	if err != nil {
		return fmt.Errorf("open reconciliations: %w", err)
	}
	return nil
}

// undoPrints takes the counts of an import back; the import before it holds again. A day without any count left is
// closed, unless somebody has explained it.
func (l *Ledger) undoPrints(ctx context.Context, tx *sqlx.Tx, _ access.Actor, id int64) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM print_counts WHERE import_id = $1`, id); err != nil {
		return fmt.Errorf("take print counts back: %w", err)
	}
	const orphans = ` FROM reconciliations c WHERE NOT EXISTS (SELECT FROM print_counts n
		WHERE n.region_id = c.region_id AND n.place_id = c.place_id AND n.item_id = c.item_id AND n.day = c.day)`
	var explained []int64
	if err := tx.SelectContext(ctx, &explained, `SELECT c.id`+orphans+` AND c.explained IS NOT NULL ORDER BY c.id LIMIT 1`); err != nil {
		return fmt.Errorf("look for explanations: %w", err)
	}
	if len(explained) > 0 {
		return ErrExplained.With("reconciliation", explained[0], "advice", "import the right counts instead; the newest file holds")
	}
	if _, err := tx.ExecContext(ctx, `DELETE`+orphans); err != nil {
		return fmt.Errorf("close reconciliations: %w", err)
	}
	return nil
}
