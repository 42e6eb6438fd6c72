package ui

import "github.com/a-h/templ"

func sorted(o Order) templ.Attributes {
	if o == Unsorted {
		return nil
	}
	return templ.Attributes{"aria-sort": string(o)}
}

func relation(rel string) templ.Attributes {
	if rel == "" {
		return nil
	}
	return templ.Attributes{"rel": rel}
}

// formatAttributes lets the script print at once; without it the link shows the page as it will be on paper. Search
// engines need no files twice.
func formatAttributes(f Format) templ.Attributes {
	if f.Name == "print" {
		return templ.Attributes{"data-print": true, "rel": "nofollow"}
	}
	a := templ.Attributes{"rel": "alternate nofollow"}
	switch f.Name {
	case "atom":
		a["type"] = "application/atom+xml"
	case "ics":
		a["type"] = "text/calendar"
	}
	return a
}
