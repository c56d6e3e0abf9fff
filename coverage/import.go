package coverage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/region"
	"blangko/internal/sheet"
)

// figureLayout is a heading under which figures come, with what its columns mean.
type figureLayout struct {
	sheet.Layout
	subject Subject           // of every row, "" where the file has a column for it
	column  map[string]string // field of NewFigure → column
}

// at returns the column of a field; what no column holds is wrong with the row as a whole.
func (l figureLayout) at(field string) string { return l.column[field] }

// The two headings in which figures are passed on in practice, and the one of our own template.
var figureLayouts = []figureLayout{
	{
		Layout: sheet.Layout{Name: "recording", Columns: []sheet.Column{
			{Name: "region_code", Required: true}, {Name: "region_name"}, {Name: "level"}, {Name: "as_of", Required: true}, {Name: "scope"},
			{Name: "wajib", Required: true}, {Name: "recorded", Required: true}, {Name: "not_recorded"}, {Name: "pct_printed"},
			{Name: "pct_computed"}, {Name: "adds_up"}, {Name: "province_era"}, {Name: "source", Required: true}, {Name: "note"}}},
		subject: Recording,
		column: map[string]string{"region": "region_code", "level": "level", "as_of": "as_of", "scope": "scope", "people": "wajib",
			"have": "recorded", "lack": "not_recorded", "percent": "pct_printed", "era": "province_era", "source": "source", "note": "note"},
	},
	{
		Layout: sheet.Layout{Name: "birth-certificate", Columns: []sheet.Column{
			{Name: "region_code", Required: true}, {Name: "region_name"}, {Name: "level"}, {Name: "as_of", Required: true},
			{Name: "children", Required: true}, {Name: "with_akta", Required: true}, {Name: "without_akta"}, {Name: "pct"}, {Name: "kind"},
			{Name: "province_era"}, {Name: "source", Required: true}, {Name: "note"}}},
		subject: Certificate,
		column: map[string]string{"region": "region_code", "level": "level", "as_of": "as_of", "scope": "kind", "people": "children",
			"have": "with_akta", "lack": "without_akta", "percent": "pct", "era": "province_era", "source": "source", "note": "note"},
	},
	{
		Layout: sheet.Layout{Name: "figures", Columns: []sheet.Column{
			{Name: "region_code", Required: true, Note: "kode wilayah Kemendagri, misalnya 12.71.03"},
			{Name: "region_name", Note: "tidak dibaca"},
			{Name: "subject", Required: true, Note: "dokumen", List: subjectWords()},
			{Name: "scope", Note: "kelompok penduduk: wajib_ktp, dp4, dukcapil_admin; kosong = bawaan"},
			{Name: "group", Note: "kelompok rentan atau umur; kosong = semua"},
			{Name: "as_of", Required: true, Note: "2024-06-30, 2024-06 atau 2024"},
			{Name: "period", Note: "DKB: 2024-S1 atau 2024-S2"},
			{Name: "people", Note: "penduduk wajib atau anak"}, {Name: "have", Note: "sudah"}, {Name: "lack", Note: "belum"},
			{Name: "percent", Note: "persen tercetak"}, {Name: "sent", Note: "terkirim (SFE)"}, {Name: "adjudication", Note: "ajudikasi"},
			{Name: "duplicate", Note: "ganda"}, {Name: "print_ready", Note: "PRR"}, {Name: "interim_letters", Note: "suket"},
			{Name: "province_era", Note: "jumlah provinsi menurut sumber", List: []string{"34", "37", "38"}},
			{Name: "source", Required: true, Note: "sumber"}, {Name: "note", Note: "catatan"}}},
		column: map[string]string{"region": "region_code", "subject": "subject", "scope": "scope", "group": "group", "as_of": "as_of",
			"period": "period", "people": "people", "have": "have", "lack": "lack", "percent": "percent", "sent": "sent",
			"adjudication": "adjudication", "duplicate": "duplicate", "print_ready": "print_ready", "interim_letters": "interim_letters",
			"era": "province_era", "source": "source", "note": "note"},
	},
}

func subjectWords() []string {
	words := make([]string, len(Subjects))
	for i, s := range Subjects {
		words[i] = string(s)
	}
	return words
}

// Kinds are the files that this package takes in. What is wrong with a cell of a figure is an error of its row; what
// cannot be right about a figure is no error but a finding. Rows that say what is known already are unchanged; rows
// that say otherwise under the same source and date are errors, for a correction must be meant.
func (r *Register) Kinds() []sheet.Kind {
	figures := sheet.Kind{Name: "figures", Action: access.RecordFigures, Take: r.takeFigures, Undo: r.undoFigures}
	for _, l := range figureLayouts {
		figures.Layouts = append(figures.Layouts, l.Layout)
	}
	populations := sheet.Kind{Name: "populations", Action: access.RecordPopulations, Layouts: []sheet.Layout{populationLayout},
		Take: r.takePopulations, Undo: undoPopulations}
	return []sheet.Kind{figures, populations}
}

func (l figureLayout) figure(row *sheet.Row) NewFigure {
	text := func(field string) string {
		if c, ok := l.column[field]; ok {
			return row.Text(c)
		}
		return ""
	}
	number := func(field string) *int64 {
		if c, ok := l.column[field]; ok {
			return row.Count(c)
		}
		return nil
	}
	n := NewFigure{Region: text("region"), Subject: l.subject, Scope: text("scope"), Group: text("group"), AsOf: text("as_of"),
		Period: text("period"), Source: text("source"), Note: text("note"),
		Numbers: Numbers{People: number("people"), Have: number("have"), Lack: number("lack"), Percent: row.Percent(l.at("percent")),
			Sent: number("sent"), Adjudication: number("adjudication"), Duplicate: number("duplicate"), PrintReady: number("print_ready"),
			InterimLetters: number("interim_letters")}}
	if n.Subject == "" {
		n.Subject = Subject(row.OneOf(l.at("subject"), subjectWords()...))
	}
	if era := text("era"); era != "" {
		number, err := strconv.Atoi(era)
		if err != nil {
			row.Wrong(l.at("era"), "not-a-number")
		}
		n.Era = number
	}
	return n
}

// key is what must not be said twice.
type key struct {
	series
	first     time.Time
	precision sheet.Precision
	source    string
}

// taken is a good row on its way into the table. The names are those of the columns.
type taken struct {
	RegionID  int             `json:"region_id"`
	Subject   Subject         `json:"subject"`
	Scope     string          `json:"scope"`
	Group     string          `json:"people_group"`
	AsOf      string          `json:"as_of"`
	Precision sheet.Precision `json:"precision"`
	Period    string          `json:"period"`
	Era       int             `json:"era"`
	Source    string          `json:"source"`
	Note      string          `json:"note"`
	Row       int             `json:"import_row"`
	Numbers
	row *sheet.Row
}

func (r *Register) takeFigures(ctx context.Context, tx *sqlx.Tx, who access.Actor, layout string, id int64, batches iter.Seq[[]*sheet.Row]) error {
	l, err := layoutNamed(layout)
	if err != nil {
		return err
	}
	tree, err := region.Load(ctx, tx)
	if err != nil {
		return err
	}
	first := map[key]int{}
	var ids []int64
	for rows := range batches {
		good := make([]taken, 0, len(rows))
		for _, row := range rows {
			t, err := r.decode(l, tree, row)
			if err != nil {
				return err
			}
			if !row.Good() {
				continue
			}
			k := key{series{t.RegionID, t.Subject, t.Scope, t.Group}, mustDay(t.AsOf), t.Precision, t.Source}
			if before, twice := first[k]; twice {
				row.Wrong(l.at("region"), "duplicate", "row", before)
				continue
			}
			first[k] = row.Number
			good = append(good, t)
		}
		fresh, err := passOver(ctx, tx, good)
		if err != nil {
			return err
		}
		added, err := insertFigures(ctx, tx, who, r.now(), id, fresh)
		if err != nil {
			return err
		}
		ids = append(ids, added...)
	}
	return settle(ctx, tx, who, r.now(), ids)
}

func layoutNamed(name string) (figureLayout, error) {
	for _, l := range figureLayouts {
		if l.Name == name {
			return l, nil
		}
	}
	return figureLayout{}, errors.New("no layout of figures is named " + name)
}

// mustDay reads a date that this package has written.
func mustDay(text string) time.Time {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return day
}

// decode reads a row and notes all that is wrong with it.
func (r *Register) decode(l figureLayout, tree *region.Tree, row *sheet.Row) (taken, error) {
	n := l.figure(row)
	already := !row.Good()
	var wrong fault.Fields
	d := n.check(r.now(), &wrong)
	if f, ok := fault.As(wrong.Err()); ok {
		for _, field := range f.Fields {
			name := strings.TrimPrefix(field.Location, "body.")
			// An unreadable cell is noted already and makes the row say less than it does.
			if already && (field.Code == "nothing-said" || name == "subject") {
				continue
			}
			row.Wrong(l.at(name), field.Code, pairs(field.Facts)...)
		}
	}
	where, err := tree.ByCodeInEra(n.Region, d.Era, d.first)
	if err != nil {
		return taken{}, row.WrongBecause(l.at("region"), err)
	}
	if text := row.Text("level"); text != "" && text != strconv.Itoa(int(where.Level)) && text != where.Level.String() {
		row.Wrong("level", "region-wrong-level", "level", where.Level)
	}
	return taken{RegionID: where.ID, Subject: d.Subject, Scope: d.Scope, Group: d.Group, AsOf: d.first.Format(time.DateOnly),
		Precision: d.precision, Period: d.Period, Era: d.Era, Source: d.Source, Note: d.Note, Row: row.Number, Numbers: d.Numbers, row: row}, nil
}

func pairs(facts map[string]any) []any {
	var list []any
	for name, value := range facts {
		list = append(list, name, value)
	}
	return list
}

// batchSize is how many rows go to the database in one statement.
const batchSize = 5000

// batches calls fn with JSON of so many rows at a time.
func batches[T any](rows []T, fn func(text string, batch []T) error) error {
	for len(rows) > 0 {
		batch := rows[:min(len(rows), batchSize)]
		rows = rows[len(batch):]
		text, err := json.Marshal(batch)
		if err != nil {
			return fmt.Errorf("encode rows: %w", err)
		}
		if err := fn(string(text), batch); err != nil {
			return err
		}
	}
	return nil
}

const rowsAsTable = `
	jsonb_to_recordset($1) AS n (region_id int, subject text, scope text, people_group text, as_of date, precision text, period text,
		era smallint, people bigint, have bigint, lack bigint, percent numeric, sent bigint, adjudication bigint, duplicate bigint,
		print_ready bigint, interim_letters bigint, source text, note text, import_row int)`

// passOver returns the rows that say something new. A row that says what is kept already is noted as unchanged, one
// that says otherwise as wrong.
func passOver(ctx context.Context, tx *sqlx.Tx, rows []taken) ([]taken, error) {
	known := map[int]struct {
		Row  int
		ID   int64
		Same bool
	}{}
	err := batches(rows, func(text string, _ []taken) error {
		var met []struct {
			Row  int   `db:"import_row"`
			ID   int64 `db:"id"`
			Same bool  `db:"same"`
		}
		err := tx.SelectContext(ctx, &met, `
			SELECT n.import_row, f.id,
				(f.people, f.have, f.lack, f.percent, f.sent, f.adjudication, f.duplicate, f.print_ready, f.interim_letters)
					IS NOT DISTINCT FROM
				(n.people, n.have, n.lack, n.percent, n.sent, n.adjudication, n.duplicate, n.print_ready, n.interim_letters) AS same
			FROM `+rowsAsTable+`
			JOIN figures f USING (region_id, subject, scope, people_group, as_of, precision, source)`, text)
		for _, m := range met {
			known[m.Row] = struct {
				Row  int
				ID   int64
				Same bool
			}(m)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for figures kept already: %w", err)
	}
	fresh := make([]taken, 0, len(rows))
	for _, t := range rows {
		switch m, ok := known[t.Row]; {
		case !ok:
			fresh = append(fresh, t)
		case m.Same:
			t.row.Unchanged()
		default:
			t.row.Wrong("", ErrSaidBefore.Code, "figure", m.ID)
		}
	}
	return fresh, nil
}

func insertFigures(ctx context.Context, tx *sqlx.Tx, who access.Actor, now time.Time, importID int64, rows []taken) (ids []int64, err error) {
	err = batches(rows, func(text string, batch []taken) error {
		var added []int64
		err := tx.SelectContext(ctx, &added, `
			INSERT INTO figures (region_id, subject, scope, people_group, as_of, precision, period, era, people, have, lack, percent,
				sent, adjudication, duplicate, print_ready, interim_letters, source, note, import_row, status, import_id,
				recorded_id, recorded_by, recorded_at, submitted_at)
			SELECT region_id, subject, scope, people_group, as_of, precision, nullif(period, ''), era, people, have, lack, percent,
				sent, adjudication, duplicate, print_ready, interim_letters, source, note, import_row, 'submitted', $2, $3, $4, $5, $5
			FROM `+rowsAsTable+`
			RETURNING id`, text, importID, who.ID, who.Name, now)
		if err == nil && len(added) != len(batch) {
			err = fmt.Errorf("%d of %d rows were added", len(added), len(batch))
		}
		ids = append(ids, added...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("add figures: %w", err)
	}
	return ids, nil
}

// undoFigures takes back the figures of an import, unless one of them was verified or corrected since.
func (r *Register) undoFigures(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64) error {
	var changed *int64
	err := tx.GetContext(ctx, &changed, `SELECT min(id) FROM figures WHERE import_id = $1 AND (version > 1 OR status = 'verified')`, id)
	if err != nil {
		return fmt.Errorf("look for changed figures: %w", err)
	}
	if changed != nil {
		return ErrVerified.With("figure", *changed)
	}
	var ids []int64
	if err := tx.SelectContext(ctx, &ids, `SELECT id FROM figures WHERE import_id = $1`, id); err != nil {
		return fmt.Errorf("read the figures of the import: %w", err)
	}
	var left []int64 // what the import put in another light
	err = inPortions(ctx, tx, ids, func(ids []int64) error {
		others, err := affected(ctx, tx, ids)
		for _, f := range others {
			if f.Import == nil || *f.Import != id {
				left = append(left, f.ID)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM figures WHERE import_id = $1`, id); err != nil {
		return fmt.Errorf("take back figures: %w", err)
	}
	slices.Sort(left)
	return settle(ctx, tx, who, r.now(), slices.Compact(left))
}
