package outreach

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/paulmach/orb"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// NewSite is what is said of a site when it is entered or changed.
type NewSite struct {
	Region    string    `json:"region" maxLength:"13" example:"82.71.02" doc:"official code of the district or regency"`
	Kind      SiteKind  `json:"kind" enum:"school_sma,school_smk,school_ma,school_slb,pesantren,panti_jompo,panti_asuhan,lapas,rutan,lpka,hospital,village,island,camp,institution,company,other"`
	Name      string    `json:"name" minLength:"1" maxLength:"200"`
	Reference string    `json:"reference,omitempty" maxLength:"100" doc:"number of the place in its own register, NPSN for instance; once in a regency or district"`
	Lon       *float64  `json:"lon,omitempty" doc:"WGS84 degrees; without a point no plan goes there"`
	Lat       *float64  `json:"lat,omitempty"`
	Precision string    `json:"precision,omitempty" maxLength:"50" doc:"how the point was found: gps, kelurahan_centroid …"`
	Openings  []Opening `json:"openings,omitempty" maxItems:"100" doc:"when visits are welcome; empty for the usual hours of the kind"`
	Access    []string  `json:"access,omitempty" maxItems:"10" doc:"stairs, wheelchair, boat, permit, generator, satellite, female-officer: what a team must be able to do"`
	Contact   string    `json:"contact,omitempty" maxLength:"50" pattern:"^[0-9+() /-]*$" doc:"telephone of the institution's office; never a person's"`
	Gap       int       `json:"gap_days,omitempty" minimum:"0" maximum:"365" doc:"days that must lie between two visits; 0 for none"`
	Island    int64     `json:"island,omitempty" doc:"id of the island it lies on, when a boat goes there; need not be given in a kecamatan that is an island"`
	Status    string    `json:"status,omitempty" enum:"active,closed" default:"active"`
	Source    string    `json:"source,omitempty" maxLength:"500"`
	Note      string    `json:"note,omitempty" maxLength:"500"`
	Synthetic bool      `json:"-"`
}

// Site is a place where people can be reached.
type Site struct {
	ID        int64               `json:"id" db:"id"`
	Region    string              `json:"region" db:"region"`
	RegionID  int                 `json:"-" db:"region_id"`
	Name      string              `json:"name" db:"name"`
	Kind      SiteKind            `json:"kind" db:"kind"`
	Reference string              `json:"reference" db:"reference"`
	Lon       *float64            `json:"lon" db:"lon"`
	Lat       *float64            `json:"lat" db:"lat"`
	Precision string              `json:"precision" db:"precision"`
	Openings  []Opening           `json:"openings" db:"-"`
	Assumed   bool                `json:"openings_assumed" db:"-" doc:"the usual hours of the kind, not the site's own word"`
	Access    pq.StringArray      `json:"access" db:"access"`
	Contact   string              `json:"contact" db:"contact"`
	Gap       int                 `json:"gap_days" db:"gap_days"`
	Island    *int64              `json:"island" db:"island_id"`
	Status    string              `json:"status" db:"status" enum:"active,closed"`
	Flags     pq.StringArray      `json:"flags" db:"flags" enum:"no-point,no-heads,outside-region,outside-district,near-duplicate,perhaps-at-sea,perhaps-on-island" doc:"what a person should look at"`
	Checked   pq.StringArray      `json:"checked" db:"checked" doc:"flags that a person looked at and found nothing wrong with: they are raised no more until the site gets another name or point"`
	Source    string              `json:"source" db:"source"`
	Note      string              `json:"note" db:"note"`
	Heads     []Head              `json:"heads" db:"-" doc:"the latest count of each group"`
	Expected  *Count              `json:"expected,omitempty" db:"-" doc:"people that a visit today may record; in lists of one kabupaten/kota or less, where there is something to go by"`
	Metres    *float64            `json:"metres,omitempty" db:"metres" doc:"how far from the point that was asked for"`
	Synthetic bool                `json:"synthetic" db:"synthetic"`
	Version   int64               `json:"version" db:"version"`
	OpenDoc   document[[]Opening] `json:"-" db:"openings"`
	HeadDoc   document[[]Head]    `json:"-" db:"heads"`
}

// CurrentVersion is the version that a change must name.
func (s Site) CurrentVersion() int64 { return s.Version }

// Head is how many people a site holds.
type Head struct {
	Group  string `json:"group"`
	People Count  `json:"people"`
	AsOf   string `json:"as_of" doc:"as precise as its source: 2026-11-20, 2026-11 or 2026"`
	Basis  string `json:"basis" enum:"counted,estimated"`
	Source string `json:"source"`
}

// facts of the kind, those of other for one that is not known.
func (s Site) facts() kindFacts {
	if f, ok := kinds[s.Kind]; ok {
		return f
	}
	return kinds["other"]
}

func (s Site) point() (orb.Point, bool) {
	if s.Lon == nil || s.Lat == nil {
		return orb.Point{}, false
	}
	return orb.Point{*s.Lon, *s.Lat}, true
}

// finish turns what the row holds into what is shown to who.
func (s *Site) finish(who access.Actor) {
	s.Openings, s.Heads = s.OpenDoc.V, s.HeadDoc.V
	if s.Assumed = len(s.Openings) == 0; s.Assumed {
		s.Openings = s.facts().hours
	}
	var parts []*Count
	for i := range s.Heads {
		if s.facts().vulnerable || vulnerableGroups[s.Heads[i].Group] {
			parts = append(parts, &s.Heads[i].People)
		}
	}
	veilParts(who, parts)
	if s.Expected != nil && (len(parts) > 0 || s.facts().vulnerable) {
		s.Expected.veil(who)
	}
}

// The import's own guess gives way to any count, however old.
const selectSites = `
	SELECT s.id, s.region_id, r.code AS region, s.kind, s.name, s.reference, s.lon, s.lat, s.precision, s.openings, s.access, s.contact,
		s.gap_days, i.island_id, s.status, f.flags, s.checked, s.source, s.note, s.synthetic, s.version,
		coalesce((
			SELECT jsonb_agg(jsonb_build_object('group', h.people_group, 'people', h.people, 'basis', h.basis, 'source', h.source,
				'as_of', left(h.as_of::text, CASE h.precision WHEN 'year' THEN 4 WHEN 'month' THEN 7 ELSE 10 END)) ORDER BY h.people_group)
			FROM (
				SELECT DISTINCT ON (people_group) *
				FROM site_heads
				WHERE region_id = s.region_id AND site_id = s.id
				ORDER BY people_group, source LIKE '` + estimate + `%', as_of DESC) h), '[]') AS heads`

// An island that is a kecamatan takes the sites there that name none. A site that no one puts on an island, yet lies beyond
// its port and within some 20 km of its landing, is perhaps on it; near the equator a degree is as long both ways.
const fromSites = `
	FROM sites s
	JOIN regions_today r ON r.id = s.region_id
	CROSS JOIN LATERAL (
		SELECT coalesce(s.island_id, CASE WHEN count(*) = 1 THEN min(id) END) AS island_id
		FROM islands
		WHERE region_id = s.region_id AND r.level = 3) i
	CROSS JOIN LATERAL (
		SELECT coalesce(array_agg(flag ORDER BY n), '{}') AS flags
		FROM unnest(s.flags || CASE WHEN i.island_id IS NULL AND EXISTS (
			SELECT FROM islands
			WHERE abs(s.lat - landing_lat) < 0.2 AND abs(s.lon - landing_lon) < 0.2
			  AND power(s.lat - landing_lat, 2) + power(s.lon - landing_lon, 2) < power(s.lat - port_lat, 2) + power(s.lon - port_lon, 2))
			THEN ARRAY ['` + PerhapsOnIsland + `'] ELSE '{}' END) WITH ORDINALITY u (flag, n)
		WHERE flag <> ALL (s.checked)) f`

// SiteFilter narrows a list of sites; the zero filter takes all in reach.
type SiteFilter struct {
	Region string
	Kind   SiteKind
	Status string
	Flag   string
	Text   string // a part of the name
	Near   *orb.Point
	Metres float64 // with Near: no farther away
	postgres.Paging
}

// Sites lists the sites in reach in order of id, or, with Near, those around a point, the nearest first and on one page.
func (d *Desk) Sites(ctx context.Context, who access.Actor, f SiteFilter) (page postgres.Page[Site], err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return page, err
	}
	type byID struct {
		Site int64 `json:"site"`
	}
	var after byID
	limit, err := f.Resume(&after)
	if err != nil {
		return page, err
	}
	near, metres := orb.Point{}, 0.0
	if f.Near != nil {
		near, metres = *f.Near, f.Metres
	}
	// A degree of latitude is 111 km everywhere, one of longitude hardly less so near the equator.
	degrees := metres/110_000 + 1e-6
	var rows []Site
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		err := tx.SelectContext(ctx, &rows, selectSites+`, CASE WHEN $6::float8 > 0 THEN w.metres END AS metres`+fromSites+`
			CROSS JOIN LATERAL (SELECT 2 * 6371008.8 * asin(sqrt(least(1, power(sin(radians(s.lat - $8::float8) / 2), 2)
				+ cos(radians(s.lat)) * cos(radians($8::float8)) * power(sin(radians(s.lon - $7::float8) / 2), 2)))) AS metres) w
			WHERE s.id > $1
			  AND ($2 = '' OR r.code = $2 OR r.code LIKE $2 || '.%')
			  AND ($3 = '' OR s.kind = $3)
			  AND ($4 = '' OR s.status = $4)
			  AND ($5 = '' OR $5 = ANY (f.flags))
			  AND ($6 = 0 OR s.lat BETWEEN $8::float8 - $9 AND $8::float8 + $9 AND s.lon BETWEEN $7::float8 - $9 AND $7::float8 + $9 AND w.metres <= $6)
			  AND ($10 = '' OR s.name ILIKE '%' || $10 || '%')
			ORDER BY CASE WHEN $6 > 0 THEN w.metres END, s.id
			LIMIT $11`, after.Site, f.Region, string(f.Kind), f.Status, f.Flag, metres, near[0], near[1], degrees, likeText(f.Text), limit)
		if err != nil || strings.Count(f.Region, ".") == 0 {
			return err
		}
		return d.expect(ctx, tx, f.Region, rows)
	})
	if err != nil {
		return page, fmt.Errorf("list sites: %w", err)
	}
	for i := range rows {
		rows[i].finish(who)
	}
	page, err = postgres.NewPage(f.Paging, rows, func(s Site) byID { return byID{s.ID} })
	if f.Near != nil {
		page.Next = "" // by distance there is no second page
	}
	return page, err
}

// likeText keeps a search text from being read as a pattern.
func likeText(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// Site returns one site.
func (d *Desk) Site(ctx context.Context, who access.Actor, id int64) (s Site, err error) {
	if err := who.May(access.ReadOutreach); err != nil {
		return s, err
	}
	err = postgres.Read(ctx, d.db, who, func(tx *sqlx.Tx) error {
		s, err = siteByID(ctx, tx, who, id)
		return err
	})
	return s, err
}

func siteByID(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64) (s Site, err error) {
	err = tx.GetContext(ctx, &s, selectSites+fromSites+` WHERE s.id = $1`, id)
	if err != nil {
		return s, postgres.NotFound(err, ErrSiteUnknown.With("site", id))
	}
	s.finish(who)
	return s, nil
}

// check notes what cannot be right about a site.
func (n NewSite) check(wrong *fault.Fields) {
	if n.Name = strings.TrimSpace(n.Name); n.Name == "" {
		wrong.Add("body.name", "missing", nil)
	} else if utf8.RuneCountInString(n.Name) > 200 {
		wrong.Add("body.name", "too-long", nil, "most", 200)
	}
	if _, ok := kinds[n.Kind]; !ok {
		wrong.Add("body.kind", "not-in-list", string(n.Kind), "list", SiteKinds)
	}
	for i, a := range n.Access {
		if !slices.Contains(Access, a) {
			wrong.Add(fmt.Sprintf("body.access[%d]", i), "not-in-list", a, "list", Access)
		}
	}
	checkPoint(n.Lon, n.Lat, "body.point", wrong)
	checkOpenings(n.Openings, "body.openings", wrong)
}

// AddSite enters a site. Errors: invalid-input with the fields at fault (a point at 0, 0, in the sea or with longitude
// and latitude swapped among them); reference-taken. What is merely odd becomes a flag.
func (d *Desk) AddSite(ctx context.Context, who access.Actor, n NewSite) (Site, error) {
	if err := who.May(access.ManageSites); err != nil {
		return Site{}, err
	}
	var wrong fault.Fields
	n.check(&wrong)
	if err := wrong.Err(); err != nil {
		return Site{}, err
	}
	return postgres.Once(ctx, d.db, who, func(tx *sqlx.Tx) (s Site, err error) {
		where, err := d.regionOf(ctx, tx, n.Region)
		if err != nil {
			return s, err
		}
		flags, err := siteFlags(ctx, tx, n, where, 0, false)
		if err != nil {
			return s, err
		}
		if err := islandInReach(ctx, tx, n.Island); err != nil {
			return s, err
		}
		var id int64
		err = tx.GetContext(ctx, &id, `
			INSERT INTO sites (region_id, kind, name, reference, lon, lat, precision, openings, access, contact, island_id, status, flags, source, note, created_by, gap_days, synthetic)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, nullif($11, 0), $12, $13, $14, $15, $16, $17, $18)
			RETURNING id`,
			where.ID, string(n.Kind), strings.TrimSpace(n.Name), n.Reference, n.Lon, n.Lat, n.Precision, document[[]Opening]{orEmpty(n.Openings)},
			pq.Array(orEmpty(n.Access)), n.Contact, n.Island, or(n.Status, "active"), pq.Array(flags), n.Source, n.Note, who.Name, n.Gap, n.Synthetic)
		if err != nil {
			return s, siteFault(err, n)
		}
		if s, err = siteByID(ctx, tx, who, id); err != nil {
			return s, err
		}
		return s, postgres.Audit(ctx, tx, who, s.RegionID, "sites.add", "site", id, nil, s)
	})
}

// ChangeSite replaces what is said of a site; its people stay.
func (d *Desk) ChangeSite(ctx context.Context, who access.Actor, id, version int64, n NewSite) (Site, error) {
	if err := who.May(access.ManageSites); err != nil {
		return Site{}, err
	}
	var wrong fault.Fields
	n.check(&wrong)
	if err := wrong.Err(); err != nil {
		return Site{}, err
	}
	return postgres.Once(ctx, d.db, who, func(tx *sqlx.Tx) (s Site, err error) {
		was, err := lockSite(ctx, tx, who, id, version)
		if err != nil {
			return s, err
		}
		where, err := d.regionOf(ctx, tx, n.Region)
		if err != nil {
			return s, err
		}
		flags, err := siteFlags(ctx, tx, n, where, id, len(was.Heads) > 0)
		if err != nil {
			return s, err
		}
		if err := islandInReach(ctx, tx, n.Island); err != nil {
			return s, err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE sites
			SET region_id = $2, kind = $3, name = $4, reference = $5, lon = $6, lat = $7, precision = $8, openings = $9, access = $10, contact = $11,
				island_id = nullif($12, 0), status = $13, flags = $14, source = $15, note = $16, gap_days = $17,
				checked = CASE WHEN (name, lon, lat) IS DISTINCT FROM ($4, $6::float8, $7::float8) THEN '{}' ELSE checked END, version = version + 1
			WHERE id = $1`,
			id, where.ID, string(n.Kind), strings.TrimSpace(n.Name), n.Reference, n.Lon, n.Lat, n.Precision, document[[]Opening]{orEmpty(n.Openings)},
			pq.Array(orEmpty(n.Access)), n.Contact, n.Island, or(n.Status, "active"), pq.Array(flags), n.Source, n.Note, n.Gap)
		if err != nil {
			return s, siteFault(err, n)
		}
		if s, err = siteByID(ctx, tx, who, id); err != nil {
			return s, err
		}
		return s, postgres.Audit(ctx, tx, who, s.RegionID, "sites.change", "site", id, was, s)
	})
}

// CheckSite notes which flags of a site a person looked at and found nothing wrong with; those named before and not now are
// raised again. Errors: not-in-list for what is not raised, or what only a point or a count can mend.
func (d *Desk) CheckSite(ctx context.Context, who access.Actor, id, version int64, flags []string) (Site, error) {
	if err := who.May(access.ManageSites); err != nil {
		return Site{}, err
	}
	return postgres.Once(ctx, d.db, who, func(tx *sqlx.Tx) (s Site, err error) {
		was, err := lockSite(ctx, tx, who, id, version)
		if err != nil {
			return s, err
		}
		raised := slices.DeleteFunc(slices.Clone(judged), func(flag string) bool {
			return !slices.Contains(was.Flags, flag) && !slices.Contains(was.Checked, flag)
		})
		var wrong fault.Fields
		for i, flag := range flags {
			if !slices.Contains(raised, flag) {
				wrong.Add(fmt.Sprintf("body.flags[%d]", i), "not-in-list", flag, "list", raised)
			}
		}
		if err := wrong.Err(); err != nil {
			return s, err
		}
		slices.Sort(flags)
		if _, err := tx.ExecContext(ctx, `UPDATE sites SET checked = $2, version = version + 1 WHERE id = $1`, id, pq.Array(orEmpty(slices.Compact(flags)))); err != nil {
			return s, fmt.Errorf("note what was checked of site %d: %w", id, err)
		}
		if s, err = siteByID(ctx, tx, who, id); err != nil {
			return s, err
		}
		return s, postgres.Audit(ctx, tx, who, s.RegionID, "sites.check", "site", id, was.Checked, s.Checked)
	})
}

// lockSite reads a site for change.
func lockSite(ctx context.Context, tx *sqlx.Tx, who access.Actor, id, version int64) (s Site, err error) {
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM sites WHERE id = $1 FOR UPDATE`, id); err != nil {
		return s, fmt.Errorf("lock site %d: %w", id, err)
	}
	if s, err = siteByID(ctx, tx, who, id); err != nil {
		return s, err
	}
	return s, postgres.CheckVersion(version, s.Version)
}

func siteFault(err error, n NewSite) error {
	if postgres.Violates(err, "sites_reference") {
		return ErrReference.With("reference", n.Reference)
	}
	return fmt.Errorf("save site: %w", err)
}

// regionOf finds the district, regency or city that a site or team belongs to, which must be in reach.
func (d *Desk) regionOf(ctx context.Context, tx *sqlx.Tx, code string) (region.Region, error) {
	r, err := region.ByCode(ctx, tx, code, region.Today(region.WIB, d.now()))
	if err != nil {
		return r, err
	}
	return r, r.Expect(region.Regency, region.District)
}

// siteFlags tells what is odd about a site. id is its own, 0 for a new one.
func siteFlags(ctx context.Context, tx *sqlx.Tx, n NewSite, where region.Region, id int64, counted bool) ([]string, error) {
	flags := []string{}
	if !counted {
		flags = append(flags, NoHeads)
	}
	if n.Lon == nil {
		return append(flags, NoPoint), nil
	}
	p := orb.Point{*n.Lon, *n.Lat}
	odd, err := pointFlags(p, where.Code, "", bordersIn(ctx, tx))
	if err != nil {
		return nil, err
	}
	flags = append(flags, odd...)
	var names []string
	const degrees = 0.02 // about 2 km
	err = tx.SelectContext(ctx, &names, `
		SELECT name
		FROM sites
		WHERE lat BETWEEN $2::float8 - $4 AND $2::float8 + $4 AND lon BETWEEN $1::float8 - $4 AND $1::float8 + $4 AND id <> $3`, p[0], p[1], id, degrees)
	if err != nil {
		return nil, fmt.Errorf("look for duplicates: %w", err)
	}
	if slices.ContainsFunc(names, func(name string) bool { return sameName(name, n.Name) }) {
		flags = append(flags, NearDuplicate)
	}
	return flags, nil
}

// NewHead is a count of the people of a site.
type NewHead struct {
	Group  string `json:"group" enum:"all,not-enrolled,age-16,age-17,elderly,disabled,mental-disability,inmates,children" default:"all"`
	People int64  `json:"people" minimum:"0" maximum:"10000000"`
	AsOf   string `json:"as_of" format:"date"`
	Basis  string `json:"basis" enum:"counted,estimated"`
	Source string `json:"source,omitempty" maxLength:"500"`
}

// AddHead notes how many people a site holds on a day; the same group and day again replaces what was noted.
func (d *Desk) AddHead(ctx context.Context, who access.Actor, id int64, n NewHead) (Site, error) {
	if err := who.May(access.ManageSites); err != nil {
		return Site{}, err
	}
	if today := region.Today(region.WIT, d.now()).Format("2006-01-02"); n.AsOf > today {
		return Site{}, fault.ErrInvalid.At("body.as_of", "in-the-future", n.AsOf, "today", today)
	}
	return postgres.Once(ctx, d.db, who, func(tx *sqlx.Tx) (s Site, err error) {
		if s, err = siteByID(ctx, tx, access.System, id); err != nil {
			return s, err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO site_heads (region_id, site_id, people_group, as_of, people, basis, source, recorded_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (region_id, site_id, people_group, as_of) DO UPDATE
			SET people = excluded.people, basis = excluded.basis, source = excluded.source, precision = 'day',
				recorded_by = excluded.recorded_by, recorded_at = now()`,
			s.RegionID, id, or(n.Group, "all"), n.AsOf, n.People, n.Basis, n.Source, who.Name)
		if err != nil {
			return s, fmt.Errorf("note heads: %w", err)
		}
		_, err = tx.ExecContext(ctx, `UPDATE sites SET flags = array_remove(flags, $2), version = version + 1 WHERE id = $1`, id, NoHeads)
		if err != nil {
			return s, fmt.Errorf("unflag site: %w", err)
		}
		if s, err = siteByID(ctx, tx, who, id); err != nil {
			return s, err
		}
		return s, postgres.Audit(ctx, tx, who, s.RegionID, "sites.heads", "site", id, nil, n)
	})
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
