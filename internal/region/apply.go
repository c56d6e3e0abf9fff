package region

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/fault"
)

// apply changes the tree: new versions from the effective day on, a new region, an heir.
func apply(ctx context.Context, tx *sqlx.Tx, n NewChange, now time.Time) (c Change, moved []Moved, err error) {
	// Two changes at once take turns, and a third sees them done.
	id, err := nextID(ctx, tx)
	if err != nil {
		return c, nil, err
	}
	tree, err := Load(ctx, tx)
	if err != nil {
		return c, nil, err
	}
	if c, err = n.check(tree, now); err != nil {
		return c, nil, err
	}
	going := c.going(tree)
	taken := map[string]bool{}
	for _, r := range tree.today {
		taken[r.Code] = true
	}
	codes := renumber(going, c.Into.Code, n.Children, taken)
	if c.Splits() {
		c.Into.ID = id
		if c.Into.Lon, c.Into.Lat, err = n.point(going, c.From); err != nil {
			return c, nil, err
		}
		if err := c.open(ctx, tx, tree); err != nil {
			return c, nil, err
		}
		moved = append(moved, Moved{What: "region", How: "opened", From: c.From.Code, To: c.Into.Code, Name: c.Into.Name, Count: 1})
	} else {
		if err := c.end(ctx, tx); err != nil {
			return c, nil, err
		}
		moved = append(moved, Moved{What: "region", How: "closed", From: c.From.Code, To: c.Into.Code, Name: c.From.Name, Count: 1})
	}
	lines, err := c.recode(ctx, tx, tree, going, codes)
	return c, append(moved, lines...), err
}

// check resolves what is asked, or returns all that is wrong with it.
func (n NewChange) check(tree *Tree, now time.Time) (c Change, err error) {
	var wrong fault.Fields
	c = Change{NewChange: n, Now: now}
	if c.Effective, err = time.Parse(time.DateOnly, n.On); err != nil {
		wrong.Add("body.on", "not-a-date", n.On, "form", "YYYY-MM-DD")
	} else if today := Today(WIB, now); c.Effective.After(today) {
		wrong.Add("body.on", "in-the-future", n.On, "today", today.Format(time.DateOnly))
	}
	if n.Kind != "split" && n.Kind != "merge" {
		wrong.Add("body.kind", "not-in-list", n.Kind, "list", []string{"split", "merge"})
	}
	if n.Document == "" || len(n.Document) > 100 {
		wrong.Add("body.document", "missing-or-too-long", nil, "most", 100)
	}
	if c.Splits() && !(n.Share > 0 && n.Share < 1) {
		wrong.Add("body.share", "out-of-range", n.Share, "above", 0, "below", 1)
	}
	if c.Splits() && (n.Name == "" || len(n.Name) > 200) {
		wrong.Add("body.name", "missing-or-too-long", nil, "most", 200)
	}
	if err := wrong.Err(); err != nil {
		return c, err
	}
	today := Today(WIB, now)
	if c.From, err = tree.ByCode(n.Region, today); err != nil {
		return c, err
	}
	if err := c.From.Expect(Province, Regency, District, Village); err != nil {
		return c, err
	}
	if err := c.standsSince(c.From); err != nil {
		return c, err
	}
	if c.Splits() {
		err = c.checkSplit(tree, today)
	} else {
		err = c.checkMerge(tree, today)
	}
	if err != nil {
		return c, err
	}
	c.checkChildren(tree, &wrong)
	return c, wrong.Err()
}

// standsSince refuses a day before the region got the code it has: what held then is history.
func (c Change) standsSince(r Region) error {
	if !r.From.Before(c.Effective) {
		return ErrChangedLater.With("code", r.Code, "since", r.From.Format(time.DateOnly), "on", c.On)
	}
	return nil
}

func (c *Change) checkSplit(tree *Tree, today time.Time) error {
	level, err := LevelOf(c.NewChange.Into)
	if err != nil {
		return err
	}
	c.Into = Region{Code: c.NewChange.Into, Name: c.Name, Level: c.From.Level, Kind: c.From.Kind, Zone: c.From.Zone, Parent: Parent(c.NewChange.Into)}
	if level != c.From.Level {
		return ErrWrongLevel.With("code", c.Into.Code, "level", level, "wanted", c.From.Level)
	}
	if held, err := tree.ByCode(c.Into.Code, today); err == nil {
		return ErrCodeTaken.With("code", c.Into.Code, "name", held.Name)
	}
	if _, err := tree.ByCode(c.Into.Parent, today); err != nil {
		return err
	}
	if level == Regency { // the codes of cities begin at 71
		c.Into.Kind = "regency"
		if c.Into.Code[3] >= '7' {
			c.Into.Kind = "city"
		}
	}
	return nil
}

func (c *Change) checkMerge(tree *Tree, today time.Time) (err error) {
	if c.Into, err = tree.ByCode(c.NewChange.Into, today); err != nil {
		return err
	}
	switch {
	case c.Into.ID == c.From.ID:
		return fault.ErrInvalid.At("body.into", "same-region", c.NewChange.Into)
	case c.Into.Level != c.From.Level:
		return ErrWrongLevel.With("code", c.Into.Code, "level", c.Into.Level, "wanted", c.From.Level)
	}
	return c.standsSince(c.Into)
}

func (c Change) checkChildren(tree *Tree, wrong *fault.Fields) {
	seen := map[string]bool{}
	for i, child := range c.Children {
		at := fmt.Sprintf("body.children[%d]", i)
		held, known := tree.bearer(child.Region)
		switch {
		case !known || Parent(child.Region) != c.From.Code:
			wrong.Add(at+".region", "not-under-region", child.Region, "region", c.From.Code)
		case seen[child.Region]:
			wrong.Add(at+".region", "duplicate", child.Region)
		case !held.From.Before(c.Effective):
			wrong.Add(at+".region", ErrChangedLater.Code, child.Region, "since", held.From.Format(time.DateOnly))
		}
		level, err := LevelOf(child.Code)
		switch _, taken := tree.bearer(child.Code); {
		case err != nil || level != c.From.Level+1 || Parent(child.Code) != c.Into.Code:
			wrong.Add(at+".code", "not-under-region", child.Code, "region", c.Into.Code)
		case taken || seen[child.Code]:
			wrong.Add(at+".code", ErrCodeTaken.Code, child.Code)
		}
		seen[child.Region], seen[child.Code] = true, true
	}
	if c.Splits() && c.From.Level < District && len(c.Children) == 0 {
		wrong.Add("body.children", "missing", nil)
	}
	if n := len(tree.under(c.From.Code)); c.Splits() && n > 0 && len(c.Children) >= n {
		wrong.Add("body.children", "nothing-left", len(c.Children), "region", c.From.Code)
	}
}

// bearer is the region that bears a code today.
func (t *Tree) bearer(code string) (Region, bool) {
	for _, r := range t.bore[code] {
		if r.Until == nil {
			return r, true
		}
	}
	return Region{}, false
}

// going are the regions directly under From that go over: those named by a split, all in a merge.
func (c Change) going(tree *Tree) []Region {
	all := tree.under(c.From.Code)
	if !c.Splits() {
		return all
	}
	named := map[string]bool{}
	for _, child := range c.Children {
		named[child.Region] = true
	}
	var going []Region
	for _, r := range all {
		if named[r.Code] {
			going = append(going, r)
		}
	}
	return going
}

// point is where the new region is shown.
func (n NewChange) point(going []Region, from Region) (lon, lat float64, err error) {
	switch {
	case n.Lon != nil && n.Lat != nil:
		if *n.Lon < 94 || *n.Lon > 142 || *n.Lat < -12 || *n.Lat > 7 {
			return 0, 0, fault.ErrInvalid.At("body.lon", "outside-indonesia", *n.Lon, "lat", *n.Lat)
		}
		return *n.Lon, *n.Lat, nil
	case len(going) == 0:
		return from.Lon, from.Lat, nil
	}
	for _, r := range going {
		lon, lat = lon+r.Lon/float64(len(going)), lat+r.Lat/float64(len(going))
	}
	return lon, lat, nil
}

// open adds the new region of a split, and says what share of the past is its own.
func (c Change) open(ctx context.Context, tx *sqlx.Tx, tree *Tree) error {
	over, _ := tree.bearer(c.Into.Parent)
	var regions regionColumns
	var versions versionColumns
	regions.add(c.Into.ID, Fact{Level: c.Into.Level, Kind: c.Into.Kind, Zone: c.Into.Zone, Lon: c.Into.Lon, Lat: c.Into.Lat})
	versions.add(c.Into.ID, c.Into.Code, c.Into.Name, over.ID, c.Effective, noDay)
	if err := insert(ctx, tx, regions, versions); err != nil {
		return err
	}
	// What spoke of From by a share speaks of both now; and what was recorded of From itself since the last change.
	_, err := tx.ExecContext(ctx, `
		WITH inherited AS (
			INSERT INTO region_shares (region_id, since, until, to_region_id, share)
			SELECT region_id, since, until, $2, share * $3
			FROM region_shares
			WHERE to_region_id = $1)
		UPDATE region_shares
		SET share = share * (1 - $3)
		WHERE to_region_id = $1`, c.From.ID, c.Into.ID, c.Share)
	if err != nil {
		return fmt.Errorf("share the past: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO region_shares (region_id, since, until, to_region_id, share)
		SELECT $1::int, l.since, $4::date, n.to_region_id, n.share
		FROM (SELECT coalesce(max(until), '0001-01-01'::date) AS since FROM region_shares WHERE region_id = $1::int) l,
		     (VALUES ($1::int, 1 - $3::float8), ($2::int, $3::float8)) AS n (to_region_id, share)
		WHERE l.since < $4::date`, c.From.ID, c.Into.ID, c.Share, c.Effective)
	if err != nil {
		return fmt.Errorf("share the past: %w", err)
	}
	return nil
}

// end closes the region that merges and names its heir, also to those that had merged into it before.
func (c Change) end(ctx context.Context, tx *sqlx.Tx) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE region_versions
		SET valid_to = $2
		WHERE region_id = $1 AND valid_to IS NULL`, c.From.ID, c.Effective)
	if err != nil {
		return fmt.Errorf("end region: %w", err)
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE regions
		SET heir_id = $2
		WHERE id = $1 OR heir_id = $1`, c.From.ID, c.Into.ID)
	if err != nil {
		return fmt.Errorf("name the heir: %w", err)
	}
	return nil
}

// recode gives new codes to what goes over and to all that lies below it, from the effective day on.
func (c Change) recode(ctx context.Context, tx *sqlx.Tx, tree *Tree, going []Region, codes map[int]string) ([]Moved, error) {
	var ids, parents []int64
	var to, names []string
	var moved []Moved
	below := map[Level]int64{}
	for _, child := range going {
		code := codes[child.ID]
		ids, parents, to, names = append(ids, int64(child.ID)), append(parents, int64(c.Into.ID)), append(to, code), append(names, child.Name)
		moved = append(moved, Moved{What: child.Level.String(), How: "recoded", From: child.Code, To: code, Name: child.Name, Count: 1})
		for _, r := range tree.today {
			if r.ID == child.ID || !Under(r.Code, child.Code) {
				continue
			}
			over, _ := tree.bearer(Parent(r.Code))
			ids, parents, names = append(ids, int64(r.ID)), append(parents, int64(over.ID)), append(names, r.Name)
			to = append(to, code+strings.TrimPrefix(r.Code, child.Code))
			below[r.Level]++
		}
	}
	for level := District; level <= Village; level++ {
		if below[level] > 0 {
			moved = append(moved, Moved{What: level.String(), How: "recoded", From: c.From.Code, To: c.Into.Code, Count: below[level]})
		}
	}
	if len(ids) == 0 {
		return moved, nil
	}
	var since []struct {
		Code string
		From time.Time `db:"valid_from"`
	}
	err := tx.SelectContext(ctx, &since, `
		SELECT code, valid_from
		FROM region_versions
		WHERE region_id = ANY ($1) AND valid_to IS NULL AND valid_from >= $2
		ORDER BY code
		LIMIT 1`, pq.Array(ids), c.Effective)
	if err != nil {
		return nil, fmt.Errorf("read versions: %w", err)
	}
	if len(since) > 0 {
		return nil, ErrChangedLater.With("code", since[0].Code, "since", since[0].From.Format(time.DateOnly), "on", c.On)
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE region_versions
		SET valid_to = $2
		WHERE region_id = ANY ($1) AND valid_to IS NULL`, pq.Array(ids), c.Effective)
	if err != nil {
		return nil, fmt.Errorf("close versions: %w", err)
	}
	var versions versionColumns
	for i := range ids {
		versions.add(int(ids[i]), to[i], names[i], int(parents[i]), c.Effective, noDay)
	}
	return moved, insert(ctx, tx, regionColumns{}, versions)
}
