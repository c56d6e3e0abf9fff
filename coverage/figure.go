package coverage

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/privacy"
	"blangko/internal/region"
	"blangko/internal/sheet"
)

// Numbers are what a figure says. Nil is what it does not say; nothing is filled in.
type Numbers struct {
	People  *int64   `json:"people" required:"false" db:"people" minimum:"0" doc:"who should have the document: the id-card eligible, the children, the voters of the scope"`
	Have    *int64   `json:"have" required:"false" db:"have" minimum:"0" doc:"of them, who have it"`
	Lack    *int64   `json:"lack" required:"false" db:"lack" minimum:"0" doc:"of them, who have it not"`
	Percent *float64 `json:"percent" required:"false" db:"percent" minimum:"0" maximum:"9999" doc:"as printed by the source; may contradict the counts and exceed 100"`

	Sent           *int64 `json:"sent,omitempty" db:"sent" minimum:"0" doc:"recordings sent for enrolment and not yet answered"`
	Adjudication   *int64 `json:"adjudication,omitempty" db:"adjudication" minimum:"0"`
	Duplicate      *int64 `json:"duplicate,omitempty" db:"duplicate" minimum:"0"`
	PrintReady     *int64 `json:"print_ready,omitempty" db:"print_ready" minimum:"0" doc:"PRR: recorded, unique and not yet printed"`
	InterimLetters *int64 `json:"interim_letters,omitempty" db:"interim_letters" minimum:"0" doc:"suket in use"`
}

// NewFigure is a figure as it is handed in.
type NewFigure struct {
	Region    string  `json:"region" doc:"official code, of the era"`
	Subject   Subject `json:"subject" enum:"recording,card,birth-certificate,child-card,digital-id"`
	Scope     string  `json:"scope,omitempty" doc:"which people: wajib_ktp (default), dp4, …; dukcapil_admin (default) or a survey for children"`
	Group     string  `json:"group,omitempty" doc:"a vulnerable group, or a group by age such as age-16, age-17-20 or age-60-up; empty for everybody" example:"disabled"`
	AsOf      string  `json:"as_of" example:"2024-06-30" doc:"a day, a month (2024-06) or a year (2024), as precise as the source"`
	Period    string  `json:"period,omitempty" example:"2024-S1" doc:"population release (DKB) the figure was made with"`
	Era       int     `json:"era,omitempty" enum:"0,34,37,38" doc:"provinces the source counted, which says what a code meant; 0 for 38"`
	Source    string  `json:"source" maxLength:"500"`
	Note      string  `json:"note,omitempty" maxLength:"1000"`
	Draft     bool    `json:"draft,omitempty" doc:"keep it out of every list until it is submitted"`
	Synthetic bool    `json:"-"`
	Numbers
}

// Figure is a figure as it is kept.
type Figure struct {
	ID         int64        `json:"id" db:"id"`
	RegionID   int          `json:"-" db:"region_id"`
	Region     string       `json:"region" db:"region" doc:"code of today, or the last code of a region that is no more"`
	Name       string       `json:"name" db:"name"`
	Level      region.Level `json:"level" db:"level" enum:"nation,province,regency,district,village"`
	Subject    Subject      `json:"subject" db:"subject"`
	Scope      string       `json:"scope" db:"scope"`
	Group      string       `json:"group" db:"people_group"`
	AsOf       string       `json:"as_of" db:"-" doc:"a day, a month or a year"`
	Period     *string      `json:"period" db:"period"`
	Era        int          `json:"era" db:"era"`
	Source     string       `json:"source" db:"source"`
	Note       string       `json:"note" db:"note"`
	Status     Status       `json:"status" db:"status" enum:"draft,submitted,verified"`
	Synthetic  bool         `json:"synthetic" db:"synthetic"`
	Import     *int64       `json:"import" db:"import_id" doc:"the import it came with"`
	RecordedBy string       `json:"recorded_by" db:"recorded_by"`
	RecordedAt time.Time    `json:"recorded_at" db:"recorded_at"`
	SentAt     *time.Time   `json:"submitted_at" db:"submitted_at" doc:"when its office first stood by it"`
	VerifiedBy *string      `json:"verified_by" db:"verified_by"`
	Version    int64        `json:"version" db:"version"`
	PartOf     *int64       `json:"part_of" db:"part_of" doc:"the figure that a split or merge of regions made this one of, by share"`
	Numbers
	Findings []Finding `json:"findings,omitempty" db:"-"`

	First      time.Time       `json:"-" db:"as_of"` // first day of the span that AsOf says
	Precision  sheet.Precision `json:"-" db:"precision"`
	RecordedID int64           `json:"-" db:"recorded_id"`
	hidden     hidden
}

// CurrentVersion is the version that a change must name.
func (f Figure) CurrentVersion() int64 { return f.Version }

// Last is the last day of the span that the figure speaks of.
func (f Figure) Last() time.Time { return f.Precision.Last(f.First) }

var (
	wordForm   = regexp.MustCompile(`^[a-z0-9_-]{1,60}$`)
	periodForm = regexp.MustCompile(`^\d{4}-S[12]$`)
)

// draft is a figure that was handed in and looks right, before its region is known.
type draft struct {
	NewFigure
	first     time.Time
	precision sheet.Precision
}

// check returns the figure with its defaults set, and notes every wrong field on fields under the prefix.
func (n NewFigure) check(now time.Time, wrong *fault.Fields) draft {
	d := draft{NewFigure: n}
	at := func(name string) string { return "body." + name }
	if !slices.Contains(Subjects, n.Subject) {
		wrong.Add(at("subject"), "subject-unknown", n.Subject, "known", Subjects)
	}
	if d.Scope == "" {
		d.Scope = scopeOf[n.Subject]
	}
	if d.Era == 0 {
		d.Era = 38
	}
	if !wordForm.MatchString(d.Scope) && slices.Contains(Subjects, n.Subject) {
		wrong.Add(at("scope"), "not-a-word", n.Scope)
	}
	if n.Group != "" && !wordForm.MatchString(n.Group) {
		wrong.Add(at("group"), "not-a-word", n.Group)
	}
	if n.Period != "" && !periodForm.MatchString(n.Period) {
		wrong.Add(at("period"), "not-a-release", n.Period, "form", "2024-S1 or 2024-S2")
	}
	if len(n.Source) == 0 || len(n.Source) > 500 {
		wrong.Add(at("source"), "missing-or-too-long", nil, "most", 500)
	}
	if len(n.Note) > 1000 {
		wrong.Add(at("note"), "too-long", nil, "most", 1000)
	}
	for name, text := range map[string]string{"source": n.Source, "note": n.Note} {
		if privacy.Identifies(text) {
			wrong.Add(at(name), "sixteen-digits", nil)
		}
	}
	var code string
	if d.first, d.precision, code = sheet.ParseSpan(n.AsOf); code != "" {
		wrong.Add(at("as_of"), code, n.AsOf)
	} else if d.first.After(region.Today(region.WIT, now)) {
		wrong.Add(at("as_of"), "in-the-future", n.AsOf)
	}
	n.Numbers.check(at, wrong)
	return d
}

// most is above any count of people on earth.
const most = 10_000_000_000

func (n Numbers) check(at func(string) string, wrong *fault.Fields) {
	said := n.Percent != nil
	for _, c := range n.counts() {
		if c.value == nil {
			continue
		}
		said = true
		if *c.value < 0 || *c.value > most {
			wrong.Add(at(c.name), "out-of-range", *c.value, "least", 0, "most", int64(most))
		}
	}
	if n.Percent != nil && (*n.Percent < 0 || *n.Percent >= 10_000) {
		wrong.Add(at("percent"), "out-of-range", *n.Percent, "least", 0, "most", 9999)
	}
	if !said {
		wrong.Add("body", "nothing-said", nil)
	}
}

type count struct {
	name  string
	value *int64
}

func (n Numbers) counts() []count {
	return []count{{"people", n.People}, {"have", n.Have}, {"lack", n.Lack}, {"sent", n.Sent}, {"adjudication", n.Adjudication},
		{"duplicate", n.Duplicate}, {"print_ready", n.PrintReady}, {"interim_letters", n.InterimLetters}}
}

// Record keeps a figure as it was handed in and returns it with what was found wrong with it. Only what cannot be a
// figure at all is refused: a region that is not there, a date to come, a negative count. The same region, subject,
// scope, group, date and source a second time is ErrSaidBefore, which names the figure to be corrected.
func (r *Register) Record(ctx context.Context, who access.Actor, n NewFigure) (Figure, error) {
	if err := who.May(access.RecordFigures); err != nil {
		return Figure{}, err
	}
	var wrong fault.Fields
	d := n.check(r.now(), &wrong)
	if err := wrong.Err(); err != nil {
		return Figure{}, err
	}
	return postgres.Once(ctx, r.db, who, func(tx *sqlx.Tx) (Figure, error) {
		tree, err := region.Load(ctx, tx, n.Region)
		if err != nil {
			return Figure{}, err
		}
		where, err := tree.ByCodeInEra(n.Region, d.Era, d.first)
		if err != nil {
			return Figure{}, err
		}
		id, err := insertFigure(ctx, tx, who, r.now(), where.ID, d)
		if err != nil {
			return Figure{}, err
		}
		if err := settle(ctx, tx, who, r.now(), []int64{id}); err != nil {
			return Figure{}, err
		}
		return figureByID(ctx, tx, id)
	})
}

func insertFigure(ctx context.Context, tx *sqlx.Tx, who access.Actor, now time.Time, regionID int, d draft) (id int64, err error) {
	var before int64
	err = tx.GetContext(ctx, &before, `
		SELECT coalesce(max(id), 0)
		FROM figures
		WHERE region_id = $1 AND subject = $2 AND scope = $3 AND people_group = $4 AND as_of = $5 AND precision = $6 AND source = $7`,
		regionID, d.Subject, d.Scope, d.Group, d.first, d.precision, d.Source)
	if err != nil {
		return 0, fmt.Errorf("look for the figure: %w", err)
	}
	if before > 0 {
		return 0, ErrSaidBefore.With("figure", before)
	}
	status, submitted := Submitted, &now
	if d.Draft {
		status, submitted = Draft, nil
	}
	err = tx.GetContext(ctx, &id, `
		INSERT INTO figures (region_id, subject, scope, people_group, as_of, precision, period, era, people, have, lack, percent,
			sent, adjudication, duplicate, print_ready, interim_letters, source, note, status, synthetic, recorded_id, recorded_by, recorded_at,
			submitted_at)
		VALUES ($1, $2, $3, $4, $5, $6, nullif($7, ''), $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)
		RETURNING id`,
		regionID, d.Subject, d.Scope, d.Group, d.first, d.precision, d.Period, d.Era, d.People, d.Have, d.Lack, d.Percent,
		d.Sent, d.Adjudication, d.Duplicate, d.PrintReady, d.InterimLetters, d.Source, d.Note, status, d.Synthetic, who.ID, who.Name, now, submitted)
	if postgres.Violates(err, "figures_said_once") {
		return 0, ErrSaidBefore // by another at this moment
	}
	if err != nil {
		return 0, fmt.Errorf("record figure: %w", err)
	}
	return id, nil
}

const selectFigures = `
	SELECT f.id, f.region_id, e.code AS region, e.name, e.level, f.subject, f.scope, f.people_group, f.as_of, f.precision, f.period,
		f.era, f.people, f.have, f.lack, f.percent, f.sent, f.adjudication, f.duplicate, f.print_ready, f.interim_letters,
		f.source, f.note, f.status, f.synthetic, f.import_id, f.recorded_id, f.recorded_by, f.recorded_at, f.submitted_at, f.verified_by, f.version, f.part_of
	FROM figures f
	JOIN regions_ever e ON e.id = f.region_id`

func selectedFigures(ctx context.Context, tx *sqlx.Tx, where string, args ...any) ([]Figure, error) {
	found := []Figure{}
	if err := tx.SelectContext(ctx, &found, selectFigures+where, args...); err != nil {
		return nil, fmt.Errorf("read figures: %w", err)
	}
	for i := range found {
		found[i].AsOf = found[i].Precision.Format(found[i].First)
	}
	return found, nil
}

func figureByID(ctx context.Context, tx *sqlx.Tx, id int64) (Figure, error) {
	found, err := selectedFigures(ctx, tx, ` WHERE f.id = $1`, id)
	if err != nil {
		return Figure{}, err
	}
	if len(found) == 0 {
		return Figure{}, ErrFigureUnknown.With("figure", id)
	}
	found[0].Findings, err = selectedFindings(ctx, tx, ` WHERE d.figure_id = $1 ORDER BY d.id`, id)
	return found[0], err
}

// Figure returns one figure with its findings.
func (r *Register) Figure(ctx context.Context, who access.Actor, id int64) (f Figure, err error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return f, err
	}
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error {
		if f, err = figureByID(ctx, tx, id); err != nil {
			return err
		}
		seen := []Figure{f}
		err = concealFigures(ctx, tx, who, seen)
		f = seen[0]
		return err
	})
	return f, err
}

// FigureFilter narrows a list of figures; the zero filter takes all in reach.
type FigureFilter struct {
	Region  string // code; with everything below it
	Subject Subject
	Scope   string
	Group   *string // "" for everybody, nil for all groups
	Level   *region.Level
	Latest  bool // of each series, only the one that gaps are made of
	Status  Status
	Import  int64
	postgres.Paging
}

// Figures lists figures, the newest entries first.
func (r *Register) Figures(ctx context.Context, who access.Actor, f FigureFilter) (page postgres.Page[Figure], err error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return page, err
	}
	type byID struct {
		Figure int64 `json:"figure"`
	}
	before := byID{1 << 62}
	limit, err := f.Resume(&before)
	if err != nil {
		return page, err
	}
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error {
		if err := known(ctx, tx, f.Region, r.now()); err != nil {
			return err
		}
		found, err := selectedFigures(ctx, tx, `
			WHERE f.id < $1
			  AND ($2 IN ('', '00') OR e.code = $2 OR e.code LIKE $2 || '.%')
			  AND ($3 = '' OR f.subject = $3)
			  AND ($4 = '' OR f.scope = $4)
			  AND ($5 = '' OR f.status = $5)
			  AND ($6 = 0 OR f.import_id = $6)
			  AND ($7::text IS NULL OR f.people_group = $7)
			  AND ($8::smallint IS NULL OR e.level = $8)
			  AND (NOT $9 OR f.status <> 'draft' AND NOT EXISTS (
				SELECT FROM figures n
				WHERE n.region_id = f.region_id AND n.subject = f.subject AND n.scope = f.scope AND n.people_group = f.people_group
				  AND n.status <> 'draft'
				  AND (n.as_of > f.as_of OR n.as_of = f.as_of AND (n.precision < f.precision OR n.precision = f.precision AND n.id > f.id))))
			ORDER BY f.id DESC
			LIMIT $10`, before.Figure, f.Region, string(f.Subject), f.Scope, string(f.Status), f.Import, f.Group, f.Level, f.Latest, limit)
		if err != nil {
			return err
		}
		if err := concealFigures(ctx, tx, who, found); err != nil {
			return err
		}
		page, err = postgres.NewPage(f.Paging, found, func(f Figure) byID { return byID{f.ID} })
		return err
	})
	return page, err
}

// known returns the fault of a code, unless it is empty, that no region in reach bears today.
func known(ctx context.Context, tx *sqlx.Tx, code string, now time.Time) error {
	if code == "" {
		return nil
	}
	_, err := region.ByCode(ctx, tx, code, region.Today(region.WIB, now))
	return err
}
