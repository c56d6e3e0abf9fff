package outreach

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"blangko/internal/fault"
)

// Opening is a rule that says when a site may be visited, a boat goes or a team is off. A day is open from Opens to
// Closes for each rule that matches it, unless a rule that says Closed matches too.
type Opening struct {
	Weekdays []int  `json:"weekdays,omitempty" maxItems:"7" doc:"1 Monday to 7 Sunday; empty for every day"`
	From     string `json:"from,omitempty" format:"date" doc:"first day; empty for no bound"`
	Until    string `json:"until,omitempty" format:"date" doc:"last day; empty for no bound"`
	Opens    string `json:"opens,omitempty" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" example:"08:00"`
	Closes   string `json:"closes,omitempty" pattern:"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$" example:"14:00"`
	Closed   bool   `json:"closed,omitempty" doc:"closed on these days, whatever other rules say"`
}

// span is a part of a day in seconds from midnight, both ends included.
type span struct{ from, to int64 }

// clock reads HH:MM as seconds from midnight; 24:00 is the end of the day.
func clock(text string) (int64, bool) {
	if text == "24:00" {
		return 86_400, true
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, false
	}
	return int64(t.Hour()*3600 + t.Minute()*60), true
}

// checkOpenings notes rules that no day can satisfy: hours that close before they open, days that end before they begin.
func checkOpenings(rules []Opening, at string, wrong *fault.Fields) {
	for i, r := range rules {
		here := fmt.Sprintf("%s[%d]", at, i)
		for _, d := range r.Weekdays {
			if d < 1 || d > 7 {
				wrong.Add(here+".weekdays", "not-a-weekday", d, "from", 1, "to", 7)
			}
		}
		if r.From != "" && r.Until != "" && r.Until < r.From {
			wrong.Add(here+".until", "ends-before-it-begins", r.Until, "from", r.From)
		}
		for name, day := range map[string]string{".from": r.From, ".until": r.Until} {
			if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
				wrong.Add(here+name, "not-a-date", day)
			}
		}
		if r.Closed {
			continue
		}
		opens, ok := clock(r.Opens)
		if !ok {
			wrong.Add(here+".opens", "not-a-time", r.Opens, "form", "HH:MM")
		}
		closes, ok2 := clock(r.Closes)
		if !ok2 {
			wrong.Add(here+".closes", "not-a-time", r.Closes, "form", "HH:MM")
		}
		if ok && ok2 && closes <= opens {
			wrong.Add(here+".closes", "closes-before-it-opens", r.Closes, "opens", r.Opens)
		}
	}
}

func (r Opening) matches(day time.Time) bool {
	weekday := (int(day.Weekday())+6)%7 + 1
	text := day.Format(time.DateOnly)
	return (len(r.Weekdays) == 0 || slices.Contains(r.Weekdays, weekday)) &&
		(r.From == "" || text >= r.From) && (r.Until == "" || text <= r.Until)
}

// openOn gives the spans of a day on which the rules are open, in order and apart.
func openOn(rules []Opening, day time.Time) []span {
	var open []span
	for _, r := range rules {
		if !r.matches(day) {
			continue
		}
		if r.Closed {
			return nil
		}
		from, _ := clock(r.Opens)
		to, _ := clock(r.Closes)
		open = append(open, span{from, to})
	}
	slices.SortFunc(open, func(a, b span) int { return int(a.from - b.from) })
	joined := open[:0]
	for _, s := range open {
		if n := len(joined); n > 0 && s.from <= joined[n-1].to {
			joined[n-1].to = max(joined[n-1].to, s.to)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// overlap gives what two lists of spans share.
func overlap(a, b []span) []span {
	var both []span
	for _, x := range a {
		for _, y := range b {
			if s := (span{max(x.from, y.from), min(x.to, y.to)}); s.from < s.to {
				both = append(both, s)
			}
		}
	}
	return both
}

// week is a shorthand for rules of the usual hours: "1-4 08:00-14:00", "5 08:00-11:00".
func week(lines ...string) []Opening {
	var rules []Opening
	for _, line := range lines {
		days, hours, _ := strings.Cut(line, " ")
		opens, closes, _ := strings.Cut(hours, "-")
		r := Opening{Opens: opens, Closes: closes}
		for d := days[0]; d <= days[len(days)-1]; d++ {
			r.Weekdays = append(r.Weekdays, int(d-'0'))
		}
		rules = append(rules, r)
	}
	return rules
}
