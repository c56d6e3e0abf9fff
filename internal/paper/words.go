package paper

import (
	"strconv"
	"strings"
	"time"
)

var months = [...]string{"Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"}

// Weekdays are the days as letters name them, Sunday first.
var Weekdays = [...]string{"Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"}

// Date writes a day as letters do: 5 Oktober 2026.
func Date(day time.Time) string {
	return strconv.Itoa(day.Day()) + " " + months[day.Month()-1] + " " + strconv.Itoa(day.Year())
}

// Number groups a number by thousands: 1.500.
func Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	return sign + strings.Join(append([]string{digits}, groups...), ".")
}

var ones = [...]string{"", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"}

// Words writes a number from 0 on in words (terbilang), as records of handover want it: seribu lima ratus.
func Words(n int64) string {
	if n == 0 {
		return "nol"
	}
	return strings.TrimSpace(inWords(n))
}

func inWords(n int64) string {
	switch {
	case n < 12:
		return ones[n]
	case n < 20:
		return ones[n-10] + " belas"
	case n < 100:
		return join(ones[n/10]+" puluh", n%10)
	case n < 200:
		return join("seratus", n%100)
	case n < 1000:
		return join(ones[n/100]+" ratus", n%100)
	case n < 2000:
		return join("seribu", n%1000)
	}
	scale, name := int64(1000), "ribu"
	for _, s := range []struct {
		size int64
		name string
	}{{1_000_000, "juta"}, {1_000_000_000, "miliar"}, {1_000_000_000_000, "triliun"}} {
		if n >= s.size {
			scale, name = s.size, s.name
		}
	}
	return join(inWords(n/scale)+" "+name, n%scale)
}

func join(head string, rest int64) string { return strings.TrimSpace(head + " " + inWords(rest)) }
