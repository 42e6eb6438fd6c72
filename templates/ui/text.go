package ui

import "strings"

// dirOf is the dir attribute of a text: what is known, else what its first strong letter says.
func dirOf(t Text) string {
	if t.Dir == "" {
		return "auto"
	}
	return t.Dir
}

// web says whether an address may be followed from the register's pages.
func web(url string) bool {
	return strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")
}

// arrow is the arrow beside a sorted column.
func (o Order) arrow() string {
	if o == Ascending {
		return "▲"
	}
	return "▼"
}
