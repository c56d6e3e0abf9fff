package demo

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"
)

// rule is a constraint or index of a table, with the statements that drop and make it.
type rule struct{ drop, make string }

// bare takes from the tables what makes loading slow (indexes, keys, triggers, forced row-level security, under which
// COPY is refused even to the owner) and empties them, and returns what brings it all back. Whatever a later migration
// adds is found in the catalogue. TRUNCATE is what lets PostgreSQL load without writing each row to its log as well,
// when wal_level is minimal.
func bare(ctx context.Context, conn *sql.Conn, tables []string) (restore []string, err error) {
	rules, err := rulesOf(ctx, conn, tables)
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		if _, err := conn.ExecContext(ctx, r.drop); err != nil {
			return nil, fmt.Errorf("%s: %w", r.drop, err)
		}
	}
	list := ""
	for i, t := range tables {
		t = pq.QuoteIdentifier(t)
		if _, err := conn.ExecContext(ctx, `ALTER TABLE `+t+` NO FORCE ROW LEVEL SECURITY, DISABLE TRIGGER USER`); err != nil {
			return nil, fmt.Errorf("open %s: %w", t, err)
		}
		if i > 0 {
			list += ", "
		}
		list += t
		restore = append(restore, `ALTER TABLE `+t+` FORCE ROW LEVEL SECURITY, ENABLE TRIGGER USER`)
	}
	if _, err := conn.ExecContext(ctx, `TRUNCATE `+list); err != nil {
		return nil, fmt.Errorf("empty the tables: %w", err)
	}
	made := make([]string, 0, len(rules)+len(restore))
	for i := len(rules) - 1; i >= 0; i-- {
		made = append(made, rules[i].make)
	}
	return append(made, restore...), nil
}

// rulesOf lists foreign keys from and to the tables, then their keys, then their other indexes: the order in which
// they can be dropped.
func rulesOf(ctx context.Context, conn *sql.Conn, tables []string) (rules []rule, err error) {
	rows, err := conn.QueryContext(ctx, `
		WITH t AS (SELECT ($1::text[])[i]::regclass AS oid FROM generate_subscripts($1::text[], 1) i)
		SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname),
		       format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)),
		       CASE c.contype WHEN 'f' THEN 1 ELSE 2 END AS turn
		FROM pg_constraint c
		WHERE c.contype = 'f' AND (c.conrelid IN (SELECT oid FROM t) OR c.confrelid IN (SELECT oid FROM t))
		   OR c.contype IN ('p', 'u', 'x') AND c.conrelid IN (SELECT oid FROM t)
		UNION ALL
		SELECT format('DROP INDEX %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid), 3
		FROM pg_index i
		WHERE i.indrelid IN (SELECT oid FROM t) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
		ORDER BY turn`, pq.Array(tables))
	if err != nil {
		return nil, fmt.Errorf("read the rules of the tables: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r rule
		var turn int
		if err := rows.Scan(&r.drop, &r.make, &turn); err != nil {
			return nil, fmt.Errorf("read the rules of the tables: %w", err)
		}
		rules = append(rules, r)
	}
	return rules, rows.Err()
}
