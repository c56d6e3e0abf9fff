package inventory

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
	"blangko/inventory/fairshare"
)

// AllocationState is how far an allocation run has come.
type AllocationState string

const (
	AllocationDraft    AllocationState = "draft"
	AllocationComputed AllocationState = "computed"
	AllocationReviewed AllocationState = "reviewed"
	AllocationApproved AllocationState = "approved"
	AllocationReleased AllocationState = "released"
	AllocationVoid     AllocationState = "void"
)

// What an allocation run refuses.
var (
	ErrAllocationUnknown = fault.New(fault.NotFound, "allocation-unknown")
	ErrAllocationState   = fault.New(fault.Conflict, "allocation-not-in-state") // allocation, state, wanted
	ErrOwnWork           = fault.New(fault.Forbidden, "own-work")               // prepared_by
	ErrNothingToDivide   = fault.New(fault.Conflict, "nothing-to-allocate")     // place, level
	ErrDivision          = fault.New(fault.Invalid, "division-impossible")      // reason, region, field, value, limit
	ErrOverAllocated     = fault.New(fault.Conflict, "more-than-available")     // available, given
	ErrNotInBoxes        = fault.New(fault.Invalid, "not-in-boxes")             // given, box
	ErrBeyondOpen        = fault.New(fault.Conflict, "more-than-open")          // region, given, open
	ErrBeyondTerms       = fault.New(fault.Conflict, "beyond-terms")            // region, given, floor, cap, granted
)

// NewAllocation asks for a division of a store's stock.
type NewAllocation struct {
	From      string           `json:"from,omitempty" maxLength:"13" doc:"code of the store's region: 00 for the national store, or a province; your own when empty"`
	Level     string           `json:"level,omitempty" default:"regency" enum:"province,regency" doc:"divide among provinces or among kabupaten/kota"`
	Item      string           `json:"item,omitempty" default:"ktp-el" enum:"ktp-el,kia,ribbon,film"`
	Blank     *string          `json:"blank_version,omitempty" maxLength:"10" doc:"version of the blanks to divide, empty for those without one; wanted where the store holds several"`
	Rule      fairshare.Rule   `json:"rule" enum:"together,proportional,gains,losses,shortage"`
	Available *int64           `json:"available,omitempty" minimum:"0" maximum:"100000000" doc:"pieces to divide; all that is usable, not earmarked and not promised when absent"`
	Box       int64            `json:"box,omitempty" minimum:"1" maximum:"1000000" doc:"pieces in a box; the setting when absent"`
	Days      int              `json:"days,omitempty" minimum:"1" maximum:"365" default:"30" doc:"days whose demand counts for the rule shortage and for a push"`
	Push      bool             `json:"push,omitempty" doc:"give to regions that have not asked as well"`
	Terms     []AllocationTerm `json:"terms,omitempty" maxItems:"600" doc:"weights, floors and caps of regions that differ from the others"`
	Note      string           `json:"note,omitempty" maxLength:"500"`
	Draft     bool             `json:"draft,omitempty" doc:"keep it, do not compute it yet: nothing is read of the regions"`
}

// AllocationTerm is what holds for one region of a run.
type AllocationTerm struct {
	Region string   `json:"region" maxLength:"13"`
	Weight *float64 `json:"weight,omitempty" minimum:"0" maximum:"1000" doc:"1 when absent; 2 counts twice; 0 is served after all others"`
	Floor  int64    `json:"floor,omitempty" minimum:"0" maximum:"100000000"`
	Cap    *int64   `json:"cap,omitempty" minimum:"0" maximum:"100000000" doc:"the request when absent"`
}

// Allocation is a division of a store's stock by one rule, with all that it knew when it was made.
type Allocation struct {
	ID          int64            `json:"id" db:"id"`
	RegionID    int              `json:"-" db:"region_id"`
	Document    string           `json:"document" db:"document"`
	From        string           `json:"from" db:"sender"`
	FromPlace   int              `json:"from_place" db:"place_id"`
	Item        string           `json:"item" db:"item"`
	Blank       string           `json:"blank_version" db:"blank_version" doc:"version of the blanks that are divided"`
	Level       string           `json:"level" db:"level"`
	Rule        fairshare.Rule   `json:"rule" db:"rule"`
	Available   int64            `json:"available" db:"available"`
	Given       int64            `json:"given" db:"given" doc:"of what is available; grants come on top"`
	Box         int64            `json:"box" db:"box"`
	Days        int              `json:"days" db:"days"`
	Push        bool             `json:"push" db:"push"`
	State       AllocationState  `json:"state" db:"state" enum:"draft,computed,reviewed,approved,released,void"`
	Note        string           `json:"note" db:"note"`
	PreparedBy  string           `json:"prepared_by" db:"prepared_by"`
	ComputedAt  time.Time        `json:"computed_at" db:"computed_at" doc:"the instant of the snapshot"`
	ApprovedAt  *time.Time       `json:"approved_at" db:"approved_at"`
	ApprovedBy  string           `json:"approved_by" db:"approved_by"`
	ReleasedAt  *time.Time       `json:"released_at" db:"released_at"`
	ReleasedBy  string           `json:"released_by" db:"released_by"`
	Synthetic   bool             `json:"synthetic" db:"synthetic"`
	Version     int64            `json:"version" db:"version"`
	Lines       []AllocationLine `json:"lines,omitempty" db:"-"`
	Draft       *NewAllocation   `json:"draft,omitempty" db:"-" doc:"what is to be computed, while it is a draft"`
	Steps       []Step           `json:"history,omitempty" db:"-"`
	PreparerIDs pq.Int64Array    `json:"-" db:"prepared_by_ids"`
	DraftText   *string          `json:"-" db:"draft"`
}

// CurrentVersion is the ETag of the run.
func (a Allocation) CurrentVersion() int64 { return a.Version }

// AllocationLine is what a run knew of a region, and what it gives it.
type AllocationLine struct {
	RegionID       int      `json:"-" db:"region_id"`
	Region         string   `json:"region" db:"region"`
	Name           string   `json:"name" db:"name"`
	Place          int      `json:"place" db:"place_id"`
	Request        *int64   `json:"request" db:"request" doc:"what its open requests ask for and is not decided yet, of a province also those below it, less what its store holds; null for a push"`
	Emergency      bool     `json:"emergency" db:"emergency" doc:"an emergency request is among them"`
	Usable         int64    `json:"usable" db:"usable"`
	InTransit      int64    `json:"in_transit" db:"in_transit" doc:"under way, packed for it, and approved and not yet shipped"`
	DailyNeed      float64  `json:"daily_need" db:"daily_need"`
	SD             *float64 `json:"sd" db:"sd" doc:"standard deviation of demand over the days of the run; null before the first forecast"`
	Weight         float64  `json:"weight" db:"weight"`
	Floor          int64    `json:"floor" db:"least"`
	Cap            *int64   `json:"cap" db:"most"`
	Granted        int64    `json:"granted" db:"granted" doc:"of the region's own grant or its share of its province's; while that lasts the region gets nothing else"`
	Computed       int64    `json:"computed" db:"computed" doc:"what the rule gives"`
	Given          int64    `json:"given" db:"given"`
	DaysOfCover    *float64 `json:"days_of_cover" db:"-" doc:"(usable + in_transit + granted + given) / daily_need"`
	Fill           *float64 `json:"fill" db:"-" doc:"(granted + given) / request"`
	Reason         string   `json:"reason" db:"reason" enum:"level,waiting,floor,cap,request,unmeasured,grant,version,override"`
	Why            string   `json:"why" db:"why"`
	OverrideReason string   `json:"override_reason" db:"override_reason"`
	Shipment       *int64   `json:"shipment" db:"shipment_id"`
	Barred         bool     `json:"-" db:"barred"`   // its printers do not take the version
	OffAPBN        bool     `json:"-" db:"off_apbn"` // a grant lasts that it is served from
}

const selectAllocations = `
	SELECT a.id, a.region_id, a.document, region_code(a.region_id) AS sender, a.place_id, i.code AS item, a.blank_version, a.level, a.rule, a.available, a.box, a.days, a.push, a.state,
	       a.note, a.prepared_by, a.prepared_by_ids, a.computed_at, a.approved_at, a.approved_by, a.released_at, a.released_by, a.synthetic, a.version, CASE a.state WHEN 'draft' THEN a.draft::text END AS draft,
	       (SELECT coalesce(sum(l.given), 0)::bigint FROM allocation_lines l WHERE l.allocation_id = a.id) AS given
	FROM allocations a
	JOIN items i ON i.id = a.item_id`

// terms are the pure division's.
func (a Allocation) terms() fairshare.Terms {
	return fairshare.Terms{Available: a.Available, Rule: a.Rule, Box: a.Box, Days: int64(a.Days)}
}

// Allocate divides a store's stock: load what is known of every region, divide, save run and lines. Nothing moves yet. A draft
// is only kept.
func (l *Ledger) Allocate(ctx context.Context, who access.Actor, in NewAllocation) (Allocation, error) {
	if err := who.May(access.PrepareAllocations); err != nil {
		return Allocation{}, err
	}
	if _, err := itemID(in.Item); err != nil {
		return Allocation{}, err
	}
	if in.Draft {
		return l.draftAllocation(ctx, who, in)
	}
	if kept, found, err := postgres.Answered[Allocation](ctx, l.db, who); found || err != nil {
		return kept, err
	}
	a, err := l.compute(ctx, who, in)
	if err != nil {
		return a, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Allocation, error) {
		if err := a.insert(ctx, tx, ""); err != nil {
			return a, err
		}
		if err := a.saveLines(ctx, tx); err != nil {
			return a, err
		}
		is, err := allocationByID(ctx, tx, a.ID, true)
		if err != nil {
			return a, err
		}
		return is, postgres.Audit(ctx, tx, who, a.RegionID, "compute", "allocation", a.ID, nil, is.brief())
	})
}

// plan is a run of which nothing is known yet but what was asked for.
func (l *Ledger) plan(who access.Actor, in NewAllocation) Allocation {
	return Allocation{Item: cmp.Or(in.Item, "ktp-el"), Level: cmp.Or(in.Level, "regency"), Rule: in.Rule, Box: in.Box, Days: cmp.Or(in.Days, 30), Push: in.Push,
		Note: in.Note, PreparedBy: who.Name, ComputedAt: l.now(), State: AllocationComputed, PreparerIDs: pq.Int64Array{who.ID}}
}

// compute takes the snapshot and divides.
func (l *Ledger) compute(ctx context.Context, who access.Actor, in NewAllocation) (Allocation, error) {
	a := l.plan(who, in)
	grants, err := l.snapshot(ctx, who, &a, in)
	if err != nil {
		return a, err
	}
	if err := a.divideGrants(grants); err != nil {
		return a, err
	}
	return a, a.divide()
}

func (a *Allocation) insert(ctx context.Context, tx *sqlx.Tx, draft string) error {
	err := tx.GetContext(ctx, &a.ID, `
		INSERT INTO allocations (region_id, place_id, item_id, blank_version, document, level, rule, available, box, days, push, state, note, prepared_by_ids, prepared_by, computed_at, draft)
		VALUES ($1, $2, $3, $4, '', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, nullif($16, '')::jsonb)
		RETURNING id`, a.RegionID, a.FromPlace, itemIDs[a.Item], a.Blank, a.Level, string(a.Rule), a.Available, max(1, a.Box), a.Days, a.Push, string(a.State), a.Note,
		a.PreparerIDs, a.PreparedBy, a.ComputedAt, draft)
	if err != nil {
		return fmt.Errorf("insert allocation: %w", err)
	}
	return nil
}

// draftAllocation keeps what is to be computed. Its store is settled, so that whoever computes it means the same.
func (l *Ledger) draftAllocation(ctx context.Context, who access.Actor, in NewAllocation) (Allocation, error) {
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Allocation, error) {
		a := l.plan(who, in)
		a.State = AllocationDraft
		from, err := l.placeNamed(ctx, tx, who, 0, in.From)
		if err != nil {
			return a, err
		}
		if err := a.divides(from, in); err != nil {
			return a, err
		}
		in.From = from.Region
		text, err := jsonText(in)
		if err != nil {
			return a, err
		}
		if err := a.insert(ctx, tx, text); err != nil {
			return a, err
		}
		is, err := allocationByID(ctx, tx, a.ID, true)
		if err != nil {
			return a, err
		}
		return is, postgres.Audit(ctx, tx, who, a.RegionID, "draft", "allocation", a.ID, nil, is)
	})
}

// divides refuses a place that does not divide among regions of that level, and takes it otherwise.
func (a *Allocation) divides(from Place, in NewAllocation) error {
	if from.Kind != NationalStore && (from.Kind != ProvinceStore || a.Level != "regency") {
		return fault.ErrInvalid.At("body.from", "cannot-allocate", in.From, "kind", from.Kind, "level", a.Level)
	}
	a.RegionID, a.FromPlace, a.From = from.RegionID, from.ID, from.Region
	return nil
}

// EditAllocation changes what a draft is to compute. Its store stays. Whoever does so counts among those who prepared it.
func (l *Ledger) EditAllocation(ctx context.Context, who access.Actor, id, version int64, in NewAllocation) (Allocation, error) {
	if _, err := itemID(in.Item); err != nil {
		return Allocation{}, err
	}
	return l.advance(ctx, who, access.PrepareAllocations, id, version, []AllocationState{AllocationDraft}, func(tx *sqlx.Tx, a Allocation) (Allocation, error) {
		if in.From != "" && in.From != a.From {
			return a, fault.ErrInvalid.At("body.from", "store-stays", in.From, "from", a.From)
		}
		plan := l.plan(who, in)
		from, err := l.placeNamed(ctx, tx, who, a.FromPlace, "")
		if err != nil {
			return a, err
		}
		if err := plan.divides(from, in); err != nil {
			return a, err
		}
		in.From, in.Draft = a.From, true
		text, err := jsonText(in)
		if err != nil {
			return a, err
		}
		return l.record(ctx, tx, who, "edit", a, `item_id = $3, level = $4, rule = $5, days = $6, push = $7, note = $8, draft = $9::jsonb, prepared_by_ids = array_append(prepared_by_ids, $10)`,
			itemIDs[plan.Item], plan.Level, string(plan.Rule), plan.Days, plan.Push, plan.Note, text, who.ID)
	})
}

// ComputeAllocation computes a draft, as Allocate would now. Whoever does so counts among those who prepared it.
func (l *Ledger) ComputeAllocation(ctx context.Context, who access.Actor, id, version int64) (Allocation, error) {
	if err := who.May(access.PrepareAllocations); err != nil {
		return Allocation{}, err
	}
	if kept, found, err := postgres.Answered[Allocation](ctx, l.db, who); found || err != nil {
		return kept, err
	}
	draft, err := l.Allocation(ctx, who, id)
	if err != nil {
		return draft, err
	}
	if err := postgres.CheckVersion(version, draft.Version); err != nil {
		return draft, err
	}
	if draft.Draft == nil {
		return draft, ErrAllocationState.With("allocation", id, "state", draft.State, "wanted", []AllocationState{AllocationDraft})
	}
	a, err := l.compute(ctx, who, *draft.Draft)
	if err != nil {
		return a, err
	}
	// The version is that of the draft which was computed, so that nobody has changed it meanwhile.
	return l.advance(ctx, who, access.PrepareAllocations, id, version, []AllocationState{AllocationDraft}, func(tx *sqlx.Tx, was Allocation) (Allocation, error) {
		a.ID = id
		if err := a.saveLines(ctx, tx); err != nil {
			return a, err
		}
		return l.record(ctx, tx, who, "compute", was, `state = 'computed', blank_version = $3, available = $4, box = $5, computed_at = $6, prepared_by_ids = array_append(prepared_by_ids, $7)`,
			a.Blank, a.Available, a.Box, a.ComputedAt, who.ID)
	})
}

// brief is the run without its lines, for the trail.
func (a Allocation) brief() Allocation { a.Lines, a.Steps = nil, nil; return a }

// snapshot reads all that a division looks at, in one transaction: what may be divided, what is a province's own, and what
// is known of every region that takes part.
func (l *Ledger) snapshot(ctx context.Context, who access.Actor, a *Allocation, in NewAllocation) (grants []grant, err error) {
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		from, err := l.placeNamed(ctx, tx, who, 0, in.From)
		if err != nil {
			return err
		}
		if err := a.divides(from, in); err != nil {
			return err
		}
		if a.Box == 0 {
			if a.Box, err = boxPieces.Read(ctx, tx); err != nil {
				return err
			}
		}
		verify, err := verifyFirst.Read(ctx, tx)
		if err != nil {
			return err
		}
		if a.Blank, err = oneVersion(ctx, tx, from.ID, itemIDs[a.Item], in.Blank); err != nil {
			return err
		}
		if err := tx.SelectContext(ctx, &a.Lines, claimsOf, a.Level, itemIDs[a.Item], from.ID, from.Region, a.Push, a.Days, l.today(from.Zone), verify, a.Blank); err != nil {
			return fmt.Errorf("read claims: %w", err)
		}
		if len(a.Lines) == 0 {
			return ErrNothingToDivide.With("place", from.ID, "level", a.Level, "advice", "no region has an open request; push gives to those that have not asked")
		}
		if err := a.apply(in.Terms); err != nil {
			return err
		}
		if grants, err = provinceGrants(ctx, tx, a); err != nil {
			return err
		}
		return l.available(ctx, tx, a, in)
	})
	return grants, err
}

// claimsOf lists the regions of a run with what is known of them. Open is what is asked and not decided yet, of a
// province with all below it less what its store can serve them with; what was approved or packed and is not dispatched
// counts as on its way. The need falls back to the use of the last 30 days.
const claimsOf = `
	WITH top AS MATERIALIZED (
		SELECT t.id, t.code, t.name, CASE $1 WHEN 'province' THEN 2 ELSE 5 END AS length, p.id AS place_id
		FROM regions_today t
		JOIN places p ON p.region_id = t.id AND p.kind = CASE $1 WHEN 'province' THEN 'province'::place_kind ELSE 'regency' END
		WHERE t.level = CASE $1 WHEN 'province' THEN 1 ELSE 2 END AND ($4 = '00' OR t.code LIKE $4 || '.%')
	), held AS (
		SELECT t.id, sum(b.pieces) FILTER (WHERE b.condition = 'usable') AS usable, sum(b.pieces) FILTER (WHERE b.condition = 'in-transit') AS in_transit
		FROM balances b
		JOIN places p ON p.id = b.place_id AND p.kind IN ('province', 'regency', 'service', 'team')
		JOIN regions_today r ON r.id = b.region_id
		JOIN top t ON t.code = left(r.code, t.length)
		WHERE b.item_id = $2
		GROUP BY t.id
	), own AS (
		SELECT o.earmark_region_id AS id, sum(b.pieces) AS pieces
		FROM balances b
		JOIN lots o ON o.id = b.lot_id AND o.earmark_region_id IS NOT NULL AND o.version = $9
		WHERE b.place_id = $3 AND b.item_id = $2 AND b.condition = 'usable'
		GROUP BY 1
		HAVING sum(b.pieces) > 0
	), asked AS (
		SELECT t.id, sum(q.asked - q.approved - q.declined) FILTER (WHERE w.waits) AS open,
		       coalesce(bool_or(q.emergency) FILTER (WHERE w.waits AND q.asked > q.approved + q.declined), false) AS emergency,
		       sum(q.approved - q.shipped) FILTER (WHERE q.state IN ('approved', 'partly-shipped')) AS promised
		FROM requests q
		JOIN regions_today r ON r.id = q.region_id
		JOIN top t ON t.code = left(r.code, t.length)
		-- What a kabupaten/kota has a grant of its own for is not asked of its province.
		CROSS JOIN LATERAL (
			SELECT (q.state IN ('verified', 'approved', 'partly-shipped') OR q.state = 'submitted' AND (NOT $8 OR q.emergency))
			       AND ($1 <> 'province' OR q.region_id = t.id OR q.region_id NOT IN (SELECT id FROM own)) AS waits) w
		WHERE q.item_id = $2
		GROUP BY t.id
	), packed AS (
		-- Set aside elsewhere for a place of the region, and not dispatched yet: the ledger has it still with the sender.
		SELECT t.id, sum(l.pieces) AS pieces, coalesce(sum(l.pieces) FILTER (WHERE s.receiver_place_id = t.place_id AND l.request_id IS NULL), 0) AS to_store
		FROM shipments s
		JOIN shipment_lines l ON l.region_id = s.region_id AND l.shipment_id = s.id AND l.item_id = $2
		JOIN regions_today r ON r.id = s.region_id
		JOIN top t ON t.code = left(r.code, t.length)
		JOIN regions_today f ON f.id = s.sender_region_id
		WHERE s.state = 'prepared' AND left(f.code, t.length) <> t.code
		GROUP BY t.id
	), store AS (
		-- What a province has to serve its kabupaten/kota with is asked of nobody above it.
		SELECT t.id, sum(b.pieces) AS pieces
		FROM balances b
		JOIN top t ON t.place_id = b.place_id
		WHERE $1 = 'province' AND b.item_id = $2 AND b.condition IN ('usable', 'in-transit')
		GROUP BY t.id
	), claimed AS (
		SELECT t.id, greatest(0, coalesce(a.open, 0) - CASE $1 WHEN 'province' THEN coalesce(s.pieces, 0) + coalesce(p.to_store, 0) ELSE 0 END) AS open
		FROM top t
		LEFT JOIN asked a ON a.id = t.id
		LEFT JOIN store s ON s.id = t.id
		LEFT JOIN packed p ON p.id = t.id
	), needed AS (
		SELECT t.id, sum(n.daily_mean) AS daily_mean, sqrt(sum(n.sd * n.sd * $6::float8 / n.horizon_days)) AS sd
		FROM needs_of($2::smallint, $7::date) n
		JOIN regions_today r ON r.id = n.region_id AND r.level = 2
		JOIN top t ON t.code = left(r.code, t.length)
		GROUP BY t.id
	), used AS (
		SELECT t.id, (-sum(f.pieces))::float8 / 30 AS daily_use
		FROM flows f
		JOIN regions_today r ON r.id = f.region_id
		JOIN top t ON t.code = left(r.code, t.length)
		WHERE f.item_id = $2 AND f.kind = 'use' AND f.day > $7::date - 30 AND f.day <= $7::date
		GROUP BY t.id
	)
	SELECT t.id AS region_id, t.code AS region, t.name, t.place_id, nullif(c.open, 0)::bigint AS request, coalesce(a.emergency, false) AS emergency,
	       coalesce(h.usable, 0)::bigint AS usable, (coalesce(h.in_transit, 0) + coalesce(k.pieces, 0) + coalesce(a.promised, 0))::bigint AS in_transit,
	       coalesce(n.daily_mean, u.daily_use, 0) AS daily_need, n.sd, 1::float8 AS weight, 0::bigint AS least, NULL::bigint AS most,
	       CASE WHEN takes_version(t.place_id, $9) THEN least(coalesce(o.pieces, 0), c.open) ELSE 0 END::bigint AS granted, NOT takes_version(t.place_id, $9) AS barred,
	       coalesce(o.pieces, 0) > 0 AND takes_version(t.place_id, $9) AS off_apbn
	FROM top t
	JOIN claimed c ON c.id = t.id
	LEFT JOIN packed k ON k.id = t.id
	LEFT JOIN held h ON h.id = t.id
	LEFT JOIN asked a ON a.id = t.id
	LEFT JOIN needed n ON n.id = t.id
	LEFT JOIN used u ON u.id = t.id
	LEFT JOIN own o ON o.id = t.id
	WHERE $5 OR c.open > 0
	ORDER BY t.code`

// apply sets the weights, floors and caps that the planner gave.
func (a *Allocation) apply(terms []AllocationTerm) error {
	var wrong fault.Fields
	for i, term := range terms {
		at := slices.IndexFunc(a.Lines, func(l AllocationLine) bool { return l.Region == term.Region })
		if at < 0 {
			wrong.Add(fmt.Sprintf("body.terms[%d].region", i), "takes-no-part", term.Region)
			continue
		}
		line := &a.Lines[at]
		line.Floor, line.Cap = term.Floor, term.Cap
		if term.Weight != nil {
			line.Weight = *term.Weight
		}
	}
	return wrong.Err()
}

// available is what may be divided: usable, of no region's grant, less what was approved before and is not shipped.
func (l *Ledger) available(ctx context.Context, tx *sqlx.Tx, a *Allocation, in NewAllocation) error {
	var there int64
	err := tx.GetContext(ctx, &there, `
		SELECT greatest(0, coalesce(sum(b.pieces), 0) - CASE WHEN $3 = '00' THEN
			(SELECT coalesce(sum(q.approved - q.shipped), 0) FROM requests q WHERE q.item_id = $2 AND q.state IN ('approved', 'partly-shipped')) ELSE 0 END)::bigint
		FROM balances b
		JOIN lots o ON o.id = b.lot_id AND o.version = $4 AND (o.earmark_region_id IS NULL OR o.earmark_region_id = $5)
		WHERE b.place_id = $1 AND b.item_id = $2 AND b.condition = 'usable'`, a.FromPlace, itemIDs[a.Item], a.From, a.Blank, a.RegionID)
	if err != nil {
		return fmt.Errorf("read what is available: %w", err)
	}
	a.Available = there
	if in.Available != nil {
		if *in.Available > there {
			return ErrOverAllocated.With("available", there, "given", *in.Available)
		}
		a.Available = *in.Available
	}
	return nil
}

// divide gives every line its number by the rule of the run, and says why.
func (a *Allocation) divide() error {
	none := int64(0)
	for i := range a.Lines { // what takes no part in the common stock may have none of it, also when rules are compared
		if line := &a.Lines[i]; line.Barred {
			line.Cap = &none
		} else if line.OffAPBN {
			line.Floor, line.Cap = 0, &none
		}
	}
	claims := a.claims()
	result, err := fairshare.Divide(a.terms(), claims)
	if err != nil {
		return a.impossible(err)
	}
	why := Why(a.terms(), claims, result)
	for i := range a.Lines {
		line := &a.Lines[i]
		line.Computed, line.Given = result.Lines[i].Given, result.Lines[i].Given
		switch {
		case line.Barred:
			line.Reason, line.Why = "version", fmt.Sprintf("Gets nothing because its printers do not take version %s.", a.Blank)
		case line.OffAPBN && line.Why == "" && line.Granted == 0:
			line.Reason, line.Why = "grant", "Gets nothing because it has a grant of its own left and has not asked for it."
		case line.OffAPBN && line.Why == "":
			line.Reason, line.Why = "grant", fmt.Sprintf("Gets %d of its own grant and takes no part in the common stock while that lasts.", line.Granted)
		case line.OffAPBN:
			line.Reason = "grant"
		default:
			line.Reason, line.Why = string(result.Lines[i].Reason), why[i]
		}
		line.derive()
	}
	return nil
}

// derive computes what follows from the numbers of a line.
func (l *AllocationLine) derive() {
	l.DaysOfCover, l.Fill = nil, nil
	if l.DailyNeed > 0 {
		days := float64(l.Usable+l.InTransit+l.Granted+l.Given) / l.DailyNeed
		l.DaysOfCover = &days
	}
	if l.Request != nil {
		fill := float64(l.Granted+l.Given) / float64(*l.Request)
		l.Fill = &fill
	}
}

// impossible words why the terms of a run cannot be met.
func (a *Allocation) impossible(err error) error {
	return impossible(err, func(claim int) string { return a.Lines[claim].Region })
}

func impossible(err error, regionOf func(claim int) string) error {
	var e *fairshare.Error
	if !errors.As(err, &e) {
		return err
	}
	f := ErrDivision.With("reason", string(e.Code), "field", e.Field, "value", e.Value, "limit", e.Limit)
	if e.Claim >= 0 {
		f = f.With("region", regionOf(e.Claim))
	}
	return f
}

func (a *Allocation) saveLines(ctx context.Context, tx *sqlx.Tx) error {
	type row struct {
		AllocationLine
		RegionID int    `json:"region_id"`
		PlaceID  int    `json:"place_id"`
		Least    int64  `json:"least"`
		Most     *int64 `json:"most"`
	}
	rows := make([]row, len(a.Lines))
	for i, line := range a.Lines {
		rows[i] = row{line, line.RegionID, line.Place, line.Floor, line.Cap}
	}
	text, err := jsonText(rows)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO allocation_lines (region_id, sender_region_id, allocation_id, place_id, request, emergency, usable, in_transit, daily_need, sd, weight, least, most,
		                              granted, computed, given, reason, why, override_reason)
		SELECT region_id, $2, $3, place_id, request, emergency, usable, in_transit, daily_need, sd, weight, least, most, granted, computed, given, reason, why, override_reason
		FROM json_populate_recordset(NULL::allocation_lines, $1::json)`, text, a.RegionID, a.ID)
	if err != nil {
		return fmt.Errorf("insert lines of allocation: %w", err)
	}
	return nil
}

// Override is a planner's own number for one region of a run.
type Override struct {
	Given  int64  `json:"given" minimum:"0" maximum:"100000000"`
	Reason string `json:"reason" minLength:"1" maxLength:"500"`
}

// OverrideAllocation puts another number in place of the computed one, for a reason. Whoever does so counts among those
// who prepared the run.
func (l *Ledger) OverrideAllocation(ctx context.Context, who access.Actor, id, version int64, code string, in Override) (Allocation, error) {
	if err := wanted("body.reason", in.Reason); err != nil {
		return Allocation{}, err
	}
	return l.advance(ctx, who, access.PrepareAllocations, id, version, []AllocationState{AllocationComputed, AllocationReviewed}, func(tx *sqlx.Tx, a Allocation) (Allocation, error) {
		at := slices.IndexFunc(a.Lines, func(line AllocationLine) bool { return line.Region == code })
		if at < 0 {
			return a, ErrAllocationUnknown.With("allocation", id, "region", code)
		}
		if in.Given%a.Box != 0 {
			return a, ErrNotInBoxes.With("given", in.Given, "box", a.Box)
		}
		if line := a.Lines[at]; line.Request != nil && in.Given+line.Granted > *line.Request {
			return a, ErrBeyondOpen.With("region", code, "given", in.Given, "open", *line.Request)
		}
		if a.Given-a.Lines[at].Given+in.Given > a.Available {
			return a, ErrOverAllocated.With("available", a.Available, "given", a.Given-a.Lines[at].Given+in.Given)
		}
		a.Lines[at].Given = in.Given
		if err := a.printable(ctx, tx); err != nil {
			return a, err
		}
		if err := a.Lines[at].within(in.Given); err != nil {
			return a, err
		}
		why := fmt.Sprintf("Set to %d by %s instead of the %d of the rule: %s", in.Given, who.Name, a.Lines[at].Computed, in.Reason)
		_, err := tx.ExecContext(ctx, `
			UPDATE allocation_lines
			SET given = $4, reason = 'override', override_reason = $5, why = $6
			WHERE region_id = $1 AND allocation_id = $2 AND sender_region_id = $3`, a.Lines[at].RegionID, id, a.RegionID, in.Given, in.Reason, why)
		if err != nil {
			return a, fmt.Errorf("override line: %w", err)
		}
		return l.record(ctx, tx, who, "override", a, `state = 'computed', prepared_by_ids = array_append(prepared_by_ids, $3)`, who.ID)
	})
}

// within refuses a number beyond the terms that the run was computed with. The cap of what takes no part in the common stock is 0.
func (line AllocationLine) within(given int64) error {
	least := min(line.Floor, line.Computed)
	if given >= least && (line.Cap == nil || given <= *line.Cap) {
		return nil
	}
	f := ErrBeyondTerms.With("region", line.Region, "given", given, "floor", least, "granted", line.Granted)
	if line.Cap != nil {
		f = f.With("cap", *line.Cap)
	}
	return f
}

// ReviewAllocation hands a computed run to somebody else for approval.
func (l *Ledger) ReviewAllocation(ctx context.Context, who access.Actor, id, version int64) (Allocation, error) {
	return l.advance(ctx, who, access.PrepareAllocations, id, version, []AllocationState{AllocationComputed}, func(tx *sqlx.Tx, a Allocation) (Allocation, error) {
		return l.record(ctx, tx, who, "review", a, `state = 'reviewed'`)
	})
}

// ApproveAllocation approves a reviewed run. Whoever prepared or changed it may not: own-work.
func (l *Ledger) ApproveAllocation(ctx context.Context, who access.Actor, id, version int64) (Allocation, error) {
	return l.advance(ctx, who, access.ApproveAllocations, id, version, []AllocationState{AllocationReviewed}, func(tx *sqlx.Tx, a Allocation) (Allocation, error) {
		if slices.Contains(a.PreparerIDs, who.ID) {
			return a, ErrOwnWork.With("prepared_by", a.PreparedBy)
		}
		return l.record(ctx, tx, who, "approve", a, `state = 'approved', approved_at = $3, approved_by = $4`, l.now(), who.Name)
	})
}

// VoidAllocation ends a run that is not released, or a draft.
func (l *Ledger) VoidAllocation(ctx context.Context, who access.Actor, id, version int64, reason string) (Allocation, error) {
	if err := wanted("body.reason", reason); err != nil {
		return Allocation{}, err
	}
	from := []AllocationState{AllocationDraft, AllocationComputed, AllocationReviewed, AllocationApproved}
	return l.advance(ctx, who, access.PrepareAllocations, id, version, from, func(tx *sqlx.Tx, a Allocation) (Allocation, error) {
		return l.record(ctx, tx, who, "void", a, `state = 'void', note = $3`, reason)
	})
}

// advance locks a run of that version in one of the states and lets do take the step.
func (l *Ledger) advance(ctx context.Context, who access.Actor, action access.Action, id, version int64, from []AllocationState,
	do func(*sqlx.Tx, Allocation) (Allocation, error)) (Allocation, error) {
	if err := who.May(action); err != nil {
		return Allocation{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Allocation, error) {
		if _, err := tx.ExecContext(ctx, `SELECT FROM allocations WHERE id = $1 FOR UPDATE`, id); err != nil {
			return Allocation{}, fmt.Errorf("lock allocation %d: %w", id, err)
		}
		a, err := allocationByID(ctx, tx, id, true)
		if err != nil {
			return a, err
		}
		if err := postgres.CheckVersion(version, a.Version); err != nil {
			return a, err
		}
		if !slices.Contains(from, a.State) {
			return a, ErrAllocationState.With("allocation", id, "state", a.State, "wanted", from)
		}
		return do(tx, a)
	})
}

func (l *Ledger) record(ctx context.Context, tx *sqlx.Tx, who access.Actor, action string, was Allocation, set string, args ...any) (Allocation, error) {
	_, err := tx.ExecContext(ctx, `UPDATE allocations SET version = version + 1, `+set+` WHERE region_id = $1 AND id = $2`,
		append([]any{was.RegionID, was.ID}, args...)...)
	if err != nil {
		return was, fmt.Errorf("%s allocation %d: %w", action, was.ID, err)
	}
	is, err := allocationByID(ctx, tx, was.ID, true)
	if err != nil {
		return was, err
	}
	return is, postgres.Audit(ctx, tx, who, was.RegionID, action, "allocation", was.ID, was.brief(), is.brief())
}

func allocationByID(ctx context.Context, tx *sqlx.Tx, id int64, lines bool) (a Allocation, err error) {
	if err := tx.GetContext(ctx, &a, selectAllocations+` WHERE a.id = $1`, id); err != nil {
		return a, postgres.NotFound(err, ErrAllocationUnknown.With("allocation", id))
	}
	if a.DraftText != nil {
		if err := json.Unmarshal([]byte(*a.DraftText), &a.Draft); err != nil {
			return a, fmt.Errorf("decode draft of allocation %d: %w", id, err)
		}
	}
	if !lines {
		return a, nil
	}
	err = tx.SelectContext(ctx, &a.Lines, `
		SELECT l.region_id, r.code AS region, r.name, l.place_id, l.request, l.emergency, l.usable, l.in_transit, l.daily_need, l.sd, l.weight, l.least, l.most, l.granted,
		       l.computed, l.given, l.reason, l.why, l.override_reason, l.shipment_id
		FROM allocation_lines l
		JOIN regions_today r ON r.id = l.region_id
		WHERE l.allocation_id = $1
		ORDER BY r.code`, id)
	if err != nil {
		return a, fmt.Errorf("read lines of allocation %d: %w", id, err)
	}
	for i := range a.Lines {
		a.Lines[i].derive()
	}
	return a, nil
}

// Allocation returns one run with its lines and history.
func (l *Ledger) Allocation(ctx context.Context, who access.Actor, id int64) (a Allocation, err error) {
	if err := who.May(access.ReadAllocations); err != nil {
		return a, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		if a, err = allocationByID(ctx, tx, id, true); err != nil {
			return err
		}
		a.Steps, err = history(ctx, tx, "allocation", id)
		return err
	})
	return a, err
}

// Allocations lists runs in reach, newest first, without their lines.
func (l *Ledger) Allocations(ctx context.Context, who access.Actor, paging postgres.Paging) (page postgres.Page[Allocation], err error) {
	if err := who.May(access.ReadAllocations); err != nil {
		return page, err
	}
	type newestFirst struct {
		Allocation int64 `json:"allocation"`
	}
	before := newestFirst{math.MaxInt64}
	limit, err := paging.Resume(&before)
	if err != nil {
		return page, err
	}
	var rows []Allocation
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, selectAllocations+` WHERE a.id < $1 ORDER BY a.id DESC LIMIT $2`, before.Allocation, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list allocations: %w", err)
	}
	return postgres.NewPage(paging, rows, func(a Allocation) newestFirst { return newestFirst{a.ID} })
}
