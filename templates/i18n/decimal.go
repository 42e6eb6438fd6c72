package i18n

import (
	"math"
	"strconv"
	"strings"
)

// Decimal writes a measure with a fixed number of decimals and the language's decimal mark. No number is a dash.
func (p *Printer) Decimal(f float64, places int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "–"
	}
	s := strconv.FormatFloat(math.Abs(f), 'f', places, 64)
	return p.style.sign(f < 0 && strings.Trim(s, "0.") != "", "") + strings.Replace(s, ".", p.style.decimal, 1)
}
