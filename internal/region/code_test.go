package region_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"blangko/internal/region"
)

func TestLevelOf(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]region.Level{
		"00": region.Nation, "12": region.Province, "12.71": region.Regency, "12.71.03": region.District,
		"12.71.03.1004": region.Village,
	} {
		if got, err := region.LevelOf(code); err != nil || got != want {
			t.Errorf("LevelOf(%q) = %v, %v, want %v", code, got, err, want)
		}
	}
	for _, code := range []string{"", "1", "123", "12.", "12.7", "12.71.", "12.71.3", "12.71.03.100", "12.71.03.10045",
		"1271", "12-71", " 12", "12\n", "12.71.03.1004.01", "00.01", "01", "١٢"} {
		if level, err := region.LevelOf(code); !errors.Is(err, region.ErrMalformed) {
			t.Errorf("LevelOf(%q) = %v, %v, want %v", code, level, err, region.ErrMalformed)
		}
	}
}

func TestUnderHasTheDotAsBoundary(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code, top string
		want      bool
	}{
		{"12.71", "12", true}, {"12.71.03", "12.71", true}, {"12.71", "12.71", true}, {"12.71", "00", true},
		{"00", "00", true}, {"12.71", "12.7", false}, {"12.7", "12.71", false}, {"12", "12.71", false},
		{"12", "1", false}, {"12", "", false}, {"00", "12", false},
	} {
		if got := region.Under(c.code, c.top); got != c.want {
			t.Errorf("Under(%q, %q) = %v, want %v", c.code, c.top, got, c.want)
		}
	}
}

func TestAncestors(t *testing.T) {
	t.Parallel()
	if got, want := region.Ancestors("12.71.03.1004"), []string{"12.71.03", "12.71", "12", "00"}; !slices.Equal(got, want) {
		t.Errorf("Ancestors = %v, want %v", got, want)
	}
	if got := region.Ancestors("00"); len(got) != 0 {
		t.Errorf("Ancestors(00) = %v, want none", got)
	}
}

func TestLevelIsAWord(t *testing.T) {
	t.Parallel()
	for l := region.Nation; l <= region.Village; l++ {
		text, err := l.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back region.Level
		if err := back.UnmarshalText(text); err != nil || back != l {
			t.Errorf("%q reads as %v, %v, want %v", text, back, err, l)
		}
	}
	var l region.Level
	if err := l.UnmarshalText([]byte("kabupaten")); !errors.Is(err, region.ErrLevelUnknown) {
		t.Errorf("UnmarshalText(kabupaten) = %v, want %v", err, region.ErrLevelUnknown)
	}
	if text, err := region.Level(9).MarshalText(); err == nil {
		t.Errorf("level 9 is written as %q, want an error", text)
	}
}

func FuzzLevelOf(f *testing.F) {
	for _, code := range []string{"00", "12.71", "12.71.03.1004", "12.7", "00.00.00", "x"} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		level, err := region.LevelOf(code)
		if err != nil {
			return
		}
		over := region.Ancestors(code)
		if len(over) != int(level) {
			t.Errorf("%q has level %v and %d ancestors", code, level, len(over))
		}
		for _, top := range append(over, code) {
			if !region.Under(code, top) {
				t.Errorf("%q is not under its ancestor %q", code, top)
			}
		}
		if strings.ContainsAny(code, " \n") {
			t.Errorf("%q has a blank and passes", code)
		}
	})
}
