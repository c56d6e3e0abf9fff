package api

import "blangko/internal/access"

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

		get("/api/v1/regions", access.ReadRegions, "Regions in reach", (*Server).regions),
		get("/api/v1/regions/{code}", access.ReadRegions, "A region by its official code", (*Server).region),

		get("/api/v1/items", access.ReadStock, "What is kept in stock", (*Server).items),
		get("/api/v1/places", access.ReadStock, "Places and what they hold", (*Server).places),
		get("/api/v1/places/{id}", access.ReadStock, "A place and what it holds", (*Server).place),
		get("/api/v1/stock", access.ReadStock, "Stock, days of cover and state by region", (*Server).stock),
		get("/api/v1/moves", access.ReadMoves, "Moves, newest first", (*Server).moves),
		get("/api/v1/moves/{id}", access.ReadMoves, "A move", (*Server).move),
		post("/api/v1/moves", access.PostMoves, "Post a move", (*Server).postMove),
		post("/api/v1/moves/{id}/reversal", access.ReverseMoves, "Undo a move by its opposite, once", (*Server).reverseMove),

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
