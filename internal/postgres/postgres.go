// Package postgres is the one door to the database. Everything that runs SQL does so inside Read, Write or Once,
// which set the reach of the actor for one transaction; row-level security does the rest. A query outside them, or
// for an actor who reaches nothing, sees nothing.
package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
)

// Roles of the database. The server logs in as Server, which owns nothing; for an actor who reaches the nation a
// transaction takes on Nation, whose policies hold no condition on the row.
const (
	Owner  = "blangko_owner"
	Server = "blangko_server"
	nation = "blangko_nation"
)

// DB is a pool of connections that log in as the server's role.
type DB struct {
	pool       *sqlx.DB
	door       *sqlx.DB // for Lookup alone
	statements sync.Map // text of the SQL → *statement
	lookups    sync.Map // the same, at the door
	background sync.WaitGroup
}

// Open connects to url with at most size connections and waits until one answers.
func Open(ctx context.Context, rawURL string, size int) (*DB, error) {
	dsn, err := withDefaults(rawURL)
	if err != nil {
		return nil, err
	}
	db := &DB{}
	if db.pool, err = connect(ctx, dsn, size); err != nil {
		return nil, err
	}
	if db.door, err = connect(ctx, dsn, doorSize); err != nil {
		return nil, errors.Join(err, db.pool.Close())
	}
	return db, nil
}

// doorSize is how many connections find out who asks. They are apart, so that nobody waits at the door for a long read,
// and the few connections that write have their plans at hand instead of every connection making them.
const doorSize = 2

func connect(ctx context.Context, dsn string, size int) (*sqlx.DB, error) {
	pool, err := sqlx.Open("postgres", dsn)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	pool.SetConnMaxIdleTime(10 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reach database: %w", err), pool.Close())
	}
	return pool, nil
}

// withDefaults adds what every connection of ours wants. binary_parameters saves a round trip for a statement that
// runs once; JSON must then be passed as a string, not as bytes.
func withDefaults(rawURL string) (string, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme == "" {
		return "", errors.New("the database address is not a URL such as postgres://user:password@host:5432/blangko")
	}
	q := u.Query()
	for name, value := range map[string]string{"binary_parameters": "yes", "sslmode": "prefer", "application_name": "blangko"} {
		if !q.Has(name) {
			q.Set(name, value)
		}
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// Close waits for running transactions and closes the connections.
func (db *DB) Close() error {
	err := errors.Join(closed(db.pool), closed(db.door))
	db.background.Wait()
	return err
}

// closed closes a pool. That a connection of it had died before is no trouble any more.
func closed(pool *sqlx.DB) error {
	if err := pool.Close(); err != nil && !Away(err) {
		return err
	}
	return nil
}

// Ping asks the database for a sign of life.
func (db *DB) Ping(ctx context.Context) error { return db.pool.PingContext(ctx) }

// Stats tells how the pool is used.
func (db *DB) Stats() sql.DBStats { return db.pool.Stats() }

// Raw is the pool itself, for the session store, which keeps no rows of any region. Nothing else may use it.
func (db *DB) Raw() *sql.DB { return db.pool.DB }

// Read runs fn in a read-only transaction that sees one snapshot of the rows that who reaches.
func Read(ctx context.Context, db *DB, who access.Actor, fn func(tx *sqlx.Tx) error) error {
	return db.run(ctx, who, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}, db.actAs, fn)
}

// Write runs fn in a transaction as who and commits when it returns nil. It may call fn again after a deadlock or a
// serialization failure, so fn must start afresh each time.
func Write(ctx context.Context, db *DB, who access.Actor, fn func(tx *sqlx.Tx) error) error {
	return db.write(ctx, who, db.actAs, fn)
}

// start is how a transaction takes on its actor.
type start func(ctx context.Context, tx *sqlx.Tx, who access.Actor) error

func (db *DB) write(ctx context.Context, who access.Actor, begin start, fn func(tx *sqlx.Tx) error) error {
	return again(ctx, func() error { return db.run(ctx, who, nil, begin, fn) })
}

// again tries once more after a deadlock or a serialization failure.
func again(ctx context.Context, do func() error) error {
	const tries = 5
	for try := 1; ; try++ {
		err := do()
		if err == nil || try == tries || !worthAnotherTry(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try*try) * 5 * time.Millisecond):
		}
	}
}

func (db *DB) run(ctx context.Context, who access.Actor, options *sql.TxOptions, begin start, fn func(tx *sqlx.Tx) error) (err error) {
	tx, err := db.pool.BeginTxx(ctx, options)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil {
			if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
				err = errors.Join(err, fmt.Errorf("roll back: %w", back))
			}
		}
	}()
	if err := begin(ctx, tx, who); err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return malformed(err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// actAs sets actor and reach until the transaction ends; nothing of it outlives the transaction in the pool.
func (db *DB) actAs(ctx context.Context, tx *sqlx.Tx, who access.Actor) error {
	stmt, err := db.Prepared(ctx, tx, `SELECT act_as($1, $2, $3), set_config('role', $4, true)`)
	if err != nil {
		return err
	}
	if _, err := stmt.ExecContext(ctx, who.ID, who.Name, who.Reach, roleOf(who)); err != nil {
		return fmt.Errorf("set the reach: %w", err)
	}
	return nil
}

// roleOf is the role of the database under which an actor's transaction runs.
func roleOf(who access.Actor) string {
	if who.National() {
		return nation
	}
	return Server
}

// Lookup runs a statement that needs no reach, such as finding out who asks, in one round trip, and scans its one row
// into into. It returns sql.ErrNoRows when there is none.
func (db *DB) Lookup(ctx context.Context, text string, args []any, into ...any) error {
	stmt := kept(&db.lookups, db.door, text)
	if stmt == nil {
		return db.door.QueryRowContext(ctx, text, args...).Scan(into...)
	}
	return stmt.QueryRowContext(ctx, args...).Scan(into...)
}

// LookupAll runs a statement as Lookup does and hands each of its rows to each.
func (db *DB) LookupAll(ctx context.Context, text string, args []any, each func(*sql.Rows) error) error {
	return all(ctx, db.door, kept(&db.lookups, db.door, text), text, args, each)
}

// Call runs a statement that is a transaction of its own, in one round trip: a function in SQL that takes on its actor itself.
// It hands each of its rows to each, from the first again after a deadlock, and returns when what it wrote is durable.
func (db *DB) Call(ctx context.Context, text string, args []any, each func(*sql.Rows) error) error {
	return again(ctx, func() error {
		return malformed(all(ctx, db.pool, kept(&db.statements, db.pool, text), text, args, each))
	})
}

func all(ctx context.Context, pool *sqlx.DB, stmt *sqlx.Stmt, text string, args []any, each func(*sql.Rows) error) error {
	var rows *sql.Rows
	var err error
	if stmt == nil {
		rows, err = pool.QueryContext(ctx, text, args...)
	} else {
		rows, err = stmt.QueryContext(ctx, args...)
	}
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// kept is a statement outside a transaction, made at its first use; nil when it cannot be kept.
func kept(statements *sync.Map, pool *sqlx.DB, text string) *sqlx.Stmt {
	found, _ := statements.LoadOrStore(text, &statement{})
	s := found.(*statement)
	if s.ready.Load() == nil {
		s.prepare(pool, text) // no connection is held here, so it may ask for one
	}
	return s.ready.Load()
}

// Prepared returns the statement of that text for use in tx, prepared once on each connection and kept. The first
// time it is prepared for this transaction alone while the kept one is made beside it: making it here would ask for a
// second connection while holding one, and a pool whose every connection does that stands still.
func (db *DB) Prepared(ctx context.Context, tx *sqlx.Tx, text string) (*sqlx.Stmt, error) {
	kept, met := db.statements.LoadOrStore(text, &statement{})
	s := kept.(*statement)
	if !met {
		db.background.Go(func() { s.prepare(db.pool, text) })
	}
	if stmt := s.ready.Load(); stmt != nil {
		return tx.StmtxContext(ctx, stmt), nil
	}
	stmt, err := tx.PreparexContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	return stmt, nil
}

// statement is one that is kept, once it is ready.
type statement struct{ ready atomic.Pointer[sqlx.Stmt] }

func (s *statement) prepare(pool *sqlx.DB, text string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	stmt, err := pool.PreparexContext(ctx, text)
	if err != nil {
		// Nothing is lost but speed: transactions go on preparing it for themselves, and say what is wrong with it.
		slog.Debug("statement not kept", "error", err)
		return
	}
	s.ready.Store(stmt)
}

// ErrText is the fault of a text that PostgreSQL cannot hold: with a NUL in it, or not UTF-8.
var ErrText = fault.New(fault.Invalid, "text-malformed")

// malformed turns what PostgreSQL says of such a text, wherever it came from, into the fault.
func malformed(err error) error {
	var e *pq.Error
	if errors.As(err, &e) && (e.Code == notInRepertoire || e.Code == untranslatable) {
		return ErrText.Because(err)
	}
	return err
}

// SQLSTATE codes this package acts on.
const (
	notInRepertoire      = "22021"
	untranslatable       = "22P05"
	tooManyConnections   = "53300"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

func worthAnotherTry(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && (e.Code == serializationFailure || e.Code == deadlockDetected)
}

// Away reports whether err says that the database cannot be reached for the moment: it is starting, stopping or gone.
// What was asked has not happened, or is answered when asked again with its key.
func Away(err error) bool {
	var e *pq.Error
	var network net.Error
	switch {
	case errors.As(err, &e):
		return e.Code.Class() == "57" || e.Code.Class() == "08" || e.Code == tooManyConnections
	case errors.As(err, &network):
		return true
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// Violates reports whether err is the breach of the constraint of that name.
func Violates(err error, constraint string) bool {
	var e *pq.Error
	return errors.As(err, &e) && e.Constraint == constraint
}

// Detail returns what the database said beside the breach of a constraint; our own functions put JSON there.
func Detail(err error) string {
	var e *pq.Error
	if errors.As(err, &e) {
		return e.Detail
	}
	return ""
}

// NotFound turns the absence of a row into the given fault and leaves every other error as it is.
func NotFound(err error, absent *fault.Fault) error {
	if errors.Is(err, sql.ErrNoRows) {
		return absent
	}
	return err
}

// OneRow is for an UPDATE or DELETE that must hit one row: absent is returned when it hit none.
func OneRow(result sql.Result, err error, absent error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	switch {
	case err != nil:
		return err
	case n == 0:
		return absent
	case n > 1:
		return fmt.Errorf("%d rows changed, expected exactly 1", n)
	}
	return nil
}
