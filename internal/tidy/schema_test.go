package tidy_test

import (
	"database/sql"
	"testing"

	"blangko/internal/postgres"
	"blangko/internal/postgres/pgtest"
	_ "github.com/lib/pq" // the superuser looks behind the server's back
)

// unguarded are the tables that name a region and yet are open to all, with the reason.
var unguarded = map[string]string{
	"lots": "whose money bought the pieces: an earmark binds whoever moves them, wherever they lie",
}

// query returns the names that a query over the catalogue finds.
func query(t *testing.T, db *sql.DB, text string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

func TestTheSchemaKeepsTheRules(t *testing.T) {
	t.Parallel()
	_, admin := pgtest.NewWithOwner(t)
	db, err := sql.Open("postgres", admin)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()

	if n := len(query(t, db, withRegion)); n < 5 {
		t.Fatalf("only %d tables hold a region: the query no longer sees them", n)
	}
	for _, table := range query(t, db, withRegion+` AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`) {
		if unguarded[table] == "" {
			t.Errorf("%s holds a region and is not under forced row-level security: CALL protect", table)
		}
	}
	for _, table := range query(t, db, withRegion+` AND c.relrowsecurity AND EXISTS (
			SELECT
			FROM pg_policy p
			JOIN pg_roles r ON r.oid = ANY (p.polroles)
			WHERE p.polrelid = c.oid
			  AND r.rolname = $1
			  AND pg_get_expr(p.polqual, c.oid) NOT LIKE '%reached()%')`, postgres.Server) {
		t.Errorf("%s lets the server see rows by something else than the reach", table)
	}
	for _, view := range query(t, db, `
		SELECT c.relname
		FROM pg_class c
		WHERE c.relnamespace = 'public'::regnamespace
		  AND (c.relkind = 'm' OR c.relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false))`) {
		t.Errorf("%s is a view that sees past the reach: make it security_invoker, or a table", view)
	}
	for _, function := range query(t, db, `
		SELECT p.proname
		FROM pg_proc p
		WHERE p.pronamespace = 'public'::regnamespace
		  AND p.prosecdef
		  AND NOT EXISTS (SELECT FROM unnest(p.proconfig) setting WHERE setting LIKE 'search_path=%')`) {
		t.Errorf("%s runs as its owner with a search_path of the caller's choice", function)
	}
	for _, relation := range query(t, db, `
		SELECT c.relname
		FROM pg_class c
		JOIN pg_roles r ON r.oid = c.relowner
		WHERE c.relnamespace = 'public'::regnamespace
		  AND r.rolname IN ($1, 'blangko_nation')`, postgres.Server) {
		t.Errorf("%s is owned by a role of the server, which could drop its policies", relation)
	}
	for _, table := range query(t, db, `
		SELECT c.relname
		FROM pg_class c
		WHERE c.relnamespace = 'public'::regnamespace
		  AND c.relkind IN ('r', 'p')
		  AND NOT c.relispartition
		  AND c.relname <> 'goose_db_version'
		  AND obj_description(c.oid, 'pg_class') IS NULL`) {
		t.Errorf("%s has no COMMENT that says what it is", table)
	}
	for _, constraint := range query(t, db, `
		SELECT c.conrelid::regclass || ': ' || pg_get_constraintdef(c.oid)
		FROM pg_constraint c
		WHERE c.connamespace = 'public'::regnamespace
		  AND c.contype = 'c'
		  AND c.conname ~ '_check[0-9]*$'`) {
		t.Errorf("%s has no name of its own for a fault to go by", constraint)
	}
}

// withRegion finds the tables that hold a region.
const withRegion = `
	SELECT c.relname
	FROM pg_class c
	WHERE c.relnamespace = 'public'::regnamespace
	  AND c.relkind IN ('r', 'p')
	  AND EXISTS (
		SELECT
		FROM pg_attribute a
		WHERE a.attrelid = c.oid
		  AND a.attname ~ '(^|_)region_id$'
		  AND NOT a.attisdropped)`

func TestTheServersRolesArePlain(t *testing.T) {
	t.Parallel()
	_, admin := pgtest.NewWithOwner(t)
	db, err := sql.Open("postgres", admin)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, role := range query(t, db, `
		SELECT rolname
		FROM pg_roles
		WHERE rolname IN ($1, $2, 'blangko_nation')
		  AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolinherit)`, postgres.Server, postgres.Owner) {
		t.Errorf("%s has more rights than it needs: row-level security would not bind it", role)
	}
}
