package postgres

// Waiting is how many questions no query has taken yet.
func (g *Gather[Q, A]) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)
}
