package sheet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/privacy"
	"blangko/internal/region"
)

// Kind is a sort of file that can be imported.
type Kind struct {
	Name    string
	Action  access.Action // what the policy is asked before a file is taken or undone
	Layouts []Layout
	// Read makes the table of a file that is neither CSV nor XLSX; nil where it is one of these.
	Read func(content []byte) (*Table, error)
	// Take reads the rows and saves the good ones in tx, each with the number of the import. It notes what is wrong
	// with the others on them and returns an error only when nothing can be taken at all. It may run twice.
	Take func(ctx context.Context, tx *sqlx.Tx, who access.Actor, layout string, id int64, rows []*Row) error
	// Undo takes back what the import of that number saved, or returns a fault when it cannot; nil when it never can.
	Undo func(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64) error
}

// Options say how a file is taken.
type Options struct {
	Strict bool // all rows or none
	DryRun bool // only tell what would be done
}

// States of an import.
const (
	Done    = "done"    // the good rows were taken
	Refused = "refused" // nothing was taken: strict and some rows were bad, or all were
	Undone  = "undone"
)

// Report is what became of a file.
type Report struct {
	ID        int64       `json:"id" db:"id" doc:"0 for a dry run"`
	Kind      string      `json:"kind" db:"kind"`
	File      string      `json:"file" db:"file"`
	Layout    string      `json:"layout" db:"layout"`
	Strict    bool        `json:"strict" db:"strict"`
	DryRun    bool        `json:"dry_run" db:"-"`
	State     string      `json:"state" db:"state" enum:"done,refused,undone"`
	Rows      int64       `json:"rows" db:"rows"`
	Taken     int64       `json:"taken" db:"taken"`
	Unchanged int64       `json:"unchanged" db:"unchanged" doc:"rows that say what was known already"`
	Bad       int64       `json:"bad" db:"bad"`
	By        string      `json:"by" db:"actor"`
	At        time.Time   `json:"at" db:"at"`
	Errors    []CellError `json:"errors" db:"-"`
}

// errRollBack ends the transaction of a dry run.
var errRollBack = errors.New("dry run")

// Imports takes in files of the kinds that the domains offer, and remembers them.
type Imports struct {
	db    *postgres.DB
	now   func() time.Time
	kinds []Kind
}

// NewImports takes in files of these kinds.
func NewImports(db *postgres.DB, now func() time.Time, kinds ...Kind) *Imports {
	return &Imports{db: db, now: now, kinds: kinds}
}

// Kinds lists the kinds of files that are taken in.
func (s *Imports) Kinds() []Kind { return s.kinds }

func (s *Imports) kind(name string) (Kind, error) {
	var names []string
	for _, k := range s.kinds {
		if k.Name == name {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return Kind{}, ErrKind.With("kind", name, "known", names)
}

// Import reads a file of the kind and takes its good rows in one transaction, or none when Strict and one is bad. A
// file as a whole may be a fault of this package; what is wrong with its cells stands in the report.
func (s *Imports) Import(ctx context.Context, who access.Actor, kindName, name string, file io.Reader, o Options) (report Report, err error) {
	kind, err := s.kind(kindName)
	if err != nil {
		return report, err
	}
	if err := who.May(kind.Action); err != nil {
		return report, err
	}
	if privacy.Identifies(name) {
		return report, ErrIdentity
	}
	table, err := kind.table(file)
	if err != nil {
		return report, err
	}
	take := func(tx *sqlx.Tx) (Report, error) {
		return table.take(ctx, tx, who, kind, name, o, s.now())
	}
	if !o.DryRun {
		return postgres.Once(ctx, s.db, who, take)
	}
	err = postgres.Write(ctx, s.db, who, func(tx *sqlx.Tx) error {
		if report, err = take(tx); err != nil {
			return err
		}
		return errRollBack
	})
	if errors.Is(err, errRollBack) {
		report.ID, report.DryRun, err = 0, true, nil
	}
	return report, err
}

func (k Kind) table(file io.Reader) (*Table, error) {
	if k.Read == nil {
		return Read(file, k.Layouts...)
	}
	content, err := whole(file)
	if err != nil {
		return nil, err
	}
	return k.Read(content)
}

func (t *Table) take(ctx context.Context, tx *sqlx.Tx, who access.Actor, kind Kind, name string, o Options, now time.Time) (Report, error) {
	report := Report{Kind: kind.Name, File: name, Layout: t.Layout.Name, Strict: o.Strict, State: Done, Rows: int64(len(t.Rows)),
		By: who.Name, At: now, Errors: []CellError{}}
	for _, row := range t.Rows {
		row.afresh()
	}
	top, err := region.ByCode(ctx, tx, who.Reach, region.Today(region.WIB, now))
	if err != nil {
		return report, err
	}
	err = tx.GetContext(ctx, &report.ID, `
		INSERT INTO imports (region_id, kind, file, digest, layout, strict, state, rows, taken, unchanged, bad, actor_id, actor, at)
		VALUES ($1, $2, $3, $4, $5, $6, 'done', 0, 0, 0, 0, $7, $8, $9)
		RETURNING id`, top.ID, report.Kind, name, t.Digest[:], report.Layout, o.Strict, who.ID, who.Name, now)
	if err != nil {
		return report, fmt.Errorf("record import: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `SAVEPOINT untaken`); err != nil {
		return report, fmt.Errorf("set savepoint: %w", err)
	}
	if err := kind.Take(ctx, tx, who, report.Layout, report.ID, t.Rows); err != nil {
		return report, err
	}
	t.count(&report)
	if report.Bad > 0 && (o.Strict || report.Taken+report.Unchanged == 0) {
		report.State, report.Taken, report.Unchanged = Refused, 0, 0
		if _, err := tx.ExecContext(ctx, `ROLLBACK TO SAVEPOINT untaken`); err != nil {
			return report, fmt.Errorf("roll back to savepoint: %w", err)
		}
	}
	return report, t.keep(ctx, tx, top.ID, report)
}

// count gathers what was noted on the rows.
func (t *Table) count(report *Report) {
	for _, row := range t.Rows {
		switch {
		case !row.Good():
			report.Bad++
			report.Errors = append(report.Errors, row.Errors()...)
		case row.unchanged:
			report.Unchanged++
		default:
			report.Taken++
		}
	}
}

// keep writes the outcome, with the bad rows and what is wrong with them.
func (t *Table) keep(ctx context.Context, tx *sqlx.Tx, top int, report Report) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE imports
		SET state = $3, rows = $4, taken = $5, unchanged = $6, bad = $7
		WHERE region_id = $1 AND id = $2`,
		top, report.ID, report.State, report.Rows, report.Taken, report.Unchanged, report.Bad)
	if err != nil {
		return fmt.Errorf("record outcome of import: %w", err)
	}
	if report.Bad == 0 {
		return nil
	}
	if err := keepErrors(ctx, tx, top, report); err != nil {
		return err
	}
	return t.keepRows(ctx, tx, top, report)
}

func keepErrors(ctx context.Context, tx *sqlx.Tx, top int, report Report) error {
	var rows []int64
	var columns, values, codes, facts []string
	for _, e := range report.Errors {
		text, err := jsonText(e.Facts)
		if err != nil {
			return fmt.Errorf("encode facts of row %d: %w", e.Row, err)
		}
		rows, columns, values = append(rows, int64(e.Row)), append(columns, e.Column), append(values, e.Value)
		codes, facts = append(codes, e.Code), append(facts, text)
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO import_errors (region_id, import_id, id, row, "column", value, code, facts)
		SELECT $1, $2, n, row, "column", value, code, nullif(facts, '')::jsonb
		FROM unnest($3::int[], $4::text[], $5::text[], $6::text[], $7::text[])
			WITH ORDINALITY e (row, "column", value, code, facts, n)`,
		top, report.ID, pq.Array(rows), pq.Array(columns), pq.Array(values), pq.Array(codes), pq.Array(facts))
	if err != nil {
		return fmt.Errorf("record wrong cells: %w", err)
	}
	return nil
}

func (t *Table) keepRows(ctx context.Context, tx *sqlx.Tx, top int, report Report) error {
	stmt, err := tx.PrepareContext(ctx, `INSERT INTO import_rows (region_id, import_id, row, cells) VALUES ($1, $2, $3, $4)`)
	if err != nil {
		return fmt.Errorf("prepare bad rows: %w", err)
	}
	defer stmt.Close()
	if _, err := stmt.ExecContext(ctx, top, report.ID, 0, pq.Array(t.head)); err != nil {
		return fmt.Errorf("record heading: %w", err)
	}
	for _, row := range t.Rows {
		if row.Good() {
			continue
		}
		if _, err := stmt.ExecContext(ctx, top, report.ID, row.Number, pq.Array(row.kept())); err != nil {
			return fmt.Errorf("record bad row %d: %w", row.Number, err)
		}
	}
	return nil
}

// jsonText writes facts as JSON, "" for none.
func jsonText(facts map[string]any) (string, error) {
	if len(facts) == 0 {
		return "", nil
	}
	text, err := json.Marshal(facts)
	return string(text), err
}

// factsColumn reads facts that jsonText wrote.
type factsColumn map[string]any

// Scan reads JSON or NULL.
func (f *factsColumn) Scan(from any) error {
	switch text := from.(type) {
	case nil:
		return nil
	case []byte:
		return json.Unmarshal(text, f)
	case string:
		return json.Unmarshal([]byte(text), f)
	}
	return fmt.Errorf("facts are no JSON but %T", from)
}
