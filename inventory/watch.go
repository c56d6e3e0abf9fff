package inventory

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/notice"
)

// Watched is what a watch did.
type Watched struct {
	Escalated int            `json:"escalated"` // discrepancies handed to the planner
	Alerts    notice.Settled `json:"alerts"`
}

// Watch looks at what waits for somebody: it escalates discrepancies past their day, and settles the alerts about
// losses that nobody decided, late shipments, late loans, escalated cases, and ribbon or film that stop the printing
// while blanks are there.
func (l *Ledger) Watch(ctx context.Context, who access.Actor) (done Watched, err error) {
	late, err := l.EscalateDiscrepancies(ctx, who)
	if err != nil {
		return done, err
	}
	done.Escalated = len(late)
	err = postgres.Write(ctx, l.db, who, func(tx *sqlx.Tx) error {
		rows, err := l.printable(ctx, tx, access.Nation)
		if err != nil {
			return err
		}
		waiting, err := waitingSignals(ctx, tx)
		if err != nil {
			return err
		}
		done.Alerts, err = l.alerts.SettleAll(ctx, tx, who, watchedCauses, append(supplySignals(rows), waiting...))
		return err
	})
	return done, err
}

// lossReported is the cause of the alert that a report of a loss raises at once.
const lossReported = "loss-reported"

func lossSignal(regionID int, cases, pieces int64) notice.Signal {
	return notice.Signal{RegionID: regionID, Cause: lossReported, Probability: 1, Facts: map[string]any{"cases": cases, "pieces": pieces}}
}

// alertLoss raises the alert of all losses of a region that wait for a decision.
func (l *Ledger) alertLoss(ctx context.Context, tx *sqlx.Tx, who access.Actor, regionID int) error {
	var cases, pieces int64
	err := tx.QueryRowxContext(ctx, `SELECT count(*), coalesce(sum(pieces), 0)::bigint FROM losses WHERE region_id = $1 AND state = 'reported'`, regionID).Scan(&cases, &pieces)
	if err != nil {
		return fmt.Errorf("read reported losses: %w", err)
	}
	_, err = l.alerts.Settle(ctx, tx, who, []notice.Signal{lossSignal(regionID, cases, pieces)})
	return err
}

// watchedCauses are what Watch tells everything of: where it sees nothing, all is well.
var watchedCauses = []string{"ribbon-short", "film-short", lossReported, "discrepancy-overdue", "shipment-overdue", "loan-overdue"}

// waitingSignals say where something waits for somebody.
func waitingSignals(ctx context.Context, tx *sqlx.Tx) ([]notice.Signal, error) {
	var rows []struct {
		RegionID int    `db:"region_id"`
		Cause    string `db:"cause"`
		Cases    int64  `db:"cases"`
		Pieces   int64  `db:"pieces"`
	}
	err := tx.SelectContext(ctx, &rows, `
		WITH waiting AS (
			SELECT region_id, 'loss-reported' AS cause, pieces FROM losses WHERE state = 'reported'
			UNION ALL
			SELECT sender_region_id, 'discrepancy-overdue', pieces FROM discrepancies WHERE state = 'escalated'
			UNION ALL
			SELECT s.region_id, 'shipment-overdue', sum(l.pieces - l.good - l.damaged - l.quarantined - l.missing)
			FROM shipments s
			JOIN shipment_lines l ON l.region_id = s.region_id AND l.shipment_id = s.id
			WHERE s.state IN ('dispatched', 'partly-received') AND s.expected_on < business_date()
			GROUP BY s.region_id, s.id
			UNION ALL
			SELECT region_id, 'loan-overdue', pieces FROM (`+selectLoans+`) n WHERE n.state = 'overdue'
		)
		SELECT region_id, cause, count(*) AS cases, sum(pieces)::bigint AS pieces
		FROM waiting
		GROUP BY region_id, cause
		ORDER BY region_id, cause`)
	if err != nil {
		return nil, fmt.Errorf("read what waits: %w", err)
	}
	var signals []notice.Signal
	for _, w := range rows {
		s := notice.Signal{RegionID: w.RegionID, Cause: w.Cause, AtLeast: notice.Warning, Facts: map[string]any{"cases": w.Cases, "pieces": w.Pieces}}
		if w.Cause == lossReported {
			s = lossSignal(w.RegionID, w.Cases, w.Pieces)
		}
		signals = append(signals, s)
	}
	return signals, nil
}
