package inventory

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/photo"
	"blangko/internal/postgres"
	"blangko/internal/region"
)

// Photo is evidence of a discrepancy: what it shows, and nothing about who took it where. Only the two parties of the
// case see it, and the planner while the case is escalated and so theirs to answer.
type Photo struct {
	ID        int64     `json:"id" db:"id"`
	Width     int       `json:"width" db:"width"`
	Height    int       `json:"height" db:"height"`
	Bytes     int64     `json:"bytes" db:"bytes"`
	AddedAt   time.Time `json:"added_at" db:"added_at"`
	AddedBy   string    `json:"added_by" db:"added_by"`
	KeptUntil string    `json:"kept_until" db:"kept_until" format:"date" doc:"dropped after this day, once the case is settled"`
}

// mostPhotos bounds the evidence of one case.
const mostPhotos = 12

// What evidence refuses.
var (
	ErrPhotoUnknown = fault.New(fault.NotFound, "photo-unknown")   // photo
	ErrManyPhotos   = fault.New(fault.Conflict, "too-many-photos") // most
)

// AddPhoto puts a JPEG or PNG file beside an open case, written anew without its metadata. Errors: photo-unreadable,
// photo-too-large, too-many-photos, not-your-end.
func (l *Ledger) AddPhoto(ctx context.Context, who access.Actor, discrepancy int64, file []byte) (Photo, error) {
	if err := who.May(access.AttachPhotos); err != nil {
		return Photo{}, err
	}
	kept, err := photo.Clean(file)
	if err != nil {
		return Photo{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (p Photo, err error) {
		d, err := l.caseOf(ctx, tx, who, discrepancy)
		if err != nil {
			return p, err
		}
		if d.State != "open" && d.State != "escalated" {
			return p, ErrDiscrepancyState.With("discrepancy", d.ID, "state", d.State)
		}
		// Two who add at once wait for each other, so that the bound holds.
		if _, err := tx.ExecContext(ctx, `SELECT FROM discrepancies WHERE region_id = $1 AND id = $2 FOR UPDATE`, d.RegionID, d.ID); err != nil {
			return p, fmt.Errorf("hold discrepancy %d: %w", d.ID, err)
		}
		there, err := photosOf(ctx, tx, d)
		if err != nil {
			return p, err
		}
		if len(there) >= mostPhotos {
			return p, ErrManyPhotos.With("most", mostPhotos)
		}
		days, err := photoDays.Read(ctx, tx)
		if err != nil {
			return p, err
		}
		err = tx.GetContext(ctx, &p, `
			INSERT INTO photos (region_id, sender_region_id, discrepancy_id, image, width, height, added_at, added_by, kept_until)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::date)
			RETURNING `+photoColumns, d.RegionID, d.SenderRegionID, d.ID, kept.JPEG, kept.Width, kept.Height, l.now(), who.Name,
			region.Today(region.WIB, l.now()).AddDate(0, 0, int(days)))
		if err != nil {
			return p, fmt.Errorf("insert photo: %w", err)
		}
		end, err := endOf(ctx, tx, d.RegionID, d.SenderRegionID)
		if err != nil {
			return p, err
		}
		return p, postgres.Audit(ctx, tx, who, end, "photograph", "discrepancy", d.ID, nil, p)
	})
}

const photoColumns = `id, width, height, length(image) AS bytes, added_at, added_by, kept_until::text`

func photosOf(ctx context.Context, tx *sqlx.Tx, d Discrepancy) ([]Photo, error) {
	photos := []Photo{}
	err := tx.SelectContext(ctx, &photos, `SELECT `+photoColumns+` FROM photos WHERE region_id = $1 AND discrepancy_id = $2 ORDER BY id`, d.RegionID, d.ID)
	if err != nil {
		return nil, fmt.Errorf("read photos of discrepancy %d: %w", d.ID, err)
	}
	return photos, nil
}

// caseOf reads a case for one of its parties.
func (l *Ledger) caseOf(ctx context.Context, tx *sqlx.Tx, who access.Actor, id int64) (Discrepancy, error) {
	d, err := discrepancyByID(ctx, tx, id)
	if err != nil || d.State == "escalated" && who.Role == access.Planner {
		return d, err
	}
	s, err := shipmentByID(ctx, tx, d.Shipment)
	if err != nil {
		return d, err
	}
	if err := keeps(ctx, tx, who, s.FromPlace); err == nil {
		return d, nil
	}
	return d, keeps(ctx, tx, who, s.ToPlace)
}

// Photos lists the evidence of a case, to its parties.
func (l *Ledger) Photos(ctx context.Context, who access.Actor, discrepancy int64) (page postgres.Page[Photo], err error) {
	if err := who.May(access.ReadShipments); err != nil {
		return page, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		d, err := l.caseOf(ctx, tx, who, discrepancy)
		if err != nil {
			return err
		}
		page.Items, err = photosOf(ctx, tx, d)
		return err
	})
	return page, err
}

// PhotoImage is the JPEG of one photo, for the parties of its case.
func (l *Ledger) PhotoImage(ctx context.Context, who access.Actor, discrepancy, id int64) (image []byte, err error) {
	if err := who.May(access.ReadShipments); err != nil {
		return nil, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		d, err := l.caseOf(ctx, tx, who, discrepancy)
		if err != nil {
			return err
		}
		err = tx.GetContext(ctx, &image, `SELECT image FROM photos WHERE region_id = $1 AND discrepancy_id = $2 AND id = $3`, d.RegionID, d.ID, id)
		return postgres.NotFound(err, ErrPhotoUnknown.With("photo", id))
	})
	return image, err
}

// DropPhotos drops the evidence of settled cases whose time is over, and says how much that was.
func (l *Ledger) DropPhotos(ctx context.Context, who access.Actor) (dropped int64, err error) {
	if err := who.May(access.DropPhotos); err != nil {
		return 0, err
	}
	err = postgres.Write(ctx, l.db, who, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, `
			DELETE FROM photos p
			USING discrepancies d
			WHERE d.region_id = p.region_id AND d.id = p.discrepancy_id AND d.state IN ('resolved', 'withdrawn') AND p.kept_until < $1::date`,
			region.Today(region.WIB, l.now()))
		if err != nil {
			return fmt.Errorf("drop photos: %w", err)
		}
		dropped, err = result.RowsAffected()
		return err
	})
	return dropped, err
}
