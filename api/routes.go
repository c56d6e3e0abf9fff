package api

import (
	"blangko/internal/access"
	"blangko/internal/sheet"
)

const anybody access.Action = ""

// routes is everything that the API can do, by noun.
func routes() []route {
	return []route{
		withoutKey(post("/api/v1/session", anybody, "Sign in", (*Server).signIn)),
		remove("/api/v1/session", anybody, "Sign out", (*Server).signOut),
		get("/api/v1/me", access.SeeMyself, "Who is signed in, and what they may do", (*Server).me),
		withoutKey(post("/api/v1/me/password", access.SeeMyself, "Change one's own password", (*Server).changePassword)),

		get("/api/v1/users", access.ManageUsers, "Users", (*Server).users),
		post("/api/v1/users", access.ManageUsers, "Add a user", (*Server).addUser),
		get("/api/v1/users/{id}", access.ManageUsers, "A user", (*Server).user),
		put("/api/v1/users/{id}", access.ManageUsers, "Change a user", (*Server).changeUser),
		post("/api/v1/users/{id}/password", access.ManageUsers, "Set a user's password", (*Server).setPassword),
		get("/api/v1/tokens", access.OwnTokens, "One's own tokens", (*Server).tokens),
		post("/api/v1/tokens", access.OwnTokens, "Make a token for a program", (*Server).addToken),
		remove("/api/v1/tokens/{id}", access.OwnTokens, "Revoke a token", (*Server).revokeToken),
		get("/api/v1/audit", access.ReadAudit, "What was changed by whom, newest first", (*Server).audit),
		get("/api/v1/jobs", access.ReadJobs, "Jobs: when they are due and how they went", (*Server).jobs),

		get("/api/v1/regions", access.ReadRegions, "Regions in reach", (*Server).regions),
		get("/api/v1/regions/{code}", access.ReadRegions, "A region by its official code", (*Server).region),

		get("/api/v1/items", access.ReadStock, "What is kept in stock", (*Server).items),
		get("/api/v1/places", access.ReadStock, "Places and what they hold", (*Server).places),
		get("/api/v1/places/{id}", access.ReadStock, "A place and what it holds", (*Server).place),
		get("/api/v1/places/{id}/card", access.ReadMoves, "The stock card of a place between two days", (*Server).stockCard),
		post("/api/v1/places", access.OpenPlaces, "Open the service point of a kecamatan", (*Server).openServicePoint),
		get("/api/v1/stock", access.ReadStock, "Stock, days of cover and state by region", (*Server).stock),
		get("/api/v1/moves", access.ReadMoves, "Moves, newest first", (*Server).moves),
		get("/api/v1/moves/{id}", access.ReadMoves, "A move", (*Server).move),
		post("/api/v1/moves", access.PostMoves, "Post a move", (*Server).postMove),
		post("/api/v1/moves/{id}/reversal", access.ReverseMoves, "Undo a move by its opposite, once", (*Server).reverseMove),

		get("/api/v1/procurements", access.ReadProcurements, "Contracts with printers, newest first", (*Server).procurements),
		get("/api/v1/procurements/{id}", access.ReadProcurements, "A contract and its deliveries", (*Server).procurement),
		post("/api/v1/procurements", access.ManageProcurements, "Write down a contract", (*Server).contract),
		post("/api/v1/procurements/{id}/deliveries", access.TakeDeliveries, "Take a delivery into the national store", (*Server).deliver),

		get("/api/v1/needs", access.ReadStock, "What regions are expected to need", (*Server).needs),
		get("/api/v1/requests", access.ReadRequests, "Requests, newest first", (*Server).requests),
		get("/api/v1/requests/suggestion", access.ReadRequests, "What a region should ask for, with every term", (*Server).suggestion),
		get("/api/v1/requests/{id}", access.ReadRequests, "A request with its history", (*Server).request),
		post("/api/v1/requests", access.AskRequests, "Ask for blanks", (*Server).ask),
		put("/api/v1/requests/{id}", access.AskRequests, "Change a draft or returned request", (*Server).editRequest),
		versioned(post("/api/v1/requests/{id}/submission", access.AskRequests, "Hand in a draft, or again what was returned", (*Server).submitRequest)),
		versioned(post("/api/v1/requests/{id}/return", access.VerifyRequests, "Send a request back to be changed", (*Server).returnRequest)),
		versioned(post("/api/v1/requests/{id}/verification", access.VerifyRequests, "Stand behind a request as province", (*Server).verifyRequest)),
		versioned(post("/api/v1/requests/{id}/approval", access.DecideRequests, "Allow any quantity up to what was asked", (*Server).approveRequest)),
		versioned(post("/api/v1/requests/{id}/rejection", access.DecideRequests, "Decline what is not decided yet", (*Server).rejectRequest)),
		versioned(post("/api/v1/requests/{id}/cancellation", access.AskRequests, "Take back a request", (*Server).cancelRequest)),

		get("/api/v1/allocations", access.ReadAllocations, "Allocation runs, newest first", (*Server).allocations),
		get("/api/v1/allocations/{id}", access.ReadAllocations, "A run with its lines and why each got its number", (*Server).allocation),
		get("/api/v1/allocations/{id}/comparison", access.ReadAllocations, "What every rule would give on the snapshot of a run", (*Server).compareAllocation),
		post("/api/v1/allocations", access.PrepareAllocations, "Divide a store's stock among regions; nothing moves yet", (*Server).allocate),
		put("/api/v1/allocations/{id}/lines/{region}", access.PrepareAllocations, "Put another number in place of the computed one", (*Server).overrideAllocation),
		versioned(post("/api/v1/allocations/{id}/review", access.PrepareAllocations, "Hand a run to somebody else for approval", (*Server).reviewAllocation)),
		versioned(post("/api/v1/allocations/{id}/approval", access.ApproveAllocations, "Approve what somebody else prepared", (*Server).approveAllocation)),
		versioned(post("/api/v1/allocations/{id}/release", access.ReleaseAllocations, "Reserve and settle all of a run, or nothing", (*Server).releaseAllocation)),
		versioned(post("/api/v1/allocations/{id}/void", access.PrepareAllocations, "End a run that is not released", (*Server).voidAllocation)),

		get("/api/v1/shipments", access.ReadShipments, "Shipments with an end in reach, newest first", (*Server).shipments),
		get("/api/v1/shipments/{id}", access.ReadShipments, "A shipment with its history", (*Server).shipment),
		post("/api/v1/shipments", access.SendShipments, "Set blanks aside to be sent", (*Server).prepareShipment),
		versioned(post("/api/v1/shipments/{id}/dispatch", access.SendShipments, "Hand a prepared shipment over", (*Server).dispatchShipment)),
		versioned(post("/api/v1/shipments/{id}/cancellation", access.SendShipments, "Take a shipment back before it is received", (*Server).cancelShipment)),
		get("/api/v1/receipts", access.ReadShipments, "Receipts with an end in reach, newest first", (*Server).receipts),
		get("/api/v1/receipts/{id}", access.ReadShipments, "A receipt", (*Server).receipt),
		post("/api/v1/receipts", access.ReceiveShipments, "Count what arrived of a shipment", (*Server).receive),
		versioned(post("/api/v1/receipts/{id}/confirmation", access.ReceiveShipments, "Put what a draft counted into stock", (*Server).confirmReceipt)),
		versioned(post("/api/v1/receipts/{id}/discard", access.ReceiveShipments, "Throw a draft away", (*Server).discardReceipt)),
		versioned(post("/api/v1/receipts/{id}/rollback", access.ReceiveShipments, "Undo the last receipt of a shipment", (*Server).rollBackReceipt)),
		get("/api/v1/discrepancies", access.ReadShipments, "Differences between what was sent and what arrived", (*Server).discrepancies),
		get("/api/v1/discrepancies/{id}", access.ReadShipments, "A discrepancy", (*Server).discrepancy),
		versioned(post("/api/v1/discrepancies/{id}/answer", access.AnswerDiscrepancies, "Answer or dispute a discrepancy", (*Server).answerDiscrepancy)),

		get("/api/v1/loans", access.ReadLoans, "Loans with an end in reach, newest first", (*Server).loans),
		get("/api/v1/loans/suggestion", access.ReadLoans, "Loans that would let a province run out together", (*Server).suggestLoans),
		get("/api/v1/loans/{id}", access.ReadLoans, "A loan", (*Server).loan),
		post("/api/v1/loans", access.ProposeLoans, "Ask an office of the province to lend", (*Server).proposeLoan),
		versioned(post("/api/v1/loans/{id}/acceptance", access.DecideLoans, "Lend: the pieces are reserved for a shipment", (*Server).acceptLoan)),
		versioned(post("/api/v1/loans/{id}/refusal", access.DecideLoans, "Refuse to lend", (*Server).declineLoan)),
		versioned(post("/api/v1/loans/{id}/return", access.DecideLoans, "Send the pieces of a loan back", (*Server).returnLoan)),

		get("/api/v1/counts", access.ReadCounts, "Counts, newest first", (*Server).counts),
		get("/api/v1/counts/{id}", access.ReadCounts, "A count", (*Server).count),
		post("/api/v1/counts", access.RequestCounts, "Ask for a count", (*Server).requestCount),
		versioned(post("/api/v1/counts/{id}/result", access.EnterCounts, "Enter what was counted", (*Server).enterCount)),
		versioned(post("/api/v1/counts/{id}/recount", access.ReviewCounts, "Ask for it to be counted again", (*Server).askRecount)),
		versioned(post("/api/v1/counts/{id}/posting", access.ReviewCounts, "Make the ledger agree with what somebody else counted", (*Server).postCount)),
		versioned(post("/api/v1/counts/{id}/cancellation", access.RequestCounts, "End a count that is not posted", (*Server).cancelCount)),
		get("/api/v1/losses", access.ReadCounts, "Losses, newest first", (*Server).losses),
		get("/api/v1/losses/{id}", access.ReadCounts, "A loss", (*Server).loss),
		post("/api/v1/losses", access.ReportLosses, "Report blanks lost or stolen", (*Server).reportLoss),
		versioned(post("/api/v1/losses/{id}/approval", access.DecideLosses, "Write off what somebody else reported", (*Server).approveLoss)),
		versioned(post("/api/v1/losses/{id}/rejection", access.DecideLosses, "Find the blanks again", (*Server).rejectLoss)),
		get("/api/v1/destructions", access.ReadCounts, "Destructions, newest first", (*Server).destructions),
		get("/api/v1/destructions/{id}", access.ReadCounts, "A destruction", (*Server).destruction),
		post("/api/v1/destructions", access.PrepareDestructions, "Write down what is to be destroyed", (*Server).prepareDestruction),
		versioned(post("/api/v1/destructions/{id}/witnesses", access.PrepareDestructions, "Name those who saw it", (*Server).witnessDestruction)),
		versioned(post("/api/v1/destructions/{id}/completion", access.CompleteDestructions, "Take what somebody else destroyed off the books", (*Server).completeDestruction)),
		versioned(post("/api/v1/destructions/{id}/cancellation", access.PrepareDestructions, "End a destruction that was not completed", (*Server).cancelDestruction)),
		post("/api/v1/periods", access.ClosePeriods, "Close the books of a month", (*Server).closePeriod),

		get("/api/v1/uses", access.ReadMoves, "Daily reports of use, the last written first", (*Server).uses),
		get("/api/v1/uses/calendar", access.ReadMoves, "Which days of a month a place has reported", (*Server).useCalendar),
		get("/api/v1/uses/{id}", access.ReadMoves, "A daily report", (*Server).use),
		post("/api/v1/uses", access.ReportUses, "Report a day's use", (*Server).reportUse),
		post("/api/v1/uses/{id}/correction", access.ReportUses, "Correct a daily report by another in its place", (*Server).correctUse),
		get("/api/v1/populations", access.ReadCoverage, "People by region and release", (*Server).populations),
		post("/api/v1/populations", access.RecordPopulations, "Record a region's part of a release", (*Server).recordPopulation),
		get("/api/v1/coverage", access.ReadCoverage, "Figures of coverage, newest first", (*Server).figures),
		post("/api/v1/coverage", access.RecordFigures, "Record a figure as it was printed", (*Server).recordFigure),
		get("/api/v1/coverage/trend", access.ReadCoverage, "How a region's coverage changed, why, and when it reaches its target", (*Server).trend),
		get("/api/v1/coverage/{id}", access.ReadCoverage, "A figure and what was found about it", (*Server).figure),
		put("/api/v1/coverage/{id}", access.RecordFigures, "Correct the numbers of a figure", (*Server).correctFigure),
		versioned(post("/api/v1/coverage/{id}/submission", access.RecordFigures, "Stand by a draft", (*Server).submitFigure)),
		versioned(post("/api/v1/coverage/{id}/verification", access.VerifyFigures, "Verify a submitted figure", (*Server).verifyFigure)),
		get("/api/v1/findings", access.ReadCoverage, "What cannot be right about figures, newest first", (*Server).findings),
		versioned(post("/api/v1/findings/{id}/acknowledgement", access.RecordFigures, "Settle a finding with a reason", (*Server).acknowledgeFinding)),
		get("/api/v1/gaps", access.ReadCoverage, "People still without a document, most first", (*Server).gaps),
		get("/api/v1/targets", access.ReadCoverage, "Targets by subject, year and region", (*Server).targets),
		post("/api/v1/targets", access.SetTargets, "Set a target", (*Server).setTarget),

		get("/api/v1/imports", access.ReadImports, "Files that were taken in, newest first", (*Server).imports),
		large(post("/api/v1/imports", access.ReadImports, "Take in a CSV or XLSX file; the kind says who may", (*Server).importFile), sheet.LargestFile),
		get("/api/v1/imports/{id}", access.ReadImports, "An import and its wrong cells", (*Server).importByID),
		download("/api/v1/imports/{id}/rows", access.ReadImports, "The rows that were not taken, to be mended and sent again", (*Server).badRows),
		post("/api/v1/imports/{id}/undo", access.ReadImports, "Take back what an import saved", (*Server).undoImport),

		get("/api/v1/sites", access.ReadOutreach, "Sites in reach", (*Server).sites),
		get("/api/v1/sites/geojson", access.ReadOutreach, "Sites as GeoJSON", (*Server).siteMap),
		get("/api/v1/sites/{id}", access.ReadOutreach, "A site", (*Server).site),
		post("/api/v1/sites", access.ManageSites, "Enter a site", (*Server).addSite),
		put("/api/v1/sites/{id}", access.ManageSites, "Change a site", (*Server).changeSite),
		post("/api/v1/sites/{id}/heads", access.ManageSites, "Note how many people a site holds", (*Server).addHead),
		get("/api/v1/islands", access.ReadOutreach, "Islands, with port, crossing and boats", (*Server).islands),
		post("/api/v1/islands", access.ManageSites, "Enter an island", (*Server).addIsland),
		put("/api/v1/islands/{id}", access.ManageSites, "Change an island", (*Server).changeIsland),
		get("/api/v1/teams", access.ReadOutreach, "Teams in reach", (*Server).teams),
		get("/api/v1/teams/{id}", access.ReadOutreach, "A team", (*Server).team),
		post("/api/v1/teams", access.ManageTeams, "Enter a team", (*Server).addTeam),
		put("/api/v1/teams/{id}", access.ManageTeams, "Change a team", (*Server).changeTeam),
		get("/api/v1/plans", access.ReadOutreach, "Plans of visits, newest first", (*Server).plans),
		get("/api/v1/plans/{id}", access.ReadOutreach, "A plan, its visits, and why each place left out is left out", (*Server).plan),
		get("/api/v1/plans/{id}/geojson", access.ReadOutreach, "A plan as GeoJSON", (*Server).planMap),
		post("/api/v1/plans", access.PlanVisits, "Plan some days of visits and set their blanks aside", (*Server).propose),
		get("/api/v1/visits", access.ReadOutreach, "Visits by day and hour", (*Server).visits),
		get("/api/v1/visits/{id}", access.ReadOutreach, "A visit", (*Server).visit),
		versioned(post("/api/v1/visits/{id}/confirmation", access.PlanVisits, "Note that the site has agreed", (*Server).confirmVisit)),
		versioned(post("/api/v1/visits/{id}/pin", access.PlanVisits, "Fix a visit where it is, or let it go", (*Server).pinVisit)),
		versioned(post("/api/v1/visits/{id}/cancellation", access.PlanVisits, "Take a visit off its plan", (*Server).cancelVisit)),
		versioned(post("/api/v1/visits/{id}/handover", access.HandBlanks, "Say how many blanks the office gives to the team", (*Server).handBlanks)),
		versioned(post("/api/v1/visits/{id}/start", access.ReportVisits, "Confirm the blanks that were taken and begin", (*Server).startVisit)),
		versioned(post("/api/v1/visits/{id}/miss", access.ReportVisits, "Say that a visit did not take place, and why", (*Server).missVisit)),
		get("/api/v1/visits/{id}/results", access.ReadOutreach, "What was reported of a visit", (*Server).results),
		post("/api/v1/visits/{id}/results", access.ReportVisits, "Report a visit", (*Server).reportVisit),
		post("/api/v1/visits/{id}/results/{result}/choice", access.PlanVisits, "Keep one of several reports that differ", (*Server).chooseResult),
		versioned(post("/api/v1/visits/{id}/checkin", access.HandBlanks, "Count the blanks that came back", (*Server).checkInBlanks)),
		large(withoutKey(post("/api/v1/route", access.PlanRoutes, "Solve a problem in VROOM's JSON", (*Server).solveRoute)), largestRouting),
		download("/api/v1/imports/template/{kind}", access.ReadImports, "An empty file of a kind, with lists and notes", (*Server).importTemplate),
		withAnyQuery(download("/api/v1/exports/{file}", access.SeeMyself, "A list of this API as XLSX or CSV, all of it", (*Server).exported)),

		get("/api/v1/public/stock", anybody, "Whether each kabupaten/kota has blanks, for everybody", (*Server).publicStock),
	}
}

// Routes lists every operation as "METHOD /path", for tests that must miss none.
func Routes() []string {
	var names []string
	for _, r := range routes() {
		names = append(names, r.method+" "+r.path)
	}
	return names
}
