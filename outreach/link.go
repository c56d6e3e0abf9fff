package outreach

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// ErrLinkUnknown is the fault of a calendar that nobody shares, or no more.
var ErrLinkUnknown = fault.New(fault.NotFound, "calendar-unknown")

// Link is how a calendar program follows a team or a site, for such programs cannot sign in. It is a secret: whoever has it
// reads which team comes where and when, and nothing else.
type Link struct {
	Path      string    `json:"path" doc:"of the calendar, behind the address of this server; shown once, and empty when this answer is a repeated one"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
}

const calendarPath = "/api/v1/public/calendar?key="

// digestOf is what is kept of a secret of 256 random bits.
func digestOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// Share makes a link to the calendar of a team, or of a site. The one there was ends.
func (d *Desk) Share(ctx context.Context, who access.Actor, team, site int64) (Link, error) {
	random := make([]byte, 32)
	rand.Read(random) // never fails: crypto/rand ends the program instead
	secret := base64.RawURLEncoding.EncodeToString(random)
	made := false
	l, err := d.changeLink(ctx, who, "calendars.share", team, site, func(tx *sqlx.Tx, regionID int) (Link, error) {
		made = true
		l := Link{CreatedAt: d.now(), CreatedBy: who.Name}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO calendar_links (region_id, team_id, site_id, digest, created_at, created_by)
			VALUES ($1, nullif($2, 0), nullif($3, 0), $4, $5, $6)`, regionID, team, site, digestOf(secret), l.CreatedAt, l.CreatedBy)
		if err != nil {
			return l, fmt.Errorf("keep link: %w", err)
		}
		return l, nil
	})
	if err == nil && made {
		l.Path = calendarPath + secret
	}
	return l, err
}

// Unshare ends the link to the calendar of a team, or of a site.
func (d *Desk) Unshare(ctx context.Context, who access.Actor, team, site int64) error {
	_, err := d.changeLink(ctx, who, "calendars.unshare", team, site, func(*sqlx.Tx, int) (Link, error) { return Link{}, nil })
	return err
}

// changeLink ends the link there is and lets do make another.
func (d *Desk) changeLink(ctx context.Context, who access.Actor, action string, team, site int64, do func(tx *sqlx.Tx, regionID int) (Link, error)) (Link, error) {
	if err := who.May(access.PlanVisits); err != nil {
		return Link{}, err
	}
	return postgres.Once(ctx, d.db, who, func(tx *sqlx.Tx) (l Link, err error) {
		regionID, subject, id := 0, "team", team
		if team != 0 {
			t, err := teamByID(ctx, tx, team)
			if err != nil {
				return l, err
			}
			regionID = t.RegionID
		} else {
			s, err := siteByID(ctx, tx, who, site)
			if err != nil {
				return l, err
			}
			regionID, subject, id = s.RegionID, "site", site
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM calendar_links WHERE team_id = nullif($1, 0) OR site_id = nullif($2, 0)`, team, site); err != nil {
			return l, fmt.Errorf("end link: %w", err)
		}
		if l, err = do(tx, regionID); err != nil {
			return l, err
		}
		return l, postgres.Audit(ctx, tx, who, regionID, action, subject, id, nil, nil)
	})
}

// Shared gives the calendar of a link to whoever has its secret.
func (d *Desk) Shared(ctx context.Context, secret string) ([]byte, error) {
	var of struct {
		Team int64 `db:"team_id"`
		Site int64 `db:"site_id"`
	}
	err := postgres.Read(ctx, d.db, access.System, func(tx *sqlx.Tx) error {
		return tx.GetContext(ctx, &of, `
			SELECT coalesce(team_id, 0) AS team_id, coalesce(site_id, 0) AS site_id
			FROM calendar_links
			WHERE digest = $1`, digestOf(secret))
	})
	if err != nil {
		return nil, postgres.NotFound(err, ErrLinkUnknown)
	}
	return d.Calendar(ctx, access.System, of.Team, of.Site)
}
