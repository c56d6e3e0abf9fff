package sheet_test

import (
	"testing"
	"time"

	"blangko/internal/sheet"
)

func TestCountsAreReadInEveryWayThatIsOneWay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "7": 7, "007": 7, "1234": 1234, "1.234": 1234, "1.234.567": 1234567, "1,234,567": 1234567, "1.234,00": 1234,
		"1,234.00": 1234, "12.0": 12, "12,0": 12, " 1 234 ": 1234, "1\u00a0234": 1234, "1'234": 1234, "1.2E+03": 1200, "99.999": 99999,
	} {
		if got, code := sheet.ParseCount(text); got != want || code != "" {
			t.Errorf("ParseCount(%q) = %d, %q, want %d", text, got, code, want)
		}
	}
	for text, want := range map[string]string{
		"1,234": "ambiguous-number", "12,345": "ambiguous-number", "-5": "negative", "−5": "negative", "(5)": "negative", "-1,234": "negative",
		"1.5": "not-whole", "1,5": "not-whole", "0.123": "not-whole", "1.234,5": "not-whole", "1.23E+01": "not-whole", ".5": "not-whole",
		"x": "not-a-number", "": "not-a-number", "1.2.3": "not-a-number", "1 23": "not-a-number", "5 orang": "not-a-number", "-": "not-a-number",
		"1e400": "not-a-number", "+5": "not-a-number", "٣": "not-a-number", "9999999999999999999999": "too-large", "3.2E+15": "too-large",
	} {
		if got, code := sheet.ParseCount(text); code != want {
			t.Errorf("ParseCount(%q) = %d, %q, want %q", text, got, code, want)
		}
	}
}

func TestPercentages(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{"97.58": 97.58, "97,58": 97.58, "97,58 %": 97.58, "100": 100, "106.79": 106.79, "0": 0, "9.758E+01": 97.58} {
		if got, code := sheet.ParsePercent(text); got != want || code != "" {
			t.Errorf("ParsePercent(%q) = %v, %q, want %v", text, got, code, want)
		}
	}
	for text, want := range map[string]string{"1.234,5": "ambiguous-number", "-1": "negative", "x": "not-a-number", "%": "not-a-number", "99999": "too-large", "NaN": "not-a-number", "1e999": "not-a-number"} {
		if got, code := sheet.ParsePercent(text); code != want {
			t.Errorf("ParsePercent(%q) = %v, %q, want %q", text, got, code, want)
		}
	}
}

func TestDatesSayNoMoreThanTheyDo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2024-02-07": "2024-02-07", "2024-2-7": "2024-02-07", "2024-02": "2024-02", "2024": "2024", "31/12/2023": "2023-12-31",
		"12/31/2023": "2023-12-31", "05.05.2023": "2023-05-05", "7 Februari 2024": "2024-02-07", "Agustus 2024": "2024-08",
		"45329": "2024-02-07", "2024-02-07T00:00:00Z": "2024-02-07", "2024-02-07 00:00:00": "2024-02-07",
	} {
		day, p, code := sheet.ParseSpan(text)
		if got := p.Format(day); got != want || code != "" {
			t.Errorf("ParseSpan(%q) = %s, %q, want %s", text, got, code, want)
		}
	}
	for text, want := range map[string]string{
		"": "missing", "2024-02-30": "impossible-date", "2023-02-29": "impossible-date", "2024-13": "impossible-date", "31/04/2024": "impossible-date",
		"03/04/2024": "ambiguous-date", "0/5/2024": "impossible-date", "0 Mei 2024": "impossible-date", "kemarin": "not-a-date", "5 Foo 2024": "not-a-date",
		"0000": "impossible-date",
	} {
		if day, _, code := sheet.ParseSpan(text); code != want {
			t.Errorf("ParseSpan(%q) = %s, %q, want %q", text, day, code, want)
		}
	}
	if last := sheet.Month.Last(time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)); last.Day() != 29 {
		t.Errorf("last day of February 2024 = %d, want 29", last.Day())
	}
}

func FuzzCells(f *testing.F) {
	for _, s := range []string{"1.234", "1,234", "-5", "2024-02-07", "31/12/2023", "1e5", "97,58 %", "(5)", "--"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n, code := sheet.ParseCount(text); code == "" && (n < 0 || n >= 1e15) {
			t.Errorf("ParseCount(%q) = %d", text, n)
		}
		if p, code := sheet.ParsePercent(text); code == "" && !(p >= 0 && p < 10_000) {
			t.Errorf("ParsePercent(%q) = %v", text, p)
		}
		if day, p, code := sheet.ParseSpan(text); code == "" {
			again, q, code := sheet.ParseSpan(p.Format(day))
			if code != "" || q != p || !again.Equal(day) {
				t.Errorf("%q is %s, which reads as %s, %q", text, p.Format(day), q.Format(again), code)
			}
		}
	})
}
