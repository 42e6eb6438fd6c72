package ui

import "github.com/a-h/templ"

// invalid marks a field that was not taken, and points to the sentence that says why.
func invalid(name, wrong string) templ.Attributes {
	if wrong == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": name + "-wrong"}
}

// ProblemOf is the message about one field, empty where there is none.
func ProblemOf(list []Problem, field string) string {
	for _, p := range list {
		if p.Field == field {
			return p.Message
		}
	}
	return ""
}
