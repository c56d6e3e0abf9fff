package api

import (
	"context"

	"blangko/internal/access"
	"blangko/internal/postgres"
	"blangko/inventory"
)

type shipmentFilter struct {
	To      string                  `query:"to" maxLength:"13" doc:"official code of the receiver; with everything below it"`
	From    string                  `query:"from" maxLength:"13" doc:"official code of the sender's region"`
	State   inventory.ShipmentState `query:"state" enum:"prepared,dispatched,partly-received,received,closed-short,cancelled"`
	Request int64                   `query:"request" minimum:"1" doc:"those that serve this request"`
	Overdue bool                    `query:"overdue" doc:"only those under way after the day they were expected"`
	Paging
}

func (s *Server) shipments(ctx context.Context, who access.Actor, in *shipmentFilter) (postgres.Page[inventory.Shipment], error) {
	return s.Ledger.Shipments(ctx, who, inventory.ShipmentFilter{To: in.To, From: in.From, State: in.State, Request: in.Request,
		Overdue: in.Overdue, Paging: in.domain()})
}

func (s *Server) shipment(ctx context.Context, who access.Actor, in *ByNumber) (inventory.Shipment, error) {
	return s.Ledger.Shipment(ctx, who, in.ID)
}

type newShipment struct{ Body inventory.NewShipment }

func (s *Server) prepareShipment(ctx context.Context, who access.Actor, in *newShipment) (inventory.Shipment, error) {
	return s.Ledger.Prepare(ctx, who, in.Body)
}

type dispatching struct {
	Version
	Body inventory.Dispatching
}

func (s *Server) dispatchShipment(ctx context.Context, who access.Actor, in *dispatching) (inventory.Shipment, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Shipment, error) {
		return s.Ledger.Dispatch(ctx, who, in.ID, version, in.Body)
	})
}

func (s *Server) cancelShipment(ctx context.Context, who access.Actor, in *withReason) (inventory.Shipment, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Shipment, error) {
		return s.Ledger.CancelShipment(ctx, who, in.ID, version, in.Body.Reason)
	})
}

type receiptFilter struct {
	Shipment int64                  `query:"shipment" minimum:"1"`
	State    inventory.ReceiptState `query:"state" enum:"draft,confirmed,rolled-back"`
	Paging
}

func (s *Server) receipts(ctx context.Context, who access.Actor, in *receiptFilter) (postgres.Page[inventory.Receipt], error) {
	return s.Ledger.Receipts(ctx, who, inventory.ReceiptFilter{Shipment: in.Shipment, State: in.State, Paging: in.domain()})
}

func (s *Server) receipt(ctx context.Context, who access.Actor, in *ByNumber) (inventory.Receipt, error) {
	return s.Ledger.Receipt(ctx, who, in.ID)
}

type newReceipt struct{ Body inventory.NewReceipt }

func (s *Server) receive(ctx context.Context, who access.Actor, in *newReceipt) (inventory.Receipt, error) {
	return s.Ledger.Receive(ctx, who, in.Body)
}

func (s *Server) confirmReceipt(ctx context.Context, who access.Actor, in *Version) (inventory.Receipt, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Receipt, error) {
		return s.Ledger.ConfirmReceipt(ctx, who, in.ID, version)
	})
}

func (s *Server) discardReceipt(ctx context.Context, who access.Actor, in *Version) (inventory.Receipt, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Receipt, error) {
		return s.Ledger.DiscardReceipt(ctx, who, in.ID, version)
	})
}

func (s *Server) rollBackReceipt(ctx context.Context, who access.Actor, in *withReason) (inventory.Receipt, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Receipt, error) {
		return s.Ledger.RollBackReceipt(ctx, who, in.ID, version, in.Body.Reason)
	})
}

type discrepancyFilter struct {
	Shipment int64 `query:"shipment" minimum:"1"`
	Open     bool  `query:"open" doc:"only those that wait for an answer"`
	Paging
}

func (s *Server) discrepancies(ctx context.Context, who access.Actor, in *discrepancyFilter) (postgres.Page[inventory.Discrepancy], error) {
	return s.Ledger.Discrepancies(ctx, who, inventory.DiscrepancyFilter{Shipment: in.Shipment, Open: in.Open, Paging: in.domain()})
}

func (s *Server) discrepancy(ctx context.Context, who access.Actor, in *ByNumber) (inventory.Discrepancy, error) {
	return s.Ledger.Discrepancy(ctx, who, in.ID)
}

type discrepancyAnswer struct {
	Version
	Body inventory.NewAnswer
}

func (s *Server) answerDiscrepancy(ctx context.Context, who access.Actor, in *discrepancyAnswer) (inventory.Discrepancy, error) {
	return versionOf(in.IfMatch, func(version int64) (inventory.Discrepancy, error) {
		return s.Ledger.AnswerDiscrepancy(ctx, who, in.ID, version, in.Body)
	})
}
