package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/sheet"
)

// mostExported bounds a file; whoever needs more asks for a part.
const mostExported = 200_000

var errExportTooLarge = fault.New(fault.Invalid, "export-too-large") // most

// export asks for a list as a file: /exports/gaps.xlsx?level=district is what /gaps?level=district lists, all of it.
type export struct {
	File string `path:"file" maxLength:"80" example:"gaps.xlsx" doc:"name of a list of this API, then .xlsx or .csv; the query is that of the list"`

	query  url.Values
	header http.Header
	from   string
}

// Resolve keeps what the list is to be asked with.
func (e *export) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	e.query = u.Query()
	e.header = http.Header{}
	for _, name := range []string{"Authorization", "Cookie"} {
		if v := ctx.Header(name); v != "" {
			e.header.Set(name, v)
		}
	}
	e.from = ctx.RemoteAddr()
	return nil
}

// exported asks the list itself, page by page and as the same person, so that a file holds what the screen shows: the
// same rows, the same totals, the same hidden cells.
func (s *Server) exported(ctx context.Context, _ access.Actor, in *export) (file, error) {
	name, ext, _ := strings.Cut(in.File, ".")
	format := sheet.Format(ext)
	if format != sheet.CSV && format != sheet.XLSX {
		return file{}, sheet.ErrFormat.With("format", ext, "known", []sheet.Format{sheet.CSV, sheet.XLSX})
	}
	path := "/api/v1/" + name
	if !slices.Contains(Routes(), "GET "+path) {
		return file{}, errNoRoute.With("path", path)
	}
	in.query.Set("limit", "1000")
	out := sheet.Output{Name: name}
	var list listing
	for {
		next, err := s.page(ctx, path, in, &list)
		if err != nil {
			return file{}, err
		}
		if len(list.items) > mostExported {
			return file{}, errExportTooLarge.With("most", mostExported)
		}
		if next == "" {
			break
		}
		in.query.Set("cursor", next)
	}
	out.Columns, out.Rows = list.table()
	out.Notes = list.notes
	content, err := out.Write(format)
	return file{Name: in.File, Type: format.Type(), Content: content}, err
}

// page reads one page of the list into what was read before.
func (s *Server) page(ctx context.Context, path string, in *export, into *listing) (next string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, path+"?"+in.query.Encode(), nil)
	if err != nil {
		return "", fmt.Errorf("ask for %s: %w", path, err)
	}
	r.Header, r.RemoteAddr = in.header.Clone(), in.from
	w := &inner{header: http.Header{}}
	s.handler.ServeHTTP(w, r)
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
	if err := json.Unmarshal(body, &page); err != nil || page["items"] == nil {
		return "", errors.Join(errNoList, err)
	}
	var items []json.RawMessage
	if err := json.Unmarshal(page["items"], &items); err != nil {
		return "", fmt.Errorf("read items: %w", err)
	}
	for _, item := range items {
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
	delete(page, "items")
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
	content, err := s.Imports.Template(in.Kind, in.Layout, in.Format)
	return file{Name: in.Kind + "." + string(in.Format), Type: in.Format.Type(), Content: content}, err
}
