package access

import "slices"

// Action is one thing a person may be allowed to do.
type Action string

// Policy is the whole of who may do what. An action without a row is for jobs alone.
var Policy = map[Action][]Role{
	// Seeing
	SeeMyself:    Roles,
	ReadRegions:  {Planner, Store, Province, Officer, Outreach, Auditor, Admin},
	ReadStock:    {Planner, Store, Province, Officer, Outreach, Auditor},
	ReadMoves:    {Planner, Store, Province, Officer, Outreach, Auditor},
	ReadAudit:    {Planner, Auditor, Admin},
	ReadJobs:     {Planner, Auditor, Admin},
	ReadCoverage: {Planner, Province, Officer, Outreach, Auditor},
	ReadImports:  {Planner, Store, Province, Officer, Outreach, Auditor, Admin},

	// Regions
	ChangeRegions: {Planner},
	DrawRegions:   {Planner, Admin},

	// Coverage
	RecordFigures:     {Planner, Province, Officer},
	VerifyFigures:     {Planner, Province},
	RecordPopulations: {Planner},
	SetTargets:        {Planner, Province},

	// Outreach
	ReadOutreach: {Planner, Province, Officer, Outreach, Auditor},
	ManageSites:  {Officer, Outreach},
	ImportSites:  {Planner, Province, Officer, Outreach},
	ManageTeams:  {Officer, Outreach},
	PlanVisits:   {Officer, Outreach},
	HandBlanks:   {Officer},
	ReportVisits: {Officer, Outreach},
	PlanRoutes:   {Planner, Province, Officer, Outreach},

	// The ledger
	PostMoves:    {Store, Province, Officer},
	ReverseMoves: {Store, Province, Officer},

	// The documents behind it
	ReadProcurements:      {Planner, Store, Auditor},
	ManageProcurements:    {Planner},
	TakeDeliveries:        {Store},
	ReadBoxes:             {Planner, Store, Province, Officer, Auditor},
	OpenBoxes:             {Store, Province, Officer},
	ReadRequests:          {Planner, Store, Province, Officer, Outreach, Auditor},
	AskRequests:           {Province, Officer},
	VerifyRequests:        {Planner, Province},
	DecideRequests:        {Planner},
	ReadShipments:         {Planner, Store, Province, Officer, Outreach, Auditor},
	SendShipments:         {Store, Province, Officer},
	ReceiveShipments:      {Store, Province, Officer},
	AnswerDiscrepancies:   {Planner, Store, Province, Officer},
	EscalateDiscrepancies: {Planner},
	AttachPhotos:          {Store, Province, Officer},
	ReportUses:            {Officer},
	OpenPlaces:            {Province, Officer},
	SetPrinters:           {Planner, Province, Officer},
	ReadAllocations:       {Planner, Store, Province, Auditor},
	PrepareAllocations:    {Planner, Province},
	ApproveAllocations:    {Planner, Province},
	ReleaseAllocations:    {Planner, Province},
	ReadLoans:             {Planner, Province, Officer, Auditor},
	ProposeLoans:          {Province, Officer},
	DecideLoans:           {Officer},
	ReadCounts:            {Planner, Store, Province, Officer, Auditor},
	RequestCounts:         {Planner, Store, Province, Officer, Auditor},
	EnterCounts:           {Store, Province, Officer},
	ReviewCounts:          {Planner, Store, Province, Officer},
	ReportLosses:          {Store, Province, Officer},
	DecideLosses:          {Planner, Province},
	PrepareDestructions:   {Store, Province, Officer},
	CompleteDestructions:  {Planner, Store, Province, Officer},
	ClosePeriods:          {Planner, Province},
	ReadReconciliations:   {Planner, Province, Officer, Auditor},
	ExplainDifferences:    {Province, Officer},
	ImportPrints:          {Planner, Province, Officer},

	// What is foreseen
	ReadForecasts:     {Planner, Store, Province, Officer, Outreach, Auditor},
	TryScenarios:      {Planner, Province, Officer, Auditor},
	KeepDrivers:       {Planner, Province, Officer},
	NoteDecisions:     {Planner, Province, Officer},
	ReadAlerts:        {Planner, Store, Province, Officer, Outreach, Auditor},
	AcknowledgeAlerts: {Planner, Province, Officer},

	// The house
	ManageUsers:    {Admin},
	ReadSettings:   {Planner, Auditor, Admin},
	ManageSettings: {Admin},
	ReadHolidays:   Roles,
	ManageHolidays: {Admin, Planner},
	OwnTokens:      {Planner, Store, Province, Officer, Outreach, Auditor, Admin},
}

const (
	SeeMyself   Action = "me.read"
	ReadRegions Action = "regions.read"
	ReadStock   Action = "stock.read"
	ReadMoves   Action = "moves.read"
	ReadAudit   Action = "audit.read"
	ReadJobs    Action = "jobs.read"

	ChangeRegions Action = "regions.change" // split and merge them
	DrawRegions   Action = "regions.draw"   // import villages and borders

	ReadCoverage Action = "coverage.read"
	ReadImports  Action = "imports.read"

	RecordFigures     Action = "coverage.record"
	VerifyFigures     Action = "coverage.verify"
	RecordPopulations Action = "populations.record"
	SetTargets        Action = "targets.set"

	ReadOutreach Action = "outreach.read"
	ManageSites  Action = "sites.manage"
	ImportSites  Action = "sites.import"
	ManageTeams  Action = "teams.manage"
	PlanVisits   Action = "visits.plan"
	HandBlanks   Action = "visits.hand-blanks"
	ReportVisits Action = "visits.report"
	PlanRoutes   Action = "route.solve"

	PostMoves    Action = "moves.post"
	ReverseMoves Action = "moves.reverse"

	ReadProcurements      Action = "procurements.read"
	ManageProcurements    Action = "procurements.manage"
	TakeDeliveries        Action = "deliveries.take"
	ReadBoxes             Action = "boxes.read"
	OpenBoxes             Action = "boxes.open"
	SettleBoxes           Action = "boxes.settle" // by jobs alone
	ReadRequests          Action = "requests.read"
	AskRequests           Action = "requests.ask"
	VerifyRequests        Action = "requests.verify"
	DecideRequests        Action = "requests.decide"
	ReadShipments         Action = "shipments.read"
	SendShipments         Action = "shipments.send"
	ReceiveShipments      Action = "shipments.receive"
	AnswerDiscrepancies   Action = "discrepancies.answer"
	EscalateDiscrepancies Action = "discrepancies.escalate"
	AttachPhotos          Action = "photos.attach"
	DropPhotos            Action = "photos.drop" // by jobs alone
	ReportUses            Action = "uses.report"
	OpenPlaces            Action = "places.open"
	SetPrinters           Action = "places.printers"
	ReadAllocations       Action = "allocations.read"
	PrepareAllocations    Action = "allocations.prepare"
	ApproveAllocations    Action = "allocations.approve"
	ReleaseAllocations    Action = "allocations.release"
	ReadLoans             Action = "loans.read"
	ProposeLoans          Action = "loans.propose"
	DecideLoans           Action = "loans.decide"
	ReadCounts            Action = "counts.read"
	RequestCounts         Action = "counts.request"
	EnterCounts           Action = "counts.enter"
	ReviewCounts          Action = "counts.review"
	ReportLosses          Action = "losses.report"
	DecideLosses          Action = "losses.decide"
	PrepareDestructions   Action = "destructions.prepare"
	CompleteDestructions  Action = "destructions.complete"
	ClosePeriods          Action = "periods.close"
	ReadReconciliations   Action = "reconciliations.read"
	ExplainDifferences    Action = "reconciliations.explain"
	ImportPrints          Action = "prints.import"

	ReadForecasts     Action = "forecasts.read"
	RunForecasts      Action = "forecasts.run" // by jobs alone
	TryScenarios      Action = "scenarios.try"
	KeepDrivers       Action = "forecasts.drivers"
	NoteDecisions     Action = "decisions.note"
	ReadAlerts        Action = "alerts.read"
	AcknowledgeAlerts Action = "alerts.acknowledge"

	ManageUsers    Action = "users.manage"
	ReadSettings   Action = "settings.read"
	ManageSettings Action = "settings.manage"
	ReadHolidays   Action = "holidays.read"
	ManageHolidays Action = "holidays.manage"
	OwnTokens      Action = "tokens.own"
)

// Granted lists what a role may do, in order.
func Granted(role Role) []Action {
	granted := []Action{}
	for action, roles := range Policy {
		if slices.Contains(roles, role) {
			granted = append(granted, action)
		}
	}
	slices.Sort(granted)
	return granted
}
