package privacy_test

import (
	"testing"

	"blangko/internal/fault"
	"blangko/internal/privacy"
)

// The runs of digits here are of one repeated digit: no NIK can look like that.
func TestIdentifies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"sixteen digits", "1111111111111111", true},
		{"more than sixteen", "99999999999999999999", true},
		{"inside words", "warga 1111111111111111 hadir", true},
		{"across spaces", "1111 1111 1111 1111", true},
		{"across dots and dashes", "111111.111111-1111", true},
		{"across a narrow space", "11111111\u202f11111111", true},
		{"Arabic digits", "١١١١١١١١١١١١١١١١", true},
		{"fifteen digits", "111111111111111", false},
		{"broken by letters", "11111111a11111111", false},
		{"broken by a comma", "11111111,11111111", false},
		{"a phone number", "0811-8005-373", false},
		{"a date and a time", "2026-11-22T10:00:00.123Z", false},
		{"a village code", "12.71.03.1004", false},
		{"a long coordinate", "98.67851312345678", false},
		{"two coordinates", "3.5970311234567, 98.67851312345678", false},
		{"a NIK after a coordinate", "98.6785 1111111111111111", true},
		{"a UUID with many decimal digits", "c1111111-1111-1111-1111-11111111111a", false},
		{"a UUID of decimal digits alone", "11111111-1111-1111-1111-111111111111", true},
		{"empty", "", false},
	} {
		if got := privacy.Identifies(c.text); got != c.want {
			t.Errorf("%s: Identifies(%q) = %v, want %v", c.name, c.text, got, c.want)
		}
	}
}

func TestCheckJSONNamesThePlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, at string }{
		{`{"note":"1111111111111111"}`, "body.note"},
		{`{"lines":[{"pieces":1},{"pieces":1111111111111111}]}`, "body.lines[1].pieces"},
		{`{"pieces":1e15}`, "body.pieces"},
		{`{"1111111111111111":1}`, "body"},
		{`{"point":[127.38123456789012,0.7812345678901234],"pieces":999999999999999}`, ""},
		{`{"broken`, ""},
	} {
		f, ok := fault.As(privacy.CheckJSON([]byte(c.body)))
		switch {
		case !ok && c.at != "":
			t.Errorf("%s: taken, want refused at %s", c.body, c.at)
		case ok && (c.at == "" || f.Fields[0].Location != c.at):
			t.Errorf("%s: refused at %v, want %q", c.body, f.Fields, c.at)
		}
	}
}

func FuzzCheckJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,"2",null,{"b":true}]}`))
	f.Fuzz(func(t *testing.T, body []byte) { _ = privacy.CheckJSON(body) })
}
