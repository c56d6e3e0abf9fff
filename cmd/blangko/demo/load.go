// Package demo fills an empty database with a synthetic nation: 36 months of blanks bought, asked for, sent, received
// and printed in 514 kabupaten/kota, with the shortages that hide demand. Regions, population, calendar and national
// totals are real; everything else is made up, and every row says so. docs/demo.md tells what it is calibrated to.
//
// The simulator is a pure function of its seed, so that anybody can make the same nation again. Its parameters are the
// truth that forecasts are measured against: only the command itself may import this package.
package demo

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/lib/pq"

	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// ErrNotEmpty is the fault of a database that holds records which are not the demo's.
var ErrNotEmpty = fault.New(fault.Conflict, "database-not-empty")

// Options are what a demo is made of.
type Options struct {
	End  time.Time // last business date: yesterday
	Only []string  // codes of the regions to simulate with everything below them; empty for the nation
}

// actor stands in the ledger for everybody of the synthetic nation, whose rows are marked as such.
const actor = "demo"

// tables are those that the demo fills from empty, in the order of loading.
var tables = []string{"moves", "move_lines", "entries", "balances", "flows", "procurements", "deliveries", "requests", "shipments",
	"shipment_lines", "receipts", "receipt_lines", "discrepancies", "uses", "figures"}

// Load fills the database with the demo. adminURL is the address for the account that migrated it. All is one
// transaction: a load cut short leaves the database as it was, and one that is already filled is left alone. A
// database with records of its own is ErrNotEmpty. progress may be nil.
func Load(ctx context.Context, adminURL string, o Options, progress func(done, total int)) (err error) {
	if progress == nil {
		progress = func(int, int) {}
	}
	owner, err := asOwner(adminURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, owner.Close()) }()
	conn, err := owner.Conn(ctx)
	if err != nil {
		return fmt.Errorf("reach the database as its owner: %w", err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `BEGIN`); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil {
			// The context may be what ended the load.
			_, back := conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
			if ctx.Err() != nil {
				// The driver has closed the connection, and PostgreSQL rolls back.
				err, back = context.Cause(ctx), nil
			}
			err = errors.Join(fmt.Errorf("load the demo: %w", err), back)
		}
	}()
	loaded, err := look(ctx, conn)
	if err != nil {
		return err
	}
	if !loaded {
		l := loader{ctx: ctx, conn: conn, progress: progress}
		if err := l.all(Simulate(Calibration, region.All(), o.End, o.Only...)); err != nil {
			return err
		}
	}
	if _, err := conn.ExecContext(ctx, `COMMIT`); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// asOwner opens the database as the role that owns its tables.
func asOwner(adminURL string) (*sql.DB, error) {
	u, err := url.Parse(adminURL)
	if err != nil {
		return nil, fmt.Errorf("parse database address: %w", err)
	}
	q := u.Query()
	q.Set("options", "-c role="+postgres.Owner)
	u.RawQuery = q.Encode()
	db, err := sql.Open("postgres", u.String())
	if err != nil {
		return nil, fmt.Errorf("open database as owner: %w", err)
	}
	return db, nil
}

// look says whether the demo is there already; of several servers that start at once, one loads and the others wait.
func look(ctx context.Context, conn *sql.Conn) (loaded bool, err error) {
	const lock = 0x64656d6f // "demo"
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, lock); err != nil {
		return false, fmt.Errorf("wait for another load: %w", err)
	}
	if err := conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM settings WHERE name = 'demo')`).Scan(&loaded); err != nil || loaded {
		return loaded, err
	}
	for _, table := range tables {
		var used bool
		if err := conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM `+pq.QuoteIdentifier(table)+`)`).Scan(&used); err != nil {
			return false, fmt.Errorf("look into %s: %w", table, err)
		}
		if used {
			return false, ErrNotEmpty.With("table", table, "advice", "the demo is only loaded into an empty database: name another one, or start without --demo")
		}
	}
	return false, nil
}

// loader writes a world into the database.
type loader struct {
	ctx      context.Context
	conn     *sql.Conn
	progress func(done, total int)
	done     int
	total    int
	world    *World
	homes    []home
	book     *book
}

func (l *loader) all(w *World) error {
	l.world = w
	l.total = len(w.Moves)*5 + len(w.Lines)*2
	l.step(len(w.Moves))
	// Memory for the indexes; and small tables too are flushed at the end instead of being written to the log.
	if _, err := l.conn.ExecContext(l.ctx, `SET LOCAL maintenance_work_mem = '128MB'; SET LOCAL wal_skip_threshold = '64kB'`); err != nil {
		return fmt.Errorf("prepare the transaction: %w", err)
	}
	if err := l.openPlaces(); err != nil {
		return err
	}
	restore, err := bare(l.ctx, l.conn, tables)
	if err != nil {
		return err
	}
	// The chain is computed while the moves, which do not need it, are loading.
	kept := make(chan *book, 1)
	go func() { kept <- keep(w, l.homes, actor) }()
	l.book = &book{world: w, homes: l.homes}
	for _, table := range []func() error{l.moves, l.moveLines} {
		if err := table(); err != nil {
			return err
		}
	}
	l.book = <-kept
	for _, table := range []func() error{l.entries, l.balances, l.flows, l.chains, l.procurements, l.deliveries, l.requests, l.shipments,
		l.shipmentLines, l.receipts, l.receiptLines, l.discrepancies, l.uses, l.figures} {
		if err := table(); err != nil {
			return err
		}
	}
	for _, statement := range restore {
		if _, err := l.conn.ExecContext(l.ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
		l.step((l.total - l.done) / 4)
	}
	if err := l.finish(); err != nil {
		return err
	}
	l.step(l.total - l.done)
	return nil
}

func (l *loader) step(n int) {
	l.done += n
	l.progress(l.done, l.total)
}

// openPlaces makes the service points and learns the numbers of all places.
func (l *loader) openPlaces() error {
	var regions []int64
	var kinds, names []string
	for _, p := range l.world.Places {
		if p.New {
			regions, kinds, names = append(regions, int64(p.RegionID)), append(kinds, p.Kind), append(names, p.Name)
		}
	}
	_, err := l.conn.ExecContext(l.ctx, `
		INSERT INTO places (region_id, kind, name)
		SELECT p.region_id, p.kind::place_kind, p.name
		FROM unnest($1::int[], $2::text[], $3::text[]) AS p (region_id, kind, name)
		WHERE NOT EXISTS (SELECT FROM places o WHERE o.region_id = p.region_id AND o.kind = p.kind::place_kind)`,
		pq.Array(regions), pq.Array(kinds), pq.Array(names))
	if err != nil {
		return fmt.Errorf("open service points: %w", err)
	}
	rows, err := l.conn.QueryContext(l.ctx, `SELECT id, region_id, kind FROM places`)
	if err != nil {
		return fmt.Errorf("read places: %w", err)
	}
	defer rows.Close()
	known := map[placeKey]home{}
	for rows.Next() {
		var h home
		if err := rows.Scan(&h.id, &h.region, &h.kind); err != nil {
			return fmt.Errorf("read places: %w", err)
		}
		known[placeKey{h.region, h.kind}] = h
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read places: %w", err)
	}
	for _, p := range l.world.Places {
		h, ok := known[placeKey{p.RegionID, p.Kind}]
		if !ok {
			return fmt.Errorf("region %d has no place of kind %s", p.RegionID, p.Kind)
		}
		l.homes = append(l.homes, h)
	}
	return nil
}

// finish sets what stands beside the tables: numbers to go on from, statistics, holidays, and that all is synthetic.
func (l *loader) finish() error {
	facts, err := json.Marshal(map[string]any{"seed": Calibration.Seed, "from": l.world.Start.Format(time.DateOnly), "until": l.world.End.Format(time.DateOnly)})
	if err != nil {
		return fmt.Errorf("describe the demo: %w", err)
	}
	var days, kinds, names []string
	for _, h := range Holidays() {
		days, kinds, names = append(days, h.Day.Format(time.DateOnly)), append(kinds, h.Kind), append(names, h.Name)
	}
	for _, table := range tables {
		// COPY leaves the sequence of an identity behind.
		_, err := l.conn.ExecContext(l.ctx, `
			DO $$ DECLARE sequence text := (SELECT pg_get_serial_sequence(a.attrelid::regclass::text, a.attname)
			                                FROM pg_attribute a WHERE a.attrelid = '`+table+`'::regclass AND a.attname = 'id' AND a.attidentity <> '');
			BEGIN
				IF sequence IS NOT NULL THEN
					PERFORM setval(sequence, (SELECT coalesce(max(id), 0) + 1 FROM `+table+`), false);
				END IF;
			END $$`)
		if err != nil {
			return fmt.Errorf("go on numbering %s: %w", table, err)
		}
	}
	_, err = l.conn.ExecContext(l.ctx, `
		INSERT INTO holidays (day, kind, name)
		SELECT * FROM unnest($1::date[], $2::text[], $3::text[])
		ON CONFLICT (day) DO NOTHING`, pq.Array(days), pq.Array(kinds), pq.Array(names))
	if err != nil {
		return fmt.Errorf("enter holidays: %w", err)
	}
	_, err = l.conn.ExecContext(l.ctx, `
		INSERT INTO settings (name, value) VALUES ('synthetic', 'true'), ('demo', $1::jsonb)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, version = settings.version + 1, changed_at = now()`, string(facts))
	if err != nil {
		return fmt.Errorf("mark the database as synthetic: %w", err)
	}
	// Every table, also those that migrations filled: the first night would plan with guesses otherwise.
	if _, err := l.conn.ExecContext(l.ctx, `ANALYZE`); err != nil {
		return fmt.Errorf("analyze: %w", err)
	}
	return nil
}
