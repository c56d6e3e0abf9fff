package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/sheet"
)

// mostExported bounds a file; whoever needs more asks for a part.
const mostExported = 200_000

var (
	errExportTooLarge = fault.New(fault.Invalid, "export-too-large") // most
	errNoTable        = fault.New(fault.NotFound, "list-unknown")    // list
)

// export asks for a table as a file: /exports/gaps.xlsx?level=district is what /gaps?level=district lists, all of it.
type export struct {
	File  string `path:"file" maxLength:"200" example:"gaps.xlsx" doc:"path of a list of this API with dots for slashes, then .xlsx or .csv; the query is that of the list. A list inside an answer is named after it: allocations.12.lines.xlsx"`
	query url.Values
}

// Resolve keeps what the list is to be asked with.
func (e *export) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	e.query = u.Query()
	return nil
}

func (s *Server) exported(ctx context.Context, who access.Actor, in *export) (file, error) {
	content, format, err := s.Export(ctx, who, in.File, in.query)
	return file{Name: in.File, Type: format.Type(), Content: content}, err
}

// Export asks the list itself, page by page and as the same person, so that a file holds what the screen shows: the
// same rows, the same totals, the same hidden cells.
func (s *Server) Export(ctx context.Context, who access.Actor, name string, query url.Values) ([]byte, sheet.Format, error) {
	at := strings.LastIndexByte(name, '.')
	format := sheet.Format(name[at+1:])
	if at < 1 || format != sheet.CSV && format != sheet.XLSX {
		return nil, format, sheet.ErrFormat.With("format", string(format), "known", []sheet.Format{sheet.CSV, sheet.XLSX})
	}
	t, ok := s.tableAt(strings.Split(name[:at], "."))
	if !ok {
		return nil, format, errNoTable.With("list", name[:at])
	}
	query = maps.Clone(query)
	query.Del("cursor")
	if query.Del("limit"); t.paged {
		query.Set("limit", "1000")
	}
	list := listing{field: t.field}
	for {
		next, err := s.page(withActor(ctx, who), t.path, query, &list)
		if err != nil {
			return nil, format, err
		}
		if len(list.items) > mostExported {
			return nil, format, errExportTooLarge.With("most", mostExported)
		}
		if next == "" || t.field != items {
			break
		}
		query.Set("cursor", next)
	}
	out := sheet.Output{Name: name[:at], Notes: list.notes}
	out.Columns, out.Rows = list.table()
	content, err := out.Write(format)
	return content, format, err
}

// items is the field in which a list holds its rows; other answers have tables under other names.
const items = "items"

// table is where the rows of an export come from.
type table struct {
	path  string
	field string
	paged bool
}

// tableAt finds the list that a path names, or else the answer of all but its last segment, which then names a list
// inside it.
func (s *Server) tableAt(segments []string) (t table, found bool) {
	for path, item := range s.api.OpenAPI().Paths {
		if item.Get == nil {
			continue
		}
		template := strings.Split(strings.TrimPrefix(path, "/api/v1/"), "/")
		for _, field := range tablesOf(s.api.OpenAPI(), item.Get) {
			asked := segments
			if field != items {
				if len(asked) < 2 || asked[len(asked)-1] != field {
					continue
				}
				asked = asked[:len(asked)-1]
			}
			// An exact path goes before one with a number in it: uses.calendar is no use of that id.
			if fits, exact := matches(template, asked); fits && (!found || exact) {
				found = true
				t = table{"/api/v1/" + strings.Join(asked, "/"), field, slices.ContainsFunc(item.Get.Parameters, func(p *huma.Param) bool { return p.Name == "limit" })}
			}
		}
	}
	return t, found
}

var segment = regexp.MustCompile(`^[\w-]+$`)

func matches(template, asked []string) (fits, exact bool) {
	if len(template) != len(asked) {
		return false, false
	}
	exact = true
	for i, part := range template {
		switch {
		case strings.HasPrefix(part, "{") && segment.MatchString(asked[i]):
			exact = false
		case part != asked[i]:
			return false, false
		}
	}
	return true, exact
}

// tablesOf names the fields of an operation's answer that are lists of objects. Those of a map are none.
func tablesOf(doc *huma.OpenAPI, op *huma.Operation) (fields []string) {
	answer := op.Responses["200"]
	if answer == nil || answer.Content["application/json"] == nil {
		return nil
	}
	resolve := func(s *huma.Schema) *huma.Schema {
		for s != nil && s.Ref != "" {
			s = doc.Components.Schemas.SchemaFromRef(s.Ref)
		}
		return s
	}
	whole := resolve(answer.Content["application/json"].Schema)
	if whole == nil || whole.Properties["features"] != nil {
		return nil
	}
	for name, property := range whole.Properties {
		if p := resolve(property); p != nil && p.Type == huma.TypeArray {
			if item := resolve(p.Items); item != nil && item.Type == huma.TypeObject {
				fields = append(fields, name)
			}
		}
	}
	slices.Sort(fields)
	return fields
}

// Tables lists every table of the API as exports name it, with the parameters of its path in place: "allocations.{id}.lines".
func (s *Server) Tables() (names []string) {
	for path, item := range s.api.OpenAPI().Paths {
		if item.Get == nil {
			continue
		}
		name := strings.ReplaceAll(strings.TrimPrefix(path, "/api/v1/"), "/", ".")
		for _, field := range tablesOf(s.api.OpenAPI(), item.Get) {
			if field == items {
				names = append(names, name)
			} else {
				names = append(names, name+"."+field)
			}
		}
	}
	slices.Sort(names)
	return names
}

// page reads one page of the list into what was read before.
func (s *Server) page(ctx context.Context, path string, query url.Values, into *listing) (next string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, path+"?"+query.Encode(), nil)
	if err != nil {
		return "", fmt.Errorf("ask for %s: %w", path, err)
	}
	w := &inner{header: http.Header{}}
	s.engine.ServeHTTP(w, r)
	if w.status >= 300 {
		var p Problem
		if err := json.Unmarshal(w.body.Bytes(), &p); err != nil {
			return "", fmt.Errorf("list %s: status %d", path, w.status)
		}
		return "", &p
	}
	return into.read(w.body.Bytes())
}

// inner takes the answer of the list.
type inner struct {
	header http.Header
	body   bytes.Buffer
	status int
}

func (w *inner) Header() http.Header { return w.header }
func (w *inner) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}
func (w *inner) Write(p []byte) (int, error) { w.WriteHeader(http.StatusOK); return w.body.Write(p) }

// listing is a list as JSON gave it: items with their fields in order, and what else was said.
type listing struct {
	field string // that holds the items
	items []fields
	notes [][2]string
	total fields
}

// fields are the leaves of an object in order; those of an object inside have its name before theirs.
type fields []field

type field struct {
	name  string
	value any
}

var errNoList = errors.New("the answer is no list")

func (l *listing) read(body []byte) (next string, err error) {
	var page map[string]json.RawMessage
	if err := json.Unmarshal(body, &page); err != nil || page[l.field] == nil && l.field == items {
		return "", errors.Join(errNoList, err)
	}
	var rows []json.RawMessage
	if text, ok := page[l.field]; ok { // an empty list inside an answer may be left out
		if err := json.Unmarshal(text, &rows); err != nil {
			return "", fmt.Errorf("read %s: %w", l.field, err)
		}
	}
	for _, item := range rows {
		leaves, err := leavesOf(item)
		if err != nil {
			return "", err
		}
		l.items = append(l.items, leaves)
	}
	if text, ok := page["next"]; ok {
		if err := json.Unmarshal(text, &next); err != nil {
			return "", fmt.Errorf("read cursor: %w", err)
		}
	}
	delete(page, l.field)
	delete(page, "next")
	delete(page, "$schema")
	rest, err := json.Marshal(page)
	if err != nil {
		return "", err
	}
	leaves, err := leavesOf(rest)
	if err != nil {
		return "", err
	}
	l.notes, l.total = nil, nil
	for _, f := range leaves {
		if name, ok := strings.CutPrefix(f.name, "totals."); ok {
			l.total = append(l.total, field{name, f.value})
		}
		l.notes = append(l.notes, [2]string{f.name, text(f.value)})
	}
	return next, nil
}

// table lays the items out under the union of their fields, with the totals, where the list has some, in a last row.
func (l *listing) table() (columns []string, rows [][]any) {
	at := map[string]int{}
	for _, item := range l.items {
		for _, f := range item {
			if _, ok := at[f.name]; !ok {
				at[f.name] = len(columns)
				columns = append(columns, f.name)
			}
		}
	}
	lay := func(item fields) []any {
		row := make([]any, len(columns))
		for _, f := range item {
			if i, ok := at[f.name]; ok {
				row[i] = f.value
			}
		}
		return row
	}
	for _, item := range l.items {
		rows = append(rows, lay(item))
	}
	if len(l.total) > 0 && len(columns) > 0 {
		row := lay(l.total)
		row[0] = "TOTAL"
		rows = append(rows, row)
	}
	return columns, rows
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// leavesOf reads an object field by field, in the order they were written.
func leavesOf(object []byte) (fields, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return nil, errors.Join(errNoList, err)
	}
	var leaves fields
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, err
		}
		inside, err := leaf(fmt.Sprint(name), raw)
		if err != nil {
			return nil, err
		}
		leaves = append(leaves, inside...)
	}
	if _, err := d.Token(); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return leaves, nil
}

func leaf(name string, raw json.RawMessage) (fields, error) {
	switch {
	case raw[0] == '{':
		var hidden struct {
			Below *json.Number `json:"below"`
		}
		if err := json.Unmarshal(raw, &hidden); err == nil && hidden.Below != nil {
			return fields{{name, "<" + hidden.Below.String()}}, nil
		}
		inside, err := leavesOf(raw)
		for i := range inside {
			inside[i].name = name + "." + inside[i].name
		}
		return inside, err
	case raw[0] == '[':
		if string(raw) == "[]" {
			return fields{{name, nil}}, nil
		}
		return fields{{name, string(raw)}}, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return fields{{name, v}}, err
}

type template struct {
	Kind   string       `path:"kind" maxLength:"40" example:"figures"`
	Layout string       `query:"layout" maxLength:"40" doc:"one of the headings of the kind; our own when empty"`
	Format sheet.Format `query:"format" default:"xlsx" enum:"xlsx,csv"`
}

// importTemplate is an empty file of a kind, with lists and notes.
func (s *Server) importTemplate(_ context.Context, _ access.Actor, in *template) (file, error) {
	blank, err := s.Imports.Template(in.Kind, in.Layout, in.Format)
	return file{Name: blank.Name, Type: blank.Type, Content: blank.Content}, err
}
