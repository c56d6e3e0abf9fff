package account

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/region"
	"blangko/internal/sheet"
)

// ErrUserActive is the fault of taking back users of whom one has done something since.
var ErrUserActive = fault.New(fault.Conflict, "user-active") // user

// userLayout is the heading of a list of users. It has no password: one that stood in a sheet would be known to
// whoever saw the sheet.
var userLayout = sheet.Layout{Name: "users", Columns: []sheet.Column{
	{Name: "username", Required: true, Note: "huruf kecil, angka, titik, garis; misalnya officer.12.71"},
	{Name: "name", Required: true, Note: "nama jabatan atau petugas"},
	{Name: "role", Required: true, Note: "peran", List: roleWords()},
	{Name: "region_code", Required: true, Note: "00 untuk peran nasional, kode provinsi, kabupaten/kota atau kecamatan"},
	{Name: "region_name", Note: "tidak dibaca"}}}

func roleWords() []string {
	words := make([]string, len(access.Roles))
	for i, r := range access.Roles {
		words[i] = string(r)
	}
	return words
}

// Kinds are the files that the register of users takes in. Whoever comes by a file signs in once an admin has set a
// password.
func (a *Accounts) Kinds() []sheet.Kind {
	return []sheet.Kind{{Name: "users", Action: access.ManageUsers, Layouts: []sheet.Layout{userLayout}, Take: a.takeUsers, Undo: undoUsers}}
}

// incoming is a good row on its way into the table. The names are those of the columns.
type incoming struct {
	Username string      `json:"username"`
	Name     string      `json:"name"`
	Role     access.Role `json:"role"`
	RegionID int         `json:"region_id"`
	row      *sheet.Row
}

// takeUsers adds the users that are not there yet. A row that says what is known of a user is unchanged, one that says
// otherwise is wrong: a user is changed by hand, under its version.
func (a *Accounts) takeUsers(ctx context.Context, tx *sqlx.Tx, who access.Actor, _ string, id int64, batches iter.Seq[[]*sheet.Row]) error {
	tree, err := region.Load(ctx, tx)
	if err != nil {
		return err
	}
	first := map[string]int{}
	for rows := range batches {
		var good []incoming
		for _, row := range rows {
			u, err := a.decode(tree, row)
			if err != nil {
				return err
			}
			if !row.Good() {
				continue
			}
			if before, twice := first[u.Username]; twice {
				row.Wrong("username", "duplicate", "row", before)
				continue
			}
			first[u.Username] = row.Number
			good = append(good, u)
		}
		if good, err = passOver(ctx, tx, good); err != nil {
			return err
		}
		if err := a.add(ctx, tx, who, id, good); err != nil {
			return err
		}
	}
	return nil
}

func (a *Accounts) decode(tree *region.Tree, row *sheet.Row) (incoming, error) {
	u := incoming{Username: row.Text("username"), Name: row.Text("name"), Role: access.Role(strings.ToLower(row.Text("role"))), row: row}
	var wrong fault.Fields
	checkUsername(&wrong, u.Username)
	checkText(&wrong, "body.name", u.Name)
	known := checkRole(&wrong, "body.role", u.Role)
	if f, ok := fault.As(wrong.Err()); ok {
		for _, field := range f.Fields {
			row.Wrong(strings.TrimPrefix(field.Location, "body."), field.Code, pairs(field.Facts)...)
		}
	}
	r, err := tree.ByCode(row.Text("region_code"), region.Today(region.WIB, a.now()))
	if err != nil {
		return u, row.WrongBecause("region_code", err)
	}
	if known && !slices.Contains(levels[u.Role], r.Level) {
		row.Wrong("region_code", "wrong-level-for-role", "role", u.Role, "level", r.Level, "wanted", levels[u.Role])
	}
	u.RegionID = r.ID
	return u, nil
}

func passOver(ctx context.Context, tx *sqlx.Tx, rows []incoming) ([]incoming, error) {
	names := make([]string, len(rows))
	for i, u := range rows {
		names[i] = u.Username
	}
	var kept []struct {
		ID       int64       `db:"id"`
		Username string      `db:"username"`
		Name     string      `db:"name"`
		Role     access.Role `db:"role"`
		RegionID int         `db:"region_id"`
	}
	err := tx.SelectContext(ctx, &kept, `SELECT id, username, name, role, region_id FROM users WHERE username = ANY ($1)`, pq.Array(names))
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	at := map[string]int{}
	for i, k := range kept {
		at[k.Username] = i
	}
	return slices.DeleteFunc(rows, func(u incoming) bool {
		i, known := at[u.Username]
		switch {
		case !known:
		case kept[i].Name == u.Name && kept[i].Role == u.Role && kept[i].RegionID == u.RegionID:
			u.row.Unchanged()
		default:
			u.row.Wrong("username", ErrUsernameTaken.Code, "user", kept[i].ID)
		}
		return known
	}), nil
}

func (a *Accounts) add(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64, rows []incoming) error {
	if len(rows) == 0 {
		return nil
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("encode users: %w", err)
	}
	var added []int64
	err = tx.SelectContext(ctx, &added, `
		INSERT INTO users (region_id, username, name, role, password_hash, password_set_at, created_at, import_id)
		SELECT region_id, username, name, role, $2, $3, $3, $4
		FROM jsonb_to_recordset($1) AS u (region_id int, username text, name text, role text)
		RETURNING id`, string(text), nobody, a.instant(), id)
	if err != nil {
		return fmt.Errorf("add users: %w", err)
	}
	users, err := list(ctx, tx, `WHERE u.id = ANY ($1)`, pq.Array(added))
	if err != nil {
		return err
	}
	for _, u := range users {
		if err := postgres.Audit(ctx, tx, who, u.regionID, "user.create", "user", u.ID, nil, u); err != nil {
			return err
		}
	}
	return nil
}

// undoUsers takes the users of an import away again, unless one was changed, got a password or a token, or wrote in the trail since.
func undoUsers(ctx context.Context, tx *sqlx.Tx, _ access.Actor, id int64) error {
	var active []string
	err := tx.SelectContext(ctx, &active, `
		SELECT u.username
		FROM users u
		WHERE u.import_id = $1
		  AND (u.version > 1 OR u.disabled_at IS NOT NULL OR u.password_hash <> $2
			OR EXISTS (SELECT FROM tokens t WHERE t.user_id = u.id)
			OR EXISTS (SELECT FROM audit a WHERE a.actor_id = u.id))
		ORDER BY u.username
		LIMIT 1`, id, nobody)
	if err != nil {
		return fmt.Errorf("look for users at work: %w", err)
	}
	if len(active) > 0 {
		return ErrUserActive.With("user", active[0])
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM users WHERE import_id = $1`, id); err != nil {
		return fmt.Errorf("take back users: %w", err)
	}
	return nil
}
