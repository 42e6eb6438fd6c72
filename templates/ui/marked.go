package ui

import "strings"

// Marked is a text in which what was sought is marked. Lang, Dir and Tongue, its Mark, are those of a Text.
type Marked struct {
	Pieces    []Piece
	Lang, Dir string
	Tongue    string
}

// Piece is a part of a text, as it is written; Mark says that it was sought.
type Piece struct {
	S    string
	Mark bool
}

// Mark is a text with the bytes between each two numbers marked: in order, apart from each other, within the text and not
// within a character. Marks that are not so are left out.
func Mark(t Text, marks [][2]int) Marked {
	m := Marked{Lang: t.Lang, Dir: t.Dir, Tongue: t.Mark}
	at := 0
	for _, k := range marks {
		if k[0] < at || k[1] <= k[0] || k[1] > len(t.S) {
			continue
		}
		if k[0] > at {
			m.Pieces = append(m.Pieces, Piece{S: t.S[at:k[0]]})
		}
		m.Pieces = append(m.Pieces, Piece{S: t.S[k[0]:k[1]], Mark: true})
		at = k[1]
	}
	if at < len(t.S) {
		m.Pieces = append(m.Pieces, Piece{S: t.S[at:]})
	}
	return m
}

// Cut is the same text with an ellipsis where it was cut off. It stands within the text, so that it takes its direction.
func (m Marked) Cut(before, behind bool) Marked {
	if before {
		m.Pieces = append([]Piece{{S: "… "}}, m.Pieces...)
	}
	if last := len(m.Pieces) - 1; behind && last >= 0 {
		end := Piece{S: " …"}
		if !m.Pieces[last].Mark {
			end.S = strings.TrimRight(m.Pieces[last].S, " ,;:،、；") + end.S
			m.Pieces = m.Pieces[:last:last]
		}
		m.Pieces = append(m.Pieces[:len(m.Pieces):len(m.Pieces)], end)
	}
	return m
}

func (m Marked) dir() string { return dirOf(Text{Dir: m.Dir}) }
