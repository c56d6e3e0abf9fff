package chip

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// Set is the chips of a box: a run from First to Last, or, where they do not follow one another, a sorted List.
type Set struct {
	First UID
	Last  UID
	List  []UID // nil for a run
}

// What a set refuses.
var (
	ErrEmpty = errors.New("no chip")
	ErrOrder = errors.New("the last chip comes before the first")
	ErrMixed = errors.New("UIDs of 4 and of 7 bytes in one set")
)

// TwiceError names a chip that a set names twice.
type TwiceError struct{ UID UID }

func (e *TwiceError) Error() string { return fmt.Sprintf("%s is named twice", e.UID) }

// Run is the chips from first to last, both included.
func Run(first, last UID) (Set, error) {
	switch {
	case first.Double() != last.Double():
		return Set{}, ErrMixed
	case last < first:
		return Set{}, ErrOrder
	}
	return Set{First: first, Last: last}, nil
}

// Of is the set of some chips, each named once, in any order. It is a run when they follow one another.
func Of(uids ...UID) (Set, error) {
	if len(uids) == 0 {
		return Set{}, ErrEmpty
	}
	list := slices.Clone(uids)
	slices.Sort(list)
	for i := 1; i < len(list); i++ {
		if list[i] == list[i-1] {
			return Set{}, &TwiceError{list[i]}
		}
	}
	first, last := list[0], list[len(list)-1]
	if first.Double() != last.Double() {
		return Set{}, ErrMixed
	}
	return sorted(list), nil
}

// sorted is the set of chips in order, none twice.
func sorted(list []UID) Set {
	s := Set{First: list[0], Last: list[len(list)-1]}
	if int64(s.Last-s.First)+1 != int64(len(list)) {
		s.List = list
	}
	return s
}

// Len is how many chips the set holds.
func (s Set) Len() int64 {
	if s.List != nil {
		return int64(len(s.List))
	}
	return int64(s.Last-s.First) + 1
}

// All yields the chips in order.
func (s Set) All() iter.Seq[UID] {
	if s.List != nil {
		return slices.Values(s.List)
	}
	return func(yield func(UID) bool) {
		for u := s.First; u <= s.Last; u++ {
			if !yield(u) {
				return
			}
		}
	}
}

// Has tells whether the chip is in the set.
func (s Set) Has(u UID) bool { _, ok := s.index(u); return ok }

func (s Set) index(u UID) (int64, bool) {
	if u < s.First || u > s.Last {
		return 0, false
	}
	if s.List == nil {
		return int64(u - s.First), true
	}
	i, ok := slices.BinarySearch(s.List, u)
	return int64(i), ok
}

// Shared is what both sets hold; ok is false when that is nothing.
func (s Set) Shared(other Set) (both Set, ok bool) {
	from, to := max(s.First, other.First), min(s.Last, other.Last)
	if from > to {
		return both, false
	}
	if s.List == nil && other.List == nil {
		return Set{First: from, Last: to}, true
	}
	if s.List == nil {
		s, other = other, s
	}
	var list []UID
	for _, u := range s.List {
		if other.Has(u) {
			list = append(list, u)
		}
	}
	if len(list) == 0 {
		return both, false
	}
	return sorted(list), true
}

// Without is the set less some of its chips, as few sets as that takes: what is left of a run on either side, or one
// list. The first chip of part that s does not hold is returned as missing.
func (s Set) Without(part Set) (rest []Set, missing *UID) {
	for u := range part.All() {
		if !s.Has(u) {
			return nil, &u
		}
	}
	if s.List == nil && part.List == nil {
		if part.First > s.First {
			rest = append(rest, Set{First: s.First, Last: part.First - 1})
		}
		if part.Last < s.Last {
			rest = append(rest, Set{First: part.Last + 1, Last: s.Last})
		}
		return rest, nil
	}
	var list []UID
	for u := range s.All() {
		if !part.Has(u) {
			list = append(list, u)
		}
	}
	if len(list) > 0 {
		rest = []Set{sorted(list)}
	}
	return rest, nil
}

// Equal tells whether both hold the same chips.
func (s Set) Equal(other Set) bool {
	return s.First == other.First && s.Last == other.Last && slices.Equal(s.List, other.List)
}

// Twice finds a chip that two of the sets hold, and which sets those are.
func Twice(sets []Set) (u UID, one, other int, found bool) {
	var runs []int
	listed := map[UID]int{}
	for i, s := range sets {
		if s.List == nil {
			runs = append(runs, i)
			continue
		}
		for _, u := range s.List {
			if j, ok := listed[u]; ok {
				return u, j, i, true
			}
			listed[u] = i
		}
	}
	slices.SortFunc(runs, func(a, b int) int { return cmp.Compare(sets[a].First, sets[b].First) })
	for k := 1; k < len(runs); k++ {
		if before, at := sets[runs[k-1]], sets[runs[k]]; at.First <= before.Last {
			return at.First, runs[k-1], runs[k], true
		}
	}
	if len(runs) == 0 {
		return 0, 0, 0, false
	}
	for u, i := range listed {
		// The last run that begins at or before the chip is the one that may hold it.
		k, begins := slices.BinarySearchFunc(runs, u, func(r int, u UID) int { return cmp.Compare(sets[r].First, u) })
		if !begins {
			k--
		}
		if k >= 0 && sets[runs[k]].Has(u) {
			return u, runs[k], i, true
		}
	}
	return 0, 0, 0, false
}
