package region

import (
	"regexp"
	"strings"
)

// Root is the official code of Indonesia, over all others.
const Root = "00"

// A province is never numbered 0x: 00 is the nation and has no parts of its own.
var form = regexp.MustCompile(`^(00|[1-9]\d(\.\d{2}(\.\d{2}(\.\d{4})?)?)?)$`)

// LevelOf tells from its form which level a code speaks of, or returns ErrMalformed. It does not say that such a
// region exists.
func LevelOf(code string) (Level, error) {
	switch {
	case !form.MatchString(code):
		return 0, ErrMalformed.With("code", code)
	case code == Root:
		return Nation, nil
	default:
		return Province + Level(strings.Count(code, ".")), nil
	}
}

// Parent returns the code one level up: 12.71 for 12.71.03, 00 for 12, "" for 00.
func Parent(code string) string {
	if dot := strings.LastIndexByte(code, '.'); dot >= 0 {
		return code[:dot]
	}
	if code == Root {
		return ""
	}
	return Root
}

// Ancestors returns the codes over code, nearest first, the nation last.
func Ancestors(code string) []string {
	var over []string
	for code = Parent(code); code != ""; code = Parent(code) {
		over = append(over, code)
	}
	return over
}

// Under reports whether code is top or lies below it. The dot is the boundary: 12.71 is not under 12.7. Every code is
// under 00, and none under "".
func Under(code, top string) bool {
	return top == Root || top != "" && (code == top || strings.HasPrefix(code, top+"."))
}
