//go:build unix

package pgembed

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// places are where the systems that we know of put the programs.
var places = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/libexec/postgresql*",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
	"/usr/local/pgsql/bin",
}

const howToInstall = "install PostgreSQL (Debian and Ubuntu: apt-get install postgresql; macOS: brew install postgresql@17), " +
	"or set DATABASE_URL to a PostgreSQL that runs elsewhere"

// programs is a directory of PostgreSQL programs that the account can run.
type programs struct {
	dir     string
	version string // as PostgreSQL writes it, such as "15.18"
	major   int
}

// Version is the version of the programs that Join would use for a new
// directory, such as "15.18". It returns ErrNoPrograms or ErrVersion.
func Version(o Options) (string, error) {
	own, err := accountFor(o.Dir)
	if err != nil {
		return "", err
	}
	p, err := findPrograms(o.Bin, own, 0)
	return p.version, err
}

// findPrograms looks in bin alone when it is given, else in PATH and then in
// the known places, newest first. A major other than 0 must be met.
func findPrograms(bin string, own account, major int) (programs, error) {
	var found []programs
	var refused []string
	for _, dir := range candidates(bin) {
		p, err := inspect(dir, own)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			refused = append(refused, err.Error())
			continue
		}
		if p.major == major || major == 0 && p.major >= OldestMajor {
			return p, nil
		}
		found = append(found, p)
	}
	if len(found) == 0 {
		if bin != "" {
			refused = append(refused, "no postgres and initdb in "+bin)
		}
		return programs{}, fmt.Errorf("%w%s: %s", ErrNoPrograms, because(refused), howToInstall)
	}
	var have []string
	for _, p := range found {
		have = append(have, fmt.Sprintf("%s in %s", p.version, p.dir))
	}
	if major == 0 {
		return programs{}, fmt.Errorf("%w: PostgreSQL %d or newer is needed, this machine has %s: %s",
			ErrVersion, OldestMajor, strings.Join(have, ", "), howToInstall)
	}
	return programs{}, fmt.Errorf("%w: the data were made by PostgreSQL %d, and only its programs can open them; this machine has %s: "+
		"install PostgreSQL %d (Debian and Ubuntu: apt-get install postgresql-%d; macOS: brew install postgresql@%d), "+
		"or restore a backup into a new directory", ErrVersion, major, strings.Join(have, ", "), major, major, major)
}

func because(reasons []string) string {
	if len(reasons) == 0 {
		return ""
	}
	return " (" + strings.Join(reasons, "; ") + ")"
}

// candidates are the directories to look in, in order, each once.
func candidates(bin string) []string {
	if bin != "" {
		return []string{bin}
	}
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil && filepath.IsAbs(path) {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	for _, place := range places {
		matches, _ := filepath.Glob(place) // the only error is a bad pattern, and these are constants
		slices.SortFunc(matches, func(a, b string) int { return numberIn(b) - numberIn(a) })
		for _, dir := range matches {
			if !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}

// numberIn is the first number in a path, so that 9 comes before 17.
func numberIn(path string) int {
	digits := strings.FieldsFunc(path, func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(digits[0])
	return n
}

// inspect asks the programs in dir for their version, as the account that will
// run them: a program that only root can reach is of no use.
func inspect(dir string, own account) (programs, error) {
	for _, name := range []string{"postgres", "initdb"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return programs{}, err
		}
	}
	path := filepath.Join(dir, "postgres")
	out, err := own.command(path, "--version").Output()
	if err != nil {
		return programs{}, fmt.Errorf("%s does not run: %v", path, err)
	}
	version, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(string(out)), "postgres (PostgreSQL) "), " ")
	major := numberIn(version)
	if major == 0 {
		return programs{}, fmt.Errorf("%s --version says %q", path, strings.TrimSpace(string(out)))
	}
	return programs{dir: dir, version: version, major: major}, nil
}
