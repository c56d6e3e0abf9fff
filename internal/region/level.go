package region

import "fmt"

// Level is how deep a region lies in the tree. It reads and writes as a word.
type Level int8

const (
	Nation   Level = iota // Indonesia, code 00
	Province              // provinsi
	Regency               // kabupaten or kota
	District              // kecamatan, in Papua distrik
	Village               // desa or kelurahan
)

var levels = [...]string{"nation", "province", "regency", "district", "village"}

// String returns the word of the level, as the API spells it.
func (l Level) String() string {
	if l < Nation || l > Village {
		return fmt.Sprintf("level(%d)", int8(l))
	}
	return levels[l]
}

// MarshalText writes the level as its word.
func (l Level) MarshalText() ([]byte, error) {
	if l < Nation || l > Village {
		return nil, fmt.Errorf("no region has level %d", int8(l))
	}
	return []byte(levels[l]), nil
}

// UnmarshalText reads the word of a level, or returns ErrLevelUnknown.
func (l *Level) UnmarshalText(text []byte) error {
	for i, word := range levels {
		if word == string(text) {
			*l = Level(i)
			return nil
		}
	}
	return ErrLevelUnknown.With("level", string(text), "known", levels[:])
}
