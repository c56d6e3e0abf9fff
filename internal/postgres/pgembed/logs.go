//go:build unix

package pgembed

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// startLog has the words of initdb and of postgres until it writes its own log.
	startLog = "log/start.log"
	// keepLogs files of 10 MB each are the most that the logs take.
	keepLogs = 10
)

// pruneLogs removes all but the newest logs. Their names sort by time. A log
// that cannot be removed is in nobody's way until the next time.
func pruneLogs(dir string, keep int) {
	names := logNames(dir)
	for len(names) > keep {
		os.Remove(names[0])
		names = names[1:]
	}
}

// logNames are the logs of PostgreSQL, oldest first.
func logNames(dir string) []string {
	names, _ := filepath.Glob(filepath.Join(escapeGlob(dir), "postgresql-*.log")) // errors only on a bad pattern
	slices.Sort(names)
	return names
}

func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// lastWords are the last lines that PostgreSQL left in the log of its start
// and in its newest log.
func (c *cluster) lastWords() string {
	words := tail(c.path(startLog))
	started, err := os.Stat(c.path(startLog))
	if names := logNames(c.path(logDir)); len(names) > 0 && err == nil {
		newest := names[len(names)-1]
		if info, err := os.Stat(newest); err == nil && !info.ModTime().Before(started.ModTime()) {
			words += tail(newest)
		}
	}
	return words
}

// tail is at most the last 2,000 bytes of a file, in whole lines.
func tail(path string) string {
	const most = 2000
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	if len(text) <= most {
		return string(text)
	}
	_, rest, _ := strings.Cut(string(text[len(text)-most:]), "\n")
	return rest
}

// gist is the lines of a log that say what went wrong; all of it when none does.
func gist(words string) string {
	var telling []string
	for line := range strings.Lines(words) {
		for _, sign := range []string{"FATAL", "PANIC", "error:", "could not", "cannot"} {
			if strings.Contains(line, sign) {
				telling = append(telling, strings.TrimSpace(line))
				break
			}
		}
	}
	if len(telling) == 0 {
		return strings.TrimSpace(words)
	}
	return strings.Join(telling, "; ")
}

// explain turns the last words of PostgreSQL into an error a person can act on.
func (c *cluster) explain(what, words string) error {
	detail := errors.New(gist(words))
	switch {
	case strings.Contains(words, "No space left on device"), strings.Contains(words, "quota exceeded"):
		return fmt.Errorf("%w: %s: free some space, or choose another directory with --data: %s: %w", ErrFull, c.dir, what, detail)
	case strings.Contains(words, "Read-only file system"), strings.Contains(words, "Permission denied"):
		return fmt.Errorf("%w: %s cannot be written: %s: %w", ErrDirectory, c.dir, what, detail)
	}
	return fmt.Errorf("%s in %s: %w", what, c.dir, detail)
}
