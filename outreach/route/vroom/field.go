package vroom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"blangko/outreach/route"
)

// InputError says which field of the input is wrong, why, and what to do.
type InputError struct {
	Field string // like vehicles[0].capacity; empty for the whole input
	Text  string
}

func (e *InputError) Error() string {
	if e.Field == "" {
		return e.Text
	}
	return e.Field + " " + e.Text
}

func wrong(field, format string, args ...any) error {
	return &InputError{Field: field, Text: fmt.Sprintf(format, args...)}
}

// object is a JSON object that remembers where it stands and which of its fields have been asked for. The first
// error sticks; done returns it, or names a field that nothing asked for.
type object struct {
	path   string
	fields map[string]json.RawMessage
	err    error
}

func newObject(path string, raw []byte) *object {
	o := &object{path: path}
	if err := json.Unmarshal(raw, &o.fields); err != nil || o.fields == nil {
		o.err = wrong(path, "must be an object")
	}
	return o
}

func (o *object) at(name string) string {
	if o.path == "" {
		return name
	}
	return o.path + "." + name
}

// take hands out a field once. An explicit null counts as absent.
func (o *object) take(name string) (json.RawMessage, bool) {
	raw, ok := o.fields[name]
	delete(o.fields, name)
	return raw, ok && o.err == nil && !bytes.Equal(raw, []byte("null"))
}

func (o *object) fail(name, format string, args ...any) {
	if o.err == nil {
		o.err = wrong(o.at(name), format, args...)
	}
}

func (o *object) done() error {
	if o.err != nil || len(o.fields) == 0 {
		return o.err
	}
	names := make([]string, 0, len(o.fields))
	for name := range o.fields {
		names = append(names, name)
	}
	return wrong(o.at(slices.Min(names)), "is not supported: remove it")
}

// whole reads a whole number within bounds, or returns the default when it is absent.
func (o *object) whole(name string, low, high, absent int64) int64 {
	raw, ok := o.take(name)
	if !ok {
		return absent
	}
	v, err := wholeNumber(raw, low, high)
	if err != nil {
		o.fail(name, "%v", err)
	}
	return v
}

func wholeNumber(raw []byte, low, high int64) (int64, error) {
	v, err := strconv.ParseInt(string(raw), 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || err == nil && (v < low || v > high):
		return 0, fmt.Errorf("must be within %d and %d", low, high)
	case err != nil:
		return 0, errors.New("must be a whole number")
	}
	return v, nil
}

// index reads the index of a location, −1 when it is absent.
func (o *object) index(name string, size int) int {
	v := o.whole(name, 0, int64(route.MaxLocations)-1, -1)
	if o.err == nil && v >= int64(size) {
		o.fail(name, "is %d, but the matrix has rows 0 to %d", v, size-1)
	}
	return int(v)
}

func (o *object) text(name string) string {
	raw, ok := o.take(name)
	if !ok {
		return ""
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		o.fail(name, "must be a string")
	}
	return s
}

// list reads an array of raw values, nil when it is absent.
func (o *object) list(name string) []json.RawMessage {
	raw, ok := o.take(name)
	if !ok {
		return nil
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		o.fail(name, "must be an array")
	}
	return items
}

func (o *object) wholes(name string, low, high int64) []int64 {
	var values []int64
	for i, raw := range o.list(name) {
		v, err := wholeNumber(raw, low, high)
		if err != nil {
			o.fail(fmt.Sprintf("%s[%d]", name, i), "%v", err)
		}
		values = append(values, v)
	}
	return values
}

// point reads coordinates to be given back; travel times come from the matrix alone.
func (o *object) point(name string) []float64 {
	raw, ok := o.take(name)
	if !ok {
		return nil
	}
	var p []float64
	if err := json.Unmarshal(raw, &p); err != nil || len(p) != 2 {
		o.fail(name, "must be [longitude, latitude]")
	}
	return p
}

const maxTime = int64(1) << 39

func (o *object) window(name string) (route.Window, bool) {
	raw, ok := o.take(name)
	if !ok {
		return route.Window{}, false
	}
	w, err := readWindow(raw)
	if err != nil {
		o.fail(name, "%v", err)
	}
	return w, true
}

func readWindow(raw []byte) (route.Window, error) {
	var ends []json.RawMessage
	if err := json.Unmarshal(raw, &ends); err != nil || len(ends) != 2 {
		return route.Window{}, errors.New("must be [start, end]")
	}
	open, err := wholeNumber(ends[0], 0, maxTime)
	if err != nil {
		return route.Window{}, fmt.Errorf("start %w", err)
	}
	closes, err := wholeNumber(ends[1], 0, maxTime)
	if err != nil {
		return route.Window{}, fmt.Errorf("end %w", err)
	}
	if open > closes {
		return route.Window{}, fmt.Errorf("closes at %d before it opens at %d", closes, open)
	}
	return route.Window{Open: open, Close: closes}, nil
}

// windows reads windows in any order and joins those that meet.
func (o *object) windows(name string) []route.Window {
	var windows []route.Window
	for i, raw := range o.list(name) {
		w, err := readWindow(raw)
		if err != nil {
			o.fail(fmt.Sprintf("%s[%d]", name, i), "%v", err)
		}
		windows = append(windows, w)
	}
	slices.SortFunc(windows, func(a, b route.Window) int { return int(a.Open - b.Open) })
	joined := windows[:0]
	for _, w := range windows {
		if n := len(joined); n > 0 && w.Open <= joined[n-1].Close {
			joined[n-1].Close = max(joined[n-1].Close, w.Close)
			continue
		}
		joined = append(joined, w)
	}
	return joined
}
