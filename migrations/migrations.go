// Package migrations brings a database to the schema of this program, and refuses one that is ahead of it.
package migrations

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/pressly/goose/v3"

	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

//go:embed *.sql
var files embed.FS

// Migrations that are code, because the facts they fill in are a table of their own.
const (
	factsVersion       = 3  // regions
	populationsVersion = 21 // people of the regions
)

var (
	// ErrNewerSchema is the fault of a database that a later version of the program has migrated.
	ErrNewerSchema = fault.New(fault.Conflict, "newer-schema")
	// ErrNeedsOwner is the fault of a database account that can neither migrate nor use what is there.
	ErrNeedsOwner = fault.New(fault.Forbidden, "database-account-may-not-migrate")
)

// Up makes the roles, runs every migration that has not run yet and gives the server's role its password. The account
// of adminURL must be a superuser, or own the database and be allowed to make roles. Several servers may call it at
// once: one migrates, the others wait. A newer schema is ErrNewerSchema, and nothing is changed.
func Up(ctx context.Context, adminURL, serverPassword string) error {
	admin, err := sql.Open("postgres", adminURL)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer admin.Close()
	// One connection: the lock below belongs to it.
	admin.SetMaxOpenConns(1)
	const lock = 0x626c616e676b6f // "blangko"
	if _, err := admin.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, lock); err != nil {
		return fmt.Errorf("wait for another migration: %w", err)
	}
	if err := ahead(ctx, admin); err != nil {
		return err
	}
	if err := makeRoles(ctx, admin, serverPassword); err != nil {
		return err
	}
	return migrate(ctx, adminURL)
}

func migrate(ctx context.Context, adminURL string) error {
	u, err := url.Parse(adminURL)
	if err != nil {
		return fmt.Errorf("parse database address: %w", err)
	}
	q := u.Query()
	q.Set("options", "-c role="+postgres.Owner)
	u.RawQuery = q.Encode()
	owner, err := sql.Open("postgres", u.String())
	if err != nil {
		return fmt.Errorf("open database as owner: %w", err)
	}
	defer owner.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, owner, files,
		goose.WithGoMigrations(
			goose.NewGoMigration(factsVersion, &goose.GoFunc{RunTx: facts}, nil),
			goose.NewGoMigration(populationsVersion, &goose.GoFunc{RunTx: populations}, nil)),
		goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := owner.ExecContext(ctx, `GRANT SELECT ON goose_db_version TO blangko_server`); err != nil {
		return fmt.Errorf("let the server read its version: %w", err)
	}
	return nil
}

// facts fills the regions from the table that the program carries.
func facts(ctx context.Context, tx *sql.Tx) error {
	return region.Seed(ctx, &sqlx.Tx{Tx: tx, Mapper: sqlx.NewDb(nil, "postgres").Mapper})
}

// populations fills in the people of the nation, provinces and regencies at the end of 2024, which are published facts.
func populations(ctx context.Context, tx *sql.Tx) error {
	var ids, male, female []int64
	for _, f := range region.All() {
		if f.People() > 0 {
			ids, male, female = append(ids, int64(f.ID)), append(male, int64(f.Male)), append(female, int64(f.Female))
		}
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO populations (region_id, period, as_of, people, male, female, source, recorded_by)
		SELECT id, '2024-S2', '2024-12-31', male + female, male, female, 'Ditjen Dukcapil, DKB semester II 2024', 'blangko'
		FROM unnest($1::int[], $2::bigint[], $3::bigint[]) f (id, male, female)
		JOIN regions USING (id)`, pq.Array(ids), pq.Array(male), pq.Array(female))
	if err != nil {
		return fmt.Errorf("fill in populations: %w", err)
	}
	return nil
}

// Latest is the version of the schema that this program knows.
func Latest() int64 {
	latest := int64(max(factsVersion, populationsVersion))
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, name := range names {
		if v, err := goose.NumericComponent(name); err == nil {
			latest = max(latest, v)
		}
	}
	return latest
}

// Hash names the content of all migrations; test templates are kept under it.
func Hash() string {
	h := sha256.New()
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // the file is embedded
		}
		fmt.Fprintf(h, "%s %d\n", name, len(text))
		h.Write(text)
	}
	h.Write([]byte(region.FactsHash()))
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// Current is the version of the schema in the database, 0 when it is empty.
func Current(ctx context.Context, db *sql.DB) (int64, error) {
	var version int64
	err := db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version)
	var e *pq.Error
	if errors.As(err, &e) && e.Code == "42P01" { // undefined_table: never migrated
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	return version, nil
}

func ahead(ctx context.Context, db *sql.DB) error {
	current, err := Current(ctx, db)
	if err != nil {
		return err
	}
	if latest := Latest(); current > latest {
		return ErrNewerSchema.With("database", current, "program", latest,
			"advice", "start the version of blangko that made this database, or a later one")
	}
	return nil
}

// Usable is nil when the account of that address can serve as it is: the schema is this program's, and the account owns
// nothing in it and so is bound by row-level security.
func Usable(ctx context.Context, address string) error {
	db, err := sql.Open("postgres", address)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer db.Close()
	current, err := Current(ctx, db)
	if err != nil {
		return err
	}
	if current != Latest() {
		return fmt.Errorf("the schema is at %d, this program at %d", current, Latest())
	}
	var owner bool
	err = db.QueryRowContext(ctx, `
		SELECT pg_has_role(current_user, c.relowner, 'USAGE') OR r.rolsuper OR r.rolbypassrls
		FROM pg_class c, pg_roles r
		WHERE c.oid = 'moves'::regclass AND r.rolname = current_user`).Scan(&owner)
	if err != nil {
		return fmt.Errorf("look at the account: %w", err)
	}
	if owner {
		return errors.New("the account owns the tables")
	}
	return nil
}

// ErrNotEmpty is the fault of restoring over what is there.
var ErrNotEmpty = fault.New(fault.Conflict, "database-not-empty")

// Empty is nil when the database holds nothing of ours yet.
func Empty(ctx context.Context, address string) error {
	db, err := sql.Open("postgres", address)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer db.Close()
	current, err := Current(ctx, db)
	if err == nil && current > 0 {
		return ErrNotEmpty.With("schema", current, "advice", "restore into a new --data directory or an empty database")
	}
	return err
}

// Roles makes the roles alone, for a restore that brings the tables itself. No one can log in as the server until Up.
func Roles(ctx context.Context, adminURL string) error {
	db, err := sql.Open("postgres", adminURL)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer db.Close()
	return makeRoles(ctx, db, "")
}

// makeRoles is safe to run at once in many databases of one cluster: roles belong to the cluster.
func makeRoles(ctx context.Context, admin *sql.DB, serverPassword string) error {
	script := `
		DO $$
		DECLARE name text;
		BEGIN
			FOREACH name IN ARRAY ARRAY['blangko_owner', 'blangko_server', 'blangko_nation'] LOOP
				IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
					BEGIN
						EXECUTE format('CREATE ROLE %I NOINHERIT', name);
					EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
					END;
				END IF;
			END LOOP;
			IF NOT pg_has_role('blangko_server', 'blangko_nation', 'MEMBER') THEN
				GRANT blangko_nation TO blangko_server;
			END IF;
			IF NOT pg_has_role(current_user, 'blangko_owner', 'MEMBER') THEN
				EXECUTE format('GRANT blangko_owner TO %I', current_user);
			END IF;
			EXECUTE format('GRANT CREATE, CONNECT ON DATABASE %I TO blangko_owner', current_database());
			EXECUTE format('GRANT CONNECT ON DATABASE %I TO blangko_server', current_database());
		END $$;
		GRANT USAGE, CREATE ON SCHEMA public TO blangko_owner;
		GRANT USAGE ON SCHEMA public TO blangko_server, blangko_nation;
		CREATE EXTENSION IF NOT EXISTS btree_gist;`
	if serverPassword != "" {
		script += `ALTER ROLE blangko_server LOGIN PASSWORD ` + pq.QuoteLiteral(serverPassword)
	}
	for try := 1; ; try++ {
		_, err := admin.ExecContext(ctx, script)
		var e *pq.Error
		// Two databases of one cluster may alter the same role at once; the later one tries again.
		if errors.As(err, &e) && e.Code == "XX000" && try < 10 {
			continue
		}
		if errors.As(err, &e) && e.Code == "42501" {
			return ErrNeedsOwner.With("advice", "give the account of DATABASE_URL the right to make roles (ALTER ROLE … CREATEROLE) and let it own the database").Because(err)
		}
		if err != nil {
			return fmt.Errorf("make database roles: %w", err)
		}
		return nil
	}
}
