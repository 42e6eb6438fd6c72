package i18n

import (
	"math"
	"testing"
)

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		lang   string
		f      float64
		places int
		want   string
	}{{"en", 2.2727, 2, "2.27"}, {"fr", 2.2727, 2, "2,27"}, {"ru", 0.5, 2, "0,50"}, {"ar", 1, 2, "1.00"}, {"es", -0.004, 2, "0,00"}, {"en", -1.5, 1, "−1.5"}, {"zh", math.NaN(), 2, "–"}} {
		p, ok := For(c.lang)
		if !ok {
			t.Fatal(c.lang)
		}
		if got := p.Decimal(c.f, c.places); got != c.want {
			t.Errorf("%v in %s is %q, want %q", c.f, c.lang, got, c.want)
		}
	}
}
