package inventory_test

import (
	"testing"

	"github.com/jmoiron/sqlx"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

// alertsOf lists the unclosed alerts of a cause: region and level.
func (b bench) alertsOf(t testing.TB, cause string) map[string]string {
	t.Helper()
	var rows []struct {
		Region string `db:"region"`
		Level  string `db:"level"`
	}
	err := postgres.Read(t.Context(), b.db, access.System, func(tx *sqlx.Tx) error {
		return tx.Select(&rows, `SELECT region_code(region_id) AS region, level FROM alerts WHERE state <> 'closed' AND cause = $1`, cause)
	})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, r := range rows {
		found[r.Region] = r.Level
	}
	return found
}

// inTheDatabase changes rows behind the ledger's back.
func (b bench) inTheDatabase(t testing.TB, statement string, args ...any) {
	t.Helper()
	err := postgres.Write(t.Context(), b.db, access.System, func(tx *sqlx.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b bench) watch(t testing.TB) inventory.Watched {
	t.Helper()
	return must[inventory.Watched](t)(b.ledger.Watch(t.Context(), access.System))
}

func wantAlerts(t testing.TB, b bench, cause string, want map[string]string) {
	t.Helper()
	got := b.alertsOf(t, cause)
	for region, level := range want {
		if got[region] != level {
			t.Errorf("%s in %s is %q, want %q", cause, region, got[region], level)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %v, want %v", cause, got, want)
	}
}

func TestALossAlertsAtOnceAndUntilItIsDecided(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, b.placeOf(t, "82.71", inventory.RegencyOffice), 100)
	o := must[inventory.Loss](t)(b.ledger.ReportLoss(ctx, ternate, inventory.NewLoss{Document: "BA-1", Police: "LP/1", HappenedOn: today, Pieces: 30, Note: "pencurian"}))
	wantAlerts(t, b, "loss-reported", map[string]string{"82.71": "critical"})
	b.watch(t)
	wantAlerts(t, b, "loss-reported", map[string]string{"82.71": "critical"})
	must[inventory.Loss](t)(b.ledger.DecideLoss(ctx, maluku, o.ID, o.Version, true))
	b.watch(t)
	b.watch(t) // two calm runs close it
	wantAlerts(t, b, "loss-reported", nil)
}

func TestTheWatchEscalatesWhatIsOverdue(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	d := b.disputed(t)
	b.inTheDatabase(t, `UPDATE discrepancies SET due_on = business_date() - 1`)
	late := b.sent(t, b.approved(t, 10, 10), 10)
	b.inTheDatabase(t, `UPDATE shipments SET dispatched_on = business_date() - 20, expected_on = business_date() - 1 WHERE id = $1`, late.ID)
	if w := b.watch(t); w.Escalated != 1 {
		t.Errorf("%d escalated, want 1", w.Escalated)
	}
	if d = must[inventory.Discrepancy](t)(b.ledger.Discrepancy(ctx, planner, d.ID)); d.State != "escalated" || !d.Overdue {
		t.Errorf("the case is %s", d.State)
	}
	wantAlerts(t, b, "discrepancy-overdue", map[string]string{"00": "warning"})
	wantAlerts(t, b, "shipment-overdue", map[string]string{"82.71": "warning"})
	page := must[postgres.Page[inventory.Shipment]](t)(b.ledger.Shipments(ctx, ternate, inventory.ShipmentFilter{Overdue: true}))
	if len(page.Items) != 1 || page.Items[0].ID != late.ID {
		t.Errorf("overdue: %+v", page.Items)
	}
	_, err := b.ledger.EscalateDiscrepancies(ctx, store)
	wantFault(t, "the store escalates", err, access.ErrForbidden)
}

func TestALoanThatIsNotBackInTimeIsAnAlert(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	b.give(t, b.placeOf(t, "82.72", inventory.RegencyOffice), 100)
	n := must[inventory.Loan](t)(b.ledger.ProposeLoan(ctx, ternate, inventory.NewLoan{From: "82.72", Pieces: 40, DueOn: "2026-12-20"}))
	n = must[inventory.Loan](t)(b.ledger.AcceptLoan(ctx, tidore, n.ID, n.Version))
	b.inTheDatabase(t, `UPDATE loans SET due_on = business_date() - 1`)
	b.watch(t)
	wantAlerts(t, b, "loan-overdue", map[string]string{"82.71": "warning"})
	for state, want := range map[string]int{"overdue": 1, "": 1, "settled": 0} {
		if page := must[postgres.Page[inventory.Loan]](t)(b.ledger.Loans(ctx, tidore, inventory.LoanFilter{State: state})); len(page.Items) != want {
			t.Errorf("%d loans %q, want %d", len(page.Items), state, want)
		}
	}
	s := must[inventory.Shipment](t)(b.ledger.Shipment(ctx, tidore, *n.Shipment))
	must[inventory.Shipment](t)(b.ledger.CancelShipment(ctx, tidore, s.ID, s.Version, "batal"))
	b.watch(t)
	b.watch(t)
	wantAlerts(t, b, "loan-overdue", nil)
}

func TestRibbonWithoutBlanksToPrintOnIsAnAlertOfItsOwn(t *testing.T) {
	t.Parallel()
	b, ctx := open(t), t.Context()
	give := func(region, item string, pieces int64) {
		t.Helper()
		must[inventory.Move](t)(b.ledger.Post(ctx, store, inventory.NewMove{Kind: inventory.Opening, Document: "BA-1", Date: today, Lines: []inventory.MoveLine{{Item: item,
			From: inventory.Account{Place: b.supplier(t), Condition: inventory.Usable}, To: inventory.Account{Place: b.placeOf(t, region, inventory.RegencyOffice), Condition: inventory.Usable}, Pieces: pieces}}}))
	}
	use := func(region, item string, pieces int64) {
		t.Helper()
		must[inventory.DailyUse](t)(b.ledger.ReportUse(ctx, access.System, inventory.NewUse{Region: region, Item: item, Date: today, Lines: []inventory.UseLine{{Purpose: "other", Pieces: pieces}}}))
	}
	aside := func(region, item string, from, to inventory.Condition) {
		t.Helper()
		place := b.placeOf(t, region, inventory.RegencyOffice)
		must[inventory.Move](t)(b.ledger.Post(ctx, access.System, inventory.NewMove{Kind: inventory.QuarantineMove, Document: "BA-2", Date: today, Lines: []inventory.MoveLine{{Item: item,
			From: inventory.Account{Place: place, Condition: from}, To: inventory.Account{Place: place, Condition: to}, Pieces: 20}}}))
	}
	b.need(t, map[string]float64{"12.71": 50, "82.71": 20, "31.71": 20, "12.01": 20})
	give("12.71", "ktp-el", 6000) // and a ribbon and films for all it needs
	give("12.71", "ribbon", 12)
	give("12.71", "film", 4)
	give("82.71", "ktp-el", 6000) // and its last ribbon is used up
	give("82.71", "ribbon", 1)
	use("82.71", "ribbon", 1)
	give("31.71", "ktp-el", 6000) // and a ribbon for 500 of the 600 it needs
	give("31.71", "ribbon", 21)
	give("31.71", "film", 21)
	aside("31.71", "ribbon", inventory.Usable, inventory.Quarantine)
	aside("31.71", "film", inventory.Usable, inventory.Quarantine)
	give("12.01", "ktp-el", 6000) // and no ribbon was ever kept in the ledger
	b.watch(t)
	wantAlerts(t, b, "ribbon-short", map[string]string{"82.71": "critical", "31.71": "critical"})
	wantAlerts(t, b, "film-short", nil)

	printable := map[string]inventory.Printable{}
	for _, p := range must[postgres.Page[inventory.Printable]](t)(b.ledger.Printable(ctx, auditor, "")).Items {
		printable[p.Region] = p
	}
	for region, want := range map[string]struct {
		cards int64
		by    string
	}{"12.71": {6000, "blanks"}, "82.71": {0, "ribbon"}, "31.71": {500, "ribbon"}, "12.01": {6000, "blanks"}} {
		if p := printable[region]; p.Printable != want.cards || p.LimitedBy != want.by {
			t.Errorf("%s can print %d for want of %s, want %d and %s", region, p.Printable, p.LimitedBy, want.cards, want.by)
		}
	}
	if p := printable["31.71"]; p.Days == nil || *p.Days != 25 {
		t.Errorf("31.71 prints for %v days, want 25", p.Days)
	}

	// Without blanks there is nothing to print on: that is another alert's.
	use("82.71", "ktp-el", 6000)
	aside("31.71", "ribbon", inventory.Quarantine, inventory.Usable)
	aside("31.71", "film", inventory.Quarantine, inventory.Usable)
	b.watch(t)
	b.watch(t)
	wantAlerts(t, b, "ribbon-short", nil)
}
