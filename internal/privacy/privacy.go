// Package privacy refuses what may identify a resident. The product holds counts only: a NIK has sixteen digits, so a
// text with sixteen digits in a row, also across spaces, dots and dashes, is never taken in.
package privacy

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"blangko/internal/fault"
)

// ErrIdentity is the fault of a text or number that may be a NIK.
var ErrIdentity = fault.New(fault.Invalid, "sixteen-digits")

const (
	nikDigits   = 16
	largest     = 1e15 // no count of people or pieces is ever this large
	insideRunOf = " .-\u00a0\u2009\u202f\u2010\u2011\u2012\u2013"
)

// Long runs that are let through: a coordinate written out in full (up to three digits, one dot, the rest), and a UUID,
// which a phone makes by chance and which now and then has sixteen decimal digits in a row.
var (
	coordinate = regexp.MustCompile(`(^|[^\d.])-?\d{1,3}\.\d{4,17}($|[^\d.\- ])`)
	identifier = regexp.MustCompile(`(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
)

// Identifies reports whether the text holds sixteen digits in a row, skipping spaces, dots and dashes between them.
func Identifies(text string) bool {
	if len(text) < nikDigits || !longRun(text) {
		return false
	}
	text = identifier.ReplaceAllStringFunc(text, func(id string) string {
		if strings.ContainsAny(id, "abcdefABCDEF") {
			return ";"
		}
		return id
	})
	return longRun(coordinate.ReplaceAllString(text, "$1;$2"))
}

func longRun(text string) bool {
	run := 0
	for _, r := range text {
		switch {
		case digit(r):
			if run++; run >= nikDigits {
				return true
			}
		case run > 0 && strings.ContainsRune(insideRunOf, r):
		default:
			run = 0
		}
	}
	return false
}

// digit accepts the decimal digits of the scripts a phone keyboard offers, so that other numerals are no way around.
func digit(r rune) bool {
	return r >= '0' && r <= '9' || r >= '٠' && r <= '٩' || r >= '۰' && r <= '۹' || r >= '０' && r <= '９'
}

// CheckJSON walks a JSON document and returns ErrIdentity naming the first string or whole number that may be a NIK.
// A document that is not JSON passes: whoever decodes it says what is wrong with it.
func CheckJSON(body []byte) error {
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	w := walker{d: d}
	err := w.value("body")
	if _, ok := fault.As(err); ok {
		return err
	}
	return nil
}

type walker struct{ d *json.Decoder }

func (w walker) value(at string) error {
	token, err := w.d.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case string:
		if Identifies(v) {
			return ErrIdentity.At(at, "sixteen-digits", nil)
		}
	case json.Number:
		return wholeNumber(v.String(), at)
	case json.Delim:
		if v == '{' {
			return w.object(at)
		}
		return w.array(at)
	}
	return nil
}

func (w walker) object(at string) error {
	for w.d.More() {
		name, err := w.d.Token()
		if err != nil {
			return err
		}
		key, ok := name.(string)
		if !ok {
			return errors.New("a name that is no string")
		}
		if Identifies(key) {
			return ErrIdentity.At(at, "sixteen-digits", nil)
		}
		if err := w.value(at + "." + key); err != nil {
			return err
		}
	}
	_, err := w.d.Token()
	return err
}

func (w walker) array(at string) error {
	for i := 0; w.d.More(); i++ {
		if err := w.value(at + "[" + strconv.Itoa(i) + "]"); err != nil {
			return err
		}
	}
	_, err := w.d.Token()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func wholeNumber(text, at string) error {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil // the decoder says what is wrong with it
	}
	if f == math.Trunc(f) && (f >= largest || f <= -largest) {
		return ErrIdentity.At(at, "sixteen-digits", nil)
	}
	return nil
}
