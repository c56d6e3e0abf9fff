package forecasting

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/privacy"
	"blangko/internal/region"
	"blangko/inventory"
)

// Circular switches classes of service off in a region and everything below it, from a day until before another.
type Circular struct {
	ID       int64          `json:"id" db:"id"`
	RegionID int            `json:"-" db:"region_id"`
	Region   string         `json:"region" db:"region"`
	Document string         `json:"document" db:"document"`
	Classes  []Class        `json:"classes" db:"-" enum:"first-time,moved,marital,damaged,lost,data-change"`
	From     string         `json:"from" db:"from_day" format:"date"`
	Until    *string        `json:"until" db:"until_day" doc:"first day on which the classes are served again; null until further notice"`
	By       string         `json:"recorded_by" db:"recorded_by"`
	At       time.Time      `json:"recorded_at" db:"recorded_at"`
	Version  int64          `json:"version" db:"version"`
	Names    pq.StringArray `json:"-" db:"classes"`
}

// CurrentVersion is the version that a change must name.
func (c Circular) CurrentVersion() int64 { return c.Version }

func (c Circular) covers(code string) bool {
	return c.Region == "00" || code == c.Region || strings.HasPrefix(code, c.Region+".")
}

func (c Circular) switchesOff(purpose inventory.Purpose, day time.Time) bool {
	on := day.Format(time.DateOnly)
	return on >= c.From && (c.Until == nil || on < *c.Until) && slices.Contains(c.Classes, Class(purpose))
}

// NewCircular is a circular to be written down.
type NewCircular struct {
	Region   string  `json:"region" maxLength:"13" doc:"00 for the nation"`
	Document string  `json:"document" minLength:"1" maxLength:"100"`
	Classes  []Class `json:"classes" minItems:"1" maxItems:"6" enum:"first-time,moved,marital,damaged,lost,data-change"`
	From     string  `json:"from" format:"date"`
	Until    string  `json:"until,omitempty" format:"date" doc:"first day on which the classes are served again; absent until further notice"`
}

// EndCircular says when a circular ends.
type EndCircular struct {
	Until string `json:"until" format:"date" doc:"first day on which the classes are served again"`
}

// What a circular refuses.
var (
	ErrCircular      = fault.New(fault.Conflict, "circular-known")   // document, region
	ErrNoCircular    = fault.New(fault.NotFound, "circular-unknown") // circular
	ErrCircularEnded = fault.New(fault.Invalid, "ends-before-start") // from, until
)

func (n NewCircular) check() error {
	var wrong fault.Fields
	if strings.TrimSpace(n.Document) == "" {
		wrong.Add("body.document", "required", nil)
	}
	if len([]rune(n.Document)) > 100 {
		wrong.Add("body.document", "too-long", nil, "most", 100)
	}
	if privacy.Identifies(n.Document) {
		wrong.Add("body.document", "sixteen-digits", nil)
	}
	if len(n.Classes) == 0 {
		wrong.Add("body.classes", "required", nil)
	}
	for i, class := range n.Classes {
		if !class.known() || slices.Contains(n.Classes[:i], class) {
			wrong.Add(fmt.Sprintf("body.classes[%d]", i), "class-unknown", class)
		}
	}
	if _, err := time.Parse(time.DateOnly, n.From); err != nil {
		wrong.Add("body.from", "not-a-date", n.From)
	}
	if _, err := time.Parse(time.DateOnly, n.Until); n.Until != "" && err != nil {
		wrong.Add("body.until", "not-a-date", n.Until)
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	if n.Until != "" && n.Until <= n.From {
		return ErrCircularEnded.With("from", n.From, "until", n.Until)
	}
	return nil
}

const selectCirculars = `
	SELECT c.region_id, c.id, c.region, c.document, c.classes, c.from_day::text, c.until_day::text, c.recorded_by, c.recorded_at, c.version
	FROM circulars_in_force() c`

func selectedCirculars(ctx context.Context, tx *sqlx.Tx, where string, args ...any) ([]Circular, error) {
	all := []Circular{}
	if err := tx.SelectContext(ctx, &all, selectCirculars+where, args...); err != nil {
		return nil, fmt.Errorf("read circulars: %w", err)
	}
	for i := range all {
		for _, name := range all[i].Names {
			all[i].Classes = append(all[i].Classes, Class(name))
		}
	}
	return all, nil
}

func circularsInForce(ctx context.Context, tx *sqlx.Tx) ([]Circular, error) {
	return selectedCirculars(ctx, tx, ` ORDER BY c.from_day, c.id`)
}

// Circulars lists the circulars of the regions in reach and of those above them, the newest first.
func (f *Forecaster) Circulars(ctx context.Context, who access.Actor, paging postgres.Paging) (page postgres.Page[Circular], err error) {
	if err := who.May(access.ReadForecasts); err != nil {
		return page, err
	}
	type newest struct {
		ID int64 `json:"id"`
	}
	before := newest{1 << 62}
	limit, err := paging.Resume(&before)
	if err != nil {
		return page, err
	}
	var found []Circular
	err = postgres.Read(ctx, f.db, who, func(tx *sqlx.Tx) (err error) {
		found, err = selectedCirculars(ctx, tx, `
			WHERE c.id < $1 AND ($2 = '00' OR c.region = '00' OR c.region = $2 OR c.region LIKE $2 || '.%' OR $2 LIKE c.region || '.%')
			ORDER BY c.id DESC
			LIMIT $3`, before.ID, who.Reach, limit)
		return err
	})
	if err != nil {
		return page, err
	}
	return postgres.NewPage(paging, found, func(c Circular) newest { return newest{c.ID} })
}

// WriteCircular writes down that classes of service are switched off.
func (f *Forecaster) WriteCircular(ctx context.Context, who access.Actor, n NewCircular) (Circular, error) {
	if err := who.May(access.KeepDrivers); err != nil {
		return Circular{}, err
	}
	if err := n.check(); err != nil {
		return Circular{}, err
	}
	return postgres.Once(ctx, f.db, who, func(tx *sqlx.Tx) (c Circular, err error) {
		where, err := region.ByCode(ctx, tx, n.Region, region.Today(region.WIB, f.now()))
		if err != nil {
			return c, err
		}
		classes := make([]string, len(n.Classes))
		for i, class := range n.Classes {
			classes[i] = string(class)
		}
		var id int64
		err = tx.GetContext(ctx, &id, `
			INSERT INTO circulars (region_id, document, classes, from_day, until_day, recorded_by, recorded_at)
			VALUES ($1, $2, $3, $4::date, nullif($5, '')::date, $6, $7)
			RETURNING id`, where.ID, n.Document, pq.Array(classes), n.From, n.Until, who.Name, f.now())
		if postgres.Violates(err, "circulars_once") {
			return c, ErrCircular.With("document", n.Document, "region", n.Region)
		}
		if err != nil {
			return c, fmt.Errorf("write circular: %w", err)
		}
		if c, err = circularByID(ctx, tx, id); err != nil {
			return c, err
		}
		return c, postgres.Audit(ctx, tx, who, where.ID, "written", "circular", id, nil, c)
	})
}

func circularByID(ctx context.Context, tx *sqlx.Tx, id int64) (Circular, error) {
	found, err := selectedCirculars(ctx, tx, ` WHERE c.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = ErrNoCircular.With("circular", id)
	}
	if err != nil {
		return Circular{}, err
	}
	return found[0], nil
}

// EndCircular sets the day from which the classes of a circular are served again.
func (f *Forecaster) EndCircular(ctx context.Context, who access.Actor, id, version int64, end EndCircular) (Circular, error) {
	if err := who.May(access.KeepDrivers); err != nil {
		return Circular{}, err
	}
	if _, err := time.Parse(time.DateOnly, end.Until); err != nil {
		return Circular{}, fault.ErrInvalid.At("body.until", "not-a-date", end.Until)
	}
	return postgres.Once(ctx, f.db, who, func(tx *sqlx.Tx) (Circular, error) {
		before, err := circularByID(ctx, tx, id)
		if err != nil {
			return before, err
		}
		if end.Until <= before.From {
			return before, ErrCircularEnded.With("from", before.From, "until", end.Until)
		}
		if err := postgres.CheckVersion(version, before.Version); err != nil {
			return before, err
		}
		done, err := tx.ExecContext(ctx, `
			UPDATE circulars
			SET until_day = $3::date, version = version + 1
			WHERE region_id = $1 AND id = $2 AND version = $4`, before.RegionID, id, end.Until, version)
		if err != nil {
			return before, fmt.Errorf("end circular %d: %w", id, err)
		}
		switch n, err := done.RowsAffected(); {
		case err != nil:
			return before, fmt.Errorf("end circular %d: %w", id, err)
		case n == 0: // of a region above: seen, and not to be changed
			return before, ErrNoCircular.With("circular", id)
		}
		after, err := circularByID(ctx, tx, id)
		if err != nil {
			return after, err
		}
		return after, postgres.Audit(ctx, tx, who, before.RegionID, "ended", "circular", id, before, after)
	})
}
