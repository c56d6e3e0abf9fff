package inventory

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"blangko/inventory/fairshare"
)

// Why says in one English sentence a line, without commas, why each line of a division got its number.
func Why(terms fairshare.Terms, claims []fairshare.Claim, r fairshare.Result) []string {
	one := big.NewRat(1, 1)
	say := sentences{terms, r.Level, slices.ContainsFunc(claims, func(c fairshare.Claim) bool { return c.Weight != nil && c.Weight.Cmp(one) != 0 })}
	why := make([]string, len(claims))
	for i, c := range claims {
		why[i] = say.why(c, r.Lines[i])
	}
	return why
}

// sentences word why a line of a division got its number: one English sentence each, without commas.
type sentences struct {
	terms    fairshare.Terms
	reached  *float64 // the level at which the next box would be given
	weighted bool
}

func (s sentences) why(c fairshare.Claim, l fairshare.Line) string {
	switch l.Reason {
	case fairshare.Satisfied:
		return s.satisfied(*c.Request)
	case fairshare.Capped:
		return fmt.Sprintf("Held at its cap of %d%s.", *c.Cap, s.inBoxes(*c.Cap))
	case fairshare.Floored:
		return fmt.Sprintf("Gets its floor of %d%s and no more: it stands at %s and the blanks ran out at %s.",
			c.Floor, s.inBoxes(c.Floor), s.level(l.Level, c), s.level(s.reached, c))
	case fairshare.Waiting:
		return fmt.Sprintf("Gets nothing: it stands at %s and the blanks ran out at %s.", s.level(l.Level, c), s.level(s.reached, c))
	case fairshare.Unmeasured:
		return fmt.Sprintf("Comes after all others because it %s.", s.lacks(c))
	}
	if s.reached == nil {
		return fmt.Sprintf("Brought to %s with all that was available.", s.level(l.Level, c))
	}
	return fmt.Sprintf("Brought to %s in its turn: the next %s would go to a place at %s.",
		s.level(l.Level, c), s.piece(), s.level(s.reached, c))
}

func (s sentences) satisfied(request int64) string {
	if request == 0 {
		return "Gets nothing because it asked for nothing."
	}
	if request%s.terms.Box > 0 {
		return fmt.Sprintf("Gets its request of %d as far as whole boxes of %d go.", request, s.terms.Box)
	}
	return fmt.Sprintf("Gets its whole request of %d.", request)
}

func (s sentences) inBoxes(blanks int64) string {
	if blanks%s.terms.Box == 0 {
		return ""
	}
	return fmt.Sprintf(" in whole boxes of %d", s.terms.Box)
}

func (s sentences) piece() string {
	if s.terms.Box == 1 {
		return "blank"
	}
	return fmt.Sprintf("box of %d", s.terms.Box)
}

// level words a level of the rule. The claim only tells what a fraction is of.
func (s sentences) level(level *float64, c fairshare.Claim) string {
	if level == nil {
		return "no level"
	}
	words := ""
	switch s.terms.Rule {
	case fairshare.Together:
		words = short(*level, 2) + " days of cover"
	case fairshare.Proportional:
		words = short(*level*100, 2) + " % of what was asked"
		if c.Request == nil {
			words = fmt.Sprintf("%s %% of the need of %d days", short(*level*100, 2), s.terms.Days)
		}
	case fairshare.Gains:
		words = short(*level, 2) + " blanks given"
	case fairshare.Losses:
		words = short(*level, 2) + " blanks too few"
	case fairshare.Shortage:
		words = "an expected saving of " + short(*level, 4) + " a blank"
	}
	if s.weighted {
		words += " by weight"
	}
	return words
}

// lacks is why a claim has no level.
func (s sentences) lacks(c fairshare.Claim) string {
	switch {
	case c.Weight != nil && c.Weight.Sign() == 0:
		return "has weight 0"
	case s.terms.Rule == fairshare.Proportional && c.Request != nil:
		return "asked for nothing"
	}
	return "has no daily need"
}

// short is a number to at most that many places.
func short(x float64, places int) string {
	text := strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(x, 'f', places, 64), "0"), ".")
	if text == "-0" {
		return "0"
	}
	return text
}
