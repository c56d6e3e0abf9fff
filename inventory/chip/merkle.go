package chip

import (
	"crypto/sha256"
	"iter"
)

// Hash is a node of a Merkle tree.
type Hash = [sha256.Size]byte

// Root is the Merkle tree hash of the chips in order (RFC 6962, section 2.1): it stands for the whole set, and Proof
// shows that a chip is one of it without telling the others.
func (s Set) Root() Hash {
	next, stop := iter.Pull(s.All())
	defer stop()
	return root(s.Len(), func() UID { u, _ := next(); return u })
}

// root hashes the next n chips.
func root(n int64, next func() UID) Hash {
	if n == 1 {
		return leaf(next())
	}
	k := half(n)
	left := root(k, next)
	return node(left, root(n-k, next))
}

func leaf(u UID) Hash { return sha256.Sum256(append([]byte{0}, u.bytes()...)) }
func node(left, right Hash) Hash {
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// half is the largest power of two below n.
func half(n int64) int64 {
	k := int64(1)
	for k*2 < n {
		k *= 2
	}
	return k
}

// Proof is the audit path of a chip (RFC 6962, section 2.1.1): what Proves needs besides its index and the length.
func (s Set) Proof(u UID) (index int64, path []Hash, ok bool) {
	if index, ok = s.index(u); !ok {
		return 0, nil, false
	}
	all := make([]UID, 0, s.Len())
	for u := range s.All() {
		all = append(all, u)
	}
	return index, proof(all, index), true
}

func proof(all []UID, index int64) []Hash {
	if len(all) == 1 {
		return nil
	}
	k := half(int64(len(all)))
	if index < k {
		return append(proof(all[:k], index), rootOf(all[k:]))
	}
	return append(proof(all[k:], index-k), rootOf(all[:k]))
}

func rootOf(all []UID) Hash {
	i := -1
	return root(int64(len(all)), func() UID { i++; return all[i] })
}

// Proves tells whether the path leads from the chip at the index of a set of so many chips to its root.
func Proves(u UID, index, length int64, path []Hash, want Hash) bool {
	got, ok := climb(leaf(u), index, length, path)
	return ok && got == want
}

// climb goes up the tree from the chip to the root; the last step of the path is the topmost.
func climb(h Hash, index, length int64, path []Hash) (Hash, bool) {
	if index < 0 || index >= length {
		return h, false
	}
	if length == 1 {
		return h, len(path) == 0
	}
	if len(path) == 0 {
		return h, false
	}
	k, top, below := half(length), path[len(path)-1], path[:len(path)-1]
	if index < k {
		left, ok := climb(h, index, k, below)
		return node(left, top), ok
	}
	right, ok := climb(h, index-k, length-k, below)
	return node(top, right), ok
}
