package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxSeason = 400
	// maxPeriods is the longest span of one series: a date typed with a wrong
	// century is an error, not a gap of thousands of years.
	maxPeriods = 20_000
)

// frequency is a calendar of periods. A date is a tick: a count of months or
// of days; the periods of one series are step ticks apart.
type frequency struct {
	name   string
	months bool
	step   int64
}

func parseFrequency(name string) (frequency, error) {
	switch name {
	case "D":
		return frequency{name, false, 1}, nil
	case "W":
		return frequency{name, false, 7}, nil
	case "MS":
		return frequency{name, true, 1}, nil
	case "QS":
		return frequency{name, true, 3}, nil
	case "YS":
		return frequency{name, true, 12}, nil
	}
	return frequency{}, fmt.Errorf("--freq %q: must be D, W, MS, QS or YS", name)
}

// seasons are those that data of the frequency are taken to have when nobody says. One of which a series does not hold two
// cycles is left out.
func (f frequency) seasons() string {
	return map[string]string{"D": "7,365", "W": "52", "MS": "12", "QS": "4", "YS": "1"}[f.name]
}

const secondsPerDay = 24 * 60 * 60

// tick reads a date: 2024-03-01, with or without a time of midnight after it.
func (f frequency) tick(ds string) (int64, error) {
	day, clock := ds, ""
	if len(ds) > 10 {
		day, clock = ds[:10], ds[11:]
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil || strings.Trim(clock, "0:.Z") != "" {
		return 0, fmt.Errorf("date %q: want YYYY-MM-DD", ds)
	}
	if !f.months {
		return t.Unix() / secondsPerDay, nil
	}
	if t.Day() != 1 {
		return 0, fmt.Errorf("date %q: with --freq %s a period begins on the first of a month", ds, f.name)
	}
	return int64(t.Year())*12 + int64(t.Month()) - 1, nil
}

// date writes a tick as a date.
func (f frequency) date(tick int64) string {
	if !f.months {
		return time.Unix(tick*secondsPerDay, 0).UTC().Format(time.DateOnly)
	}
	return fmt.Sprintf("%04d-%02d-01", tick/12, tick%12+1)
}

// timeSeries is one series on its calendar, NaN where a period is unknown.
type timeSeries struct {
	id     string
	first  int64 // tick of values[0]
	values []float64
}

// point is one row of the input.
type point struct {
	tick int64
	row  int
	y    float64
}

// readSeries reads unique_id,ds,y and returns the series in the order in which
// they first appear, each sorted by date with its gaps opened.
func readSeries(r io.Reader, freq frequency) ([]timeSeries, error) {
	ids, points, err := readPoints(r, freq)
	if err != nil {
		return nil, err
	}
	all := make([]timeSeries, len(ids))
	var bad []error
	for i, id := range ids {
		if all[i], err = arrange(id, points[i], freq); err != nil {
			bad = append(bad, fmt.Errorf("series %q: %w", id, err))
		}
		points[i] = nil
	}
	if more := len(bad) - 10; more > 0 {
		bad = append(bad[:10], fmt.Errorf("and %d more", more))
	}
	return all, errors.Join(bad...)
}

func readPoints(r io.Reader, freq frequency) (ids []string, points [][]point, err error) {
	c := csv.NewReader(bufio.NewReaderSize(r, 1<<16))
	c.ReuseRecord = true
	header, err := c.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("no header row: %w", err)
	}
	column, err := seriesColumns(header)
	if err != nil {
		return nil, nil, err
	}
	index := map[string]int{}
	for {
		record, err := c.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		row, _ := c.FieldPos(0)
		id := record[column[0]]
		p, err := parsePoint(record[column[1]], record[column[2]], freq)
		if err != nil {
			return nil, nil, fmt.Errorf("row %d, series %q: %w", row, id, err)
		}
		p.row = row
		i, ok := index[id]
		if !ok {
			i = len(ids)
			id = strings.Clone(id)
			index[id] = i
			ids, points = append(ids, id), append(points, nil)
		}
		points[i] = append(points[i], p)
	}
	if len(ids) == 0 {
		return nil, nil, errors.New("no rows below the header")
	}
	return ids, points, nil
}

// seriesColumns finds unique_id, ds and y in the header.
func seriesColumns(header []string) (column [3]int, err error) {
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	for i, name := range []string{"unique_id", "ds", "y"} {
		at := -1
		for j, h := range header {
			if strings.TrimSpace(h) == name {
				at = j
			}
		}
		if at < 0 {
			return column, fmt.Errorf("no column %s in the header", name)
		}
		column[i] = at
	}
	return column, nil
}

func parsePoint(ds, y string, freq frequency) (p point, err error) {
	if p.tick, err = freq.tick(strings.TrimSpace(ds)); err != nil {
		return p, err
	}
	switch y = strings.TrimSpace(y); strings.ToLower(y) {
	case "", "nan", "na", "null":
		p.y = math.NaN()
		return p, nil
	}
	if p.y, err = strconv.ParseFloat(y, 64); err != nil || math.IsInf(p.y, 0) || math.IsNaN(p.y) {
		return p, fmt.Errorf("y %q: not a finite number", y)
	}
	return p, nil
}

// wider reports whether dates in order lie on a coarser calendar than this one, and how many ticks apart they are at
// least: quarters given as months, or months as days, would be gaps for the most part. Two dates alone are a gap, and a
// date given twice is another mistake.
func (f frequency) wider(points []point) (ticks int64, ok bool) {
	if len(points) < 3 {
		return 0, false
	}
	divisor, least := int64(0), int64(math.MaxInt64)
	for i, p := range points[1:] {
		step := p.tick - points[i].tick
		least = min(least, step)
		for a, b := divisor, step; ; a, b = b, a%b {
			if b == 0 {
				divisor = a
				break
			}
		}
	}
	const shortestMonth = 28 // months have no common number of days
	return least, least > 0 && (divisor > f.step || f.name == "D" && least >= shortestMonth)
}

func (f frequency) unit() string {
	if f.months {
		return "months"
	}
	return "days"
}

// arrange sorts the points of one series and opens its gaps.
func arrange(id string, points []point, freq frequency) (timeSeries, error) {
	slices.SortStableFunc(points, func(a, b point) int { return int(a.tick - b.tick) })
	first, last := points[0], points[len(points)-1]
	if (last.tick-first.tick)/freq.step >= maxPeriods {
		return timeSeries{}, fmt.Errorf("from %s (row %d) to %s (row %d) is more than %d periods",
			freq.date(first.tick), first.row, freq.date(last.tick), last.row, maxPeriods)
	}
	s := timeSeries{id, first.tick, make([]float64, (last.tick-first.tick)/freq.step+1)}
	for i := range s.values {
		s.values[i] = math.NaN()
	}
	if wide, ok := freq.wider(points); ok {
		return timeSeries{}, fmt.Errorf("rows are never less than %d %s apart: --freq %s is too fine (%s in row %d, %s in row %d)",
			wide, freq.unit(), freq.name, freq.date(points[0].tick), points[0].row, freq.date(points[1].tick), points[1].row)
	}
	known := false
	for i, p := range points {
		if (p.tick-first.tick)%freq.step != 0 {
			return timeSeries{}, fmt.Errorf("row %d: %s is not a whole number of periods (--freq %s) after %s",
				p.row, freq.date(p.tick), freq.name, freq.date(first.tick))
		}
		if i > 0 && p.tick == points[i-1].tick {
			return timeSeries{}, fmt.Errorf("row %d: %s was already given in row %d", p.row, freq.date(p.tick), points[i-1].row)
		}
		s.values[(p.tick-first.tick)/freq.step] = p.y
		known = known || !math.IsNaN(p.y)
	}
	if !known {
		return timeSeries{}, fmt.Errorf("row %d: no known value", first.row)
	}
	return s, nil
}
