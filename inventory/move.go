package inventory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"blangko/internal/access"
	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// MoveKind is what a move is for.
type MoveKind string

const (
	Opening        MoveKind = "opening"
	Delivery       MoveKind = "delivery"
	Reserve        MoveKind = "reserve"
	ReleaseReserve MoveKind = "release"
	Dispatch       MoveKind = "dispatch"
	ReceiptMove    MoveKind = "receipt"
	Return         MoveKind = "return"
	Use            MoveKind = "use"
	Surrender      MoveKind = "surrender"
	CheckOutMove   MoveKind = "checkout"
	CheckInMove    MoveKind = "checkin"
	Transfer       MoveKind = "transfer"
	CountMove      MoveKind = "count"
	LossMove       MoveKind = "loss"
	Destruct       MoveKind = "destruction"
	QuarantineMove MoveKind = "quarantine"
	Reversal       MoveKind = "reversal"
)

// Account is a place and the condition of the pieces in it.
type Account struct {
	Place     int       `json:"place" minimum:"1" doc:"id of the place"`
	Condition Condition `json:"condition" enum:"usable,reserved,in-transit,spoiled,surrendered,quarantine,issued"`
}

// MoveLine takes pieces from one account and gives them to another.
type MoveLine struct {
	Item    string  `json:"item,omitempty" default:"ktp-el" enum:"ktp-el,kia,ribbon,film"`
	Lot     int     `json:"lot,omitempty" minimum:"1" default:"1" doc:"fund lot; 1 is APBN"`
	From    Account `json:"from"`
	To      Account `json:"to"`
	Pieces  int64   `json:"pieces" minimum:"1" maximum:"100000000"`
	Purpose Purpose `json:"purpose,omitempty" enum:"first-time,moved,marital,damaged,lost,data-change,outreach,other,spoiled" doc:"why cards were printed; for moves of kind use"`
}

// NewMove is a move to be posted by hand.
type NewMove struct {
	Kind     MoveKind   `json:"kind" enum:"opening,use,surrender,transfer,quarantine" doc:"other kinds are posted by their own resource"`
	Document string     `json:"document" minLength:"1" maxLength:"100" doc:"number of the paper behind it"`
	Date     string     `json:"date" format:"date" doc:"business date in the zone of the place"`
	Reason   string     `json:"reason,omitempty" maxLength:"500"`
	Lines    []MoveLine `json:"lines" minItems:"1" maxItems:"1000"`
	Boxes    []Chips    `json:"boxes,omitempty" maxItems:"1000" doc:"boxes, or chips of them, that are among the pieces; for moves of kind quarantine, of one item, place and way"`
}

// Move is a posted move.
type Move struct {
	ID        string     `json:"id"`
	Kind      MoveKind   `json:"kind"`
	Document  string     `json:"document"`
	Date      string     `json:"date" format:"date"`
	Reason    string     `json:"reason"`
	Reverses  string     `json:"reverses,omitempty" doc:"the move that this one undoes"`
	Actor     string     `json:"actor"`
	At        time.Time  `json:"at"`
	Synthetic bool       `json:"synthetic" doc:"made by the demo, not by people"`
	Lines     []MoveLine `json:"lines"`
}

// leg is one way pieces may go by hand.
type leg struct {
	from, to []PlaceKind
	fromIn   Condition
	toIn     Condition
	purpose  bool // a use names its purpose
	same     bool // both ends lie in one place
}

// byHand says which legs a move of each kind may have when a person posts it.
var byHand = map[MoveKind][]leg{
	Opening: {{from: []PlaceKind{Supplier}, to: stores, fromIn: Usable, toIn: Usable}},
	Use: {
		{from: offices, to: []PlaceKind{Public}, fromIn: Usable, toIn: Issued, purpose: true},
		{from: stores, to: stores, fromIn: Usable, toIn: Spoiled, same: true},
	},
	Surrender: {{from: []PlaceKind{Public}, to: offices, fromIn: Surrendered, toIn: Surrendered}},
	Transfer:  {{from: offices, to: offices, fromIn: Usable, toIn: Usable}},
	QuarantineMove: {
		{from: stores, to: stores, fromIn: Usable, toIn: Quarantine, same: true},
		{from: stores, to: stores, fromIn: Quarantine, toIn: Usable, same: true},
		{from: stores, to: stores, fromIn: Quarantine, toIn: Spoiled, same: true}, // found unfit; a destruction takes it from there
	},
}

func (g leg) takes(line MoveLine, from, to placeFacts) bool {
	return slices.Contains(g.from, from.Kind) && slices.Contains(g.to, to.Kind) &&
		g.fromIn == line.From.Condition && g.toIn == line.To.Condition &&
		(!g.same || from.ID == to.ID) && (g.purpose || line.Purpose == "" || line.Purpose == "spoiled")
}

var itemIDs = map[string]int{"ktp-el": 1, "kia": 2, "ribbon": 3, "film": 4}

var itemCodes = [...]string{1: "ktp-el", 2: "kia", 3: "ribbon", 4: "film"}

// Post records a move by hand. What an office used or took back, those above it may post from its paper; transfers and quarantine
// are their keeper's, opening stock the store's. Errors: invalid-input with the field at fault; place-unknown out of reach;
// not-your-end; insufficient-stock with the account, what was asked and what is there; and what permit refuses.
func (l *Ledger) Post(ctx context.Context, who access.Actor, m NewMove) (Move, error) {
	if err := who.May(access.PostMoves); err != nil {
		return Move{}, err
	}
	m.Lines = slices.Clone(m.Lines) // prepare fills in what is left to it
	p, err := l.prepare(ctx, who, m)
	if err != nil {
		return Move{}, err
	}
	if m.Kind != Use && m.Kind != Surrender {
		return l.postPermitted(ctx, who, m, p)
	}
	key := postgres.KeyOf(ctx)
	done, err := l.posts.Ask(ctx, handMove{who, key, p})
	if err != nil {
		return Move{}, err // it may still happen; asking again with the key tells
	}
	if done.err != nil {
		return Move{}, done.err
	}
	if key != nil {
		key.Replayed = done.replayed
	}
	return m.posted(who, done.id, done.at), nil
}

func (m NewMove) posted(who access.Actor, id string, at time.Time) Move {
	return Move{ID: id, Kind: m.Kind, Document: m.Document, Date: m.Date, Reason: m.Reason, Actor: who.Name, At: at, Lines: m.Lines}
}

// handMove is a move by hand, with who posts it and their Idempotency-Key, if there is one.
type handMove struct {
	who  access.Actor
	key  *postgres.Key
	move posting
}

// handMoved is what the ledger says to a move by hand.
type handMoved struct {
	id       string
	at       time.Time
	replayed bool // was posted before, with the same key
	err      error
}

// postByHand posts what several people ask for at the same moment, each with their own reach, refused or done by itself. An error
// that nobody foresaw undoes them all, and each is then tried alone, so that only the guilty one fails.
func (l *Ledger) postByHand(ctx context.Context, asked []handMove) ([]handMoved, error) {
	answers := make([]handMoved, len(asked))
	rest := make([]int, len(asked))
	for i := range rest {
		rest[i] = i
	}
	for len(rest) > 0 {
		var now, later []int
		for _, i := range rest { // the second of a key must find the answer of the first
			twin := asked[i].key != nil && slices.ContainsFunc(now, func(j int) bool {
				return asked[j].key != nil && asked[j].who.ID == asked[i].who.ID && asked[j].key.ID == asked[i].key.ID
			})
			if twin {
				later = append(later, i)
			} else {
				now = append(now, i)
			}
		}
		if err := l.postOnce(ctx, asked, answers, now); err != nil {
			for _, i := range now {
				if len(now) > 1 {
					err = l.postOnce(ctx, asked, answers, []int{i})
				}
				if err != nil {
					answers[i] = handMoved{err: err}
				}
			}
		}
		rest = later
	}
	return answers, nil
}

// postOnce posts those of asked that are named, in a transaction of its own, and answers each.
func (l *Ledger) postOnce(ctx context.Context, asked []handMove, answers []handMoved, named []int) error {
	actors, keys, digests, asks := make([]int64, len(named)), make([]sql.NullString, len(named)), make([][]byte, len(named)), make([]ask, len(named))
	for n, i := range named {
		a := &asked[i]
		actors[n], asks[n] = a.who.ID, ask{Actor: &a.who.ID, Name: &a.who.Name, Reach: &a.who.Reach, Moves: []posting{a.move}}
		if a.key != nil {
			keys[n], digests[n] = sql.NullString{String: a.key.ID, Valid: true}, a.key.Digest[:]
		}
	}
	text, err := jsonText(asks)
	if err != nil {
		return err
	}
	return breach(l.db.Call(ctx, `SELECT ask, id, at, refused, facts, replayed FROM post_once($1, $2, $3, $4)`,
		[]any{pq.Array(actors), pq.Array(keys), pq.Array(digests), text}, func(rows *sql.Rows) error {
			var number int
			var id, refused sql.NullString
			var at sql.NullTime
			var facts []byte
			var replayed bool
			if err := rows.Scan(&number, &id, &at, &refused, &facts, &replayed); err != nil {
				return err
			}
			answer := &answers[named[number-1]]
			if refused.Valid {
				*answer = handMoved{err: refusal(refused.String, facts)}
			} else {
				*answer = handMoved{id: id.String, at: at.Time, replayed: replayed}
			}
			return nil
		}))
}

// prepare checks a move as far as that is possible without the balances.
func (l *Ledger) prepare(ctx context.Context, who access.Actor, m NewMove) (posting, error) {
	var ids []int
	for _, line := range m.Lines {
		ids = append(ids, line.From.Place, line.To.Place)
	}
	known, err := l.facts(ctx, ids)
	if err != nil {
		return posting{}, err
	}
	p := posting{Kind: m.Kind, Document: m.Document, Date: m.Date, Reason: m.Reason}
	var wrong fault.Fields
	for i := range m.Lines {
		line := &m.Lines[i]
		at := "body.lines[" + strconv.Itoa(i) + "]"
		from, seenFrom := known[line.From.Place]
		to, seenTo := known[line.To.Place]
		if !seenFrom || !seenTo {
			return p, ErrPlaceUnknown.With("line", i, "from", line.From.Place, "to", line.To.Place)
		}
		if line.Item == "" {
			line.Item = "ktp-el"
		}
		if line.Lot == 0 {
			line.Lot = 1
		}
		if itemIDs[line.Item] == 0 {
			wrong.Add(at+".item", "item-unknown", line.Item)
		}
		if line.Pieces < 1 || line.Pieces > 100_000_000 {
			wrong.Add(at+".pieces", "out-of-range", line.Pieces, "least", 1, "most", 100_000_000)
		}
		fits := slices.ContainsFunc(byHand[m.Kind], func(g leg) bool { return g.takes(*line, from, to) })
		if fits && (from.Kind == Public || to.Kind == Public) {
			if fits, err = l.serves(ctx, from, to); err != nil {
				return p, err
			}
		}
		if !fits {
			wrong.Add(at, "no-such-leg", nil, "kind", m.Kind, "from", string(from.Kind)+"/"+string(line.From.Condition),
				"to", string(to.Kind)+"/"+string(line.To.Condition), "purpose", line.Purpose)
		}
		if m.Kind == Use && line.Purpose == "" && line.To.Condition == Issued {
			wrong.Add(at+".purpose", "required", nil)
		}
		zone := from.Zone
		if !from.holdsStock() {
			zone = to.Zone
		}
		if i == 0 {
			if _, err := l.checkDate(zone, m.Date); err != nil {
				f, ok := fault.As(err)
				if !ok {
					return p, err
				}
				wrong.Add(f.Fields[0].Location, f.Fields[0].Code, m.Date)
			}
		}
		p.Lines = append(p.Lines, postingLine{
			Item: itemIDs[line.Item], Lot: line.Lot, From: line.From.Place, FromCondition: line.From.Condition,
			To: line.To.Place, ToCondition: line.To.Condition, Purpose: line.Purpose, Pieces: line.Pieces})
	}
	m.checkAside(&wrong)
	err = wrong.Err()
	if err == nil && (m.Kind == Transfer || m.Kind == QuarantineMove) {
		err = kept(who, ids, known)
	}
	if err != nil {
		return p, l.orUnknown(ctx, who, ids, err)
	}
	return p, nil
}

// serves says whether one of two places is the public of the other.
func (l *Ledger) serves(ctx context.Context, from, to placeFacts) (yes bool, err error) {
	if from.Public == to.Public {
		return true, nil
	}
	// What is cached may be older than a change of regions.
	err = postgres.Read(ctx, l.db, access.System, func(tx *sqlx.Tx) error {
		return tx.GetContext(ctx, &yes, `SELECT around($1, 'public') = around($2, 'public')`, from.ID, to.ID)
	})
	if err != nil {
		return false, fmt.Errorf("find the public of places %d and %d: %w", from.ID, to.ID, err)
	}
	return yes, nil
}

// kept refuses a move between places of which another role keeps one.
func kept(who access.Actor, ids []int, known map[int]placeFacts) error {
	for _, id := range ids {
		if who != access.System && !slices.Contains(keepers[who.Role], known[id].Kind) {
			return ErrNotYourEnd.With("place", id, "role", string(who.Role))
		}
	}
	return nil
}

// orUnknown hides what is wrong with a move that names a place out of reach: to its asker that place does not exist.
func (l *Ledger) orUnknown(ctx context.Context, who access.Actor, ids []int, wrong error) error {
	for _, id := range ids {
		if _, err := l.Place(ctx, who, id); err != nil {
			return err
		}
	}
	return wrong
}

// Reverse undoes a move by the opposite one, once. A reversal is not reversed: post the move anew instead.
func (l *Ledger) Reverse(ctx context.Context, who access.Actor, id string, reason string) (Move, error) {
	if err := who.May(access.ReverseMoves); err != nil {
		return Move{}, err
	}
	return postgres.Once(ctx, l.db, who, func(tx *sqlx.Tx) (Move, error) {
		m, err := moveByID(ctx, tx, id)
		if err != nil {
			return Move{}, err
		}
		if _, ok := byHand[m.Kind]; !ok && m.Kind != Delivery {
			return Move{}, ErrNotReversible.With("move", m.ID, "kind", string(m.Kind))
		}
		noun, document, err := documentOf(ctx, tx, m)
		if err != nil {
			return Move{}, err
		}
		if noun != "" && noun != "delivery" { // they post what they say instead
			return Move{}, ErrNotReversible.With("move", m.ID, "kind", string(m.Kind), "noun", noun, "id", document, "advice", "correct the document that posted it")
		}
		if err := m.asideIsFree(ctx, tx); err != nil {
			return Move{}, err
		}
		back, err := l.undo(ctx, tx, within, id, reason)
		if err != nil {
			return back, err
		}
		if m.Kind == QuarantineMove {
			if err := l.unsetAside(ctx, tx, who, m); err != nil {
				return back, err
			}
		}
		if noun == "delivery" {
			err = undeliver(ctx, tx, m, document)
		}
		back.Actor = who.Name
		return back, err
	})
}

// documentOf finds the delivery, daily report or visit that posted a move.
func documentOf(ctx context.Context, tx *sqlx.Tx, m Move) (noun string, id int64, err error) {
	regionID, number, err := parseMoveID(m.ID)
	if err != nil {
		return "", 0, err
	}
	var behind []struct {
		Noun string `db:"noun"`
		ID   int64  `db:"id"`
	}
	err = tx.SelectContext(ctx, &behind, `
		SELECT 'delivery' AS noun, id FROM deliveries WHERE region_id = $1 AND move_id = $2
		UNION ALL
		SELECT 'use', id FROM uses WHERE region_id = $1 AND move_id = $2
		UNION ALL
		SELECT 'visit', h.id
		FROM holds h
		JOIN moves m ON m.region_id = $1 AND m.id = $2 AND m.document = h.document
		JOIN move_lines l ON l.region_id = m.region_id AND l.move_id = m.id AND l.source_place_id = h.team_place_id
		WHERE h.region_id = $1
		LIMIT 1`, regionID, number)
	if err != nil {
		return "", 0, fmt.Errorf("look for the document of move %s: %w", m.ID, err)
	}
	if len(behind) == 0 {
		return "", 0, nil
	}
	return behind[0].Noun, behind[0].ID, nil
}

// undo posts the opposite of a move, once: on its own day, or where a closed month covers that, on the first day that is open. What was
// counted since is not undone. Whether that kind of move may be undone is the caller's to say.
func (l *Ledger) undo(ctx context.Context, tx *sqlx.Tx, far reach, id, reason string) (Move, error) {
	m, err := moveByID(ctx, tx, id)
	if err != nil {
		return Move{}, err
	}
	_, number, err := parseMoveID(id)
	if err != nil {
		return Move{}, err
	}
	if err := m.notCounted(ctx, tx); err != nil {
		return Move{}, err
	}
	var places []int
	for _, line := range m.Lines {
		places = append(places, line.From.Place, line.To.Place)
	}
	day, err := openDay(ctx, tx, m.Date, places...)
	if err != nil {
		return Move{}, err
	}
	p := posting{Kind: Reversal, Document: m.Document, Date: day, Reason: reason, Reverses: number}
	back := Move{Kind: Reversal, Document: m.Document, Date: day, Reason: reason, Reverses: id}
	for _, line := range m.Lines {
		line.From, line.To = line.To, line.From
		back.Lines = append(back.Lines, line)
		p.Lines = append(p.Lines, postingLine{
			Item: itemIDs[line.Item], Lot: line.Lot, From: line.From.Place, FromCondition: line.From.Condition,
			To: line.To.Place, ToCondition: line.To.Condition, Purpose: line.Purpose, Pieces: line.Pieces})
	}
	done, err := post(ctx, l.db, tx, far, p)
	if errors.Is(err, ErrReversed) {
		return Move{}, ErrReversed.With("move", id)
	}
	if err != nil {
		return Move{}, err
	}
	back.ID, back.At = moveID(done[0].RegionID, done[0].ID), done[0].At
	return back, nil
}

// notCounted refuses to undo a move of what was counted since: a mistake before a count is in what that count found, and undoing it as
// well would take it back twice.
func (m Move) notCounted(ctx context.Context, tx *sqlx.Tx) error {
	regionID, number, err := parseMoveID(m.ID)
	if err != nil {
		return err
	}
	var counts []int64
	err = tx.SelectContext(ctx, &counts, `
		SELECT c.id
		FROM move_lines l
		JOIN counts c ON c.item_id = l.item_id
		  AND (c.place_id = l.source_place_id AND c.condition = l.source_condition OR c.place_id = l.target_place_id AND c.condition = l.target_condition)
		WHERE l.region_id = $1 AND l.move_id = $2 AND c.state = 'posted' AND c.counted_at > $3
		ORDER BY c.id DESC
		LIMIT 1`, regionID, number, m.At)
	if err != nil {
		return fmt.Errorf("look for counts since move %s: %w", m.ID, err)
	}
	if len(counts) > 0 {
		return ErrCountedSince.With("move", m.ID, "count", counts[0], "advice", "the count has settled what was wrong before it; if the shelf differs now, count again")
	}
	return nil
}

// openDay is the first day, from a date on, that no closed month of the places covers.
func openDay(ctx context.Context, tx *sqlx.Tx, date string, places ...int) (day string, err error) {
	err = tx.GetContext(ctx, &day, `SELECT greatest($1::date, max(locked_until) + 1)::text FROM places WHERE id = ANY ($2)`, date, pq.Array(places))
	if err != nil {
		return "", fmt.Errorf("find an open day: %w", err)
	}
	return day, nil
}

// ErrCountedSince is the fault of undoing what a count has settled.
var ErrCountedSince = fault.New(fault.Conflict, "counted-since") // move, count

// ErrNotReversible is the fault of reversing what only its own resource may undo.
var ErrNotReversible = fault.New(fault.Conflict, "not-reversible")

// moveID is how clients name a move: region and number, so that a lookup needs one partition.
func moveID(regionID int, id int64) string {
	return strconv.Itoa(regionID) + "-" + strconv.FormatInt(id, 10)
}

func parseMoveID(id string) (regionID int, number int64, err error) {
	a, b, _ := strings.Cut(id, "-")
	regionID, errA := strconv.Atoi(a)
	number, errB := strconv.ParseInt(b, 10, 64)
	if errA != nil || errB != nil {
		return 0, 0, ErrMoveUnknown.With("move", id)
	}
	return regionID, number, nil
}

type moveRow struct {
	RegionID  int       `db:"region_id"`
	ID        int64     `db:"id"`
	Kind      MoveKind  `db:"kind"`
	Document  string    `db:"document"`
	Date      time.Time `db:"business_date"`
	Reason    string    `db:"reason"`
	Reverses  *int64    `db:"reverses"`
	Actor     string    `db:"actor"`
	At        time.Time `db:"at"`
	Synthetic bool      `db:"synthetic"`
	Lines     []byte    `db:"lines"`
}

const selectMoves = `
	SELECT m.region_id, m.id, m.kind, m.document, m.business_date, m.reason, m.reverses, m.actor, m.at, m.synthetic,
		(SELECT json_agg(json_build_object('item', l.item_id, 'lot', l.lot_id, 'from', l.source_place_id, 'from_condition', l.source_condition,
			'to', l.target_place_id, 'to_condition', l.target_condition, 'purpose', coalesce(l.purpose::text, ''), 'pieces', l.pieces) ORDER BY l.line)
		 FROM move_lines l WHERE l.region_id = m.region_id AND l.move_id = m.id) AS lines
	FROM moves m`

func (r moveRow) move() (Move, error) {
	m := Move{ID: moveID(r.RegionID, r.ID), Kind: r.Kind, Document: r.Document, Date: r.Date.Format(time.DateOnly), Reason: r.Reason,
		Actor: r.Actor, At: r.At, Synthetic: r.Synthetic}
	if r.Reverses != nil {
		m.Reverses = moveID(r.RegionID, *r.Reverses)
	}
	var lines []postingLine
	if err := json.Unmarshal(r.Lines, &lines); err != nil {
		return m, fmt.Errorf("decode lines of move %s: %w", m.ID, err)
	}
	for _, p := range lines {
		m.Lines = append(m.Lines, MoveLine{Item: itemCodes[p.Item], Lot: p.Lot, From: Account{p.From, p.FromCondition},
			To: Account{p.To, p.ToCondition}, Pieces: p.Pieces, Purpose: p.Purpose})
	}
	return m, nil
}

func moveByID(ctx context.Context, tx *sqlx.Tx, id string) (Move, error) {
	regionID, number, err := parseMoveID(id)
	if err != nil {
		return Move{}, err
	}
	var row moveRow
	err = tx.GetContext(ctx, &row, selectMoves+` WHERE m.region_id = $1 AND m.id = $2`, regionID, number)
	if err != nil {
		return Move{}, postgres.NotFound(err, ErrMoveUnknown.With("move", id))
	}
	return row.move()
}

// Move returns one move in reach.
func (l *Ledger) Move(ctx context.Context, who access.Actor, id string) (m Move, err error) {
	if err := who.May(access.ReadMoves); err != nil {
		return m, err
	}
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		m, err = moveByID(ctx, tx, id)
		return err
	})
	return m, err
}

// MoveFilter narrows a list of moves; the zero filter takes all in reach.
type MoveFilter struct {
	Place int      // moves that touched this place
	Kind  MoveKind // of one kind
	From  string   // first business date
	To    string   // last business date
	postgres.Paging
}

// Moves lists the moves in reach, newest first.
func (l *Ledger) Moves(ctx context.Context, who access.Actor, f MoveFilter) (page postgres.Page[Move], err error) {
	if err := who.May(access.ReadMoves); err != nil {
		return page, err
	}
	type newestFirst struct {
		Move int64 `json:"move"`
	}
	before := newestFirst{math.MaxInt64}
	limit, err := f.Resume(&before)
	if err != nil {
		return page, err
	}
	var rows []moveRow
	err = postgres.Read(ctx, l.db, who, func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &rows, selectMoves+`
			WHERE m.id < $1
			  AND ($2 = 0 OR (m.region_id, m.id) IN (SELECT e.move_region_id, e.move_id FROM entries e WHERE e.place_id = $2))
			  AND ($3 = '' OR m.kind::text = $3)
			  AND ($4 = '' OR m.business_date >= $4::date)
			  AND ($5 = '' OR m.business_date <= $5::date)
			ORDER BY m.id DESC
			LIMIT $6`, before.Move, f.Place, string(f.Kind), f.From, f.To, limit)
	})
	if err != nil {
		return page, fmt.Errorf("list moves: %w", err)
	}
	kept, err := postgres.NewPage(f.Paging, rows, func(r moveRow) newestFirst { return newestFirst{r.ID} })
	if err != nil {
		return page, err
	}
	page = postgres.Page[Move]{Items: []Move{}, Next: kept.Next}
	for _, row := range kept.Items {
		m, err := row.move()
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, m)
	}
	return page, nil
}
