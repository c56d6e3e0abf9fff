// Package fault holds the errors a person can act on: each has a kind, a code that clients word in their own
// language, and the facts of the case. Any other error is the product's own trouble and is answered with a bare 500.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Kind says what sort of answer a fault is.
type Kind string

const (
	Invalid         Kind = "invalid"         // the input cannot be right; the Fields say where
	Unauthenticated Kind = "unauthenticated" // nobody is signed in
	Forbidden       Kind = "forbidden"       // seen, but not this person's step to take
	NotFound        Kind = "not-found"       // absent or out of reach, which look the same
	Conflict        Kind = "conflict"        // right in itself, but not in the present state
	Stale           Kind = "stale"           // somebody else changed it since it was read
)

// Fault is an error a person can act on. Declare one per code as a package variable and return it with the facts:
//
//	var ErrShort = fault.New(fault.Conflict, "insufficient-stock")
//	return ErrShort.With("requested", n, "available", have)
type Fault struct {
	Kind   Kind
	Code   string
	Facts  map[string]any
	Fields []Field
	cause  error
}

// Field is one wrong part of the input: a JSON path such as body.lines[3].pieces, or a cell such as row 12.
type Field struct {
	Location string         `json:"location"`
	Code     string         `json:"code"`
	Value    any            `json:"value,omitempty"`
	Facts    map[string]any `json:"facts,omitempty"`
}

// New declares a fault. The code is lower-case words joined by dashes and never changes once clients know it.
func New(kind Kind, code string) *Fault {
	f := &Fault{Kind: kind, Code: code}
	declared.Lock()
	defer declared.Unlock()
	if _, ok := declared.byCode[code]; !ok {
		declared.byCode[code] = f
	}
	return f
}

// declared holds the faults of the whole program, for the pages that explain them and the words in web.
var declared = struct {
	sync.Mutex
	byCode map[string]*Fault
}{byCode: map[string]*Fault{}}

// Declared finds a declared fault by its code.
func Declared(code string) (*Fault, bool) {
	declared.Lock()
	defer declared.Unlock()
	f, ok := declared.byCode[code]
	return f, ok
}

// Codes lists the codes of all declared faults, in order.
func Codes() []string {
	declared.Lock()
	defer declared.Unlock()
	return slices.Sorted(maps.Keys(declared.byCode))
}

// With returns the fault with facts added, given as name, value, name, value.
func (f *Fault) With(facts ...any) *Fault {
	if len(facts)%2 != 0 {
		panic("fault: With takes names and values in pairs")
	}
	g := f.clone()
	for i := 0; i < len(facts); i += 2 {
		g.Facts[facts[i].(string)] = facts[i+1]
	}
	return g
}

// At returns the fault with one wrong field added.
func (f *Fault) At(location, code string, value any, facts ...any) *Fault {
	g := f.clone()
	field := Field{Location: location, Code: code, Value: value}
	if len(facts) > 0 {
		field.Facts = (&Fault{}).With(facts...).Facts
	}
	g.Fields = append(g.Fields, field)
	return g
}

// Because returns the fault with the error that led to it, for the log; the person does not see it.
func (f *Fault) Because(err error) *Fault {
	g := f.clone()
	g.cause = err
	return g
}

func (f *Fault) clone() *Fault {
	g := *f
	g.Facts = maps.Clone(f.Facts)
	if g.Facts == nil {
		g.Facts = map[string]any{}
	}
	g.Fields = slices.Clone(f.Fields)
	return &g
}

// Error words the fault for logs and the command line: code, facts in order of name, then the fields.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Code)
	for _, name := range slices.Sorted(maps.Keys(f.Facts)) {
		fmt.Fprintf(&b, " %s=%v", name, f.Facts[name])
	}
	for _, field := range f.Fields {
		fmt.Fprintf(&b, "; %s: %s", field.Location, field.Code)
		if field.Value != nil {
			fmt.Fprintf(&b, " (%v)", field.Value)
		}
	}
	if f.cause != nil {
		fmt.Fprintf(&b, ": %v", f.cause)
	}
	return b.String()
}

func (f *Fault) Unwrap() error { return f.cause }

// Is reports whether target is the same fault by code, so errors.Is works on the declared variables.
func (f *Fault) Is(target error) bool {
	g, ok := target.(*Fault)
	return ok && g.Code == f.Code
}

// As finds the fault in err, if there is one.
func As(err error) (*Fault, bool) {
	var f *Fault
	ok := errors.As(err, &f)
	return f, ok
}

// Fields gathers the wrong fields of one input, so that a person sees all of them at once.
type Fields struct{ list []Field }

// Add notes one wrong field.
func (c *Fields) Add(location, code string, value any, facts ...any) {
	f := (&Fault{}).At(location, code, value, facts...)
	c.list = append(c.list, f.Fields...)
}

// ErrInvalid is the fault of an input with wrong fields.
var ErrInvalid = New(Invalid, "invalid-input")

// Err is nil when nothing was noted, else one ErrInvalid with every field.
func (c *Fields) Err() error {
	if len(c.list) == 0 {
		return nil
	}
	g := ErrInvalid.clone()
	g.Fields = c.list
	return g
}

// Explain words the facts in English for whoever writes a program against the API.
func (f *Fault) Explain() string {
	if advice, ok := f.Facts["advice"].(string); ok {
		return advice
	}
	return strings.ReplaceAll(f.Code, "-", " ")
}
