package demo

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// copier streams rows into a table by COPY, in PostgreSQL's text format. Rows are put together by hand: passing each
// value through database/sql takes three times as long.
type copier struct {
	chunk []byte
	send  func(chunk string) error
	first bool
	err   error
	rows  int
}

// copyRows fills the columns of a table with the rows that fill writes. FREEZE saves the first readers from marking
// every row as old; it is allowed because the table was truncated in the same transaction.
func copyRows(ctx context.Context, conn *sql.Conn, table, columns string, fill func(c *copier)) (rows int, err error) {
	err = conn.Raw(func(raw any) error {
		prepared, err := raw.(driver.Conn).Prepare(`COPY ` + table + ` (` + columns + `) FROM STDIN (FREEZE)`)
		if err != nil {
			return err
		}
		stream, ok := prepared.(interface {
			CopyData(ctx context.Context, line string) (driver.Result, error)
		})
		if !ok {
			return fmt.Errorf("the driver does not stream COPY: %T", prepared)
		}
		c := &copier{first: true, send: func(chunk string) error {
			_, err := stream.CopyData(ctx, chunk)
			return err
		}}
		fill(c)
		c.flush()
		rows = c.rows
		// An empty Exec ends the stream and returns what went wrong in it.
		//lint:ignore SA1019 it is the driver's own protocol for COPY
		_, err = prepared.Exec(nil)
		if c.err != nil {
			err = c.err
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("copy into %s: %w", table, err)
	}
	return rows, nil
}

const chunkSize = 48 << 10

func (c *copier) column() {
	if !c.first {
		c.chunk = append(c.chunk, '\t')
	}
	c.first = false
}

func (c *copier) int(values ...int64) {
	for _, v := range values {
		c.column()
		c.chunk = strconv.AppendInt(c.chunk, v, 10)
	}
}

func (c *copier) null() {
	c.column()
	c.chunk = append(c.chunk, `\N`...)
}

// orNull writes a number, or null for 0.
func (c *copier) orNull(v int64) {
	if v == 0 {
		c.null()
		return
	}
	c.int(v)
}

func (c *copier) bool(v bool) {
	c.column()
	if v {
		c.chunk = append(c.chunk, 't')
		return
	}
	c.chunk = append(c.chunk, 'f')
}

var escapes = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

func (c *copier) text(values ...string) {
	for _, v := range values {
		c.column()
		if strings.ContainsAny(v, "\\\t\n\r") {
			v = escapes.Replace(v)
		}
		c.chunk = append(c.chunk, v...)
	}
}

func (c *copier) date(day time.Time) {
	c.column()
	c.chunk = day.AppendFormat(c.chunk, time.DateOnly)
}

func (c *copier) time(at time.Time) {
	c.column()
	c.chunk = at.UTC().AppendFormat(c.chunk, "2006-01-02 15:04:05.999999Z07:00")
}

func (c *copier) bytes(v []byte) {
	c.column()
	c.chunk = append(c.chunk, `\\x`...)
	c.chunk = hex.AppendEncode(c.chunk, v)
}

// end closes a row.
func (c *copier) end() {
	c.rows++
	c.first = true
	if len(c.chunk) >= chunkSize {
		c.flush()
		return
	}
	c.chunk = append(c.chunk, '\n')
}

// flush sends the rows so far; the driver adds the last line feed.
func (c *copier) flush() {
	chunk := strings.TrimSuffix(string(c.chunk), "\n")
	c.chunk = c.chunk[:0]
	if chunk == "" || c.err != nil {
		return
	}
	c.err = c.send(chunk)
}
