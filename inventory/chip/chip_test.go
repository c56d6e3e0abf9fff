package chip_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"blangko/inventory/chip"
)

func uid(t testing.TB, text string) chip.UID {
	t.Helper()
	u, err := chip.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestAUIDReadsAsItIsPrinted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, out string }{
		{"04A1B2C3D4E5F6", "04A1B2C3D4E5F6"}, {"04a1b2c3d4e5f6", "04A1B2C3D4E5F6"}, {"04:A1:B2:C3:D4:E5:F6", "04A1B2C3D4E5F6"},
		{"00000001", "00000001"}, {"FFFFFFFF", "FFFFFFFF"}, {"FFFFFFFFFFFFFF", "FFFFFFFFFFFFFF"}, {"00000000000001", "00000000000001"},
	} {
		if got := uid(t, c.in).String(); got != c.out {
			t.Errorf("%s reads as %s, want %s", c.in, got, c.out)
		}
	}
	for _, wrong := range []string{"", "04", "04A1B2C3D4E5F", "04A1B2C3D4E5F6A1B2C3", "04A1B2G3", "+4A1B2C3", "0x000001", "0_000001", "04:A1B2:C3", "04-A1-B2-C3"} {
		if u, err := chip.Parse(wrong); !errors.Is(err, chip.ErrUID) {
			t.Errorf("%q reads as %s, %v", wrong, u, err)
		}
	}
	if uid(t, "00000001") == uid(t, "00000000000001") {
		t.Error("a UID of 4 bytes is one of 7 bytes")
	}
}

func TestASetRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	a, b := uid(t, "04000000000001"), uid(t, "04000000000009")
	if _, err := chip.Run(b, a); !errors.Is(err, chip.ErrOrder) {
		t.Errorf("a run backwards: %v", err)
	}
	if _, err := chip.Run(a, uid(t, "04000009")); !errors.Is(err, chip.ErrMixed) {
		t.Errorf("a run of two kinds: %v", err)
	}
	if _, err := chip.Of(); !errors.Is(err, chip.ErrEmpty) {
		t.Errorf("nothing: %v", err)
	}
	var twice *chip.TwiceError
	if _, err := chip.Of(b, a, b); !errors.As(err, &twice) || twice.UID != b {
		t.Errorf("one chip twice: %v", err)
	}
}

// some is a random set of up to 60 chips, a run or a list.
func some(r *rand.Rand) chip.Set {
	if r.IntN(2) == 0 {
		first := chip.UID(r.Int64N(40))
		s, _ := chip.Run(first, first+chip.UID(r.Int64N(40)))
		return s
	}
	var list []chip.UID
	for u := range chip.UID(60) {
		if r.IntN(3) == 0 {
			list = append(list, u)
		}
	}
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	s, err := chip.Of(append(list, 61)...)
	if err != nil {
		panic(err)
	}
	return s
}

// What is cut from a set and what is left are the set: no chip is lost, none is in both.
func TestCuttingLosesNoChip(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		s, other := some(r), some(r)
		part, ok := s.Shared(other)
		for u := range s.All() {
			if s.Has(u) && other.Has(u) != (ok && part.Has(u)) {
				t.Fatalf("%v and %v share %v, which is wrong about %s", s, other, part, u)
			}
		}
		if !ok {
			continue
		}
		rest, missing := s.Without(part)
		if missing != nil {
			t.Fatalf("%v without %v misses %s", s, part, *missing)
		}
		all := slices.Collect(part.All())
		for _, left := range rest {
			all = slices.AppendSeq(all, left.All())
		}
		if len(all) == 0 || len(rest) > 2 {
			t.Fatalf("%v without %v leaves %v", s, part, rest)
		}
		if back, err := chip.Of(all...); err != nil || !back.Equal(s) {
			t.Fatalf("%v without %v leaves %v: together %v, %v", s, part, rest, back, err)
		}
	}
	s, _ := chip.Run(1, 9)
	if _, missing := s.Without(chip.Set{First: 8, Last: 12}); missing == nil || *missing != 10 {
		t.Errorf("missing %v, want 10", missing)
	}
}

// A proof holds for the chip it was made for and for no other, at no other index, under no other root.
func TestAProofHoldsForItsChipAlone(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		s := some(r)
		root := s.Root()
		for u := range s.All() {
			i, path, ok := s.Proof(u)
			if !ok || !chip.Proves(u, i, s.Len(), path, root) {
				t.Fatalf("%s of %v is not proved", u, s)
			}
			if chip.Proves(u+1000, i, s.Len(), path, root) || chip.Proves(u, i+1, s.Len(), path, root) || chip.Proves(u, i, s.Len(), path, chip.Hash{}) {
				t.Fatalf("the proof of %s proves something else", u)
			}
			if len(path) > 0 && chip.Proves(u, i, s.Len(), path[1:], root) {
				t.Fatalf("a part of the proof of %s proves it", u)
			}
		}
		if _, _, ok := s.Proof(s.Last + 1); ok {
			t.Fatalf("%v proves a chip that it does not hold", s)
		}
	}
}

// The root was computed apart from this package, from the definition in RFC 6962, section 2.1.
func ExampleSet_Root() {
	first, _ := chip.Parse("04A1B2C3D40001")
	last, _ := chip.Parse("04A1B2C3D401F4")
	box, _ := chip.Run(first, last)
	root := box.Root()
	fmt.Println(box.Len(), hex.EncodeToString(root[:8]))
	// Output: 500 72951c6481a6f660
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"04A1B2C3D4E5F6", "04:A1:B2:C3", "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := chip.Parse(text)
		if err != nil {
			return
		}
		if again, err := chip.Parse(u.String()); err != nil || again != u {
			t.Errorf("%q reads as %s and that as %s, %v", text, u, again, err)
		}
	})
}

func TestTwiceFindsTheChipOfTwoSets(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		var sets []chip.Set
		for range 1 + r.IntN(3) {
			s := some(r)
			shift := chip.UID(r.IntN(4) * 50)
			s.First, s.Last = s.First+shift, s.Last+shift
			for i := range s.List {
				s.List[i] += shift
			}
			sets = append(sets, s)
		}
		want := false
		for i := range sets {
			for j := range i {
				_, shared := sets[i].Shared(sets[j])
				want = want || shared
			}
		}
		u, a, b, found := chip.Twice(sets)
		if found != want || found && (a == b || !sets[a].Has(u) || !sets[b].Has(u)) {
			t.Fatalf("%v: %s in %d and %d, %t, want %t", sets, u, a, b, found, want)
		}
	}
}
