package region

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Faults of a change that cannot be.
var (
	ErrCodeTaken     = fault.New(fault.Conflict, "region-code-taken")     // code, name
	ErrChangedLater  = fault.New(fault.Conflict, "region-changed-later")  // code, since
	ErrChangeUnknown = fault.New(fault.NotFound, "region-change-unknown") // change
)

// NewChange is a split or a merge as it is asked for.
type NewChange struct {
	Kind     string    `json:"kind" enum:"split,merge"`
	Region   string    `json:"region" maxLength:"13" doc:"the region that is split and goes on, or that ends in a merge"`
	Into     string    `json:"into" maxLength:"13" doc:"a new code for the new region of a split; the region that a merge goes into"`
	Name     string    `json:"name,omitempty" maxLength:"200" doc:"of the new region"`
	On       string    `json:"on" format:"date" doc:"first day on which it holds; today or before"`
	Document string    `json:"document" minLength:"1" maxLength:"100" doc:"the law or decree" example:"UU 14/2022"`
	Share    float64   `json:"share,omitempty" minimum:"0" maximum:"1" doc:"of the people of a split region, how many go to the new one"`
	Children []NewCode `json:"children,omitempty" maxItems:"1000" doc:"what lies under the region and goes over, with its new code; in a merge all go, and those not named keep their number or get the next free one"`
	Stock    []Counted `json:"stock,omitempty" maxItems:"100" doc:"pieces of the office that go to the new one's, as they were counted; what is not named goes by the share of people"`
	Users    []string  `json:"users,omitempty" maxItems:"1000" doc:"user names that go to the new region; in a merge all go"`
	Lon      *float64  `json:"lon,omitempty" doc:"a point in the new region; the middle of what goes over when left out"`
	Lat      *float64  `json:"lat,omitempty"`
}

// NewCode is what a region is called from the change on.
type NewCode struct {
	Region string `json:"region" maxLength:"13" doc:"its code before"`
	Code   string `json:"code" maxLength:"13" doc:"its code after"`
}

// Counted is how many pieces of a kind go over.
type Counted struct {
	Item      string `json:"item" enum:"ktp-el,kia,ribbon,film"`
	Condition string `json:"condition" enum:"usable,spoiled,surrendered,quarantine"`
	Pieces    int64  `json:"pieces" minimum:"0" maximum:"100000000"`
}

// Change is a split or merge that the tree already shows: From gave to Into, which a split made anew and which stood
// before a merge.
type Change struct {
	NewChange
	Effective  time.Time
	Now        time.Time
	From, Into Region
}

// Splits reports whether the change makes two of one.
func (c Change) Splits() bool { return c.Kind == "split" }

// Part is how many of n people or expected pieces go to Into; the rest stays with From, so nothing is lost in between.
func (c Change) Part(n int64) int64 {
	if !c.Splits() {
		return n
	}
	return int64(float64(n)*c.Share + 0.5)
}

// Moved is one line of what a change did.
type Moved struct {
	What   string `json:"what" doc:"what moved, was shared, or stays" example:"stock"`
	How    string `json:"how" enum:"recoded,opened,moved,shared,added,closed,stays"`
	From   string `json:"from" doc:"code before"`
	To     string `json:"to" doc:"code after"`
	Name   string `json:"name,omitempty"`
	Count  int64  `json:"count" doc:"records"`
	Pieces int64  `json:"pieces,omitempty" doc:"blanks, or people, that went over"`
}

// Mover takes one domain's part in a change, in the one transaction of all of them.
type Mover func(ctx context.Context, tx *sqlx.Tx, who access.Actor, c Change) ([]Moved, error)

// Changes splits and merges regions.
type Changes struct {
	db     *postgres.DB
	now    func() time.Time
	movers []Mover
}

// NewChanges changes the regions in db, and with them what each mover keeps.
func NewChanges(db *postgres.DB, now func() time.Time, movers ...Mover) *Changes {
	return &Changes{db: db, now: now, movers: movers}
}

// Changed is a change that was made, with all that moved by it.
type Changed struct {
	ID       int64     `json:"id" doc:"0 for a dry run"`
	Kind     string    `json:"kind" enum:"split,merge"`
	Region   string    `json:"region"`
	Into     string    `json:"into"`
	On       string    `json:"on" format:"date"`
	Document string    `json:"document"`
	Asked    NewChange `json:"asked"`
	Moved    []Moved   `json:"moved,omitempty" doc:"left out of lists"`
	At       time.Time `json:"at"`
	By       string    `json:"by"`
}

// errTried ends the transaction of a dry run.
var errTried = errors.New("dry run")

// Do makes a change in one transaction over all domains, or with try only tells what it would do.
func (s *Changes) Do(ctx context.Context, who access.Actor, n NewChange, try bool) (done Changed, err error) {
	if err := who.May(access.ChangeRegions); err != nil {
		return done, err
	}
	if !try {
		return postgres.Once(ctx, s.db, who, func(tx *sqlx.Tx) (Changed, error) { return s.do(ctx, tx, who, n) })
	}
	err = postgres.Write(ctx, s.db, who, func(tx *sqlx.Tx) error {
		if done, err = s.do(ctx, tx, who, n); err != nil {
			return err
		}
		done.ID = 0
		return errTried
	})
	if errors.Is(err, errTried) {
		err = nil
	}
	return done, err
}

func (s *Changes) do(ctx context.Context, tx *sqlx.Tx, who access.Actor, n NewChange) (done Changed, err error) {
	c, moved, err := apply(ctx, tx, n, s.now())
	if err != nil {
		return done, err
	}
	for _, move := range s.movers {
		more, err := move(ctx, tx, who, c)
		if err != nil {
			return done, err
		}
		moved = append(moved, more...)
	}
	done = Changed{Kind: c.Kind, Region: n.Region, Into: n.Into, On: n.On, Document: n.Document, Asked: n, Moved: moved, At: s.now(), By: who.Name}
	asked, err := json.Marshal(n)
	if err != nil {
		return done, fmt.Errorf("encode change: %w", err)
	}
	lines, err := json.Marshal(moved)
	if err != nil {
		return done, fmt.Errorf("encode what moved: %w", err)
	}
	err = tx.GetContext(ctx, &done.ID, `
		INSERT INTO region_changes (region_id, into_region_id, kind, effective, document, asked, moved, at, actor_id, actor)
		VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8, $9, $10)
		RETURNING id`, c.From.ID, c.Into.ID, c.Kind, c.Effective, c.Document, string(asked), string(lines), s.now(), who.ID, who.Name)
	if err != nil {
		return done, fmt.Errorf("record change of regions: %w", err)
	}
	return done, postgres.Audit(ctx, tx, who, c.From.ID, c.Kind, "region", c.From.ID, nil, n)
}

// List tells the changes with an end in reach, newest first, without what moved.
func (s *Changes) List(ctx context.Context, who access.Actor, p postgres.Paging) (page postgres.Page[Changed], err error) {
	if err := who.May(access.ReadRegions); err != nil {
		return page, err
	}
	type byID struct {
		Change int64 `json:"change"`
	}
	before := byID{1 << 62}
	limit, err := p.Resume(&before)
	if err != nil {
		return page, err
	}
	err = postgres.Read(ctx, s.db, who, func(tx *sqlx.Tx) error {
		found, err := records(ctx, tx, `WHERE id < $1 ORDER BY id DESC LIMIT $2`, before.Change, limit)
		if err != nil {
			return err
		}
		for i := range found {
			found[i].Moved = nil
		}
		page, err = postgres.NewPage(p, found, func(r Changed) byID { return byID{r.ID} })
		return err
	})
	return page, err
}

// Get tells one change and all that moved by it.
func (s *Changes) Get(ctx context.Context, who access.Actor, id int64) (r Changed, err error) {
	if err := who.May(access.ReadRegions); err != nil {
		return r, err
	}
	err = postgres.Read(ctx, s.db, who, func(tx *sqlx.Tx) error {
		found, err := records(ctx, tx, `WHERE id = $1`, id)
		if err == nil && len(found) == 0 {
			err = ErrChangeUnknown.With("change", id)
		}
		if err == nil {
			r = found[0]
		}
		return err
	})
	return r, err
}

func records(ctx context.Context, tx *sqlx.Tx, where string, args ...any) ([]Changed, error) {
	var rows []struct {
		ID           int64
		Asked, Moved []byte
		At           time.Time
		Actor        string
	}
	if err := tx.SelectContext(ctx, &rows, `SELECT id, asked, moved, at, actor FROM region_changes `+where, args...); err != nil {
		return nil, fmt.Errorf("read changes of regions: %w", err)
	}
	found := make([]Changed, len(rows))
	for i, row := range rows {
		r := &found[i]
		if err := errors.Join(json.Unmarshal(row.Asked, &r.Asked), json.Unmarshal(row.Moved, &r.Moved)); err != nil {
			return nil, fmt.Errorf("decode change %d: %w", row.ID, err)
		}
		r.ID, r.Kind, r.Region, r.Into, r.On, r.Document = row.ID, r.Asked.Kind, r.Asked.Region, r.Asked.Into, r.Asked.On, r.Asked.Document
		r.At, r.By = row.At, row.Actor
	}
	return found, nil
}

// renumber gives every child that goes over a code under into: the one that was asked for, else its own number, else the
// next free one.
func renumber(children []Region, into string, asked []NewCode, taken map[string]bool) map[int]string {
	wanted := map[string]string{}
	for _, a := range asked {
		wanted[a.Region] = a.Code
		taken[a.Code] = true
	}
	codes := map[int]string{}
	for _, child := range children {
		code, ok := wanted[child.Code]
		if !ok {
			code = into + child.Code[len(Parent(child.Code)):]
			if taken[code] {
				code = next(into, len(child.Code)-len(Parent(child.Code))-1, taken)
			}
			taken[code] = true
		}
		codes[child.ID] = code
	}
	return codes
}

// next is the number after the highest in use.
func next(into string, digits int, taken map[string]bool) string {
	highest := 0
	for code := range taken {
		if Parent(code) == into {
			if n, err := strconv.Atoi(code[len(into)+1:]); err == nil {
				highest = max(highest, n)
			}
		}
	}
	return fmt.Sprintf("%s.%0*d", into, digits, highest+1)
}

// under lists the regions of today directly under a code.
func (t *Tree) under(code string) []Region {
	var found []Region
	for _, r := range t.today {
		if Parent(r.Code) == code {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b Region) int {
		if a.Code < b.Code {
			return -1
		}
		return 1
	})
	return found
}
