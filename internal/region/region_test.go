package region_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
	"blangko/internal/region"
)

var (
	before2022 = region.Date(2020, time.June, 30)
	today      = region.Date(2026, time.November, 22)
	medan      = access.Actor{ID: 1, Name: "officer", Role: access.Officer, Reach: "12.71"}
	merauke    = access.Actor{ID: 2, Name: "officer", Role: access.Officer, Reach: "93.01"}
	papua      = access.Actor{ID: 3, Name: "province", Role: access.Province, Reach: "91"}
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// read runs fn as who; a migrated database holds the seed.
func read(t *testing.T, db *postgres.DB, who access.Actor, fn func(ctx context.Context, tx *sqlx.Tx)) {
	t.Helper()
	ctx := context.Background()
	err := postgres.Read(ctx, db, who, func(tx *sqlx.Tx) error { fn(ctx, tx); return nil })
	if err != nil {
		t.Fatal(err)
	}
}

func tree(t *testing.T, db *postgres.DB, who access.Actor) *region.Tree {
	t.Helper()
	var tree *region.Tree
	read(t, db, who, func(ctx context.Context, tx *sqlx.Tx) {
		var err error
		if tree, err = region.Load(ctx, tx); err != nil {
			t.Fatal(err)
		}
	})
	return tree
}

func TestACodeMeansTheRegionOfItsDay(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tree := tree(t, db, access.System)
	region34, err := tree.ByCode("91", before2022)
	if err != nil {
		t.Fatal(err)
	}
	region38, err := tree.ByCode("91", today)
	if err != nil {
		t.Fatal(err)
	}
	if region34.ID == region38.ID || region34.Name != "Papua" || region38.Name != "Papua" {
		t.Errorf("91 in 2020 is %+v, today %+v: want two regions named Papua", region34, region38)
	}
	for _, c := range []struct {
		code     string
		on       time.Time
		name, up string
		todays   string // code of the same region today, "" when it is no more
	}{
		{"91", before2022, "Papua", "00", ""},
		{"91", region.Date(2022, time.July, 24), "Papua", "00", ""},
		{"91", region.Date(2022, time.July, 25), "Papua", "00", "91"},
		{"92", region.Date(2022, time.December, 7), "Papua Barat", "00", ""},
		{"92", region.Date(2022, time.December, 8), "Papua Barat", "00", "92"},
		{"91.01", before2022, "Kabupaten Merauke", "91", "93.01"},
		{"93.01", today, "Kabupaten Merauke", "93", "93.01"},
		{"92.71", region.Date(2022, time.December, 7), "Kota Sorong", "92", "96.71"},
		{"91.03", before2022, "Kabupaten Jayapura", "91", "91.03"},
		{"91.03.01", before2022, "Sentani", "91.03", "91.03.01"},
		{"12.71", region.Beginning, "Kota Medan", "12", "12.71"},
		{"00", today, "INDONESIA", "", "00"},
	} {
		r, err := tree.ByCode(c.code, c.on)
		if err != nil {
			t.Errorf("ByCode(%s, %s): %v", c.code, c.on.Format(time.DateOnly), err)
			continue
		}
		now, _ := tree.ByID(r.ID)
		if r.Code != c.code || r.Name != c.name || r.Parent != c.up || now.Code != c.todays {
			t.Errorf("ByCode(%s, %s) = %+v, today %q, want %s under %q, today %q",
				c.code, c.on.Format(time.DateOnly), r, now.Code, c.name, c.up, c.todays)
		}
	}
}

func TestACodeThatDoesNotHoldIsAFault(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, c := range []struct {
		name string
		who  access.Actor
		code string
		on   time.Time
		want *fault.Fault
	}{
		{"not a code", access.System, "12.7", today, region.ErrMalformed},
		{"SQL", access.System, "'; --", today, region.ErrMalformed},
		{"nobody's", access.System, "99", today, region.ErrUnknown},
		{"not yet borne", access.System, "93.01", before2022, region.ErrUnknown},
		{"before the beginning", access.System, "12.71", region.Beginning.AddDate(0, 0, -1), region.ErrUnknown},
		{"old", access.System, "91.01", today, region.ErrOld},
		{"old, on the day it changed", access.System, "91.01", region.Date(2022, time.July, 25), region.ErrOld},
		{"old, own region", merauke, "91.01", today, region.ErrOld},
		{"old, out of reach", medan, "91.01", today, region.ErrUnknown},
		{"old, of a region that left the reach", papua, "91.01", today, region.ErrUnknown},
		{"out of reach", medan, "12.72", today, region.ErrUnknown},
		{"over the reach", medan, "12", today, region.ErrUnknown},
		{"nobody signed in", access.Actor{}, "12.71", today, region.ErrUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			read(t, db, c.who, func(ctx context.Context, tx *sqlx.Tx) {
				if r, err := region.ByCode(ctx, tx, c.code, c.on); !errors.Is(err, c.want) {
					t.Errorf("ByCode(%q) = %+v, %v, want %v", c.code, r, err, c.want)
				}
			})
		})
	}
}

func TestAnOldCodeNamesTheRegionItMeant(t *testing.T) {
	t.Parallel()
	read(t, pgtest.New(t), access.System, func(ctx context.Context, tx *sqlx.Tx) {
		_, err := region.ByCode(ctx, tx, "91.01", today)
		f, ok := fault.As(err)
		if !ok {
			t.Fatalf("ByCode(91.01) = %v, want a fault", err)
		}
		want := map[string]any{"code": "91.01", "name": "Kabupaten Merauke", "today": "93.01", "until": "2022-07-25"}
		if fmt.Sprint(f.Facts) != fmt.Sprint(want) {
			t.Errorf("facts = %v, want %v", f.Facts, want)
		}
	})
}

func TestByCodeInEra(t *testing.T) {
	t.Parallel()
	tree := tree(t, pgtest.New(t), access.System)
	june2022 := region.Date(2022, time.June, 30)
	for _, c := range []struct {
		code   string
		era    int
		on     time.Time
		todays string
	}{
		{"91.01", 34, before2022, "93.01"},
		{"91.01", 34, today, "93.01"},      // a late figure in an old layout
		{"91", 34, before2022, ""},         // the old Papua
		{"91", 38, before2022, "91"},       // restated for today's Papua
		{"92", 37, today, ""},              // Papua Barat with Sorong
		{"91", 37, today, "91"},            // Papua without the south
		{"94.07", 34, before2022, "94.07"}, // today's code in a figure of 2020
		{"93.01.01", 34, before2022, "93.01.01"},
		{"96.03", 38, june2022, "96.03"},
		{"12.71", 34, region.Date(1999, time.January, 1), "12.71"},
	} {
		r, err := tree.ByCodeInEra(c.code, c.era, c.on)
		if err != nil {
			t.Errorf("ByCodeInEra(%s, %d): %v", c.code, c.era, err)
			continue
		}
		if now, _ := tree.ByID(r.ID); now.Code != c.todays {
			t.Errorf("ByCodeInEra(%s, %d) is %+v, today %q, want %q", c.code, c.era, r, now.Code, c.todays)
		}
	}
	for code, want := range map[string]*fault.Fault{"91.01": region.ErrOld, "98": region.ErrUnknown, "x": region.ErrMalformed} {
		if r, err := tree.ByCodeInEra(code, 38, today); !errors.Is(err, want) {
			t.Errorf("ByCodeInEra(%s, 38) = %+v, %v, want %v", code, r, err, want)
		}
	}
	if _, err := tree.ByCodeInEra("12", 33, today); !errors.Is(err, region.ErrEraUnknown) {
		t.Errorf("era 33: %v, want %v", err, region.ErrEraUnknown)
	}
}

func TestTheTreeHasTheRightNumberOfBranchesOnAnyDay(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, c := range []struct {
		name            string
		who             access.Actor
		parent          string
		level           region.Level
		on              time.Time
		want            int
		first, lastCode string
	}{
		{"34 provinces", access.System, "", region.Province, before2022, 34, "11", "92"},
		{"37 provinces", access.System, "", region.Province, region.Date(2022, time.October, 1), 37, "11", "95"},
		{"38 provinces", access.System, "", region.Province, today, 38, "11", "96"},
		{"514 regencies then", access.System, "", region.Regency, before2022, 514, "11.01", "92.71"},
		{"514 regencies now", access.System, "", region.Regency, today, 514, "11.01", "96.71"},
		{"7,285 districts", access.System, "", region.District, today, 7285, "11.01.01", "96.71.10"},
		{"29 regencies of old Papua", access.System, "91", region.Regency, before2022, 29, "91.01", "91.71"},
		{"9 regencies of Papua", access.System, "91", region.Regency, today, 9, "91.03", "91.71"},
		{"13 regencies of old Papua Barat", access.System, "92", region.Regency, before2022, 13, "92.01", "92.71"},
		{"Sumatera Utara by its office", access.Actor{Reach: "12"}, "12", region.Regency, today, 33, "12.01", "12.78"},
		{"Medan by its officer", medan, "12.71", region.District, today, 21, "12.71.01", "12.71.21"},
		{"the nation by an officer", medan, "", region.Regency, today, 1, "12.71", "12.71"},
		{"Medan by another", merauke, "12.71", region.District, today, 0, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			read(t, db, c.who, func(ctx context.Context, tx *sqlx.Tx) {
				got, err := region.List(ctx, tx, region.Filter{Parent: c.parent, Level: &c.level}, c.on)
				if err != nil {
					t.Fatal(err)
				}
				if len(got) != c.want {
					t.Fatalf("%d, want %d", len(got), c.want)
				}
				if c.want > 0 && (got[0].Code != c.first || got[c.want-1].Code != c.lastCode) {
					t.Errorf("from %s to %s, want %s to %s", got[0].Code, got[c.want-1].Code, c.first, c.lastCode)
				}
			})
		})
	}
}

func TestListGoesOnWhereThePageBeforeEnded(t *testing.T) {
	t.Parallel()
	read(t, pgtest.New(t), access.System, func(ctx context.Context, tx *sqlx.Tx) {
		var codes []string
		for after := ""; ; {
			page, err := region.List(ctx, tx, region.Filter{Parent: "12.71", After: after, Limit: 8}, today)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, r := range page {
				codes = append(codes, r.Code)
			}
			after = page[len(page)-1].Code
		}
		if len(codes) != 21 || !slices.IsSorted(codes) || len(slices.Compact(codes)) != 21 {
			t.Errorf("pages hold %v, want the 21 districts of Medan once each, in order", codes)
		}
		children, err := region.List(ctx, tx, region.Filter{Parent: region.Root}, today)
		if err != nil || len(children) != 38 {
			t.Errorf("children of the nation: %d, %v, want 38", len(children), err)
		}
		if _, err := region.List(ctx, tx, region.Filter{Parent: "12.7"}, today); !errors.Is(err, region.ErrMalformed) {
			t.Errorf("List under 12.7: %v, want %v", err, region.ErrMalformed)
		}
	})
}

func TestByID(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var id int
	read(t, db, access.System, func(ctx context.Context, tx *sqlx.Tx) {
		r, err := region.ByCode(ctx, tx, "93.01", today)
		if err != nil {
			t.Fatal(err)
		}
		id = r.ID
		then, err := region.ByID(ctx, tx, id, before2022)
		if err != nil || then.Code != "91.01" || then.Parent != "91" {
			t.Errorf("Merauke in 2020 is %+v, %v, want 91.01 under 91", then, err)
		}
		if err := r.Expect(region.Province, region.Regency); err != nil {
			t.Errorf("Expect(regency): %v", err)
		}
		if err := r.Expect(region.District); !errors.Is(err, region.ErrWrongLevel) {
			t.Errorf("Expect(district) = %v, want %v", err, region.ErrWrongLevel)
		}
	})
	read(t, db, medan, func(ctx context.Context, tx *sqlx.Tx) {
		if r, err := region.ByID(ctx, tx, id, today); !errors.Is(err, region.ErrUnknown) {
			t.Errorf("ByID out of reach = %+v, %v, want %v", r, err, region.ErrUnknown)
		}
	})
}

func TestTheSeedIsTheFacts(t *testing.T) {
	t.Parallel()
	tree := tree(t, pgtest.New(t), access.System)
	for _, f := range region.All() {
		r, err := tree.ByCode(f.Code, today)
		if err != nil {
			t.Fatal(err)
		}
		if r.ID != f.ID || r.Name != f.Name || r.Level != f.Level || r.Kind != f.Kind || r.Zone != f.Zone ||
			r.Lon != f.Lon || r.Lat != f.Lat || r.Parent != f.Parent() || !r.From.Equal(f.Since) {
			t.Fatalf("%s in the database is %+v, in the facts %+v", f.Code, r, f)
		}
	}
}

func TestSeedLeavesAFullTableAlone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := context.Background()
	count := func() (n [2]int) {
		read(t, db, access.System, func(ctx context.Context, tx *sqlx.Tx) {
			err := tx.QueryRowxContext(ctx, `SELECT (SELECT count(*) FROM regions), (SELECT count(*) FROM region_versions)`).Scan(&n[0], &n[1])
			if err != nil {
				t.Fatal(err)
			}
		})
		return n
	}
	before := count()
	// 7,838 of today and two dissolved provinces; each of 44 earlier codes is one more row.
	if want := [2]int{7840, 7882}; before != want {
		t.Errorf("regions and versions = %v, want %v", before, want)
	}
	err := postgres.Write(ctx, db, access.System, func(tx *sqlx.Tx) error { return region.Seed(ctx, tx) })
	if err != nil {
		t.Fatal(err)
	}
	if after := count(); after != before {
		t.Errorf("a second seed left %v, want %v", after, before)
	}
}

// The parent of a code is the code without its last part; the rows must say the same on every day.
func TestParentsInTheDatabaseFollowTheCodes(t *testing.T) {
	t.Parallel()
	read(t, pgtest.New(t), access.System, func(ctx context.Context, tx *sqlx.Tx) {
		var wrong []string
		err := tx.SelectContext(ctx, &wrong, `
			SELECT v.code || ' under ' || p.code
			FROM region_versions v
			JOIN region_versions p ON p.region_id = v.parent_id
				AND daterange(p.valid_from, p.valid_to) && daterange(v.valid_from, v.valid_to)
			WHERE p.code <> CASE WHEN length(v.code) = 2 THEN '00' ELSE regexp_replace(v.code, '\.\d+$', '') END
			UNION ALL
			SELECT v.code || ' has no parent on some day'
			FROM region_versions v
			WHERE v.parent_id IS NOT NULL
			  AND NOT EXISTS (
				SELECT FROM region_versions p
				WHERE p.region_id = v.parent_id
				GROUP BY p.region_id
				HAVING range_agg(daterange(p.valid_from, p.valid_to)) @> daterange(v.valid_from, v.valid_to))`)
		if err != nil {
			t.Fatal(err)
		}
		if len(wrong) > 0 {
			t.Errorf("%d wrong parents: %v", len(wrong), wrong[:min(5, len(wrong))])
		}
	})
}

func TestTheDatabaseRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	const row = `INSERT INTO region_versions (region_id, code, name, parent_id, valid_from, valid_to) `
	for _, c := range []struct{ name, sql, constraint string }{
		{"a code borne by two regions", `UPDATE region_versions SET code = '12.72' WHERE code = '12.71'`,
			"region_versions_one_region_per_code"},
		{"an old code again, in its own time", row + `SELECT 7840, '91.01', 'x', parent_id, '2020-01-01', '2020-02-01' FROM region_versions WHERE code = '12.71'`,
			"region_versions_one_region_per_code"},
		{"a past that overlaps", `UPDATE region_versions SET valid_to = '2022-08-01' WHERE code = '91.02'`,
			"region_versions_one_version_per_region"},
		{"two versions of one region", row + `SELECT region_id, '12.99', name, parent_id, '2025-01-01', NULL FROM region_versions WHERE code = '12.71'`,
			"region_versions_one_version_per_region"},
		{"no parent", `UPDATE region_versions SET parent_id = NULL WHERE code = '12'`, "region_versions_parent_above"},
		{"its own parent", `UPDATE region_versions SET parent_id = region_id WHERE code = '12'`, "region_versions_parent_above"},
		{"a code of no form", `UPDATE region_versions SET code = '12.7' WHERE code = '12.71'`, "region_versions_code_form"},
		{"a level against its code", `UPDATE region_versions SET code = '12.71.99' WHERE code = '12.71'`, "region_versions_level_of_code"},
		{"an end before its start", `UPDATE region_versions SET valid_to = valid_from WHERE code = '12.71'`, "region_versions_lasts_a_day"},
		{"a kind against its level", `UPDATE regions SET kind = 'city' WHERE level = 1`, "regions_kind_fits_level"},
		{"lon and lat swapped", `UPDATE regions SET lon = lat, lat = lon WHERE id = 2`, "regions_point_in_indonesia"},
		{"a zone of another land", `UPDATE regions SET zone = 'CET' WHERE id = 2`, "regions_zone_known"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := postgres.Write(context.Background(), db, access.System, func(tx *sqlx.Tx) error {
				_, err := tx.Exec(c.sql)
				return err
			})
			if !postgres.Violates(err, c.constraint) {
				t.Errorf("error = %v, want a breach of %s", err, c.constraint)
			}
		})
	}
}

func TestOnlyTheNationChangesRegions(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, sql := range []string{
		`UPDATE region_versions SET name = 'x' WHERE code = '12.71'`,
		`UPDATE regions SET zone = 'WIT'`,
		`INSERT INTO regions (id, level, kind, zone, lon, lat) VALUES (9999, 1, 'province', 'WIB', 100, 0)`,
	} {
		err := postgres.Write(context.Background(), db, medan, func(tx *sqlx.Tx) error {
			_, err := tx.Exec(sql)
			return err
		})
		if err == nil {
			t.Errorf("an officer ran %s", sql)
		}
	}
}
