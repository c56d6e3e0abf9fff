package sheet

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Faults of imports that were made.
var (
	ErrKind          = fault.New(fault.NotFound, "import-kind-unknown") // kind, known
	ErrImportUnknown = fault.New(fault.NotFound, "import-unknown")      // import
	ErrNoUndo        = fault.New(fault.Conflict, "import-not-undone")   // import, state
)

const selectImports = `
	SELECT id, kind, file, layout, strict, state, rows, taken, unchanged, bad, actor, at
	FROM imports`

// List lists imports, the newest first, without their wrong cells. kind may be empty.
func (s *Imports) List(ctx context.Context, who access.Actor, kind string, p postgres.Paging) (page postgres.Page[Report], err error) {
	if err := who.May(access.ReadImports); err != nil {
		return page, err
	}
	type byID struct {
		Import int64 `json:"import"`
	}
	before := byID{1 << 62}
	limit, err := p.Resume(&before)
	if err != nil {
		return page, err
	}
	err = postgres.Read(ctx, s.db, who, func(tx *sqlx.Tx) error {
		var found []Report
		err := tx.SelectContext(ctx, &found, selectImports+`
			WHERE id < $1 AND ($2 = '' OR kind = $2)
			ORDER BY id DESC
			LIMIT $3`, before.Import, kind, limit)
		if err != nil {
			return fmt.Errorf("list imports: %w", err)
		}
		for i := range found {
			found[i].Errors = []CellError{}
		}
		page, err = postgres.NewPage(p, found, func(r Report) byID { return byID{r.ID} })
		return err
	})
	return page, err
}

// Get returns one import with its wrong cells.
func (s *Imports) Get(ctx context.Context, who access.Actor, id int64) (report Report, err error) {
	if err := who.May(access.ReadImports); err != nil {
		return report, err
	}
	err = postgres.Read(ctx, s.db, who, func(tx *sqlx.Tx) error {
		if report, err = importByID(ctx, tx, id); err != nil {
			return err
		}
		report.Errors, err = errorsOf(ctx, tx, id)
		return err
	})
	return report, err
}

func importByID(ctx context.Context, tx *sqlx.Tx, id int64) (report Report, err error) {
	err = tx.GetContext(ctx, &report, selectImports+` WHERE id = $1`, id)
	return report, postgres.NotFound(err, ErrImportUnknown.With("import", id))
}

func errorsOf(ctx context.Context, tx *sqlx.Tx, id int64) ([]CellError, error) {
	var kept []struct {
		Row                       int
		Cell, Column, Value, Code string
		Facts                     factsColumn
	}
	err := tx.SelectContext(ctx, &kept, `
		SELECT row, cell, "column", value, code, facts
		FROM import_errors
		WHERE import_id = $1
		ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("read wrong cells: %w", err)
	}
	list := make([]CellError, len(kept))
	for i, k := range kept {
		list[i] = CellError{Row: k.Row, Cell: k.Cell, Column: k.Column, Value: k.Value, Code: k.Code, Facts: k.Facts}
	}
	return list, nil
}

// BadRows writes the rows that were not taken under their own heading, with what is wrong with each in a last column.
// Mended, the file can be imported as it is; cells that may name a resident come back empty.
func (s *Imports) BadRows(ctx context.Context, who access.Actor, id int64, format Format) ([]byte, error) {
	if err := who.May(access.ReadImports); err != nil {
		return nil, err
	}
	var rows []struct {
		Row   int
		Cells pq.StringArray
	}
	var wrong []CellError
	err := postgres.Read(ctx, s.db, who, func(tx *sqlx.Tx) error {
		if _, err := importByID(ctx, tx, id); err != nil {
			return err
		}
		err := tx.SelectContext(ctx, &rows, `SELECT row, cells FROM import_rows WHERE import_id = $1 ORDER BY row`, id)
		if err != nil {
			return fmt.Errorf("read bad rows: %w", err)
		}
		wrong, err = errorsOf(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	why := map[int][]string{}
	for _, e := range wrong {
		why[e.Row] = append(why[e.Row], strings.TrimPrefix(e.Column+": "+e.Code, ": "))
	}
	out := Output{Name: "import-" + strconv.FormatInt(id, 10)}
	var own []int // cells that stay: what was wrong the last time does not
	for i, r := range rows {
		if i == 0 {
			for j, name := range r.Cells {
				if heading(name) != ErrorsColumn {
					own, out.Columns = append(own, j), append(out.Columns, name)
				}
			}
			out.Columns = append(out.Columns, ErrorsColumn)
			continue
		}
		cells := make([]any, 0, len(own)+1)
		for _, j := range own {
			if j < len(r.Cells) {
				cells = append(cells, r.Cells[j])
			} else {
				cells = append(cells, "")
			}
		}
		out.Rows = append(out.Rows, append(cells, strings.Join(why[r.Row], "; ")))
	}
	return out.Write(format)
}

// Undo takes back what an import saved, when nothing was built upon it since. The import stays in the list as undone.
func (s *Imports) Undo(ctx context.Context, who access.Actor, id int64) (Report, error) {
	return postgres.Once(ctx, s.db, who, func(tx *sqlx.Tx) (Report, error) {
		report, err := importByID(ctx, tx, id)
		if err != nil {
			return report, err
		}
		kind, err := s.kind(report.Kind)
		if err != nil {
			return report, err
		}
		if err := who.May(kind.Action); err != nil {
			return report, err
		}
		if kind.Undo == nil || report.State != Done {
			return report, ErrNoUndo.With("import", id, "state", report.State)
		}
		var top int
		err = tx.GetContext(ctx, &top, `
			UPDATE imports
			SET state = 'undone'
			WHERE id = $1 AND state = 'done'
			RETURNING region_id`, id)
		if err != nil {
			return report, postgres.NotFound(err, ErrNoUndo.With("import", id, "state", Undone))
		}
		if err := kind.Undo(ctx, tx, who, id); err != nil {
			return report, err
		}
		was := report
		report.State, report.Errors = Undone, []CellError{}
		return report, postgres.Audit(ctx, tx, who, top, "undo", "import", id, was, report)
	})
}
