package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"cosignatory/templates/i18n"
	"cosignatory/templates/ui"
)

// problemKinds are the types of problem that programs are told (RFC 9457), in the order of the guide. The message
// "api_problem.<kind>" says what each means. A type is the address of the guide with the kind as its fragment; it never changes.
var problemKinds = []struct {
	kind   string
	status int
}{
	{"invalid-parameter", http.StatusBadRequest}, {"unknown-parameter", http.StatusBadRequest}, {"invalid-page", http.StatusBadRequest}, {"not-text", http.StatusBadRequest},
	{"not-found", http.StatusNotFound}, {"method-not-allowed", http.StatusMethodNotAllowed}, {"not-acceptable", http.StatusNotAcceptable},
	{"address-too-long", http.StatusRequestURITooLong}, {"too-many-requests", http.StatusTooManyRequests}, {"internal", http.StatusInternalServerError},
	{"unavailable", http.StatusServiceUnavailable}, {"other", 0},
}

// kind is the type of a problem among problemKinds.
func (p *problem) kind() string {
	if p.status == http.StatusBadRequest {
		switch p.key {
		case "error.filter_unknown", "error.page_alone":
			return "unknown-parameter"
		case "error.page_token":
			return "invalid-page"
		case "error.encoding":
			return "not-text"
		}
	}
	for _, k := range problemKinds {
		if k.status == p.status {
			return k.kind
		}
	}
	return "other"
}

// apiProblem is an error as programs read it (RFC 9457).
type apiProblem struct {
	Type     string   `json:"type" format:"uri" doc:"Address that names the kind of problem, and explains it."`
	Title    string   `json:"title" doc:"The kind of problem in words."`
	Status   int      `json:"status" doc:"The status of the answer."`
	Detail   string   `json:"detail" doc:"What is wrong and what to do, in the language asked for."`
	Accepted []string `json:"accepted,omitempty" doc:"The values that would be accepted, where they are few."`
	Field    string   `json:"parameter,omitempty" doc:"The parameter that is to be mended, where it is one."`
	Instance string   `json:"instance" format:"uri-reference" doc:"Names this very answer; the register’s log has it too."`
	Request  string   `json:"request" doc:"Number of the request, to give when you report a problem."`
}

// problemJSON sends an error to a program.
func (s *Server) problemJSON(c echo.Context, p *i18n.Printer, x *problem) error {
	id, _ := c.Get(requestID).(string)
	body := apiProblem{Type: s.BaseURL + address("en", "/api", "", nil) + "#" + x.kind(), Title: title(p, x.status), Status: x.status, Detail: p.T(x.key, x.args...),
		Field: parameterAt(c, x), Instance: "#" + id, Request: id}
	for _, v := range x.values {
		body.Accepted = append(body.Accepted, v.Value)
	}
	if n := len(body.Accepted); x.accept != "" && n <= mostTold {
		body.Detail += " " + p.T(x.accept, x.with...)
		if n > 0 {
			// Who prints only the sentence knows as much.
			body.Detail += " " + strings.Join(body.Accepted, ", ") + "."
		}
	}
	b, err := encode(body)
	if err != nil {
		return err
	}
	openToOthers(c.Response().Header())
	return plainAnswer(c, x.status, "application/problem+json", string(b))
}

// parameterAt is the parameter of a request that a problem is about, empty where that cannot be told: the one that the problem
// names, or the one that has the value it complains of.
func parameterAt(c echo.Context, x *problem) string {
	if x.status != http.StatusBadRequest || x.field != "" {
		return x.field
	}
	var value string
	for i := 0; i+1 < len(x.args); i += 2 {
		word, _ := x.args[i+1].(string)
		switch {
		case x.args[i] == "Value":
			value = word
		case x.args[i] == "Name" && (x.key == "error.parameter_repeated" || x.key == "error.parameter_too_long" || x.key == "error.filter_unknown" || x.key == "error.page_alone"):
			return word
		}
	}
	query := c.QueryParams()
	for _, name := range parameterOrder {
		if value != "" && query.Has(name) && shorten(strings.TrimSpace(query.Get(name))) == value {
			return name
		}
	}
	return ""
}

// mostTold is how many accepted values the sentence of a problem repeats.
const mostTold = 60

// forProgram says that whoever asks is told of an error as a program: always in the API, and for a file where JSON is preferred
// to pages. A browser is shown a page.
func forProgram(c echo.Context, format string) bool {
	if apiPath(c.Request().URL.Path) {
		return true
	}
	if format == "" {
		return false
	}
	headers := c.Request().Header.Values("Accept")
	named := func(kinds ...string) bool {
		for one := range strings.SplitSeq(strings.ToLower(strings.Join(headers, ",")), ",") {
			kind, params, _ := strings.Cut(one, ";")
			for _, k := range kinds {
				if strings.TrimSpace(kind) == k && weight(params) > 0 {
					return true
				}
			}
		}
		return false
	}
	if named("text/html", "application/xhtml+xml") {
		return false
	}
	return format == "json" || named("application/json", "application/problem+json")
}

// option is a value that is its own label.
func option(value string) ui.Option { return ui.Option{Value: value, Label: value} }
