package postgres

import "blangko/internal/fault"

// ErrStale is the fault of a change to something that somebody else has changed since it was read.
var ErrStale = fault.New(fault.Stale, "stale") // current

// CheckVersion returns ErrStale with the current version unless given is it. Read the row FOR UPDATE first.
func CheckVersion(given, current int64) error {
	if given != current {
		return ErrStale.With("current", current)
	}
	return nil
}
