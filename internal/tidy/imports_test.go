package tidy_test

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// may says which packages of this module a package may import. It never goes back: inventory and coverage know no
// other domain, forecasting and outreach do not know each other.
var may = map[string][]string{
	"cmd/blangko": {everything},
	"cmd/blangko/demo": over(foundation, "feedback", "outreach", "forecasting", "inventory", "coverage", "notice", "internal/account",
		"internal/postgres/pgembed"), // only cmd/blangko and its replay may import it: its parameters are the truth that forecasts are measured against

	"cmd/blangko/replay": {"cmd/blangko/demo", "forecasting", "forecasting/demand", "coverage", "inventory", "inventory/fairshare", "internal/region"},

	"api": {"feedback", "outreach", "forecasting", "inventory", "coverage", "notice", "web", "internal/access", "internal/account",
		"internal/boundary", "internal/fault", "internal/photo", "internal/postgres", "internal/privacy", "internal/region", "internal/schedule", "internal/setting", "internal/sheet"},
	"web": nil,

	"feedback":    over(foundation, "outreach", "forecasting", "coverage", "inventory", "notice"),
	"outreach":    over(foundation, "outreach/route", "outreach/route/vroom", "outreach/road", "inventory", "coverage", "notice"),
	"forecasting": over(foundation, "forecasting/demand", "inventory", "coverage", "notice"),
	"inventory":   over(foundation, "inventory/fairshare", "inventory/chip", "notice"),
	"coverage":    over(foundation, "notice"),
	"notice":      foundation,

	"inventory/fairshare":  nil,
	"inventory/chip":       nil,
	"forecasting/demand":   nil,
	"outreach/route":       nil,
	"outreach/route/vroom": {"outreach/route"},
	"outreach/road":        nil,

	"migrations":                {"internal/fault", "internal/postgres", "internal/region"},
	"internal/access":           {"internal/fault"},
	"internal/account":          {"internal/access", "internal/fault", "internal/postgres", "internal/privacy", "internal/region", "internal/sheet"},
	"internal/boundary":         {"internal/access", "internal/fault", "internal/postgres", "internal/region", "internal/sheet"},
	"internal/fault":            nil,
	"internal/paper":            nil,
	"internal/photo":            {"internal/fault"},
	"internal/postgres":         {"internal/access", "internal/fault"},
	"internal/postgres/pgembed": {"internal/fault"},
	"internal/postgres/pgtest":  {"internal/postgres", "internal/postgres/pgembed", "migrations"},
	"internal/privacy":          {"internal/fault"},
	"internal/region":           {"internal/access", "internal/fault", "internal/postgres"},
	"internal/schedule":         {"internal/access", "internal/fault", "internal/postgres"},
	"internal/setting":          {"internal/access", "internal/fault", "internal/postgres", "internal/region"},
	"internal/sheet":            {"internal/access", "internal/fault", "internal/postgres", "internal/privacy", "internal/region"},
	"internal/tidy":             nil,
}

const everything = "*"

// foundation is what every domain may stand on.
var foundation = []string{"internal/access", "internal/boundary", "internal/fault", "internal/paper", "internal/photo", "internal/postgres", "internal/privacy", "internal/region", "internal/setting", "internal/sheet"}

// forTests is what the test files of any package may import besides: a database, and who asks it.
var forTests = []string{"internal/postgres/pgtest", "internal/postgres", "internal/access", "internal/fault", "internal/region", "migrations"}

func over(ground []string, more ...string) []string { return slices.Concat(ground, more) }

// pure are the thinking parts: values in, values out.
var pure = []string{"inventory/fairshare", "inventory/chip", "forecasting/demand", "outreach/route", "outreach/route/vroom"}

func TestPackagesImportOnlyWhatTheTableAllows(t *testing.T) {
	t.Parallel()
	missing := map[string]bool{}
	for _, s := range all(t).sources {
		allowed, ok := may[s.pkg]
		if !ok {
			missing[s.pkg] = true
			continue
		}
		for target := range s.imports() {
			name, ours := strings.CutPrefix(target, module+"/")
			switch {
			case !ours, slices.Contains(allowed, everything), slices.Contains(allowed, name):
			case s.test && (name == s.pkg || slices.Contains(forTests, name)):
			default:
				t.Errorf("%s imports %s, which the table does not allow to %s", s.path, name, s.pkg)
			}
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(missing)) {
		t.Errorf("%s has no row in the table of imports: say what it may know", pkg)
	}
}

func TestTheTableHasNoCircle(t *testing.T) {
	t.Parallel()
	for start := range may {
		seen, next := map[string]bool{}, []string{start}
		for len(next) > 0 {
			pkg := next[0]
			next = next[1:]
			for _, below := range may[pkg] {
				if below == start {
					t.Errorf("%s may import itself by way of %s", start, pkg)
				}
				if !seen[below] {
					seen[below] = true
					next = append(next, below)
				}
			}
		}
	}
}

func TestPurePackagesTouchNothing(t *testing.T) {
	t.Parallel()
	world := []string{"os", "io/fs", "io/ioutil", "path/filepath", "net", "database/sql", "log", "syscall", "crypto/rand", "hash/maphash", "plugin", "unsafe",
		"github.com/gin-gonic/gin", "github.com/danielgtaylor/huma", "github.com/jmoiron/sqlx", "github.com/lib/pq"}
	for _, s := range all(t).sources {
		if s.test || !slices.Contains(pure, s.pkg) {
			continue
		}
		for target := range s.imports() {
			for _, w := range world {
				if target == w || strings.HasPrefix(target, w+"/") {
					t.Errorf("%s imports %s: a pure package touches nothing outside", s.path, target)
				}
			}
		}
		for _, use := range s.uses("time") {
			if slices.Contains([]string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "Tick", "NewTicker", "NewTimer"}, use.Sel.Name) {
				t.Errorf("%s uses time.%s: a pure package is told the time", s.path, use.Sel.Name)
			}
		}
		seeded := []string{"New", "NewSource", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "Source64", "PCG", "ChaCha8", "Zipf"}
		for _, use := range slices.Concat(s.uses("math/rand"), s.uses("math/rand/v2")) {
			if !slices.Contains(seeded, use.Sel.Name) {
				t.Errorf("%s uses rand.%s: chance is seeded, so that the same answer comes again", s.path, use.Sel.Name)
			}
		}
	}
}

func TestOnlyTheAPIAndCommandsKnowHTTPFrameworks(t *testing.T) {
	t.Parallel()
	for _, s := range all(t).sources {
		if top, _, _ := strings.Cut(s.pkg, "/"); top == "api" || top == "cmd" {
			continue
		}
		for target := range s.imports() {
			for _, framework := range []string{"github.com/gin-gonic/", "github.com/gin-contrib/", "github.com/danielgtaylor/huma/"} {
				if strings.HasPrefix(target, framework) {
					t.Errorf("%s imports %s: nothing below api knows how it is asked", s.path, target)
				}
			}
		}
	}
}

func TestOnlyCommandsReadTheEnvironment(t *testing.T) {
	t.Parallel()
	for _, s := range all(t).sources {
		if s.test || strings.HasPrefix(s.pkg, "cmd/") {
			continue
		}
		for _, use := range slices.Concat(s.uses("os"), s.uses("syscall"), s.uses("golang.org/x/sys/unix")) {
			if slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, use.Sel.Name) {
				t.Errorf("%s uses %s: only commands read the environment", s.path, use.Sel.Name)
			}
		}
		for target := range s.imports() {
			if path.Base(path.Dir(target)) == "env" || target == "github.com/caarlos0/env" {
				t.Errorf("%s imports %s: only commands read the environment", s.path, target)
			}
		}
	}
}
