package coverage

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/region"
	"blangko/internal/sheet"
)

// populationLayout is the heading of a release; the twelve months are who turn 17 in each month after it.
var populationLayout = func() sheet.Layout {
	l := sheet.Layout{Name: "populations", Columns: []sheet.Column{
		{Name: "region_code", Required: true, Note: "kode wilayah Kemendagri"}, {Name: "region_name", Note: "tidak dibaca"},
		{Name: "period", Required: true, Note: "DKB: 2024-S1 atau 2024-S2"}, {Name: "people", Required: true, Note: "penduduk"},
		{Name: "male", Note: "laki-laki"}, {Name: "female", Note: "perempuan"}, {Name: "eligible", Note: "wajib KTP"},
		{Name: "children", Note: "anak 0-17 tahun"}}}
	for month := 1; month <= 12; month++ {
		l.Columns = append(l.Columns, sheet.Column{Name: monthColumn(month), Note: "genap 17 tahun pada bulan ke-n setelah DKB; isi semua atau kosongkan"})
	}
	l.Columns = append(l.Columns, sheet.Column{Name: "source", Required: true, Note: "sumber"}, sheet.Column{Name: "note", Note: "catatan"})
	return l
}()

func monthColumn(month int) string { return fmt.Sprintf("turning_17_%02d", month) }

// populationRow is a good row on its way into the table. The names are those of the columns.
type populationRow struct {
	RegionID  int     `json:"region_id"`
	Period    string  `json:"period"`
	AsOf      string  `json:"as_of"`
	People    int64   `json:"people"`
	Male      *int64  `json:"male"`
	Female    *int64  `json:"female"`
	Eligible  *int64  `json:"eligible"`
	Children  *int64  `json:"children"`
	Turning17 []int64 `json:"turning_17"`
	Source    string  `json:"source"`
	Note      string  `json:"note"`
	Row       int     `json:"row"`
	row       *sheet.Row
}

// takePopulations takes a release. A region and period that is known already gets a next version, unless the row says
// what the last version does.
func (r *Register) takePopulations(ctx context.Context, tx *sqlx.Tx, who access.Actor, _ string, id int64, batches iter.Seq[[]*sheet.Row]) error {
	tree, err := region.Load(ctx, tx)
	if err != nil {
		return err
	}
	first := map[[2]string]int{}
	for rows := range batches {
		good := make([]populationRow, 0, len(rows))
		for _, row := range rows {
			p, err := r.decodePopulation(tree, row)
			if err != nil {
				return err
			}
			if !row.Good() {
				continue
			}
			at := [2]string{row.Text("region_code"), row.Text("period")}
			if before, twice := first[at]; twice {
				row.Wrong("region_code", "duplicate", "row", before)
				continue
			}
			first[at] = row.Number
			good = append(good, p)
		}
		if err := savePopulations(ctx, tx, who, id, good); err != nil {
			return err
		}
	}
	return nil
}

func (r *Register) decodePopulation(tree *region.Tree, row *sheet.Row) (populationRow, error) {
	n := NewPopulation{Region: row.Text("region_code"), Period: row.Text("period"), Male: row.Count("male"), Female: row.Count("female"),
		Eligible: row.Count("eligible"), Children: row.Count("children"), Source: row.Text("source"), Note: row.Text("note")}
	if people := row.Count("people"); people != nil {
		n.People = *people
	} else if row.Text("people") == "" {
		row.Wrong("people", "missing")
	}
	for month := 1; month <= 12; month++ {
		if m := row.Count(monthColumn(month)); m != nil {
			n.Turning17 = append(n.Turning17, *m)
		}
	}
	if already := !row.Good(); already {
		return populationRow{}, nil
	}
	var wrong fault.Fields
	asOf := n.check(r.now(), &wrong)
	if f, ok := fault.As(wrong.Err()); ok {
		for _, field := range f.Fields {
			column := strings.TrimPrefix(field.Location, "body.")
			if column == "turning_17" {
				column = monthColumn(1)
			}
			row.Wrong(column, field.Code, pairs(field.Facts)...)
		}
	}
	where, err := tree.ByCode(n.Region, region.Today(region.WIB, r.now()))
	if err != nil {
		return populationRow{}, row.WrongBecause("region_code", err)
	}
	return populationRow{RegionID: where.ID, Period: n.Period, AsOf: asOf.Format("2006-01-02"), People: n.People, Male: n.Male, Female: n.Female,
		Eligible: n.Eligible, Children: n.Children, Turning17: n.Turning17, Source: n.Source, Note: n.Note, Row: row.Number, row: row}, nil
}

func savePopulations(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64, batch []populationRow) error {
	text, err := json.Marshal(batch)
	if err != nil {
		return fmt.Errorf("encode populations: %w", err)
	}
	var added []int
	err = tx.SelectContext(ctx, &added, `
		WITH n AS (
			SELECT *
			FROM jsonb_to_recordset($1) AS n (region_id int, period text, as_of date, people bigint, male bigint, female bigint,
				eligible bigint, children bigint, turning_17 bigint[], source text, note text, row int)),
		last AS (
			SELECT DISTINCT ON (p.region_id, p.period) p.*
			FROM populations p
			JOIN n USING (region_id, period)
			ORDER BY p.region_id, p.period, p.version DESC),
		fresh AS (
			SELECT n.*, coalesce(l.version, 0) + 1 AS version
			FROM n
			LEFT JOIN last l USING (region_id, period)
			WHERE l.region_id IS NULL OR (l.people, l.male, l.female, l.eligible, l.children, l.turning_17, l.source)
				IS DISTINCT FROM (n.people, n.male, n.female, n.eligible, n.children, n.turning_17, n.source)),
		added AS (
			INSERT INTO populations (region_id, period, version, as_of, people, male, female, eligible, children, turning_17, source, note,
				import_id, recorded_by)
			SELECT region_id, period, version, as_of, people, male, female, eligible, children, turning_17, source, note, $2, $3
			FROM fresh)
		SELECT row FROM fresh`, string(text), id, who.Name)
	if err != nil {
		return fmt.Errorf("add populations: %w", err)
	}
	fresh := map[int]bool{}
	for _, row := range added {
		fresh[row] = true
	}
	for _, p := range batch {
		if !fresh[p.Row] {
			p.row.Unchanged()
		}
	}
	return nil
}

// undoPopulations takes back the versions of an import; the versions before them hold again.
func undoPopulations(ctx context.Context, tx *sqlx.Tx, _ access.Actor, id int64) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM populations WHERE import_id = $1`, id); err != nil {
		return fmt.Errorf("take back populations: %w", err)
	}
	return nil
}
