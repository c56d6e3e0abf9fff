package demand

// Asked is the demand of a period where the backlog is recorded: what was
// printed, plus the growth of the print-ready backlog. It is exact whatever the
// shelf held; only people who went away, unrecorded or while they waited, are
// missing from it.
func Asked(printed, backlogBefore, backlogAfter float64) float64 {
	return max(0, printed+backlogAfter-backlogBefore)
}
