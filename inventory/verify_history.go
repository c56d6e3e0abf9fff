package inventory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
)

// trailStep is a row of the trail as its chain covers it.
type trailStep struct {
	RegionID  int       `db:"region_id"`
	ID        int64     `db:"id"`
	At        time.Time `db:"at"`
	ActorID   int64     `db:"actor_id"`
	Actor     string    `db:"actor"`
	Action    string    `db:"action"`
	Noun      string    `db:"noun"`
	NounID    string    `db:"noun_id"`
	Before    string    `db:"before"`
	After     string    `db:"after"`
	RequestID string    `db:"request_id"`
	Step      int64     `db:"step"`
	Hash      []byte    `db:"hash"`
	Code      string    `db:"code"`
}

// link is the hash of the step after another; the SQL function history_link computes the same.
func (s trailStep) link(previous []byte) []byte {
	h := sha256.New()
	h.Write(previous)
	h.Write([]byte(join("\x1f", s.Step, s.RegionID, s.ID, s.At.UnixMicro(), s.ActorID, s.Actor, s.Action, s.Noun, s.NounID, s.Before, s.After, s.RequestID)))
	return h.Sum(nil)
}

// document is what the trail of a document in a region is known by.
type document struct {
	region   int
	noun, id string
}

// history verifies the trail: every step of every document linked to the one before, none missing up to the newest; every
// lot as it was opened; every request as its last step left it.
func (v *Verified) history(ctx context.Context, tx *sqlx.Tx) error {
	rows, err := tx.QueryxContext(ctx, `
		SELECT t.region_id, t.id, t.at, t.actor_id, t.actor, t.action, t.noun, t.noun_id, coalesce(t.before::text, '') AS before, coalesce(t.after::text, '') AS after,
		       t.request_id, t.step, t.hash, coalesce(v.code, '') AS code
		FROM audit t
		LEFT JOIN region_versions v ON v.region_id = t.region_id AND v.valid_to IS NULL
		ORDER BY t.region_id, t.noun, t.noun_id, t.step, t.id`)
	if err != nil {
		return fmt.Errorf("read the trail: %w", err)
	}
	defer rows.Close()
	var now document
	var last trailStep
	for rows.Next() {
		var s trailStep
		if err := rows.StructScan(&s); err != nil {
			return fmt.Errorf("scan the trail: %w", err)
		}
		v.Steps++
		if d := (document{s.RegionID, s.Noun, s.NounID}); d != now {
			now, last = d, trailStep{}
		}
		at := Breach{Region: s.Code, Seq: s.Step, Detail: fmt.Sprintf("%s %s: %s by %s", s.Noun, s.NounID, s.Action, s.Actor)}
		switch {
		case s.Step != last.Step+1:
			at.What, at.Seq, at.Detail = "history-missing", last.Step+1, fmt.Sprintf("%s %s: the next step kept is %d", s.Noun, s.NounID, s.Step)
			v.add(at)
		case !bytes.Equal(s.link(last.Hash), s.Hash):
			at.What = "history-broken"
			v.add(at)
		}
		last = s
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the trail: %w", err)
	}
	return v.told(ctx, tx)
}

// told compares what the trail says last with what stands: the newest step of each document with the one kept aside, lots
// with how they were opened, requests, losses, destructions and counts with how their last step left them, and every document
// with a trail with its row.
func (v *Verified) told(ctx context.Context, tx *sqlx.Tx) error {
	var wrong []struct {
		What   string `db:"what"`
		Region string `db:"region"`
		Seq    int64  `db:"seq"`
		Detail string `db:"detail"`
	}
	err := tx.SelectContext(ctx, &wrong, `
		WITH last AS MATERIALIZED (
			SELECT DISTINCT ON (region_id, noun, noun_id) region_id, noun, noun_id, step, hash, after
			FROM audit
			ORDER BY region_id, noun, noun_id, step DESC
		), wrong AS (
			SELECT 'history-head' AS what, coalesce(h.region_id, t.region_id) AS region_id, coalesce(h.step, 0) AS seq,
			       format('%s %s: the last step kept is %s', coalesce(h.noun, t.noun), coalesce(h.noun_id, t.noun_id), coalesce(t.step, 0)) AS detail
			FROM histories h
			FULL JOIN last t ON t.region_id = h.region_id AND t.noun = h.noun AND t.noun_id = h.noun_id
			WHERE h.step IS DISTINCT FROM t.step OR h.hash IS DISTINCT FROM t.hash
			UNION ALL
			SELECT CASE WHEN l.id IS NULL THEN 'lot-deleted' WHEN t.noun_id IS NULL THEN 'lot-unknown' ELSE 'lot-edited' END,
			       coalesce(t.region_id, (SELECT id FROM regions WHERE level = 0)), 0,
			       format('lot %s is %s, was opened as %s', coalesce(l.id::text, t.noun_id), CASE WHEN l.id IS NULL THEN 'gone' ELSE lot_facts(l)::text END, coalesce(t.after::text, 'nothing'))
			FROM lots l
			FULL JOIN (SELECT * FROM last WHERE noun = 'lot') t ON t.noun_id = l.id::text
			WHERE t.after IS NULL OR l.id IS NULL OR t.after <> lot_facts(l)
			UNION ALL
			SELECT CASE WHEN q.id IS NULL THEN 'request-deleted' ELSE 'request-edited' END, coalesce(q.region_id, t.region_id), 0,
			       format('request %s is %s', coalesce(q.id::text, t.noun_id),
			              CASE WHEN q.id IS NULL THEN 'gone' ELSE 'not as its last step left it' END)
			FROM requests q
			FULL JOIN (SELECT * FROM last WHERE noun = 'request') t ON t.region_id = q.region_id AND t.noun_id = q.id::text
			WHERE q.id IS NULL
			   OR t.after IS NULL AND NOT q.synthetic -- the demo's past has no trail
			   OR t.after IS NOT NULL AND (q.asked, q.approved, q.declined, q.state) IS DISTINCT FROM
			      ((t.after->>'asked')::bigint, (t.after->>'approved')::bigint, (t.after->>'declined')::bigint, t.after->>'state')
			UNION ALL
			SELECT t.noun || CASE WHEN d.id IS NULL THEN '-deleted' ELSE '-edited' END, t.region_id, 0,
			       format('%s %s is %s', t.noun, t.noun_id, CASE WHEN d.id IS NULL THEN 'gone' ELSE 'not as its last step left it' END)
			FROM last t
			LEFT JOIN (
				SELECT 'loss' AS noun, id, jsonb_build_object('state', state, 'pieces', pieces, 'police', police, 'document', document) AS facts FROM losses
				UNION ALL SELECT 'destruction', id, jsonb_build_object('state', state) FROM destructions
				UNION ALL SELECT 'count', id, jsonb_build_object('state', state) FROM counts
				UNION ALL SELECT 'discrepancy', id, '{}' FROM discrepancies
				UNION ALL SELECT 'procurement', id, '{}' FROM procurements
				UNION ALL SELECT 'allocation', id, '{}' FROM allocations
				UNION ALL SELECT 'shipment', id, '{}' FROM shipments
				UNION ALL SELECT 'receipt', id, '{}' FROM receipts
				UNION ALL SELECT 'loan', id, '{}' FROM loans) d ON d.noun = t.noun AND d.id::text = t.noun_id
			WHERE t.noun IN ('loss', 'destruction', 'count', 'discrepancy', 'procurement', 'allocation', 'shipment', 'receipt', 'loan')
			  AND (d.id IS NULL OR t.after IS NOT NULL AND NOT t.after @> d.facts)
		)
		SELECT w.what, coalesce(v.code, w.region_id::text) AS region, w.seq, w.detail
		FROM wrong w
		LEFT JOIN region_versions v ON v.region_id = w.region_id AND v.valid_to IS NULL
		ORDER BY w.what, region, w.detail
		LIMIT 100`)
	if err != nil {
		return fmt.Errorf("compare with the trail: %w", err)
	}
	for _, w := range wrong {
		v.add(Breach{What: w.What, Region: w.Region, Seq: w.Seq, Detail: w.Detail})
	}
	return nil
}

// TrailMark is the trail as a checkpoint found it: all rows up to one, but for those that were being written.
type TrailMark struct {
	Last     int64        `json:"last"`     // the newest row
	Snapshot string       `json:"snapshot"` // of the transactions then: PostgreSQL's pg_snapshot, which lists those under way
	Nouns    []TrailNouns `json:"nouns"`
}

// TrailNouns is the trail of all documents of one kind.
type TrailNouns struct {
	Noun  string `json:"noun"`
	Steps int64  `json:"steps"`
	Hash  string `json:"hash"` // hexadecimal, of the hashes of all steps in their order
}

// markTrail marks the whole trail of now.
func markTrail(ctx context.Context, tx *sqlx.Tx) (*TrailMark, error) {
	m := &TrailMark{}
	err := tx.QueryRowContext(ctx, `
		SELECT coalesce((SELECT max(id) FROM audit), 0), pg_current_snapshot()::text`).Scan(&m.Last, &m.Snapshot)
	if err != nil {
		return nil, fmt.Errorf("mark the trail: %w", err)
	}
	m.Nouns, err = m.read(ctx, tx)
	return m, err
}

// read sums the rows up that the mark covers. Those of transactions that had not begun are older ones of a database that was
// restored elsewhere: younger rows have greater numbers.
func (m *TrailMark) read(ctx context.Context, tx *sqlx.Tx) ([]TrailNouns, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT noun, hash
		FROM audit
		WHERE id <= $1 AND (pg_visible_in_snapshot(written_in, $2::pg_snapshot) OR written_in >= pg_snapshot_xmax($2::pg_snapshot))
		ORDER BY noun, id`, m.Last, m.Snapshot)
	if err != nil {
		return nil, fmt.Errorf("read the trail: %w", err)
	}
	defer rows.Close()
	nouns, h := []TrailNouns{}, sha256.New()
	for rows.Next() {
		var noun string
		var hash []byte
		if err := rows.Scan(&noun, &hash); err != nil {
			return nil, fmt.Errorf("scan the trail: %w", err)
		}
		if len(nouns) == 0 || nouns[len(nouns)-1].Noun != noun {
			nouns = append(nouns, TrailNouns{Noun: noun})
			h.Reset()
		}
		n := &nouns[len(nouns)-1]
		n.Steps++
		h.Write(hash)
		n.Hash = hex.EncodeToString(h.Sum(nil))
	}
	return nouns, rows.Err()
}

// missing finds the kinds of documents whose trail is not what the checkpoint signed.
func (m *TrailMark) missing(ctx context.Context, tx *sqlx.Tx, at time.Time) (breaches []Breach, err error) {
	if m == nil { // signed before the trail was chained
		return nil, nil
	}
	now, err := m.read(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, then := range m.Nouns {
		i := slices.IndexFunc(now, func(n TrailNouns) bool { return n.Noun == then.Noun })
		switch {
		case i < 0:
			breaches = append(breaches, Breach{What: "history-checkpoint-missing", Detail: fmt.Sprintf("%s: all of the %d steps that stood at %s are gone", then.Noun, then.Steps, at.Format(time.RFC3339))})
		case now[i].Steps != then.Steps:
			breaches = append(breaches, Breach{What: "history-checkpoint-missing", Detail: fmt.Sprintf("%s: of the %d steps that stood at %s there are %d", then.Noun, then.Steps, at.Format(time.RFC3339), now[i].Steps)})
		case now[i].Hash != then.Hash:
			breaches = append(breaches, Breach{What: "history-checkpoint-mismatch", Detail: fmt.Sprintf("%s: steps were written anew after %s", then.Noun, at.Format(time.RFC3339))})
		}
	}
	return breaches, nil
}
