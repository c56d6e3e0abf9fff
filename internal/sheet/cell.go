package sheet

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Indonesia groups by dot and writes a decimal comma; many sheets come from programs that do the reverse. A count is
// whole, so a dot before three digits can only group; a comma before three digits may be either, and is refused.
var (
	digitsOnly  = regexp.MustCompile(`^\d+$`)
	dotGroups   = regexp.MustCompile(`^[1-9]\d{0,2}(\.\d{3})+(,0+)?$`)
	commaGroups = regexp.MustCompile(`^[1-9]\d{0,2}(,\d{3}){2,}(\.0+)?$|^[1-9]\d{0,2}(,\d{3})\.0+$`)
	blankGroups = regexp.MustCompile(`^[1-9]\d{0,2}([ \x{a0}\x{2009}\x{202f}']\d{3})+$`)
	ambiguous   = regexp.MustCompile(`^[1-9]\d{0,2},\d{3}$`)
	wholePoint  = regexp.MustCompile(`^\d+[.,]0+$`)
	fraction    = regexp.MustCompile(`^\d*[.,]\d+$|^\d{1,3}(\.\d{3})+,\d+$|^\d{1,3}(,\d{3})+\.\d+$`)
	exponent    = regexp.MustCompile(`^[+-]?\d+(\.\d+)?[eE][+-]?\d{1,3}$`)
)

// ParseCount reads a count of people or pieces. The code says why a text is none: not-a-number, not-whole, negative,
// ambiguous-number or too-large.
func ParseCount(text string) (n int64, code string) {
	text = strings.TrimSpace(text)
	if rest, minus := cutMinus(text); minus {
		if _, code := ParseCount(rest); code == "" || code == "not-whole" || code == "ambiguous-number" {
			return 0, "negative"
		}
		return 0, "not-a-number"
	}
	switch {
	case digitsOnly.MatchString(text):
	case ambiguous.MatchString(text):
		return 0, "ambiguous-number"
	case dotGroups.MatchString(text):
		text, _, _ = strings.Cut(text, ",")
	case commaGroups.MatchString(text), wholePoint.MatchString(text) && strings.Contains(text, "."):
		text, _, _ = strings.Cut(text, ".")
	case wholePoint.MatchString(text):
		text, _, _ = strings.Cut(text, ",")
	case blankGroups.MatchString(text):
	case fraction.MatchString(text):
		return 0, "not-whole"
	default:
		if f, ok := scientific(text); ok {
			return wholeFloat(f)
		}
		return 0, "not-a-number"
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n >= 1e15 {
		return 0, "too-large"
	}
	return n, ""
}

// cutMinus knows the minus signs that word processors put in, and the brackets of accountants.
func cutMinus(text string) (rest string, minus bool) {
	for _, sign := range []string{"-", "−", "–"} {
		if rest, minus = strings.CutPrefix(text, sign); minus {
			return strings.TrimSpace(rest), true
		}
	}
	if len(text) > 2 && strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		return text[1 : len(text)-1], true
	}
	return text, false
}

// scientific reads 1.5E+03, which is how a sheet keeps large numbers.
func scientific(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	if !exponent.MatchString(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

func wholeFloat(f float64) (int64, string) {
	switch {
	case f < 0:
		return 0, "negative"
	case f >= 1e15:
		return 0, "too-large"
	case f != math.Trunc(f):
		return 0, "not-whole"
	}
	return int64(f), ""
}

// ParsePercent reads a percentage: 97.58, 97,58 and "97,58 %" are one. Nothing here keeps it below 100.
func ParsePercent(text string) (p float64, code string) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%"))
	rest, minus := cutMinus(text)
	dots, commas := strings.Count(rest, "."), strings.Count(rest, ",")
	switch {
	case dots > 0 && commas > 0, dots > 1, commas > 1:
		return 0, "ambiguous-number"
	}
	rest = strings.Replace(rest, ",", ".", 1)
	if strings.Trim(rest, "0123456789.") != "" {
		if f, ok := scientific(rest); ok {
			rest = strconv.FormatFloat(f, 'f', -1, 64)
		} else {
			return 0, "not-a-number"
		}
	}
	p, err := strconv.ParseFloat(rest, 64)
	switch {
	case err != nil:
		return 0, "not-a-number"
	case minus && p > 0:
		return 0, "negative"
	case p >= 10_000:
		return 0, "too-large"
	}
	return math.Round(p*1e4) / 1e4, ""
}

// Precision is how much a date says.
type Precision string

// The precisions of a date.
const (
	Day   Precision = "day"
	Month Precision = "month"
	Year  Precision = "year"
)

// Format writes a date with no more than it says: 2024-02-07, 2024-02 or 2024.
func (p Precision) Format(day time.Time) string {
	switch p {
	case Year:
		return day.Format("2006")
	case Month:
		return day.Format("2006-01")
	default:
		return day.Format(time.DateOnly)
	}
}

// Last returns the last day of the span that begins on first.
func (p Precision) Last(first time.Time) time.Time {
	switch p {
	case Year:
		return first.AddDate(1, 0, -1)
	case Month:
		return first.AddDate(0, 1, -1)
	default:
		return first
	}
}

var (
	isoDate    = regexp.MustCompile(`^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[t ]00:00(?::00)?z?)?$`)
	localDate  = regexp.MustCompile(`^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})$`)
	wordDate   = regexp.MustCompile(`^(?:(\d{1,2}) )?([a-z]+) (\d{4})$`)
	serialDate = regexp.MustCompile(`^[1-9]\d{4}(\.0+)?$`)
	monthNames = map[string]int{"januari": 1, "jan": 1, "january": 1, "februari": 2, "feb": 2, "february": 2, "pebruari": 2,
		"maret": 3, "mar": 3, "march": 3, "april": 4, "apr": 4, "mei": 5, "may": 5, "juni": 6, "jun": 6, "june": 6,
		"juli": 7, "jul": 7, "july": 7, "agustus": 8, "agu": 8, "ags": 8, "august": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9,
		"oktober": 10, "okt": 10, "october": 10, "oct": 10, "november": 11, "nov": 11, "nopember": 11, "desember": 12, "des": 12,
		"december": 12, "dec": 12}
)

// ParseSpan reads a date that may say a day, a month or a year: 2024-02-07, 2024-02, 2024, 31/12/2023, 7 Februari 2024,
// Februari 2024, and the number a sheet keeps a date as. It returns the first day of the span. The code says why a text
// is none: missing, not-a-date, impossible-date, or ambiguous-date for 03/04/2024, whose month is either.
func ParseSpan(text string) (first time.Time, p Precision, code string) {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	if text == "" {
		return first, "", "missing"
	}
	if m := isoDate.FindStringSubmatch(text); m != nil {
		return span(number(m[1]), number(m[2]), number(m[3]))
	}
	if m := localDate.FindStringSubmatch(text); m != nil {
		a, b, year := number(m[1]), number(m[2]), number(m[3])
		switch {
		case a == 0 || b == 0:
			return first, "", "impossible-date"
		case a <= 12 && b <= 12 && a != b:
			return first, "", "ambiguous-date"
		case b > 12:
			return span(year, a, b) // the American order
		}
		return span(year, b, a)
	}
	if m := wordDate.FindStringSubmatch(text); m != nil {
		month, ok := monthNames[m[2]]
		if !ok {
			return first, "", "not-a-date"
		}
		if m[1] != "" && number(m[1]) == 0 {
			return first, "", "impossible-date"
		}
		return span(number(m[3]), month, number(m[1]))
	}
	if serialDate.MatchString(text) {
		// Day 1 is 1900-01-01 and there was a 29 February 1900, by Lotus; from March 1900 on this is exact.
		return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, number(text[:5])), Day, ""
	}
	return first, "", "not-a-date"
}

// span makes a date of a year, a month or 0, and a day or 0.
func span(year, month, day int) (time.Time, Precision, string) {
	p := Day
	switch {
	case month == 0 && day == 0:
		p, month, day = Year, 1, 1
	case day == 0:
		p, day = Month, 1
	}
	first := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if first.Year() != year || int(first.Month()) != month || first.Day() != day || year < 1900 {
		return time.Time{}, "", "impossible-date"
	}
	return first, p, ""
}

// number reads digits that a pattern has let through.
func number(digits string) int {
	n := 0
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return n
}
