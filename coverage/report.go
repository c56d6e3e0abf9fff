package coverage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Reporting is how an office stands with a report that is asked of it.
type Reporting string

// The states of a report.
const (
	Missing Reporting = "missing" // due, and nothing came
	Unsent  Reporting = "draft"   // begun, and its office does not stand by it yet
	Late    Reporting = "late"    // came after it was due
	OnTime  Reporting = "on-time"
	Awaited Reporting = "awaited" // not due yet
)

// urgency is the order of the list: what somebody must act upon first.
var urgency = []Reporting{Missing, Unsent, Late, Awaited, OnTime}

// OfficeReport is whether the office of a region has reported of a subject for a period.
type OfficeReport struct {
	Region   string       `json:"region" db:"code"`
	Name     string       `json:"name" db:"name"`
	Level    region.Level `json:"level" db:"level" enum:"nation,province,regency,district,village"`
	Subject  Subject      `json:"subject" db:"subject" enum:"recording,card,birth-certificate,child-card,digital-id"`
	Period   string       `json:"period" db:"-" doc:"2026-10, 2026-Q3 or 2026-S1: the months that the report covers"`
	Due      string       `json:"due" db:"-" doc:"last day on which it is in time"`
	State    Reporting    `json:"state" db:"-" enum:"missing,draft,late,awaited,on-time"`
	Since    *string      `json:"since" db:"-" doc:"day since which that is so; null when nothing was ever reported"`
	DaysLate int64        `json:"days_late" db:"-" doc:"after the due date: until it came, or until today"`
	Missed   *int64       `json:"missed" db:"-" doc:"periods in a row without a report, this one among them; null when nothing was ever reported"`
	LastAsOf *string      `json:"last_as_of" db:"-" doc:"last day that any report up to this period speaks of"`
	Figure   *int64       `json:"figure" db:"figure" doc:"the latest figure of the period, or its draft"`
	Status   *Status      `json:"status" db:"status" enum:"draft,submitted,verified"`
	Sent     *time.Time   `json:"submitted_at" db:"sent" doc:"when the first report of the period came"`

	Zone  region.Zone `json:"-" db:"zone"`
	Begun *time.Time  `json:"-" db:"begun"` // the draft
	Spoke *time.Time  `json:"-" db:"spoke"` // LastAsOf
}

// span is the period that a report covers: some months from its first day on.
type span struct {
	subject   Subject
	months    int
	first     time.Time
	daysToDue int
}

// spanBefore is the last period of so many months that ended by a day. Periods begin with the year, as releases do.
func spanBefore(day time.Time, months int) span {
	next := day.AddDate(0, 0, 1)
	running := (int(next.Month()) - 1) / months * months // months of the year before the period that runs
	return span{months: months, first: region.Date(next.Year(), time.Month(running+1), 1).AddDate(0, -months, 0)}
}

func (s span) last() time.Time { return s.first.AddDate(0, s.months, -1) }
func (s span) due() time.Time  { return s.last().AddDate(0, 0, s.daysToDue) }

// back is the period so many periods earlier.
func (s span) back(periods int) span {
	s.first = s.first.AddDate(0, -s.months*periods, 0)
	return s
}

// name is the period as it is written.
func (s span) name() string {
	month := int(s.first.Month()) - 1
	switch s.months {
	case 1:
		return s.first.Format("2006-01")
	case 3:
		return fmt.Sprintf("%d-Q%d", s.first.Year(), month/3+1)
	default:
		return fmt.Sprintf("%d-S%d", s.first.Year(), month/6+1)
	}
}

// ReportFilter chooses a list of reports; the zero filter asks the kabupaten/kota in reach about all subjects.
type ReportFilter struct {
	Region  string // code; with everything below it
	Level   region.Level
	Subject Subject   // "" for all
	State   Reporting // "" for all
	AsOf    string    // the periods that ended last by this day, "" for today
	postgres.Paging
}

// ReportTotals counts a list of reports, all of it and not only the page.
type ReportTotals struct {
	Asked   int64 `json:"asked"`
	OnTime  int64 `json:"on_time"`
	Late    int64 `json:"late"`
	Draft   int64 `json:"draft"`
	Missing int64 `json:"missing"`
	Awaited int64 `json:"awaited"`
}

// ReportPage is a page of reports with the counts of the whole list.
type ReportPage struct {
	postgres.Page[OfficeReport]
	Totals ReportTotals `json:"totals"`
}

// Reports tells which offices have reported for the last period of each subject, and which came late or not at all:
// the missing first, those that never reported before those silent longest. A figure whose date lies in the period is
// the report; an office that a later split made is not asked for what was before it.
func (r *Register) Reports(ctx context.Context, who access.Actor, f ReportFilter) (page ReportPage, err error) {
	if err := who.May(access.ReadCoverage); err != nil {
		return page, err
	}
	if f.Subject != "" && !slices.Contains(Subjects, f.Subject) {
		return page, ErrSubject.With("subject", f.Subject, "known", Subjects)
	}
	asOf := region.Today(region.WIT, r.now())
	if f.AsOf != "" {
		if asOf, err = time.Parse(time.DateOnly, f.AsOf); err != nil {
			return page, fault.ErrInvalid.At("query.as_of", "not-a-date", f.AsOf, "form", "YYYY-MM-DD")
		}
	}
	var all []OfficeReport
	err = postgres.Read(ctx, r.db, who, func(tx *sqlx.Tx) error {
		if err := known(ctx, tx, f.Region, r.now()); err != nil {
			return err
		}
		spans, err := spansAsked(ctx, tx, f.Subject, asOf)
		if err != nil {
			return err
		}
		for _, s := range spans {
			some, err := reportsOf(ctx, tx, s, f)
			if err != nil {
				return err
			}
			for i := range some {
				some[i].judge(s, r.now())
			}
			all = append(all, some...)
		}
		return nil
	})
	if err != nil {
		return page, err
	}
	if f.State != "" {
		all = slices.DeleteFunc(all, func(r OfficeReport) bool { return r.State != f.State })
	}
	slices.SortFunc(all, OfficeReport.before)
	page.Totals = totalReports(all)
	page.Page, err = pageOfReports(f.Paging, all)
	return page, err
}

// spansAsked are the periods about which somebody is asked, by subject.
func spansAsked(ctx context.Context, tx *sqlx.Tx, only Subject, asOf time.Time) (spans []span, err error) {
	days, err := reportDays.Read(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, subject := range Subjects {
		if only != "" && subject != only {
			continue
		}
		months, err := reportMonths[subject].Read(ctx, tx)
		if err != nil {
			return nil, err
		}
		if months == 0 {
			continue
		}
		s := spanBefore(asOf, int(months))
		s.subject, s.daysToDue = subject, int(days)
		spans = append(spans, s)
	}
	return spans, nil
}

// lastDay is the last day that the figure of an alias speaks of. No figure speaks of more than a year, so that one of a
// period begins within the year before its end.
func lastDay(f string) string {
	return fmt.Sprintf(`(CASE %[1]s.precision WHEN 'year' THEN %[1]s.as_of + interval '1 year - 1 day'
		WHEN 'month' THEN %[1]s.as_of + interval '1 month - 1 day' ELSE %[1]s.as_of END)::date`, f)
}

// ofSpan holds of a figure f of a region t that reports of the subject and period.
var ofSpan = `f.region_id = t.id AND f.subject = $1 AND f.scope = $2 AND f.people_group = ''
	AND f.as_of BETWEEN $3::date - 366 AND $4::date AND ` + lastDay("f") + ` BETWEEN $3::date AND $4::date`

func reportsOf(ctx context.Context, tx *sqlx.Tx, s span, f ReportFilter) ([]OfficeReport, error) {
	var found []OfficeReport
	err := tx.SelectContext(ctx, &found, `
		SELECT t.code, t.name, t.level, t.zone, $1 AS subject, coalesce(l.figure, d.figure) AS figure, coalesce(l.status, d.status) AS status,
			l.sent, d.begun, b.spoke
		FROM regions_today t
		LEFT JOIN LATERAL (
			SELECT (array_agg(f.id ORDER BY f.as_of DESC, f.id DESC))[1] AS figure,
				(array_agg(f.status ORDER BY f.as_of DESC, f.id DESC))[1] AS status, min(f.submitted_at) AS sent
			FROM figures f
			WHERE f.status <> 'draft' AND `+ofSpan+`) l ON true
		LEFT JOIN LATERAL (
			SELECT f.id AS figure, f.status, f.recorded_at AS begun
			FROM figures f
			WHERE f.status = 'draft' AND `+ofSpan+`
			ORDER BY f.id DESC
			LIMIT 1) d ON true
		LEFT JOIN LATERAL (
			SELECT max(`+lastDay("f")+`) AS spoke
			FROM figures f
			WHERE f.region_id = t.id AND f.subject = $1 AND f.scope = $2 AND f.people_group = '' AND f.status <> 'draft'
			  AND `+lastDay("f")+` <= $4::date) b ON true
		WHERE t.level = $5 AND ($6 IN ('', '00') OR t.code = $6 OR t.code LIKE $6 || '.%')
		  AND EXISTS (SELECT FROM region_versions v WHERE v.region_id = t.id AND v.valid_from <= $4::date)`,
		s.subject, scopeOf[s.subject], s.first, s.last(), int(f.Level), f.Region)
	if err != nil {
		return nil, fmt.Errorf("read reports: %w", err)
	}
	return found, nil
}

// judge says how the office stands with the report today.
func (r *OfficeReport) judge(s span, now time.Time) {
	r.Period, r.Due = s.name(), s.due().Format(time.DateOnly)
	if r.Spoke != nil {
		text, missed := r.Spoke.Format(time.DateOnly), int64(monthsBetween(*r.Spoke, s.last())/s.months)
		r.LastAsOf, r.Missed = &text, &missed
	}
	today := region.Today(r.Zone, now)
	since, until := today, today
	switch {
	case r.Sent != nil:
		since = region.Today(r.Zone, *r.Sent)
		until = since
		if r.State = OnTime; since.After(s.due()) {
			r.State = Late
		}
	case r.Begun != nil:
		r.State, since = Unsent, region.Today(r.Zone, *r.Begun)
	case !today.After(s.due()):
		r.State, since = Awaited, s.last().AddDate(0, 0, 1)
	case r.Missed == nil:
		r.State = Missing
	default:
		r.State, since = Missing, s.back(int(*r.Missed)-1).due().AddDate(0, 0, 1) // when the first of them was due
	}
	if r.State != Missing || r.Missed != nil {
		text := since.Format(time.DateOnly)
		r.Since = &text
	}
	r.DaysLate = max(0, int64(until.Sub(s.due()).Hours()/24))
}

// monthsBetween counts the whole months from the month of a day to that of another.
func monthsBetween(a, b time.Time) int {
	return (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
}

// before is the order of the list.
func (r OfficeReport) before(q OfficeReport) int {
	if c := cmp.Compare(slices.Index(urgency, r.State), slices.Index(urgency, q.State)); c != 0 {
		return c
	}
	never := func(r OfficeReport) int {
		if r.LastAsOf == nil && r.State == Missing {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(never(r), never(q)), cmp.Compare(missed(q), missed(r)), cmp.Compare(q.DaysLate, r.DaysLate),
		cmp.Compare(r.Region, q.Region), cmp.Compare(slices.Index(Subjects, r.Subject), slices.Index(Subjects, q.Subject)))
}

// missed compares periods in a row only where they are what the state is about.
func missed(r OfficeReport) int64 {
	if r.State != Missing {
		return 0
	}
	return or0(r.Missed)
}

func totalReports(all []OfficeReport) (t ReportTotals) {
	for _, r := range all {
		t.Asked++
		switch r.State {
		case OnTime:
			t.OnTime++
		case Late:
			t.Late++
		case Unsent:
			t.Draft++
		case Missing:
			t.Missing++
		case Awaited:
			t.Awaited++
		}
	}
	return t
}

// pageOfReports cuts a page out of the sorted list, as pageOfGaps does.
func pageOfReports(p postgres.Paging, all []OfficeReport) (postgres.Page[OfficeReport], error) {
	type place struct {
		State    Reporting `json:"report_state"`
		Never    bool      `json:"never"`
		Missed   int64     `json:"missed"`
		DaysLate int64     `json:"days_late"`
		Region   string    `json:"region"`
		Subject  Subject   `json:"subject"`
	}
	var last place
	rows, err := p.Resume(&last)
	if err != nil {
		return postgres.Page[OfficeReport]{}, err
	}
	start := 0
	if last.Region != "" {
		after := OfficeReport{State: last.State, Missed: &last.Missed, DaysLate: last.DaysLate, Region: last.Region, Subject: last.Subject}
		if !last.Never {
			after.LastAsOf = new(string)
		}
		for start < len(all) && all[start].before(after) <= 0 {
			start++
		}
	}
	rest := all[start:]
	return postgres.NewPage(p, rest[:min(len(rest), rows)], func(r OfficeReport) place {
		return place{r.State, r.LastAsOf == nil, or0(r.Missed), r.DaysLate, r.Region, r.Subject}
	})
}
