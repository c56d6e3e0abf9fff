package account

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// DemoPassword is the password of all demo users.
const DemoPassword = "blangko-demo"

// DemoUser is a user of the demo, whose name says so.
type DemoUser struct {
	Username string
	Name     string
	Role     access.Role
	Region   string
}

// DemoUsers are the users that SeedDemo makes.
var DemoUsers = []DemoUser{
	{"admin", "Admin aplikasi (demo)", access.Admin, access.Nation},
	{"planner", "Perencana Ditjen (demo)", access.Planner, access.Nation},
	{"planner2", "Perencana Ditjen kedua (demo)", access.Planner, access.Nation},
	{"store", "Petugas gudang Ditjen (demo)", access.Store, access.Nation},
	{"auditor", "Auditor (demo)", access.Auditor, access.Nation},
	{"province.12", "Petugas Sumatera Utara (demo)", access.Province, "12"},
	{"province2.12", "Petugas kedua Sumatera Utara (demo)", access.Province, "12"},
	{"province.82", "Petugas Maluku Utara (demo)", access.Province, "82"},
	{"officer.12.71", "Petugas Kota Medan (demo)", access.Officer, "12.71"},
	{"officer2.12.71", "Petugas kedua Kota Medan (demo)", access.Officer, "12.71"},
	{"officer.12.71.03", "Petugas kecamatan di Kota Medan (demo)", access.Officer, "12.71.03"},
	{"officer.82.71", "Petugas Kota Ternate (demo)", access.Officer, "82.71"},
	{"outreach.12.71", "Tim jemput bola Kota Medan (demo)", access.Outreach, "12.71"},
	{"outreach.82.71", "Tim jemput bola Kota Ternate (demo)", access.Outreach, "82.71"},
}

// SeedDemo makes the demo users that are not there yet and leaves those that are as they are.
func (a *Accounts) SeedDemo(ctx context.Context) error {
	kept, err := hash(ctx, DemoPassword) // once, or the start would take half a second more
	if err != nil {
		return err
	}
	var usernames, names, roles, codes []string
	for _, u := range DemoUsers {
		usernames, names, roles, codes = append(usernames, u.Username), append(names, u.Name), append(roles, string(u.Role)), append(codes, u.Region)
	}
	return postgres.Write(ctx, a.db, access.System, func(tx *sqlx.Tx) error {
		var made []int64
		err := tx.SelectContext(ctx, &made, `
			INSERT INTO users (region_id, username, name, role, password_hash, password_set_at, created_at)
			SELECT (SELECT v.region_id FROM region_versions v WHERE v.code = d.code AND v.valid_to IS NULL),
			       d.username, d.name, d.role, $5, $6, $6
			FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS d (username, name, role, code)
			ON CONFLICT (username) DO NOTHING
			RETURNING id`, pq.Array(usernames), pq.Array(names), pq.Array(roles), pq.Array(codes), kept, a.instant())
		if err != nil {
			return fmt.Errorf("make demo users: %w", err)
		}
		for _, id := range made {
			user, err := one(ctx, tx, `WHERE u.id = $1`, id)
			if err != nil {
				return err
			}
			if err := postgres.Audit(ctx, tx, access.System, user.regionID, "user.create", "user", id, nil, user); err != nil {
				return err
			}
		}
		return nil
	})
}
