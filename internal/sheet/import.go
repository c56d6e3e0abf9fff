package sheet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/privacy"
	"blangko/internal/region"
)

// Kind is a sort of file that can be imported. It is the one way in for files of every domain: the kind says what
// headings it knows, what it takes a row for and how that is taken back, and Imports does the rest.
type Kind struct {
	Name    string
	Action  access.Action // what the policy is asked before a file is taken or undone
	Layouts []Layout      // the last is our own, of which a template is made
	// Read reads a file that is neither CSV nor XLSX, and Blank is an empty one; nil where it is one of these.
	Read  func(content []byte) (*File, error)
	Blank Blank
	// Whole gives the rows to Take in one batch, for a kind whose rows must be looked at together.
	Whole bool
	// Take reads the rows, some thousands at a time, and saves the good ones in tx with the number of the import. It
	// notes what is wrong with the others while it has them in hand, and returns an error only when nothing can be
	// taken at all. It may run twice.
	Take func(ctx context.Context, tx *sqlx.Tx, who access.Actor, layout string, id int64, batches iter.Seq[[]*Row]) error
	// Undo takes back what the import of that number saved, or returns a fault when it cannot; nil when it never can.
	Undo func(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64) error
}

// batchRows is how many rows a kind gets at a time: enough that the database is asked seldom, few enough that memory
// does not grow with the file.
const batchRows = 5000

// Options say how a file is taken.
type Options struct {
	Strict bool // all rows or none
	DryRun bool // only tell what would be done
	// Progress is told how many rows of a file were read, of about how many; nil when nobody looks.
	Progress func(done, total int)
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

// Described is a kind as somebody sees it who wants to hand in a file.
type Described struct {
	Kind    string   `json:"kind"`
	Mine    bool     `json:"mine" doc:"whether one's role may take such files in"`
	Undo    bool     `json:"undo" doc:"whether an import of the kind can be taken back"`
	Layouts []Layout `json:"layouts" doc:"the headings it knows; the last is that of the template"`
}

// Kinds lists the kinds of files that are taken in, with every column of theirs.
func (s *Imports) Kinds(_ context.Context, who access.Actor) (page postgres.Page[Described], err error) {
	if err := who.May(access.ReadImports); err != nil {
		return page, err
	}
	for _, k := range s.kinds {
		page.Items = append(page.Items, Described{k.Name, who.May(k.Action) == nil, k.Undo != nil, k.Layouts})
	}
	return page, nil
}

// Names are the names of the kinds, in the order in which they were given.
func (s *Imports) Names() (names []string) {
	for _, k := range s.kinds {
		names = append(names, k.Name)
	}
	return names
}

func (s *Imports) kind(name string) (Kind, error) {
	for _, k := range s.kinds {
		if k.Name == name {
			return k, nil
		}
	}
	return Kind{}, ErrKind.With("kind", name, "known", s.Names())
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
	f, err := kind.open(file)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	told, finish := s.follow(ctx, who, kind.Name, name, f.Size)
	defer finish()
	take := func(tx *sqlx.Tx) (Report, error) {
		t := taking{File: f, most: batchRows, report: Report{Kind: kind.Name, File: name, Layout: f.Layout.Name, Strict: o.Strict, State: Done, By: who.Name,
			At: s.now(), Errors: []CellError{}}}
		if kind.Whole {
			t.most = mostRows
		}
		t.told = func(done int) {
			told(done)
			if o.Progress != nil {
				o.Progress(done, f.Size)
			}
		}
		err := t.take(ctx, tx, who, kind, o)
		return t.report, err
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

func (k Kind) open(file io.Reader) (*File, error) {
	if k.Read == nil {
		return Open(file, k.Layouts...)
	}
	content, err := whole(file)
	if err != nil {
		return nil, err
	}
	return k.Read(content)
}

// taking is a file on its way in.
type taking struct {
	*File
	most   int // rows of a batch
	report Report
	bad    []*Row
	told   func(done int)
	failed error // what ended the rows early
}

func (t *taking) take(ctx context.Context, tx *sqlx.Tx, who access.Actor, kind Kind, o Options) error {
	report := &t.report
	top, err := region.ByCode(ctx, tx, who.Reach, region.Today(region.WIB, report.At))
	if err != nil {
		return err
	}
	err = tx.GetContext(ctx, &report.ID, `
		INSERT INTO imports (region_id, kind, file, digest, layout, strict, state, rows, taken, unchanged, bad, actor_id, actor, at)
		VALUES ($1, $2, $3, $4, $5, $6, 'done', 0, 0, 0, 0, $7, $8, $9)
		RETURNING id`, top.ID, report.Kind, report.File, t.Digest[:], report.Layout, o.Strict, who.ID, who.Name, report.At)
	if err != nil {
		return fmt.Errorf("record import: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `SAVEPOINT untaken`); err != nil {
		return fmt.Errorf("set savepoint: %w", err)
	}
	if err := kind.Take(ctx, tx, who, report.Layout, report.ID, t.batches); err != nil {
		return err
	}
	if t.failed != nil {
		return t.failed
	}
	if report.Bad > 0 && (o.Strict || report.Taken+report.Unchanged == 0) {
		report.State, report.Taken, report.Unchanged = Refused, 0, 0
		if _, err := tx.ExecContext(ctx, `ROLLBACK TO SAVEPOINT untaken`); err != nil {
			return fmt.Errorf("roll back to savepoint: %w", err)
		}
	}
	return t.keep(ctx, tx, top.ID)
}

// batches gives the rows to the kind and counts what it noted on them. Bad rows are kept, the others let go.
func (t *taking) batches(yield func([]*Row) bool) {
	batch := make([]*Row, 0, min(t.most, batchRows))
	give := func() bool {
		more := yield(batch)
		t.count(batch)
		t.told(int(t.report.Rows))
		batch = batch[:0]
		return more && t.failed == nil
	}
	for row, err := range t.Rows() {
		if t.failed = err; err != nil {
			return
		}
		if batch = append(batch, row); len(batch) == t.most && !give() {
			return
		}
	}
	if len(batch) > 0 {
		give()
	}
}

func (t *taking) count(batch []*Row) {
	t.report.Rows += int64(len(batch))
	for _, row := range batch {
		switch {
		case !row.Good():
			t.report.Bad++
			t.bad = append(t.bad, row)
			if t.report.Errors = append(t.report.Errors, row.Errors()...); len(t.report.Errors) > mostErrors {
				t.failed = ErrManyErrors.With("most", mostErrors, "row", row.Number)
				return
			}
		case row.unchanged:
			t.report.Unchanged++
		default:
			t.report.Taken++
		}
	}
}

// keep writes the outcome, with the bad rows and what is wrong with them.
func (t *taking) keep(ctx context.Context, tx *sqlx.Tx, top int) error {
	report := t.report
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
	return t.keepRows(ctx, tx, top)
}

func keepErrors(ctx context.Context, tx *sqlx.Tx, top int, report Report) error {
	for first, part := 0, []CellError(nil); first < len(report.Errors); first += len(part) {
		part = report.Errors[first:min(first+batchRows, len(report.Errors))]
		text, err := json.Marshal(part)
		if err != nil {
			return fmt.Errorf("encode wrong cells: %w", err)
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO import_errors (region_id, import_id, id, row, cell, "column", value, code, facts)
			SELECT $1, $2, $3 + row_number() OVER (), row, cell, "column", value, code, facts
			FROM jsonb_to_recordset($4) AS e (row int, cell text, "column" text, value text, code text, facts jsonb)`,
			top, report.ID, first, string(text))
		if err != nil {
			return fmt.Errorf("record wrong cells: %w", err)
		}
	}
	return nil
}

// keptRow is a row as it was written, so that it can be mended; row 0 is the heading.
type keptRow struct {
	Row   int      `json:"row"`
	Cells []string `json:"cells"`
}

func (t *taking) keepRows(ctx context.Context, tx *sqlx.Tx, top int) error {
	rows := []keptRow{{0, t.head}}
	for _, row := range t.bad {
		rows = append(rows, keptRow{row.Number, row.kept()})
	}
	for len(rows) > 0 {
		part := rows[:min(len(rows), batchRows)]
		rows = rows[len(part):]
		text, err := json.Marshal(part)
		if err != nil {
			return fmt.Errorf("encode bad rows: %w", err)
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO import_rows (region_id, import_id, row, cells)
			SELECT $1, $2, row, cells
			FROM jsonb_to_recordset($3) AS r (row int, cells text[])`, top, t.report.ID, string(text))
		if err != nil {
			return fmt.Errorf("record bad rows: %w", err)
		}
	}
	return nil
}

// factsColumn reads facts as they are kept.
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
