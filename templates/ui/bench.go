package ui

import (
	"strconv"
	"strings"
)

// ten is a row of at most ten squares, drawn as two paths: what is filled with ink, and what is only drawn in lines.
type ten struct {
	filled, outline string
	width, box      string
}

// The squares are ten pixels wide, stand this far apart, and begin this far from the edge.
const (
	pitch = 14
	inset = 2
)

func (b Bench) tens() []ten {
	kinds := [...]struct {
		n    int
		draw func(filled, outline *strings.Builder, x int)
	}{
		{b.InEffect, full}, {b.Unsettled, half}, {b.NotNamed, hollow}, {b.Left, barred},
	}
	var out []ten
	var filled, outline strings.Builder
	n := 0
	flush := func() {
		if n > 0 {
			w := strconv.Itoa(n * pitch)
			out = append(out, ten{filled.String(), outline.String(), w, "0 0 " + w + " 14"})
			filled.Reset()
			outline.Reset()
			n = 0
		}
	}
	for _, k := range kinds {
		for range k.n {
			k.draw(&filled, &outline, n*pitch+inset)
			if n++; n == 10 {
				flush()
			}
		}
	}
	flush()
	return out
}

func path(b *strings.Builder, parts ...any) {
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			b.WriteString(p)
		case int:
			b.WriteString(strconv.Itoa(p))
		}
	}
}

// Lines are one pixel wide and lie on half pixels to be sharp.
func full(filled, _ *strings.Builder, x int)    { path(filled, "M", x, " 2h10v10h-10z") }
func hollow(_, outline *strings.Builder, x int) { path(outline, "M", x, ".5 2.5h9v9h-9z") }

func half(filled, outline *strings.Builder, x int) {
	hollow(nil, outline, x)
	path(filled, "M", x, " 12v-10h10z")
}

func barred(_, outline *strings.Builder, x int) {
	hollow(nil, outline, x)
	path(outline, "m9 0l-9 9")
}
