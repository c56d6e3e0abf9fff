package tidy_test

import (
	"bytes"
	"go/format"
	"path"
	"regexp"
	"strings"
	"testing"
)

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	comments := map[string]int{}
	for _, s := range all(t).sources {
		if s.test {
			continue
		}
		comments[s.pkg] += 0
		if s.syntax.Doc == nil {
			continue
		}
		comments[s.pkg]++
		begin := "Package " + path.Base(s.pkg) + " "
		if s.syntax.Name.Name == "main" {
			begin = "Command " + path.Base(s.pkg) + " "
		}
		if !strings.HasPrefix(s.syntax.Doc.Text(), begin) {
			t.Errorf("%s: the package comment does not begin with %q", s.path, begin)
		}
	}
	for pkg, n := range comments {
		if n != 1 {
			t.Errorf("%s has %d package comments, want one", pkg, n)
		}
	}
}

func TestGoFilesAreFormatted(t *testing.T) {
	t.Parallel()
	for _, s := range all(t).sources {
		formatted, err := format.Source(s.text)
		if err != nil {
			t.Errorf("%s: %v", s.path, err)
			continue
		}
		if !bytes.Equal(formatted, s.text) {
			t.Errorf("%s is not as gofmt writes it", s.path)
		}
	}
}

// The words are joined here so that this file does not hold them.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|HA` + `CK|X` + `XX)\b`)

func TestNothingIsLeftForLater(t *testing.T) {
	t.Parallel()
	for name, text := range all(t).texts {
		for i, line := range bytes.Split(text, []byte("\n")) {
			if word := unfinished.Find(line); word != nil {
				t.Errorf("%s:%d says %s", name, i+1, word)
			}
		}
	}
}

// A NIK stands alone: not in a hash, not behind a decimal point.
var sixteenDigits = regexp.MustCompile(`(?:^|[^\w.])(\d{16})(?:[^\w]|$)`)

func TestNoFileHoldsWhatMayBeANIK(t *testing.T) {
	t.Parallel()
	for name, text := range all(t).texts {
		if name == "go.sum" {
			continue
		}
		for i, line := range bytes.Split(text, []byte("\n")) {
			for _, found := range sixteenDigits.FindAllSubmatch(line, -1) {
				// One repeated digit is no NIK: its birth date would not be a date.
				if digits := string(found[1]); strings.Trim(digits, digits[:1]) != "" {
					t.Errorf("%s:%d holds sixteen digits in a row", name, i+1)
				}
			}
		}
	}
}
