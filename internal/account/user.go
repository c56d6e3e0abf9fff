package account

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/internal/privacy"
	"blangko/internal/region"
)

var (
	ErrUserUnknown   = fault.New(fault.NotFound, "user-unknown")
	ErrUsernameTaken = fault.New(fault.Conflict, "username-taken")
	// ErrLastAdmin is the fault of a change after which nobody could manage users any more.
	ErrLastAdmin = fault.New(fault.Conflict, "last-admin")
)

// User is somebody who may sign in. The region is the top of what the user reaches, by today's code.
type User struct {
	ID         int64       `json:"id" db:"id"`
	Username   string      `json:"username" db:"username" example:"officer.12.71"`
	Name       string      `json:"name" db:"name"`
	Role       access.Role `json:"role" db:"role" enum:"planner,store,province,officer,outreach,auditor,admin"`
	Region     string      `json:"region" db:"region" example:"12.71" doc:"code of today, empty when the region is no more"`
	RegionName string      `json:"region_name" db:"region_name"`
	DisabledAt *time.Time  `json:"disabled_at,omitempty" db:"disabled_at"`
	CreatedAt  time.Time   `json:"created_at" db:"created_at"`
	Version    int64       `json:"version" db:"version"`

	regionID int
}

// NewUser is a user to be.
type NewUser struct {
	Username string      `json:"username" example:"officer.12.71" doc:"lower-case letters, digits, dots, dashes"`
	Name     string      `json:"name"`
	Role     access.Role `json:"role" enum:"planner,store,province,officer,outreach,auditor,admin"`
	Region   string      `json:"region" example:"12.71"`
	Password string      `json:"password" doc:"10 to 128 characters, not the username"`
}

// UserChange is what is to be different; what is absent stays.
type UserChange struct {
	Name     *string      `json:"name,omitempty"`
	Role     *access.Role `json:"role,omitempty" enum:"planner,store,province,officer,outreach,auditor,admin"`
	Region   *string      `json:"region,omitempty"`
	Disabled *bool        `json:"disabled,omitempty"`
}

// Create adds a user. ErrUsernameTaken, or fault.ErrInvalid with every wrong field: the role and the level of the
// region must fit.
func (a *Accounts) Create(ctx context.Context, who access.Actor, in NewUser) (User, error) {
	if err := who.May(access.ManageUsers); err != nil {
		return User{}, err
	}
	var wrong fault.Fields
	checkUsername(&wrong, in.Username)
	checkText(&wrong, "body.name", in.Name)
	checkPassword(&wrong, "body.password", in.Password, in.Username)
	kept := ""
	if wrong.Err() == nil {
		var err error
		if kept, err = hash(ctx, in.Password); err != nil {
			return User{}, err
		}
		if err := slowKey(ctx); err != nil {
			return User{}, err
		}
	}
	return postgres.Once(ctx, a.db, who, func(tx *sqlx.Tx) (User, error) {
		wrong := wrong
		regionID, err := a.place(ctx, tx, &wrong, in.Role, in.Region)
		if err != nil {
			return User{}, err
		}
		if err := wrong.Err(); err != nil {
			return User{}, err
		}
		var id int64
		now := a.instant()
		err = tx.GetContext(ctx, &id, `
			INSERT INTO users (region_id, username, name, role, password_hash, password_set_at, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $6)
			RETURNING id`, regionID, in.Username, in.Name, in.Role, kept, now)
		if postgres.Violates(err, "users_username_unique") {
			return User{}, ErrUsernameTaken.With("username", in.Username)
		}
		if err != nil {
			return User{}, fmt.Errorf("create user: %w", err)
		}
		user, err := one(ctx, tx, `WHERE u.id = $1`, id)
		if err != nil {
			return User{}, err
		}
		return user, postgres.Audit(ctx, tx, who, regionID, "user.create", "user", id, nil, user)
	})
}

// Update changes a user that still has the version given, else postgres.ErrStale. Disabling revokes the user's tokens
// for good. ErrLastAdmin when nobody could manage users any more.
func (a *Accounts) Update(ctx context.Context, who access.Actor, id, version int64, change UserChange) (User, error) {
	if err := who.May(access.ManageUsers); err != nil {
		return User{}, err
	}
	return postgres.Once(ctx, a.db, who, func(tx *sqlx.Tx) (User, error) {
		if err := lockAdmins(ctx, tx); err != nil {
			return User{}, err
		}
		before, err := one(ctx, tx, `WHERE u.id = $1 FOR UPDATE OF u`, id)
		if err != nil {
			return User{}, postgres.NotFound(err, ErrUserUnknown.With("id", id))
		}
		if err := postgres.CheckVersion(version, before.Version); err != nil {
			return User{}, err
		}
		after, err := a.changed(ctx, tx, before, change)
		if err != nil {
			return User{}, err
		}
		if err := save(ctx, tx, after); err != nil {
			return User{}, err
		}
		if err := tokensFollow(ctx, tx, after); err != nil {
			return User{}, err
		}
		if before.Role == access.Admin {
			if err := adminLeft(ctx, tx); err != nil {
				return User{}, err
			}
		}
		after, err = one(ctx, tx, `WHERE u.id = $1`, id)
		if err != nil {
			return User{}, err
		}
		return after, postgres.Audit(ctx, tx, who, after.regionID, "user.update", "user", id, before, after)
	})
}

// changed is the user with the change made, or fault.ErrInvalid. A role and a region are only looked at when one of
// them changes: a user of a region that is no more can still be disabled.
func (a *Accounts) changed(ctx context.Context, tx *sqlx.Tx, user User, change UserChange) (User, error) {
	var wrong fault.Fields
	if change.Name != nil {
		user.Name = *change.Name
		checkText(&wrong, "body.name", user.Name)
	}
	if change.Role != nil || change.Region != nil {
		if change.Role != nil {
			user.Role = *change.Role
		}
		if change.Region != nil {
			user.Region = *change.Region
		}
		var err error
		if user.regionID, err = a.place(ctx, tx, &wrong, user.Role, user.Region); err != nil {
			return User{}, err
		}
	}
	switch {
	case change.Disabled == nil || *change.Disabled == (user.DisabledAt != nil):
	case *change.Disabled:
		now := a.instant()
		user.DisabledAt = &now
	default:
		user.DisabledAt = nil
	}
	return user, wrong.Err()
}

func save(ctx context.Context, tx *sqlx.Tx, user User) error {
	result, err := tx.ExecContext(ctx, `
		UPDATE users
		SET name = $2, role = $3, region_id = $4, disabled_at = $5, version = version + 1
		WHERE id = $1`, user.ID, user.Name, user.Role, user.regionID, user.DisabledAt)
	if err := postgres.OneRow(result, err, ErrUserUnknown); err != nil {
		return fmt.Errorf("save user: %w", err)
	}
	return nil
}

// lockAdmins lets two admins who unseat each other take turns.
func lockAdmins(ctx context.Context, tx *sqlx.Tx) error {
	_, err := tx.ExecContext(ctx, `
		SELECT id
		FROM users
		WHERE role = 'admin'
		ORDER BY id
		FOR UPDATE`)
	if err != nil {
		return fmt.Errorf("lock admins: %w", err)
	}
	return nil
}

func adminLeft(ctx context.Context, tx *sqlx.Tx) error {
	var left bool
	err := tx.GetContext(ctx, &left, `SELECT EXISTS (SELECT FROM users WHERE role = 'admin' AND disabled_at IS NULL)`)
	if err != nil {
		return fmt.Errorf("look for an admin: %w", err)
	}
	if !left {
		return ErrLastAdmin
	}
	return nil
}

// Get returns one user, or ErrUserUnknown.
func (a *Accounts) Get(ctx context.Context, who access.Actor, id int64) (user User, err error) {
	if err := who.May(access.ManageUsers); err != nil {
		return User{}, err
	}
	return a.get(ctx, who, id)
}

// Me returns the user that who is.
func (a *Accounts) Me(ctx context.Context, who access.Actor) (User, error) {
	if who.ID == 0 {
		return User{}, access.ErrSignIn
	}
	return a.get(ctx, who, who.ID)
}

func (a *Accounts) get(ctx context.Context, who access.Actor, id int64) (user User, err error) {
	err = postgres.Read(ctx, a.db, who, func(tx *sqlx.Tx) error {
		user, err = one(ctx, tx, `WHERE u.id = $1`, id)
		return postgres.NotFound(err, ErrUserUnknown.With("id", id))
	})
	return user, err
}

// UserFilter chooses users; its zero value chooses all.
type UserFilter struct {
	Role     access.Role // only this role
	Region   string      // only of this region and those below it, by today's code
	Disabled *bool       // only those disabled, or only those who are not
}

type byUsername struct {
	Username string `json:"username"`
}

// List returns users in order of username.
func (a *Accounts) List(ctx context.Context, who access.Actor, f UserFilter, p postgres.Paging) (page postgres.Page[User], err error) {
	if err := who.May(access.ManageUsers); err != nil {
		return page, err
	}
	if err := f.check(); err != nil {
		return page, err
	}
	var last byUsername
	rows, err := p.Resume(&last)
	if err != nil {
		return page, err
	}
	var found []User
	err = postgres.Read(ctx, a.db, who, func(tx *sqlx.Tx) error {
		found, err = list(ctx, tx, `
			WHERE u.username > $1
			  AND ($2 = '' OR u.role = $2)
			  AND ($3 IN ('', '00') OR v.code = $3 OR starts_with(v.code, $3 || '.'))
			  AND ($4::boolean IS NULL OR (u.disabled_at IS NOT NULL) = $4)
			ORDER BY u.username
			LIMIT $5`, last.Username, string(f.Role), f.Region, f.Disabled, rows)
		return err
	})
	if err != nil {
		return page, err
	}
	return postgres.NewPage(p, found, func(u User) byUsername { return byUsername{u.Username} })
}

func (f UserFilter) check() error {
	var wrong fault.Fields
	if f.Role != "" {
		checkRole(&wrong, "query.role", f.Role)
	}
	if f.Region != "" {
		if _, err := region.LevelOf(f.Region); err != nil {
			wrong.Add("query.region", region.ErrMalformed.Code, f.Region)
		}
	}
	return wrong.Err()
}

// one reads one user, or sql.ErrNoRows.
func one(ctx context.Context, tx *sqlx.Tx, where string, args ...any) (User, error) {
	found, err := list(ctx, tx, where, args...)
	if err != nil {
		return User{}, err
	}
	if len(found) == 0 {
		return User{}, sql.ErrNoRows
	}
	return found[0], nil
}

func list(ctx context.Context, tx *sqlx.Tx, where string, args ...any) ([]User, error) {
	var rows []struct {
		User
		RegionID int `db:"region_id"`
	}
	err := tx.SelectContext(ctx, &rows, `
		SELECT u.id, u.username, u.name, u.role, coalesce(v.code, '') AS region, coalesce(v.name, '') AS region_name,
		       u.disabled_at, u.created_at, u.version, u.region_id
		FROM users u
		LEFT JOIN region_versions v ON v.region_id = u.region_id AND v.valid_to IS NULL
		`+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	users := make([]User, len(rows))
	for i, row := range rows {
		users[i] = row.User
		users[i].regionID = row.RegionID
	}
	return users, nil
}

// levels are the levels of region at which a role makes sense.
var levels = map[access.Role][]region.Level{
	access.Planner:  {region.Nation},
	access.Store:    {region.Nation},
	access.Auditor:  {region.Nation},
	access.Admin:    {region.Nation},
	access.Province: {region.Province},
	access.Officer:  {region.Regency, region.District},
	access.Outreach: {region.Regency, region.District},
}

// place finds the region of a user and notes what is wrong with it or with the role.
func (a *Accounts) place(ctx context.Context, tx *sqlx.Tx, wrong *fault.Fields, role access.Role, code string) (regionID int, err error) {
	known := checkRole(wrong, "body.role", role)
	r, err := region.ByCode(ctx, tx, code, region.Today(region.WIB, a.now()))
	if f, ok := fault.As(err); ok {
		wrong.Add("body.region", f.Code, code, pairs(f.Facts)...)
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if known && !slices.Contains(levels[role], r.Level) {
		wrong.Add("body.region", "wrong-level-for-role", code, "role", role, "level", r.Level, "wanted", levels[role])
	}
	return r.ID, nil
}

func pairs(facts map[string]any) []any {
	list := make([]any, 0, 2*len(facts))
	for name, value := range facts {
		list = append(list, name, value)
	}
	return list
}

func checkRole(wrong *fault.Fields, location string, role access.Role) bool {
	if !slices.Contains(access.Roles, role) {
		wrong.Add(location, "role-unknown", role, "known", access.Roles)
		return false
	}
	return true
}

// usernameForm is what the constraint users_username_form asks for.
var usernameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,63}$`)

func checkUsername(wrong *fault.Fields, username string) {
	switch {
	case !usernameForm.MatchString(username):
		wrong.Add("body.username", "username-malformed", username, "form", usernameForm.String())
	case privacy.Identifies(username):
		wrong.Add("body.username", privacy.ErrIdentity.Code, nil)
	}
}

const longestName = 200

// checkText looks at the name of a user or a token.
func checkText(wrong *fault.Fields, location, text string) {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		wrong.Add(location, "empty", nil)
	case n > longestName:
		wrong.Add(location, "too-long", nil, "most", longestName)
	case !utf8.ValidString(text) || hasControl(text):
		wrong.Add(location, "control-character", nil)
	case privacy.Identifies(text):
		wrong.Add(location, privacy.ErrIdentity.Code, nil)
	}
}

func hasControl(text string) bool {
	for _, r := range text {
		if unicode.IsControl(r) {
			return true
		}
	}
	return false
}
