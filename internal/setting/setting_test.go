package setting_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
	"blangko/internal/setting"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var (
	on        = setting.NewSwitch("test.on", true, "")
	days      = setting.NewWhole("test.days", 7, 1, 30, "days", "")
	part      = setting.NewNumber("test.part", 0.1, 0, 1, "part", "")
	quantile  = setting.NewChoice("test.quantile", 0.9, []float64{0.5, 0.9}, "")
	admin     = access.Actor{ID: 1, Name: "admin", Role: access.Admin, Reach: "00"}
	planner   = access.Actor{ID: 2, Name: "planner", Role: access.Planner, Reach: "00"}
	officer   = access.Actor{ID: 3, Name: "officer", Role: access.Officer, Reach: "12.71"}
	november  = func() time.Time { return time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC) }
	firstPage = postgres.Paging{}
)

func open(t *testing.T) (*postgres.DB, *setting.Settings) {
	t.Helper()
	db := pgtest.New(t)
	return db, setting.New(db, november, on, days, part, quantile)
}

func read[T bool | int64 | float64](t *testing.T, db *postgres.DB, s setting.Of[T]) (value T) {
	t.Helper()
	err := postgres.Read(t.Context(), db, access.System, func(tx *sqlx.Tx) (err error) {
		value, err = s.Read(t.Context(), tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestASettingHasItsDefaultUntilItIsSet(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	if got := read(t, db, days); got != 7 {
		t.Errorf("days = %d before it is set, want 7", got)
	}
	set, err := s.Set(t.Context(), admin, "test.days", 0, 14.0)
	if err != nil || set.Version != 1 {
		t.Fatalf("set: version %d, %v", set.Version, err)
	}
	if got := read(t, db, days); got != 14 {
		t.Errorf("days = %d, want 14", got)
	}
	if _, err := s.Set(t.Context(), admin, "test.days", 0, 21.0); !errors.Is(err, postgres.ErrStale) {
		t.Errorf("set with the version of before = %v, want ErrStale", err)
	}
	if _, err := s.Set(t.Context(), admin, "test.on", 0, false); err != nil {
		t.Fatal(err)
	}
	if read(t, db, on) {
		t.Error("the switch is still on")
	}
	all, err := s.List(t.Context(), planner)
	if err != nil || len(all) != 4 || all[0].Name != "test.days" || all[0].Value != 14.0 || all[0].ChangedAt == nil || all[3].Value != 0.9 {
		t.Errorf("list = %+v, %v", all, err)
	}
}

func TestAValueThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	for name, values := range map[string][]any{
		"test.on":       {1.0, "true", nil, []any{true}},
		"test.days":     {0.0, 31.0, 1.5, "7", nil, true, 1e300},
		"test.part":     {-0.01, 1.01, "0.1", nil, map[string]any{}},
		"test.quantile": {0.8, 1.0, nil},
	} {
		for _, value := range values {
			if _, err := s.Set(t.Context(), admin, name, 0, value); !errors.Is(err, setting.ErrValue) {
				t.Errorf("set %s to %v = %v, want ErrValue", name, value, err)
			}
		}
	}
	if _, err := s.Set(t.Context(), admin, "test.other", 0, 1.0); !errors.Is(err, setting.ErrUnknown) {
		t.Errorf("set what is not declared = %v", err)
	}
	if _, err := s.Set(t.Context(), planner, "test.days", 0, 8.0); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("a planner sets = %v", err)
	}
	if got := read(t, db, days); got != 7 {
		t.Errorf("days = %d after refusals, want 7", got)
	}
}

func TestHolidaysAreAddedChangedAndTakenAway(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	const day = "2041-05-02"
	added, err := s.AddHoliday(t.Context(), planner, day, setting.NewHoliday{Name: "Libur daerah", Kind: "national"})
	if err != nil || added.Version != 1 {
		t.Fatalf("add: %+v, %v", added, err)
	}
	if _, err := s.AddHoliday(t.Context(), planner, day, setting.NewHoliday{Name: "Lagi", Kind: "national"}); !errors.Is(err, setting.ErrHolidayTaken) {
		t.Errorf("add twice = %v", err)
	}
	changed, err := s.ChangeHoliday(t.Context(), planner, day, 1, setting.NewHoliday{Name: "Cuti", Kind: "collective-leave"})
	if err != nil || changed.Version != 2 || changed.Kind != "collective-leave" {
		t.Errorf("change: %+v, %v", changed, err)
	}
	if _, err := s.ChangeHoliday(t.Context(), planner, day, 1, setting.NewHoliday{Name: "Cuti", Kind: "national"}); !errors.Is(err, postgres.ErrStale) {
		t.Errorf("change with an old version = %v", err)
	}
	listed, err := s.Holidays(t.Context(), officer, "2041-01-01", firstPage)
	if err != nil || len(listed.Items) != 1 || listed.Items[0].Name != "Cuti" {
		t.Errorf("listed %+v, %v", listed, err)
	}
	if _, err := s.RemoveHoliday(t.Context(), officer, day); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an officer removes = %v", err)
	}
	if _, err := s.RemoveHoliday(t.Context(), planner, day); err != nil {
		t.Error(err)
	}
	if _, err := s.RemoveHoliday(t.Context(), planner, day); !errors.Is(err, setting.ErrHolidayUnknown) {
		t.Errorf("remove twice = %v", err)
	}
	for _, bad := range []string{"", "2041-02-30", "kemarin"} {
		if _, err := s.AddHoliday(t.Context(), planner, bad, setting.NewHoliday{Name: "Libur", Kind: "national"}); err == nil {
			t.Errorf("a holiday on %q is taken", bad)
		}
	}
	if _, err := s.AddHoliday(t.Context(), planner, day, setting.NewHoliday{Name: "  ", Kind: "national"}); err == nil {
		t.Error("a holiday without a name is taken")
	}
}
