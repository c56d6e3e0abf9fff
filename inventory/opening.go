package inventory

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/region"
	"blangko/internal/sheet"
)

// ErrOpened is the fault of an account whose opening stock was posted before, with other pieces or on another day.
var ErrOpened = fault.New(fault.Conflict, "opening-already-posted") // move, date, pieces

// openingLayout is the heading of what stood on the shelves when an office began to keep its ledger here.
var openingLayout = sheet.Layout{Name: "opening-stock", Columns: []sheet.Column{
	{Name: "region_code", Required: true, Note: "00 gudang pusat, kode provinsi, kabupaten/kota, atau kecamatan yang punya loket"},
	{Name: "region_name", Note: "tidak dibaca"},
	{Name: "item", Note: "kosong = ktp-el", List: []string{"ktp-el", "kia", "ribbon", "film"}},
	{Name: "condition", Note: "kosong = usable", List: []string{string(Usable), string(Spoiled), string(Surrendered)}},
	{Name: "lot", Note: "asal dana, misalnya APBN atau PNBP; kosong = APBN"},
	{Name: "pieces", Required: true, Note: "jumlah keping", Number: true},
	{Name: "date", Required: true, Note: "tanggal dihitung, 2024-01-02"},
	{Name: "document", Required: true, Note: "nomor berita acara"},
	{Name: "note", Note: "catatan"}}}

// Kinds are the files that the ledger takes in: opening stock and daily print counts.
func (l *Ledger) Kinds() []sheet.Kind {
	return []sheet.Kind{
		{Name: "opening-stock", Action: access.PostMoves, Layouts: []sheet.Layout{openingLayout}, Take: l.takeOpenings, Undo: l.undoOpenings},
		l.prints(),
	}
}

// openedPlace is a store of a region and the days between which it takes moves.
type openedPlace struct {
	ID       int         `db:"id"`
	RegionID int         `db:"region_id"`
	Region   string      `db:"region"`
	Kind     PlaceKind   `db:"kind"`
	Zone     region.Zone `db:"zone"`
	From     string      `db:"opened_on"`
	Until    string      `db:"closed_on"`
	Locked   string      `db:"locked_until"`
}

// openAccount is what is opened once.
type openAccount struct {
	Place     int       `db:"place_id"`
	Item      int       `db:"item_id"`
	Condition Condition `db:"condition"`
	Lot       int       `db:"lot_id"`
}

// openingRow is a good row on its way into the ledger.
type openingRow struct {
	openAccount
	place          openedPlace
	pieces         int64
	date           string
	document, note string
	row            *sheet.Row
}

// takeOpenings posts the rows as moves of kind opening, one for the rows of a place, day and document. An account is
// opened once: a row that says what was posted before is unchanged, one that says otherwise is wrong.
func (l *Ledger) takeOpenings(ctx context.Context, tx *sqlx.Tx, who access.Actor, _ string, id int64, batches iter.Seq[[]*sheet.Row]) error {
	tree, err := region.Load(ctx, tx)
	if err != nil {
		return err
	}
	places, err := openPlaces(ctx, tx)
	if err != nil {
		return err
	}
	lots, err := lotsByName(ctx, tx)
	if err != nil {
		return err
	}
	first := map[openAccount]int{}
	for rows := range batches {
		var good []openingRow
		for _, row := range rows {
			o, err := l.decodeOpening(tree, places, lots, who, row)
			if err != nil {
				return err
			}
			if !row.Good() {
				continue
			}
			if before, twice := first[o.openAccount]; twice {
				row.Wrong("region_code", "duplicate", "row", before)
				continue
			}
			first[o.openAccount] = row.Number
			good = append(good, o)
		}
		if good, err = passOverOpened(ctx, tx, good); err != nil {
			return err
		}
		if err := l.postOpenings(ctx, tx, id, good); err != nil {
			return err
		}
	}
	return nil
}

// openPlaces finds the stores in reach by region and kind.
func openPlaces(ctx context.Context, tx *sqlx.Tx) (map[int][]openedPlace, error) {
	var list []openedPlace
	err := tx.SelectContext(ctx, &list, `
		SELECT p.id, p.region_id, r.code AS region, p.kind, r.zone, p.opened_on::text, coalesce(p.closed_on::text, '9999-12-31') AS closed_on,
			coalesce(p.locked_until::text, '') AS locked_until
		FROM places p
		JOIN regions_today r ON r.id = p.region_id
		WHERE p.kind IN ('national', 'province', 'regency', 'service')`)
	if err != nil {
		return nil, fmt.Errorf("read stores: %w", err)
	}
	places := map[int][]openedPlace{}
	for _, p := range list {
		places[p.RegionID] = append(places[p.RegionID], p)
	}
	return places, nil
}

func lotsByName(ctx context.Context, tx *sqlx.Tx) (map[string]int, error) {
	var list []struct {
		ID   int    `db:"id"`
		Name string `db:"name"`
	}
	if err := tx.SelectContext(ctx, &list, `SELECT id, name FROM lots`); err != nil {
		return nil, fmt.Errorf("read fund lots: %w", err)
	}
	lots := map[string]int{}
	for _, lot := range list {
		lots[lot.Name] = lot.ID
	}
	return lots, nil
}

func (l *Ledger) decodeOpening(tree *region.Tree, places map[int][]openedPlace, lots map[string]int, who access.Actor, row *sheet.Row) (o openingRow, err error) {
	o = openingRow{row: row, document: row.Must("document", 100), note: row.Text("note")}
	if utf8.RuneCountInString(o.note) > 500 {
		row.Wrong("note", "too-long", "most", 500)
	}
	item := row.OneOf("item", openingLayout.Columns[2].List...)
	o.Item = itemIDs[cmp.Or(item, "ktp-el")]
	o.Condition = cmp.Or(Condition(row.OneOf("condition", openingLayout.Columns[3].List...)), Usable)
	var known bool
	if o.Lot, known = lots[cmp.Or(row.Text("lot"), "APBN")]; !known {
		row.Wrong("lot", "lot-unknown")
	}
	switch pieces := row.Count("pieces"); {
	case pieces != nil && *pieces >= 1 && *pieces <= mostPieces:
		o.pieces = *pieces
	case pieces != nil:
		row.Wrong("pieces", "out-of-range", "least", 1, "most", mostPieces)
	case row.Text("pieces") == "":
		row.Wrong("pieces", "missing")
	}
	day, precision := row.Span("date")
	if precision != sheet.Day && precision != "" {
		row.Wrong("date", "not-a-date", "form", "YYYY-MM-DD")
	}
	o.date = day.Format(time.DateOnly)
	r, err := tree.ByCode(row.Text("region_code"), region.Today(region.WIB, l.now()))
	if err != nil {
		return o, row.WrongBecause("region_code", err)
	}
	if len(places[r.ID]) == 0 {
		row.Wrong("region_code", ErrPlaceUnknown.Code)
		return o, nil
	}
	o.place = places[r.ID][0]
	o.Place = o.place.ID
	if who != access.System && !slices.Contains(keepers[who.Role], o.place.Kind) {
		row.Wrong("region_code", ErrNotYourEnd.Code, "role", string(who.Role))
	}
	if precision == sheet.Day {
		o.place.takes(o.date, l.today(o.place.Zone), row)
	}
	return o, nil
}

// takes notes a day on which the place takes no move.
func (p openedPlace) takes(date, today string, row *sheet.Row) {
	switch {
	case date > today:
		row.Wrong("date", "in-the-future", "today", today, "zone", p.Zone)
	case date < p.From:
		row.Wrong("date", ErrOpening.Code, "opened_on", p.From)
	case date >= p.Until:
		row.Wrong("date", ErrClosed.Code, "closed_on", p.Until)
	case date <= p.Locked:
		row.Wrong("date", ErrPeriodClosed.Code, "locked_until", p.Locked)
	}
}

// passOverOpened returns the rows of accounts that were not opened yet.
func passOverOpened(ctx context.Context, tx *sqlx.Tx, rows []openingRow) ([]openingRow, error) {
	ids := make([]int64, len(rows))
	for i, o := range rows {
		ids[i] = int64(o.Place)
	}
	var posted []struct {
		openAccount
		Pieces int64  `db:"pieces"`
		Date   string `db:"date"`
		Move   string `db:"move"`
	}
	err := tx.SelectContext(ctx, &posted, `
		SELECT l.target_place_id AS place_id, l.item_id, l.target_condition AS condition, l.lot_id, l.pieces, m.business_date::text AS date,
			m.region_id || '-' || m.id AS move
		FROM move_lines l
		JOIN moves m ON m.region_id = l.region_id AND m.id = l.move_id
		WHERE m.kind = 'opening' AND l.target_place_id = ANY ($1)
		  AND NOT EXISTS (SELECT FROM moves b WHERE b.region_id IN (m.region_id, m.other_region_id) AND b.reverses = m.id)`, pq.Array(ids))
	if err != nil {
		return nil, fmt.Errorf("read opening stock: %w", err)
	}
	known := map[openAccount]int{}
	for i, p := range posted {
		known[p.openAccount] = i
	}
	return slices.DeleteFunc(rows, func(o openingRow) bool {
		i, opened := known[o.openAccount]
		switch {
		case !opened:
		case posted[i].Pieces == o.pieces && posted[i].Date == o.date:
			o.row.Unchanged()
		default:
			o.row.Wrong("pieces", ErrOpened.Code, "move", posted[i].Move, "date", posted[i].Date, "pieces", posted[i].Pieces)
		}
		return opened
	}), nil
}

// postOpenings posts a move for each place, day and document, all in one call. Pieces come from the supplier; old cards
// that were handed in come from the public.
func (l *Ledger) postOpenings(ctx context.Context, tx *sqlx.Tx, importID int64, rows []openingRow) error {
	if len(rows) == 0 {
		return nil
	}
	outside, err := outsideOf(ctx, tx, rows)
	if err != nil {
		return err
	}
	type paper struct {
		place          int
		date, document string
		from           Condition
	}
	at := map[paper]int{}
	var moves []posting
	var regions []int64
	for _, o := range rows {
		line := postingLine{Item: o.Item, Lot: o.Lot, From: outside[o.Place].Supplier, FromCondition: Usable, To: o.Place, ToCondition: o.Condition, Pieces: o.pieces}
		if o.Condition == Surrendered {
			line.From, line.FromCondition = outside[o.Place].Public, Surrendered
		}
		p := paper{o.Place, o.date, o.document, line.FromCondition}
		i, ok := at[p]
		if !ok {
			i = len(moves)
			at[p] = i
			moves = append(moves, posting{Kind: Opening, Document: o.document, Date: o.date, Reason: o.note})
			regions = append(regions, int64(o.place.RegionID))
		}
		moves[i].Lines = append(moves[i].Lines, line)
	}
	done, err := post(ctx, l.db, tx, agreed, moves...)
	if err != nil {
		return err
	}
	var homes, ids []int64
	for _, d := range done {
		homes, ids = append(homes, int64(d.RegionID)), append(ids, d.ID)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO import_moves (region_id, import_id, move_region_id, move_id)
		SELECT region_id, $1, move_region_id, move_id
		FROM unnest($2::int[], $3::int[], $4::bigint[]) AS m (region_id, move_region_id, move_id)`,
		importID, pq.Array(regions), pq.Array(homes), pq.Array(ids))
	if err != nil {
		return fmt.Errorf("note what the import posted: %w", err)
	}
	return nil
}

// outsides are the outer accounts nearest to a place.
type outsides struct {
	Place    int `db:"place"`
	Supplier int `db:"supplier"`
	Public   int `db:"public"`
}

func outsideOf(ctx context.Context, tx *sqlx.Tx, rows []openingRow) (map[int]outsides, error) {
	ids := map[int64]bool{}
	for _, o := range rows {
		ids[int64(o.Place)] = true
	}
	var list []outsides
	var wanted []int64
	for id := range ids {
		wanted = append(wanted, id)
	}
	err := tx.SelectContext(ctx, &list, `
		SELECT p AS place, around(p, 'supplier') AS supplier, coalesce(around(p, 'public'), 0) AS public
		FROM unnest($1::int[]) p`, pq.Array(wanted))
	if err != nil {
		return nil, fmt.Errorf("find the outer accounts: %w", err)
	}
	found := map[int]outsides{}
	for _, o := range list {
		found[o.Place] = o
	}
	return found, nil
}

// undoOpenings reverses the moves of an import. Where pieces were used since, it is insufficient-stock and nothing is
// taken back.
func (l *Ledger) undoOpenings(ctx context.Context, tx *sqlx.Tx, _ access.Actor, id int64) error {
	var moves []string
	err := tx.SelectContext(ctx, &moves, `
		SELECT move_region_id || '-' || move_id
		FROM import_moves
		WHERE import_id = $1
		ORDER BY move_id`, id)
	if err != nil {
		return fmt.Errorf("read what the import posted: %w", err)
	}
	for _, m := range moves {
		if _, err := l.undo(ctx, tx, agreed, m, fmt.Sprintf("import %d", id)); err != nil {
			return err
		}
	}
	return nil
}
