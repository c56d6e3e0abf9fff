// Package pgembed runs a private, real PostgreSQL on the programs that the
// machine already has, so that one command is a whole system.
//
// A directory holds one PostgreSQL, and several processes may use it at once:
// the first starts it, the others join, the last one stops it. A process that
// is killed leaves nothing half-made; the next one adopts the PostgreSQL left
// behind, or brings it back. Who holds what is told by kernel locks alone,
// which no death outlives; a process number is never taken for an answer.
package pgembed

import (
	"errors"
	"log/slog"
	"os/user"
	"path/filepath"
)

// What a person can act on. The errors of this package wrap one of these and
// say in words which directory or program is meant and what to do.
var (
	ErrServing    = errors.New("another blangko serve runs on this directory")
	ErrHeld       = errors.New("the directory is in use by a running process")
	ErrNoPrograms = errors.New("no usable PostgreSQL programs on this machine")
	ErrVersion    = errors.New("the PostgreSQL programs and the data directory do not fit")
	ErrDirectory  = errors.New("the data directory cannot be used")
	ErrFull       = errors.New("no space left for the data directory")
	ErrForeign    = errors.New("a PostgreSQL that blangko did not start runs on this directory")
)

// OldestMajor is the oldest PostgreSQL that the statements of blangko need.
const OldestMajor = 15

// Options say where PostgreSQL lives and how it runs.
type Options struct {
	// Dir holds everything: the data, the password, the logs, the locks. It
	// is made when missing; an existing one must be empty or of this package.
	Dir string
	// Bin is the directory of the programs; empty means to look for them.
	Bin string
	// Fast gives up every promise about a crash of the machine: fsync,
	// synchronous_commit and full_page_writes are off. For tests only.
	Fast bool
	// Log receives one line for each start, adoption and stop; nil is silence.
	Log *slog.Logger
	// Settings are added to the settings of the server, and win over the
	// defaults. They take effect when this call is the one that starts it.
	Settings map[string]string
}

// DefaultDir is where the data live when nobody says otherwise: as root
// /var/lib/blangko, because the account that PostgreSQL runs as cannot enter
// /root; else below the user's own data directory. getenv is os.Getenv, handed
// in because only commands read the environment.
func DefaultDir(uid int, getenv func(string) string) string {
	if uid == 0 {
		return "/var/lib/blangko"
	}
	if data := getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return filepath.Join(data, "blangko")
	}
	home := getenv("HOME")
	if !filepath.IsAbs(home) {
		if u, err := user.Current(); err == nil {
			home = u.HomeDir
		}
	}
	return filepath.Join("/", home, ".local", "share", "blangko")
}
