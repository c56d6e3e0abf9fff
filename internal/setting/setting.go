// Package setting keeps what an administrator may change while the product runs: settings, each with a default, bounds
// and a meaning, and the days on which offices are closed.
//
// A domain declares its settings as variables and reads them in the transaction that they hold for. What is not
// declared cannot be set, and a value out of bounds is refused, so that what is read can be relied on.
package setting

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

var (
	ErrUnknown = fault.New(fault.NotFound, "setting-unknown")
	// ErrValue is the fault of a value that a setting cannot have: its kind and its bounds say what it can.
	ErrValue = fault.New(fault.Invalid, "setting-value")
)

// Kind is what a setting holds.
type Kind string

const (
	Switch Kind = "switch" // true or false
	Number Kind = "number"
	Whole  Kind = "whole" // a whole number
)

// Definition is what is known of a setting without the database.
type Definition struct {
	Name    string    `json:"name" example:"requests.tolerance"`
	Kind    Kind      `json:"kind" enum:"switch,number,whole"`
	Default any       `json:"default"`
	Unit    string    `json:"unit,omitempty" example:"days"`
	Least   *float64  `json:"least,omitempty"`
	Most    *float64  `json:"most,omitempty"`
	OneOf   []float64 `json:"one_of,omitempty"`
	About   string    `json:"about"`
}

// Of is a declared setting whose values are of type T.
type Of[T bool | int64 | float64] struct {
	Definition
	otherwise T
}

// NewSwitch declares a setting that is on or off.
func NewSwitch(name string, otherwise bool, about string) Of[bool] {
	return Of[bool]{Definition{Name: name, Kind: Switch, Default: otherwise, About: about}, otherwise}
}

// NewWhole declares a whole number of a unit between two bounds, both allowed.
func NewWhole(name string, otherwise, least, most int64, unit, about string) Of[int64] {
	return Of[int64]{Definition{Name: name, Kind: Whole, Default: otherwise, Unit: unit, Least: ptr(float64(least)), Most: ptr(float64(most)), About: about}, otherwise}
}

// NewNumber declares a number of a unit between two bounds, both allowed.
func NewNumber(name string, otherwise, least, most float64, unit, about string) Of[float64] {
	return Of[float64]{Definition{Name: name, Kind: Number, Default: otherwise, Unit: unit, Least: &least, Most: &most, About: about}, otherwise}
}

// NewChoice declares a number that is one of a few.
func NewChoice(name string, otherwise float64, oneOf []float64, about string) Of[float64] {
	return Of[float64]{Definition{Name: name, Kind: Number, Default: otherwise, OneOf: oneOf, About: about}, otherwise}
}

// Read returns what was set, or the default.
func (s Of[T]) Read(ctx context.Context, tx *sqlx.Tx) (T, error) {
	var kept []string
	if err := tx.SelectContext(ctx, &kept, `SELECT value::text FROM settings WHERE name = $1`, s.Name); err != nil {
		return s.otherwise, fmt.Errorf("read setting %s: %w", s.Name, err)
	}
	if len(kept) == 0 {
		return s.otherwise, nil
	}
	var value T
	if err := json.Unmarshal([]byte(kept[0]), &value); err != nil {
		return s.otherwise, fmt.Errorf("read setting %s: %w", s.Name, err)
	}
	return value, nil
}

// Declared lets settings of different types stand in one list.
type Declared interface{ definition() Definition }

func (s Of[T]) definition() Definition { return s.Definition }

// check returns ErrValue unless the setting can have the value, which is as JSON decodes it.
func (d Definition) check(value any) error {
	refused := ErrValue.At("body.value", ErrValue.Code, value).With("kind", d.Kind)
	if d.Kind == Switch {
		if _, ok := value.(bool); !ok {
			return refused
		}
		return nil
	}
	number, ok := value.(float64)
	switch {
	case !ok, d.Kind == Whole && number != math.Trunc(number):
		return refused
	case len(d.OneOf) > 0 && !slices.Contains(d.OneOf, number):
		return refused.With("one_of", d.OneOf)
	case d.Least != nil && (number < *d.Least || number > *d.Most):
		return refused.With("least", *d.Least, "most", *d.Most)
	}
	return nil
}

// Setting is a definition and what holds now.
type Setting struct {
	Definition
	Value     any        `json:"value"`
	ChangedAt *time.Time `json:"changed_at,omitempty" doc:"absent while the default holds"`
	Version   int64      `json:"version" doc:"0 while the default holds"`
}

// CurrentVersion is what If-Match must name.
func (s Setting) CurrentVersion() int64 { return s.Version }

// Settings are the declared settings, and the holidays, of one database.
type Settings struct {
	db      *postgres.DB
	now     func() time.Time
	defined []Definition
}

// New returns the settings kept in db. A name declared twice is a bug and panics.
func New(db *postgres.DB, now func() time.Time, declared ...Declared) *Settings {
	s := &Settings{db: db, now: now}
	for _, d := range declared {
		s.defined = append(s.defined, d.definition())
	}
	slices.SortFunc(s.defined, func(a, b Definition) int { return strings.Compare(a.Name, b.Name) })
	for i := range s.defined[min(1, len(s.defined)):] {
		if s.defined[i].Name == s.defined[i+1].Name {
			panic("setting " + s.defined[i].Name + " is declared twice")
		}
	}
	return s
}

// List returns every setting by name, set or not.
func (s *Settings) List(ctx context.Context, who access.Actor) (all []Setting, err error) {
	if err := who.May(access.ReadSettings); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, s.db, who, func(tx *sqlx.Tx) error {
		all, err = s.read(ctx, tx)
		return err
	})
	return all, err
}

func (s *Settings) read(ctx context.Context, tx *sqlx.Tx) ([]Setting, error) {
	var rows []struct {
		Name      string
		Value     []byte
		Version   int64
		ChangedAt time.Time `db:"changed_at"`
	}
	if err := tx.SelectContext(ctx, &rows, `SELECT name, value, version, changed_at FROM settings`); err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	all := make([]Setting, len(s.defined))
	for i, d := range s.defined {
		all[i] = Setting{Definition: d, Value: d.Default}
		for _, row := range rows {
			if row.Name != d.Name {
				continue
			}
			if err := json.Unmarshal(row.Value, &all[i].Value); err != nil {
				return nil, fmt.Errorf("read setting %s: %w", d.Name, err)
			}
			all[i].Version, all[i].ChangedAt = row.Version, &row.ChangedAt
		}
	}
	return all, nil
}

// Set changes a setting that still has the version given, else postgres.ErrStale. ErrUnknown or ErrValue.
func (s *Settings) Set(ctx context.Context, who access.Actor, name string, version int64, value any) (Setting, error) {
	if err := who.May(access.ManageSettings); err != nil {
		return Setting{}, err
	}
	at := slices.IndexFunc(s.defined, func(d Definition) bool { return d.Name == name })
	if at < 0 {
		return Setting{}, ErrUnknown.With("name", name)
	}
	if err := s.defined[at].check(value); err != nil {
		return Setting{}, err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return Setting{}, fmt.Errorf("set %s: %w", name, err)
	}
	return postgres.Once(ctx, s.db, who, func(tx *sqlx.Tx) (Setting, error) {
		if _, err := tx.ExecContext(ctx, `LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return Setting{}, fmt.Errorf("lock settings: %w", err)
		}
		all, err := s.read(ctx, tx)
		if err != nil {
			return Setting{}, err
		}
		before := all[at]
		if err := postgres.CheckVersion(version, before.Version); err != nil {
			return Setting{}, err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO settings (name, value, changed_at)
			VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at, version = settings.version + 1`,
			name, string(text), s.now())
		if err != nil {
			return Setting{}, fmt.Errorf("set %s: %w", name, err)
		}
		if all, err = s.read(ctx, tx); err != nil {
			return Setting{}, err
		}
		return all[at], s.audit(ctx, tx, who, "setting.set", "setting", name, before, all[at])
	})
}

// audit writes a change of what holds for the nation.
func (s *Settings) audit(ctx context.Context, tx *sqlx.Tx, who access.Actor, action, noun, id string, before, after any) error {
	nation, err := region.ByCode(ctx, tx, "00", region.Today(region.WIB, s.now()))
	if err != nil {
		return err
	}
	return postgres.Audit(ctx, tx, who, nation.ID, action, noun, id, before, after)
}

func ptr[T any](v T) *T { return &v }
