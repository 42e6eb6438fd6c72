package web

import (
	"cmp"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/staff"
	"cosignatory/templates/ui"
	"cosignatory/web/form"
	"cosignatory/web/intake"
)

// The limits of a list that is brought in. A list of signatories has some dozens of names.
const (
	// maxFinds is how many finds, or rows of a table, one page shows.
	maxFinds = 2000
	// previewed is how many rows of a table the chooser of columns shows.
	previewed = 15
	// suggestedDeclarations is how many declarations are offered by name, the newest first.
	suggestedDeclarations = 200
	megabyte              = 1 << 20
)

// bringRoutes are the addresses at which lists of signatories are brought in, below /{lang}/staff.
var bringRoutes []staffRoute

func init() {
	bringRoutes = []staffRoute{
		{"GET", "/bring", store.Editor, showBring},
		{"POST", "/bring", store.Editor, bringIn},
	}
}

// recogniserCache is what reads names, made once for each state of the reference data.
type recogniserCache struct {
	mu   sync.Mutex
	ref  *register.Reference
	made *register.Recogniser
}

func (s *Server) recogniser(ref *register.Reference) *register.Recogniser {
	c := &s.recognisers
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ref != ref {
		c.ref, c.made = ref, register.NewRecogniser(ref)
	}
	return c.made
}

// bringing is a list that somebody brings in. Everything is in the form, from page to page: nothing of it is kept on the
// server, and nothing is lost where something is wrong.
type bringing struct {
	*staffRequest
	values   url.Values
	problems []ui.Problem
	remarks  []intake.Refusal

	// What it belongs to: at most one of work and entry; neither for a declaration that is new.
	work     *work
	entry    *store.Entry
	document *register.Declaration // as it stands there
	open     *store.Draft          // a draft of the declaration that is open already, and not the one chosen

	on    register.Date
	table *intake.Table
}

func (b *bringing) v(name string) string { return b.values.Get(name) }

// trimmed is what was typed without blanks at its ends.
func (b *bringing) trimmed(name string) string { return strings.TrimSpace(b.v(name)) }

// wrong notes what is wrong with a field: key is of the messages staff.bring.wrong.
func (b *bringing) wrong(field, key string, args ...any) {
	b.problems = append(b.problems, ui.Problem{Field: field, Message: b.p.T("staff.bring.wrong."+key, args...)})
}

func (b *bringing) isWrong(field string) bool {
	return slices.ContainsFunc(b.problems, func(p ui.Problem) bool { return p.Field == field })
}

func (b *bringing) date(name string) staff.Date {
	return staff.Date{Year: b.v(name + ".year"), Month: b.v(name + ".month"), Day: b.v(name + ".day")}
}

// readDate reads a date typed in parts, and notes what is wrong with it.
func (b *bringing) readDate(name string) register.Date {
	d, key, typed := form.ReadDate(b.v(name+".day"), b.v(name+".month"), b.v(name+".year"))
	if key != "" {
		b.problems = append(b.problems, ui.Problem{Field: name, Message: b.p.T("staff.problem."+key, "Value", typed)})
	}
	return d
}

func showBring(r *staffRequest) error {
	q := r.query
	values := url.Values{"to": {"declaration"}, "declaration": {q["declaration"]}, "draft": {q["draft"]}, "action": {string(register.Signed)},
		"capacity": {string(register.Signatory)}, "title_lang": {r.lang}, "also": {"yes"}}
	today := r.current.Date()
	values.Set("source.read_on.day", strconv.Itoa(int(today.Day)))
	values.Set("source.read_on.month", strconv.Itoa(int(today.Month)))
	values.Set("source.read_on.year", strconv.Itoa(int(today.Year)))
	if q["draft"] != "" {
		values.Set("to", "draft")
	} else if q["new"] == "1" {
		values.Set("to", "new")
	}
	b := &bringing{staffRequest: r, values: values, document: &register.Declaration{}}
	if q["draft"] != "" || q["declaration"] != "" {
		if err := b.resolve(); err != nil {
			return err
		}
	}
	return b.showForm(http.StatusOK)
}

// bringIn takes what was sent and does what the button says.
func bringIn(r *staffRequest) error {
	values, name, file, err := r.upload()
	if err != nil {
		return err
	}
	b := &bringing{staffRequest: r, values: values, document: &register.Declaration{}}
	do := b.v("do")
	if !slices.Contains([]string{"read", "sheet", "columns", "table", "again", "accept", "back"}, do) {
		return bad("error.form", "Value", shorten(do))
	}
	if err := b.resolve(); err != nil {
		return err
	}
	if b.table, err = b.carried(); err != nil {
		b.table = nil
		b.values.Del("table")
		b.values.Del("table_name")
		b.refused("file", err)
		return b.showForm(http.StatusBadRequest)
	}
	if do == "read" {
		b.openList(name, file)
	} else if b.table == nil {
		b.text()
	}
	if do == "back" {
		b.problems = nil
		return b.showForm(http.StatusOK)
	}
	b.check()
	if len(b.problems) > 0 && (do == "read" || b.table == nil && b.isWrong("text")) {
		return b.showForm(http.StatusUnprocessableEntity)
	}
	switch {
	case do == "read" && b.table != nil:
		return b.showColumns(http.StatusOK, true)
	case do == "sheet":
		return b.showColumns(http.StatusOK, true)
	case do == "table":
		return b.showColumns(http.StatusOK, false)
	case do == "columns":
		if b.columnsWrong(); len(b.problems) > 0 {
			return b.showColumns(http.StatusUnprocessableEntity, false)
		}
	}
	l, err := b.read()
	if err != nil {
		return err
	}
	if l == nil {
		if b.table != nil {
			return b.showColumns(http.StatusUnprocessableEntity, false)
		}
		return b.showForm(http.StatusUnprocessableEntity)
	}
	if do == "accept" {
		return b.accept(l)
	}
	status := http.StatusOK
	if len(b.problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return b.show(status, l)
}

// upload reads a form that may bring a file: no more than intake.MaxUpload bytes of it are kept, one more tells that there
// are more.
func (r *staffRequest) upload() (values url.Values, name string, file []byte, err error) {
	req := r.c.Request()
	kind, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		values, err = r.form()
		return values, "", nil, err
	}
	body := http.MaxBytesReader(r.c.Response(), req.Body, intake.MaxUpload+2*MaxForm)
	parts := multipart.NewReader(body, params["boundary"])
	values = url.Values{}
	long, rest := (*http.MaxBytesError)(nil), int64(2*MaxForm)
	for fields := 0; ; fields++ {
		part, err := parts.NextPart()
		if err == io.EOF {
			return values, name, file, nil
		}
		if errors.As(err, &long) || fields > maxFormFields {
			return nil, "", nil, uploadTooLarge()
		}
		if err != nil {
			return nil, "", nil, bad("error.encoding")
		}
		limit := rest
		if part.FormName() == "file" {
			limit = intake.MaxUpload
		}
		content, err := io.ReadAll(io.LimitReader(part, limit+1))
		if errors.As(err, &long) {
			return nil, "", nil, uploadTooLarge()
		}
		if err != nil {
			return nil, "", nil, bad("error.encoding")
		}
		if part.FormName() == "file" {
			if part.FileName() != "" || len(content) > 0 {
				name, file = strings.ToValidUTF8(part.FileName(), "\uFFFD"), content
			}
			continue
		}
		if rest -= int64(len(content)); rest < 0 {
			return nil, "", nil, uploadTooLarge()
		}
		if !utf8.Valid(content) || !utf8.ValidString(part.FormName()) {
			return nil, "", nil, bad("error.encoding")
		}
		values.Add(part.FormName(), string(content))
	}
}

func uploadTooLarge() error {
	return &problem{status: http.StatusRequestEntityTooLarge, key: "error.upload_too_large", args: []any{"Max", intake.MaxUpload / megabyte}}
}

// resolve finds what the list belongs to, and notes where it cannot be found.
func (b *bringing) resolve() error {
	b.document = &register.Declaration{}
	switch b.v("to") {
	case "declaration":
		typed := b.trimmed("declaration")
		if typed == "" {
			b.wrong("declaration", "declaration_missing")
			return nil
		}
		e, err := b.declaration(typed)
		if err != nil || e == nil {
			return err
		}
		b.entry, b.document = e, &e.Declaration
		b.values.Set("declaration", e.Slug)
		open, err := b.s.Store.Drafts(b.ctx, store.DraftFilter{DeclarationID: e.ID})
		if err != nil {
			return err
		}
		if len(open) > 0 {
			b.open = open[0]
		}
	case "draft":
		id, err := strconv.ParseInt(b.trimmed("draft"), 10, 64)
		if err != nil {
			b.wrong("draft", "draft_missing")
			return nil
		}
		d, err := b.s.Store.Draft(b.ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			b.wrong("draft", "draft_missing")
			return nil
		}
		if err != nil {
			return err
		}
		if d.State != store.Drafting {
			b.wrong("draft", "draft_state", "State", b.p.T("staff.state."+string(d.State)))
			return nil
		}
		if b.work, err = b.workOn(d); err != nil {
			return err
		}
		document, _ := b.work.form.Copy().Compact().Declaration(b.view.Ref)
		document.Clean()
		b.document = document
		if !b.values.Has("version") {
			b.values.Set("version", strconv.Itoa(d.Version))
		}
	case "new":
	default:
		b.wrong("to", "to_missing")
	}
	return nil
}

// declaration is the one that was typed: by the end of its address, the whole of it, or words of its title that only it has.
func (b *bringing) declaration(typed string) (*store.Entry, error) {
	slug := typed
	if _, after, ok := strings.Cut(slug, "/declarations/"); ok {
		slug, _, _ = strings.Cut(after, "/")
		slug, _, _ = strings.Cut(slug, "?")
	}
	if register.ValidSlug(slug) {
		e, err := b.view.Declaration(b.ctx, slug)
		if moved := (*store.Moved)(nil); errors.As(err, &moved) {
			e, err = b.view.Declaration(b.ctx, moved.Slug)
		}
		if err == nil || !errors.Is(err, store.ErrNotFound) {
			return e, err
		}
	}
	x, err := b.view.Index(b.ctx, b.current)
	if err != nil {
		return nil, err
	}
	rows, total := x.Find(register.Filter{Query: typed}, register.Sort{By: "date", Descending: true}, b.lang, 0, 5)
	switch {
	case total == 0:
		b.wrong("declaration", "declaration_unknown", "Value", shorten(typed))
		return nil, nil
	case total > 1:
		var slugs []string
		for _, row := range rows {
			slugs = append(slugs, row.Slug)
		}
		b.wrong("declaration", "declaration_several", "N", b.p.Number(total), "Value", shorten(typed), "Candidates", strings.Join(slugs, ", "))
		return nil, nil
	}
	return b.view.ByID(b.ctx, rows[0].ID)
}

// openList reads what was brought: the text or the file, or the table that an earlier page carried along.
func (b *bringing) openList(name string, file []byte) {
	pasted := strings.TrimLeft(normal(b.v("text")), "\n")
	switch {
	case len(file) > 0 || name != "":
		if strings.TrimSpace(pasted) != "" {
			b.wrong("file", "both")
			return
		}
		b.table = nil
		b.values.Del("table")
		got, err := intake.Open(name, file)
		if err != nil {
			b.refused("file", err)
			return
		}
		b.took(name, got)
	case strings.TrimSpace(pasted) != "":
		b.table = nil
		b.values.Del("table")
		if strings.ContainsRune(pasted, 0) { // what was pasted is UTF-8 already: no other encoding explains it
			b.refused("text", &intake.Refusal{Key: "binary"})
			return
		}
		got, err := intake.Open("", []byte(pasted))
		if err != nil {
			b.refused("text", err)
			return
		}
		b.took("", got)
	case b.table == nil:
		b.wrong("text", "nothing")
	}
}

// took keeps what was read in the form.
func (b *bringing) took(name string, got *intake.Brought) {
	b.remarks = got.Remarks
	if got.Table == nil {
		b.values.Set("text", strings.TrimLeft(got.Text, "\n"))
		return
	}
	for i := range got.Table.Sheets {
		s := &got.Table.Sheets[i]
		s.Rows, s.Lines = s.Rows[:min(len(s.Rows), maxFinds+2)], s.Lines[:min(len(s.Lines), maxFinds+2)]
	}
	carried, err := got.Table.Pack()
	if err != nil {
		b.wrong("file", "table_large", "Max", b.p.Number(maxFinds))
		return
	}
	b.table = got.Table
	b.values.Set("table", carried)
	b.values.Set("table_name", name)
	b.values.Set("text", "")
}

// text holds a text that was mended to what a text may be.
func (b *bringing) text() {
	text := strings.TrimLeft(normal(b.v("text")), "\n")
	b.values.Set("text", text)
	switch {
	case strings.TrimSpace(text) == "":
		b.wrong("text", "nothing")
	case len(text) > intake.MaxText:
		b.refused("text", &intake.Refusal{Key: "text_long", Args: map[string]any{"Size": (len(text) + megabyte - 1) / megabyte, "Max": intake.MaxText / megabyte}})
	case strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }) >= 0:
		b.refused("text", &intake.Refusal{Key: "binary"})
	}
}

func normal(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// refused notes why something brought is not read.
func (b *bringing) refused(field string, err error) {
	var r *intake.Refusal
	if !errors.As(err, &r) {
		b.wrong(field, "unreadable")
		return
	}
	b.problems = append(b.problems, ui.Problem{Field: field, Message: r.Sentence(b.p)})
}

// carried is the table that an earlier page carried along, nil for none. One that no page of ours wrote is refused: the answers
// about the list are kept.
func (b *bringing) carried() (*intake.Table, error) {
	if b.v("table") == "" {
		return nil, nil
	}
	t, err := intake.Unpack(b.v("table"))
	if err == nil && slices.ContainsFunc(t.Sheets, func(s intake.Sheet) bool { return len(s.Rows) > maxFinds+2 }) {
		err = &intake.Refusal{Key: "carried"}
	}
	return t, err
}

// check reads the answers about the list, and notes what is wrong with them.
func (b *bringing) check() {
	if b.v("to") == "new" {
		if register.CleanText(b.v("title")) == "" {
			b.wrong("title", "title")
		}
		if b.v("title_lang") == "" {
			b.problems = append(b.problems, ui.Problem{Field: "title_lang", Message: b.p.T("staff.problem.language_missing")})
		}
		if !slices.Contains(register.Kinds, register.Kind(b.v("kind"))) {
			b.wrong("kind", "kind")
		}
		b.document.Adopted = b.readDate("declared")
	}
	b.on = b.readDate("on")
	if !b.on.Known() && !b.isWrong("on") {
		b.on = b.document.Date()
	}
	if key := b.v("source"); key != "" && b.document.Source(key) == nil {
		b.wrong("source", "source_unknown")
	} else if key == "" {
		if register.CleanText(b.v("source.publisher")) == "" {
			b.wrong("source.publisher", "publisher")
		}
		if register.CleanText(b.v("source.title")) == "" {
			b.wrong("source.title", "source_title")
		}
		if u, err := url.Parse(b.trimmed("source.url")); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || len(b.v("source.url")) > 2000 {
			b.problems = append(b.problems, ui.Problem{Field: "source.url", Message: b.p.T("staff.problem.address_shape")})
		}
		if !slices.Contains(register.SourceKinds, register.SourceKind(b.v("source.kind"))) {
			b.wrong("source.kind", "source_kind")
		}
		b.readDate("source.published")
		b.readDate("source.read_on")
		for _, name := range []string{"source.publisher", "source.title"} {
			if key := form.Dirty(b.v(name)); key != "" {
				b.problems = append(b.problems, ui.Problem{Field: name, Message: b.p.T("staff.problem." + key)})
			}
		}
	}
	if !slices.Contains(staff.ArrivalKinds, register.ActionKind(b.v("action"))) {
		b.wrong("action", "action")
	}
	switch c := register.Capacity(b.v("capacity")); {
	case !slices.Contains(register.Capacities, c):
		b.wrong("capacity", "capacity")
	case b.v("action") == string(register.AlignedItself) && c != register.Aligned:
		b.problems = append(b.problems, ui.Problem{Field: "capacity", Message: b.p.T("staff.problem.aligned_capacity")})
	}
}

// kept are the hidden fields that a page carries along: everything typed on the first page that it does not ask itself.
func (b *bringing) kept(names ...string) []ui.Hidden {
	var list []ui.Hidden
	for _, name := range names {
		for _, v := range b.values[name] {
			if v != "" {
				list = append(list, ui.Hidden{Name: name, Value: v})
			}
		}
	}
	return list
}

// decisions are the hidden fields of what was decided on the review: whoever goes back to the questions or the columns finds
// them again.
func (b *bringing) decisions() []ui.Hidden {
	var names []string
	for name := range b.values {
		prefix, _, _ := strings.Cut(name, ".")
		if slices.Contains([]string{"f", "t", "g", "n", "absent"}, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return b.kept(append(names, "order", "which", "adopted")...)
}

// listQuestions are the fields of the first page, but for the text.
var listQuestions = []string{"to", "declaration", "draft", "version", "title", "title_lang", "kind", "declared.day", "declared.month", "declared.year", "on.day",
	"on.month", "on.year", "source", "source.publisher", "source.title", "source.url", "source.lang", "source.kind", "source.published.day", "source.published.month",
	"source.published.year", "source.read_on.day", "source.read_on.month", "source.read_on.year", "action", "capacity", "capacity_as_printed", "dated", "also"}

// fields are the answers of the first page as it shows them.
func (b *bringing) fields() (staff.BringFields, error) {
	x := staff.BringFields{Choices: b.s.staffChoices(b.request), To: b.v("to"), Declaration: b.v("declaration"), Draft: b.v("draft"), Title: b.v("title"),
		TitleLang: b.v("title_lang"), Kind: b.v("kind"), Declared: b.date("declared"), Text: b.v("text"), On: b.date("on"), Source: b.v("source"),
		New: staff.SourceFields{Publisher: b.v("source.publisher"), Title: b.v("source.title"), URL: b.v("source.url"), Lang: b.v("source.lang"),
			Kind: b.v("source.kind"), Published: b.date("source.published"), ReadOn: b.date("source.read_on")},
		Kinds: staff.NewArrivals(b.p), ActionKind: b.v("action"), Capacity: b.v("capacity"), AsPrinted: b.v("capacity_as_printed"), Dated: b.v("dated")}
	if b.entry != nil {
		t := b.entry.TitleIn(b.lang)
		x.DeclarationTitle = b.request.text(t.Text, t.Lang)
	}
	for _, s := range b.document.Sources {
		label := s.Publisher
		if s.Published.Known() {
			label += ", " + b.p.Date(s.Published)
		}
		x.Sources = append(x.Sources, ui.Option{Value: s.Key, Label: label + ": " + shorten(s.Title)})
	}
	drafts, err := b.s.Store.Drafts(b.ctx, store.DraftFilter{State: store.Drafting})
	if err != nil {
		return x, err
	}
	for _, d := range drafts {
		w, err := b.workOn(d)
		if err != nil {
			return x, err
		}
		title := b.titleOf(w.form).S
		if title == "" {
			title = b.p.T("staff.untitled")
		}
		x.Drafts = append(x.Drafts, ui.Option{Value: strconv.FormatInt(d.ID, 10), Label: shorten(title) + " · " + author(d) + ", " + b.moment(d.Changed)})
	}
	index, err := b.view.Index(b.ctx, b.current)
	if err != nil {
		return x, err
	}
	rows, _ := index.Find(register.Filter{}, register.Sort{By: "date", Descending: true}, b.lang, 0, suggestedDeclarations)
	var ids []int64
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	heads, err := b.view.Heads(b.ctx, ids)
	if err != nil {
		return x, err
	}
	for _, e := range heads {
		x.Declarations = append(x.Declarations, ui.Option{Value: e.Slug, Label: e.TitleIn(b.lang).Text})
	}
	return x, nil
}

// page is what every page of a list carries. One that answers a form leads to no other language: the way there would lose
// what was typed.
func (b *bringing) page(title string) staff.Page {
	v := b.staffPage(staff.Title(b.p, title))
	v.Bar.Current = "bring"
	if b.c.Request().Method == http.MethodPost {
		v.Languages = nil
	}
	return v
}

// head is the amber line of the draft that the list goes into, nil where it goes into none.
func (b *bringing) head() *staff.Draft {
	if b.work == nil {
		return nil
	}
	d := b.work.head()
	return &d
}

// openDraft leads to a draft of the declaration that is open already.
func (b *bringing) openDraft() ui.Link {
	if b.open == nil {
		return ui.Link{}
	}
	return ui.Link{Text: b.p.T("staff.bring.open_draft_use", "Who", author(b.open)), URL: b.staffURL("bring") + "?draft=" + strconv.FormatInt(b.open.ID, 10)}
}

func (b *bringing) showForm(status int) error {
	v := staff.Bring{Page: b.page("bring"), Draft: b.head(), Action: b.staffURL("bring"), OpenDraft: b.openDraft(),
		Limits: staff.BringLimits{Text: b.p.T("staff.bring.text_hint", "Max", b.p.Number(intake.MaxText/megabyte)),
			File: b.p.T("staff.bring.file_hint", "Max", b.p.Number(intake.MaxUpload/megabyte), "Rows", b.p.Number(maxFinds))}}
	var err error
	if v.Fields, err = b.fields(); err != nil {
		return err
	}
	if b.may(store.Publisher) {
		v.PackageURL = b.staffURL("import")
	}
	v.Problems = b.problems
	v.Hidden = append(b.kept("version", "also"), b.decisions()...)
	if b.table != nil {
		v.Hidden = append(v.Hidden, b.kept("table", "table_name")...)
		v.Carried = cmp.Or(b.v("table_name"), b.p.T("staff.bring.pasted_table"))
	}
	return b.showAs(status, v.Show())
}
