package migrations_test

import (
	"context"
	"flag"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"blangko/internal/postgres/pgtest"
)

var update = flag.Bool("update", false, "write docs/schema.sql")

func TestMain(m *testing.M) { pgtest.Main(m) }

// TestSchemaIsWrittenDown holds docs/schema.sql against the schema that the migrations make, so that a reader sees it
// whole and a review sees what a migration changes. `make schema` writes it.
func TestSchemaIsWrittenDown(t *testing.T) {
	t.Parallel()
	_, admin := pgtest.NewWithOwner(t)
	programs, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump")
	if err != nil || len(programs) == 0 {
		t.Skip("pg_dump is not in Debian's place")
	}
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name := range q {
		if name != "host" && name != "port" && name != "sslmode" {
			q.Del(name) // libpq does not know lib/pq's own parameters
		}
	}
	u.RawQuery = q.Encode()
	text, err := exec.CommandContext(context.Background(), programs[len(programs)-1], "--schema-only", "--no-owner", "--no-privileges", "--dbname="+u.String()).Output()
	if err != nil {
		t.Fatalf("pg_dump: %v", err)
	}
	got := tidied(string(text))
	const file = "../docs/schema.sql"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("docs/schema.sql is not what the migrations make; run make schema and read the difference")
	}
}

// Lines that differ from machine to machine or from minor version to minor version.
var passing = regexp.MustCompile(`(?m)^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)\n`)

func tidied(text string) string {
	text = passing.ReplaceAllString(text, "")
	text = regexp.MustCompile(`\n{3,}`).ReplaceAllString(text, "\n\n")
	return "-- The whole schema as the migrations make it; written by make schema.\n\n" + strings.TrimLeft(text, "\n")
}
