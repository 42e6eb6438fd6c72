package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/web/export"
)

// own are the roles whose revisions importing may go over: what was shipped or imported before. Everybody else is staff.
var own = []string{"seed", ImportRole}

// DefaultReason is what the public reads of what comes by CSV where nobody says more.
const DefaultReason = "Imported from files of the register’s package format"

// importer reads the tables of a package into declarations.
type importer struct {
	*collector
	ctx     context.Context
	view    *store.View
	ref     *register.Reference // as it will be
	tables  map[string]*packFile
	heads   map[string]*sheetReader // of the tables that were read: their columns
	raw     bool
	whole   bool // a file has all rows of the declarations that it or declarations.csv lists
	empty   bool // the register has no revision
	version int  // the revision of this register that the package was made of, 0 where that is not known
	foreign bool // the package was made of another register: its revisions mean nothing here

	bySlug map[string]*edit
	edits  []*edit
	loaded map[string]*store.Entry // declarations of the register, where many are asked for
	former map[string][]string     // by slug: the addresses it had before, in order
	moves  []move

	derived []derivedCell
	cells   map[place][]string // columns of which a cell cannot be read, by row
	unread  map[string]bool    // files of which not every row was read, or not every row has its owner
	told    map[string]bool    // what rules said already
	lines   map[string]int     // where the reference data stands in its files, by the paths that rules have for it
}

// move is a row of addresses.csv: the address was leads to now.
type move struct {
	was, now string
	at       place
}

// place is where a row stands.
type place struct {
	file string
	line int
}

// edit is a declaration that a package says something of.
type edit struct {
	register.Declaration
	entry  *store.Entry // as it is on the register, nil for a new one
	listed bool         // in declarations.csv
	refuse bool         // what is wrong with it was told already
	vague  bool         // its dates cannot be read, or contradict each other
	base   int          // the revision that its rows carry
	at     place        // the row that names it first
	former []string
	retire bool

	touched   map[string]bool // lists of which a file has rows
	rows      []actionRow     // of actions, until they are settled
	positions map[string]int  // place of a dispute by its position in the file
	claims    map[string]int  // the lines of the further claims of a dispute, by their paths
	// The line of each element, 0 for what is on record.
	titles, texts, stated, links, sources, actions, disputes []int
}

// publish reads the tables and publishes what differs.
func (p *Package) publish(ctx context.Context, s *store.Store, o Options) (Summary, error) {
	view, err := s.AtDesk(ctx, 0)
	if err != nil {
		return Summary{}, err
	}
	x := &importer{collector: &collector{}, ctx: ctx, view: view, ref: view.Ref, tables: map[string]*packFile{}, heads: map[string]*sheetReader{},
		bySlug: map[string]*edit{}, former: map[string][]string{}, empty: view.Revision == 0, lines: map[string]int{}}
	if err := x.choose(p); err != nil {
		return Summary{}, err
	}
	summary := Summary{DryRun: o.DryRun, From: view.Revision, To: view.Revision}
	ref := x.reference(&summary)
	if ref != nil {
		x.ref = ref
	}
	if err := x.declarations(); err != nil {
		return Summary{}, err
	}
	if x.full() {
		return Summary{}, x.err()
	}
	// The rules are asked of what could be read, so that all that is wrong is told at once.
	x.unreadable()
	if ref != nil {
		x.referenceRules(ref)
	}
	x.contradictions()
	publications, err := x.publications(o, &summary)
	if err != nil {
		return Summary{}, err
	}
	if err := x.err(); err != nil {
		return Summary{}, err
	}
	if len(publications) == 0 {
		summary.Same = true
		return summary, nil
	}
	if o.Progress != nil {
		o.Progress(0, len(publications))
	}
	publish := s.Publish
	if o.DryRun {
		publish = s.TryPublish
	}
	made, err := publish(ctx, publications...)
	var invalid *register.Invalid
	var conflict *store.Conflict
	switch {
	case errors.Is(err, store.ErrUnchanged):
		summary.Same = true
		return summary, nil
	case errors.As(err, &invalid):
		for _, problem := range invalid.Problems {
			x.rule(place{file: p.name()}, "", problem)
		}
		return Summary{}, x.err()
	case errors.Is(err, store.ErrSlugTaken):
		_, slug, _ := strings.Cut(err.Error(), ": slug taken: ")
		return Summary{}, one(p.name(), 0, "declaration", "slug_taken", "Slug", slug)
	case errors.As(err, &conflict):
		return Summary{}, one(p.name(), 0, "", "changed_meanwhile", "Revision", conflict.Current)
	case err != nil:
		return Summary{}, err
	}
	summary.To += len(made)
	return summary, nil
}

// name is what the package is called where no file of it is meant.
func (p *Package) name() string {
	if p.single != "" {
		return p.single
	}
	return "declarations.csv"
}

// choose finds the tables and what the descriptor says of them.
func (x *importer) choose(p *Package) error {
	if p.single != "" {
		return x.only(p.files[p.single])
	}
	for name, f := range p.files {
		if stem, ok := strings.CutSuffix(name, ".csv"); ok && !packFileNamed(stem).derived {
			x.tables[stem] = f
		}
	}
	if x.tables["actions"] != nil {
		delete(x.tables, "signatories") // worked out of the actions
	}
	if len(x.tables) == 0 {
		return one(p.name(), 0, "", "package_empty", "Files", strings.Join(fileNames(), ", "))
	}
	if p.descriptor == nil {
		return nil
	}
	x.raw, x.whole = p.descriptor.Cosignatory.Raw, true
	// A revision means something only in the register that it is of.
	n := p.descriptor.Cosignatory.Revision
	x.foreign = true
	if n > 0 && n <= x.view.Revision {
		r, err := x.view.RevisionOf(x.ctx, n)
		if err != nil {
			return err
		}
		if r.Hash == p.descriptor.Cosignatory.Hash {
			x.version, x.foreign = n, false
		}
	}
	return nil
}

// saved is how files of the register are called when they are downloaded: cosignatory-actions-2026-11-23-r27.csv.
var saved = regexp.MustCompile(`^cosignatory-([a-z_]+)-\d{4}-\d\d-\d\d-r\d+`)

// only finds out what a single file is: by its name where that is one of the register's, else by its header.
func (x *importer) only(f *packFile) error {
	c := &collector{}
	s := openSheet(f, &packTable{}, false, c)
	if s == nil {
		return c.err()
	}
	s.close()
	stem := strings.TrimSuffix(filepath.Base(f.name), filepath.Ext(f.name))
	if m := saved.FindStringSubmatch(stem); m != nil {
		stem = m[1]
	}
	best, missing, strange := -1, []string(nil), []string(nil)
	for i := range packFiles {
		t := &packFiles[i]
		var lacks, unknown []string
		for _, n := range t.needed {
			if !s.has(n) {
				lacks = append(lacks, n)
			}
		}
		known := export.Columns(t.name)
		for _, n := range s.columns {
			if !slices.ContainsFunc(known, func(c export.Column) bool { return c.Name == n }) && t.name != "matrix" {
				unknown = append(unknown, n)
			}
		}
		if len(lacks) == 0 && len(unknown) == 0 && (best < 0 || len(missing)+len(strange) > 0 || t.name == stem) || best < 0 ||
			len(lacks)+len(unknown) < len(missing)+len(strange) || t.name == stem {
			best, missing, strange = i, lacks, unknown
			if t.name == stem && len(lacks) == 0 {
				break
			}
		}
	}
	t := &packFiles[best]
	if len(missing)+len(strange) > 0 && t.name != stem {
		return one(f.name, 1, "", "header_unknown", "Closest", t.name+".csv", "Missing", joinWords(missing), "Unknown", joinWords(strange), "Files", strings.Join(fileNames()[:len(fileNames())-2], ", "))
	}
	if t.derived {
		return one(f.name, 0, "", "file_derived")
	}
	x.tables[t.name] = f
	return nil
}

func joinWords(list []string) string {
	if len(list) == 0 {
		return "–"
	}
	return excerptLong(strings.Join(list, ", "))
}

func excerptLong(s string) string {
	if r := []rune(s); len(r) > 300 {
		return string(r[:300]) + "…"
	}
	return s
}

// sheet opens a table, nil where there is none or it cannot be read.
func (x *importer) sheet(name string) *sheetReader {
	f := x.tables[name]
	if f == nil {
		return nil
	}
	s := openSheet(f, packFileNamed(name), x.raw, x.collector)
	if s == nil {
		return nil
	}
	if !s.known() {
		s.close()
		return nil
	}
	x.heads[name] = s
	return s
}

// declarations reads the files of declarations, in the order in which one needs the other.
func (x *importer) declarations() error {
	x.addresses()
	steps := []struct {
		name string
		row  func(s *sheetReader, e *edit)
	}{{"declarations", x.declaration}, {"titles", x.title}, {"texts", x.text}, {"sources", x.source}, {"stated", x.statedRow}, {"links", x.link},
		{"actions", x.action}, {"signatories", x.signatory}, {"disputes", x.dispute}}
	for _, step := range steps {
		if err := x.rows(step.name, step.row); err != nil {
			return err
		}
		if step.name == "actions" {
			for _, e := range x.edits {
				x.settle(e)
			}
		}
	}
	if err := x.retired(); err != nil {
		return err
	}
	if err := x.move(); err != nil {
		return err
	}
	if !x.whole || x.tables["declarations"] == nil {
		return nil
	}
	// What a whole package does not say of a declaration that it lists is not so.
	for _, e := range x.edits {
		if !e.listed {
			continue
		}
		for name, clear := range map[string]func(){"titles": func() { e.Titles = nil }, "texts": func() { e.Texts = nil }, "sources": func() { e.Sources = nil },
			"stated": func() { e.Stated = nil }, "links": func() { e.Links = nil }, "actions": func() { e.Actions = nil }, "disputes": func() { e.Disputes = nil }} {
			if x.tables[name] != nil && !e.touched[name] {
				clear()
			}
		}
	}
	return nil
}

// rows reads one file.
func (x *importer) rows(name string, row func(s *sheetReader, e *edit)) error {
	s := x.sheet(name)
	if s == nil {
		return nil
	}
	defer s.close()
	if name == "declarations" && !x.empty && x.tables[name].size > 100<<10 {
		if err := x.load(); err != nil {
			return err
		}
	}
	var last *edit
	for n := 0; s.row(); n++ {
		if n%1000 == 0 && x.ctx.Err() != nil {
			return x.ctx.Err()
		}
		slug := s.cell("declaration")
		if slug == "" {
			s.wrong("declaration", "missing")
			continue
		}
		if last == nil || last.at.file == "" || last.Slug != slug {
			e, err := x.edit(place{s.file, s.line}, "declaration", slug, name == "declarations" && s.has("kind"))
			if err != nil {
				return err
			}
			last = e
		}
		if last == nil || last.refuse {
			continue
		}
		if s.has("revision") {
			if c := s.cell("revision"); c != "" {
				if revision, err := strconv.Atoi(c); err != nil || revision < 0 {
					s.wrong("revision", "number", "Value", excerpt(c))
				} else if last.base == 0 || revision < last.base {
					last.base = revision
				}
			}
		}
		row(s, last)
	}
	return nil
}

// load reads all declarations of the register: a package of many asks for most of them.
func (x *importer) load() error {
	x.loaded = map[string]*store.Entry{}
	return x.view.Each(x.ctx, func(e *store.Entry) error {
		x.loaded[e.Slug] = e
		return nil
	})
}

// onRecord is the declaration of that slug, nil where there is none; leads is the slug that answers instead of it.
func (x *importer) onRecord(slug string) (e *store.Entry, leads string, err error) {
	if x.empty {
		return nil, "", nil
	}
	if e := x.loaded[slug]; e != nil {
		return e, "", nil
	}
	ids, err := x.view.IDs(x.ctx, []string{slug})
	if err != nil || ids[slug] == 0 {
		return nil, "", err
	}
	e, err = x.view.ByID(x.ctx, ids[slug])
	switch {
	case err != nil:
		return nil, "", err
	case e.Slug != slug:
		return nil, e.Slug, nil
	}
	return e, e.MergedInto, nil
}

// edit is what the package says of a declaration that a cell names. fresh says that the file may bring a new one.
func (x *importer) edit(at place, column, slug string, fresh bool) (*edit, error) {
	if e := x.bySlug[slug]; e != nil {
		return e, nil
	}
	e := &edit{at: at, touched: map[string]bool{}}
	e.Slug = slug
	x.bySlug[slug] = e
	entry, leads, err := x.onRecord(slug)
	if err != nil {
		return nil, err
	}
	if entry == nil && leads == "" {
		if entry, err = x.renamed(slug, false); err != nil {
			return nil, err
		}
	}
	if leads != "" {
		x.add(at.file, at.line, column, "declaration_moved", "Slug", slug, "Now", leads)
		e.refuse = true
		return e, nil
	}
	if entry == nil && !fresh {
		if x.tables["declarations"] != nil {
			x.add(at.file, at.line, column, "declaration_unlisted", "Slug", excerpt(slug))
		} else {
			x.add(at.file, at.line, column, "declaration_unknown", "Slug", excerpt(slug))
		}
		e.refuse = true
		return e, nil
	}
	if entry != nil {
		e.adopt(entry)
		e.Slug = slug
	}
	x.edits = append(x.edits, e)
	return e, nil
}

// renamed is the declaration of the register that the package gives another address, nil where there is none.
func (x *importer) renamed(slug string, retired bool) (entry *store.Entry, err error) {
	for _, was := range x.former[slug] {
		found, _, err := x.onRecord(was)
		if err != nil {
			return nil, err
		}
		if found != nil && (retired || found.MergedInto == "") {
			entry = found
		}
	}
	return entry, nil
}

// adopt begins from what is on record.
func (e *edit) adopt(entry *store.Entry) {
	e.entry = entry
	e.Declaration = entry.Declaration
	d := &e.Declaration
	d.Titles, d.Texts, d.Stated, d.Links = slices.Clone(d.Titles), slices.Clone(d.Texts), slices.Clone(d.Stated), slices.Clone(d.Links)
	d.Sources, d.Actions, d.Disputes = slices.Clone(d.Sources), slices.Clone(d.Actions), slices.Clone(d.Disputes)
	e.titles, e.texts, e.stated, e.links = make([]int, len(d.Titles)), make([]int, len(d.Texts)), make([]int, len(d.Stated)), make([]int, len(d.Links))
	e.sources, e.actions, e.disputes = make([]int, len(d.Sources)), make([]int, len(d.Actions)), make([]int, len(d.Disputes))
}

// addresses reads what led where in the register that the package is of.
func (x *importer) addresses() {
	s := x.sheet("addresses")
	if s == nil {
		return
	}
	defer s.close()
	seen := map[string]bool{}
	for s.row() {
		was, now := s.cell("declaration"), s.cell("leads_to")
		switch {
		case was == "":
			s.wrong("declaration", "missing")
		case now == "":
			s.wrong("leads_to", "missing")
		case was == now:
			s.wrong("leads_to", "link_to_itself")
		case !register.ValidSlug(was):
			s.wrong("declaration", "slug_shape", "Slug", excerpt(was))
		case once(s, seen, "declaration", was):
			x.former[now] = append(x.former[now], was)
			x.moves = append(x.moves, move{was, now, place{s.file, s.line}})
		}
	}
}

// move gives declarations the addresses that the package says they had and that they never had here, once all files are
// read. An address that already leads there needs nothing; one that is another declaration's is a problem of its row.
func (x *importer) move() error {
	ids := map[string]int64{}
	if !x.empty && len(x.moves) > 0 {
		var slugs []string
		for _, m := range x.moves {
			slugs = append(slugs, m.was, m.now)
		}
		var err error
		if ids, err = x.view.IDs(x.ctx, slugs); err != nil {
			return err
		}
	}
	// All declarations that are meant come first: no row may take an address that a later one gives to another.
	todo := x.moves[:0:0]
	for _, m := range x.moves {
		if x.bySlug[m.was] == nil && ids[m.was] != 0 && ids[m.now] != 0 {
			if ids[m.was] == ids[m.now] {
				continue
			}
			var moved *store.Moved
			_, err := x.view.Declaration(x.ctx, m.was)
			switch {
			case errors.As(err, &moved) && moved.Slug == m.now:
				continue // retired, and that one answers for it
			case err != nil && moved == nil:
				return err
			}
		}
		if _, err := x.edit(m.at, "leads_to", m.now, false); err != nil {
			return err
		}
		todo = append(todo, m)
	}
	for _, m := range todo {
		e, other, id := x.bySlug[m.now], x.bySlug[m.was], ids[m.was]
		of := ""
		switch {
		case e.refuse, other != nil && other.refuse:
			continue // told already
		case other != nil && other.retire && other.MergedInto == m.now:
		case other != nil:
			of = m.was
		case id == 0:
			e.former = append(e.former, m.was)
		case e.entry == nil || e.entry.ID != id:
			entry, err := x.view.ByID(x.ctx, id)
			if err != nil {
				return err
			}
			of = entry.Slug
		}
		if of != "" {
			x.add(m.at.file, m.at.line, "declaration", "address_taken", "Slug", m.was, "Of", of, "Now", excerpt(m.now))
		}
	}
	return nil
}

// set replaces a text where the file has the column.
func (s *sheetReader) set(column string, to *string) {
	if s.has(column) {
		*to = s.cell(column)
	}
}

func (s *sheetReader) setDate(column string, to *register.Date) {
	if s.has(column) {
		*to = s.date(column)
	}
}

func (x *importer) declaration(s *sheetReader, e *edit) {
	if e.listed {
		s.wrong("declaration", "twice", "Value", excerpt(e.Slug))
		return
	}
	e.listed, e.at = true, place{s.file, s.line}
	x.repeats(s, e)
	s.set("kind", (*string)(&e.Kind))
	s.set("presented_by", &e.PresentedBy)
	s.set("presenter_delegation", &e.PresenterDelegation)
	s.set("presenter_counted", (*string)(&e.PresenterCounted))
	s.set("open", (*string)(&e.Open))
	s.set("list_complete", (*string)(&e.ListComplete))
	if s.has("sponsors") {
		e.Sponsors = s.list("sponsors")
	}
	if s.has("topics") {
		e.Topics = s.list("topics")
	}
	dates, problems := false, len(s.found)
	for column, to := range map[string]*register.Date{"adopted": &e.Adopted, "presented": &e.Presented, "published": &e.Published, "opened": &e.Opened, "closed": &e.Closed} {
		s.setDate(column, to)
		dates = dates || s.has(column) && column != "closed"
	}
	if s.has("date") {
		date := s.date("date")
		switch {
		case len(s.found) > problems: // one of the dates is none, so nothing can be said of how they go together
		case date == e.Date():
		case !dates:
			e.Adopted = date
		case e.entry != nil && date == e.entry.Date():
			// The other dates were mended and this one, which is worked out of them, was left.
		case !date.Known():
			s.wrong("date", "date_derived_empty", "Date", e.Date().String())
		case !e.Date().Known():
			s.wrong("date", "date_derived_none", "Value", date.String())
		default:
			s.wrong("date", "date_derived", "Value", date.String(), "Date", e.Date().String())
		}
	}
	e.vague = len(s.found) > problems
	// A table of declarations alone has titles and texts too.
	lang := s.cell("title_language")
	if lang == "" {
		lang = "en"
	}
	if title := s.cell("title"); title != "" && x.tables["titles"] == nil {
		i := slices.IndexFunc(e.Titles, func(t register.Title) bool { return t.Lang == lang })
		switch {
		case i < 0:
			e.Titles, e.titles = append(e.Titles, register.Title{Lang: lang, Text: title, Standing: register.Unofficial}), append(e.titles, s.line)
		case e.Titles[i].Text != title:
			e.Titles[i].Text, e.titles[i] = title, s.line
		}
	}
	if x.tables["texts"] == nil && (s.has("event") || s.has("place") || s.has("summary")) {
		text := register.Text{Event: s.cell("event"), Place: s.cell("place"), Summary: s.cell("summary")}
		same := func(t register.Text) bool {
			return (!s.has("event") || t.Event == text.Event) && (!s.has("place") || t.Place == text.Place) && (!s.has("summary") || t.Summary == text.Summary)
		}
		if text == (register.Text{}) || slices.ContainsFunc(e.Texts, same) {
			return
		}
		i := slices.IndexFunc(e.Texts, func(t register.Text) bool { return t.Lang == lang })
		if i < 0 {
			i = len(e.Texts)
			e.Texts, e.texts = append(e.Texts, register.Text{Lang: lang}), append(e.texts, s.line)
		}
		s.set("event", &e.Texts[i].Event)
		s.set("place", &e.Texts[i].Place)
		s.set("summary", &e.Texts[i].Summary)
	}
}

// begin says that a file has rows of a list of a declaration; where the package is a whole one, they are all of it.
func begin[T any](x *importer, e *edit, name string, all *[]T, lines *[]int) {
	if e.touched[name] {
		return
	}
	e.touched[name] = true
	if x.whole {
		*all, *lines = nil, nil
	}
}

// find is the place of a row in a list: that of the element with its key, else a new one at the end. With a column, a key
// stands once in a file.
func find[T any](s *sheetReader, all *[]T, lines *[]int, column string, match func(*T) bool) *T {
	for i := range *all {
		if match(&(*all)[i]) {
			if column != "" && (*lines)[i] > 0 {
				s.wrong(column, "twice", "Value", excerpt(s.cell(column)))
			}
			(*lines)[i] = s.line
			return &(*all)[i]
		}
	}
	var none T
	*all, *lines = append(*all, none), append(*lines, s.line)
	return &(*all)[len(*all)-1]
}

// kept is the row on record that a row of a whole package goes on from: columns that it does not have keep what is there.
func kept[T any](x *importer, e *edit, all func(*register.Declaration) []T, match func(*T) bool) (found T) {
	if !x.whole || e.entry == nil {
		return found
	}
	rows := all(&e.entry.Declaration)
	for i := range rows {
		if match(&rows[i]) {
			return rows[i]
		}
	}
	return found
}

func (x *importer) title(s *sheetReader, e *edit) {
	begin(x, e, "titles", &e.Titles, &e.titles)
	lang := s.cell("language")
	match := func(t *register.Title) bool { return t.Lang == lang }
	t := find(s, &e.Titles, &e.titles, "language", match)
	if t.Lang == "" {
		*t = kept(x, e, func(d *register.Declaration) []register.Title { return d.Titles }, match)
	}
	t.Lang = lang
	s.set("title", &t.Text)
	s.set("standing", (*string)(&t.Standing))
	if t.Standing == "" && !s.has("standing") {
		t.Standing = register.Unofficial
	}
	s.set("source", &t.Source)
	s.set("note", &t.Note)
}

func (x *importer) text(s *sheetReader, e *edit) {
	begin(x, e, "texts", &e.Texts, &e.texts)
	lang := s.cell("language")
	match := func(t *register.Text) bool { return t.Lang == lang }
	t := find(s, &e.Texts, &e.texts, "language", match)
	if t.Lang == "" {
		*t = kept(x, e, func(d *register.Declaration) []register.Text { return d.Texts }, match)
	}
	t.Lang = lang
	s.set("event", &t.Event)
	s.set("place", &t.Place)
	s.set("summary", &t.Summary)
	s.set("notes", &t.Notes)
}

func (x *importer) source(s *sheetReader, e *edit) {
	begin(x, e, "sources", &e.Sources, &e.sources)
	key := s.cell("source")
	match := func(t *register.Source) bool { return t.Key == key }
	if key == "" {
		s.wrong("source", "missing")
		return
	}
	t := find(s, &e.Sources, &e.sources, "source", match)
	if t.Key == "" {
		*t = kept(x, e, func(d *register.Declaration) []register.Source { return d.Sources }, match)
	}
	t.Key = key
	s.set("publisher", &t.Publisher)
	s.set("title", &t.Title)
	s.set("url", &t.URL)
	s.set("language", &t.Lang)
	s.set("kind", (*string)(&t.Kind))
	s.setDate("published", &t.Published)
	s.setDate("read_on", &t.ReadOn)
	s.set("supports", &t.Supports)
}

func (x *importer) statedRow(s *sheetReader, e *edit) {
	begin(x, e, "stated", &e.Stated, &e.stated)
	var row register.Stated
	row.Count = s.number("number")
	s.set("counts", &row.Counts)
	if row.Counts == "" && !s.has("counts") {
		row.Counts = register.StatesOnly
	}
	s.setDate("date", &row.Date)
	s.set("source", &row.Source)
	s.set("note", &row.Note)
	if position := s.number("position"); !x.whole && e.entry != nil && position > 0 && position <= len(e.entry.Stated) {
		e.Stated[position-1], e.stated[position-1] = row, s.line
		return
	}
	match := func(t *register.Stated) bool {
		return !x.whole && !x.empty && t.Counts == row.Counts && t.Source == row.Source && t.Date == row.Date
	}
	*find(s, &e.Stated, &e.stated, "", match) = row
}

func (x *importer) link(s *sheetReader, e *edit) {
	begin(x, e, "links", &e.Links, &e.links)
	row := register.Link{Kind: register.LinkKind(s.cell("kind")), Target: s.cell("target"), Note: s.cell("note")}
	*find(s, &e.Links, &e.links, "", func(l *register.Link) bool {
		return !x.whole && !x.empty && l.Kind == row.Kind && l.Target == row.Target
	}) = row
}

func (x *importer) dispute(s *sheetReader, e *edit) {
	begin(x, e, "disputes", &e.Disputes, &e.disputes)
	phrase := register.Phrase{Lang: s.cell("language"), Text: s.cell("claim")}
	participant, source, position := s.cell("participant"), s.cell("source"), s.cell("position")
	// The rows of one dispute have one position; without positions each row is one.
	if position != "" {
		if i, ok := e.positions[position]; ok {
			t := &e.Disputes[i]
			if t.Participant != participant || t.Source != source {
				s.wrong("position", "dispute_mixed", "Value", excerpt(position))
				return
			}
			e.claims[fmt.Sprintf("disputes[%d].claim[%d]", i, len(t.Claim))] = s.line
			t.Claim = append(t.Claim, phrase)
			return
		}
	}
	if !x.whole && e.entry != nil {
		for _, t := range e.entry.Disputes {
			if t.Participant == participant && t.Source == source && slices.Contains(t.Claim, phrase) {
				return // on record already
			}
		}
	}
	if e.positions == nil {
		e.positions, e.claims = map[string]int{}, map[string]int{}
	}
	if position != "" {
		e.positions[position] = len(e.Disputes)
	}
	e.Disputes, e.disputes = append(e.Disputes, register.Dispute{Participant: participant, Source: source, Claim: []register.Phrase{phrase}}), append(e.disputes, s.line)
}

// actionRow is a row of actions: what it says, in the columns that its file has.
type actionRow struct {
	register.Action
	line    int
	columns map[string]int
}

// onto is the action that the row makes of one on record: columns that the file does not have keep what is there.
func (r *actionRow) onto(a register.Action) register.Action {
	has := func(column string) bool { _, ok := r.columns[column]; return ok || r.columns == nil }
	a.Participant, a.Group, a.Kind = r.Participant, r.Group, r.Kind
	if has("capacity") {
		a.Capacity = r.Capacity
	}
	if has("date") {
		a.Date = r.Date
	}
	if has("public_date") {
		a.PublicDate = r.PublicDate
	}
	if has("reason") {
		a.Reason = r.Reason
	}
	if has("name_as_printed") {
		a.NameAsPrinted = r.NameAsPrinted
	}
	if has("source") {
		a.Source = r.Source
	}
	if has("note") {
		a.Note = r.Note
	}
	if has("capacity_as_printed") {
		a.CapacityAsPrinted = r.CapacityAsPrinted
	}
	if has("printed_position") {
		a.PrintedPosition = r.PrintedPosition
	}
	if has("also_sources") {
		a.AlsoSources = r.AlsoSources
	}
	if has("place_in_source") {
		a.PlaceInSource = r.PlaceInSource
	}
	if has("joining_not_recorded") {
		a.JoiningNotRecorded = r.JoiningNotRecorded
	}
	return a
}

// changes says whether the row says anything else than the record.
func (r *actionRow) changes(a *register.Action) bool {
	b := r.onto(*a)
	if !slices.Equal(a.AlsoSources, b.AlsoSources) {
		return true
	}
	b.AlsoSources = a.AlsoSources
	return !reflect.DeepEqual(*a, b)
}

func (x *importer) action(s *sheetReader, e *edit) {
	begin(x, e, "actions", &e.Actions, &e.actions)
	r := actionRow{line: s.line, columns: s.at, Action: register.Action{
		ID: int64(s.number("action_id")), Participant: s.cell("participant"), Group: s.cell("via_group"), Kind: register.ActionKind(s.cell("action")),
		Capacity: register.Capacity(s.cell("capacity")), CapacityAsPrinted: s.cell("capacity_as_printed"), NameAsPrinted: s.cell("name_as_printed"),
		PrintedPosition: s.number("printed_position"), Date: s.date("date"), PublicDate: s.date("public_date"), Reason: register.Reason(s.cell("reason")),
		JoiningNotRecorded: s.yes("joining_not_recorded"), Source: s.cell("source"), AlsoSources: s.list("also_sources"),
		PlaceInSource: s.cell("place_in_source"), Note: s.cell("note")}}
	if e.entry != nil {
		e.rows = append(e.rows, r)
		return
	}
	r.ID = 0 // of another register: this one gives its own
	e.Actions, e.actions = append(e.Actions, r.Action), append(e.actions, r.line)
}

// settle makes actions of the rows of a declaration on record, once all of them are read.
func (x *importer) settle(e *edit) {
	if e.entry == nil {
		return
	}
	stands := x.standing(e.entry, e.rows)
	place := map[int64]int{}
	for i, a := range e.Actions {
		place[a.ID] = i
	}
	for i := range e.rows {
		r := &e.rows[i]
		var a register.Action
		if at := stands[i]; at >= 0 {
			a = e.entry.Actions[at]
		}
		id := a.ID
		a = r.onto(a)
		if at, ok := place[id]; ok && id != 0 {
			e.Actions[at], e.actions[at] = a, r.line
			continue
		}
		e.Actions, e.actions = append(e.Actions, a), append(e.actions, r.line)
	}
	e.rows = nil
}

// standing finds the action on record that each row stands for, by its place there, -1 for a new one. Ids are believed of a
// package of this register. Every register gives its own, so those of another one, or of nobody knows which, may be ids here
// by accident: first comes what a row says. A row that changes something is then known by its id, unless another register
// gave it, at last by who did what.
func (x *importer) standing(entry *store.Entry, rows []actionRow) []int {
	stands := make([]int, len(rows))
	for i := range stands {
		stands[i] = -1
	}
	if entry == nil || len(rows) == 0 {
		return stands
	}
	type deed struct {
		participant, group string
		kind               register.ActionKind
	}
	record, byID, byDeed := entry.Actions, map[int64]int{}, map[deed][]int{}
	for i, a := range record {
		byID[a.ID] = i
		of := deed{a.Participant, a.Group, a.Kind}
		byDeed[of] = append(byDeed[of], i)
	}
	taken := make([]bool, len(record))
	find := func(of func(r *actionRow) []int, same func(r *actionRow, a *register.Action) bool) {
		for i := range rows {
			if stands[i] >= 0 {
				continue
			}
			for _, at := range of(&rows[i]) {
				if !taken[at] && same(&rows[i], &record[at]) {
					stands[i], taken[at] = at, true
					break
				}
			}
		}
	}
	id := func(r *actionRow) []int {
		if at, ok := byID[r.ID]; ok {
			return []int{at}
		}
		return nil
	}
	did := func(r *actionRow) []int { return byDeed[deed{r.Participant, r.Group, r.Kind}] }
	whatever := func(*actionRow, *register.Action) bool { return true }
	same := func(r *actionRow, a *register.Action) bool { return !r.changes(a) }
	if x.version > 0 {
		find(id, whatever)
	}
	find(id, same)
	find(did, same)
	if !x.foreign {
		find(id, whatever)
	}
	find(did, func(r *actionRow, a *register.Action) bool { return r.Date == a.Date })
	find(did, whatever)
	return stands
}

// signatory makes actions of a row of signatories, for participants of which none are recorded yet, and the departure of those
// of which that one is not. A file of an earlier day says nothing of what came later.
func (x *importer) signatory(s *sheetReader, e *edit) {
	code, basis, status, capacity := s.cell("participant"), s.cell("basis"), s.cell("status"), register.Capacity(s.cell("capacity"))
	if basis != "" {
		s.oneOf("basis", basis, []string{"named", "implied_by_group"})
	}
	s.oneOf("status", status, []string{"in_effect", "left", "unsettled", "not_yet"})
	s.yes("disputed")
	if basis == "implied_by_group" {
		return
	}
	if capacity == "" {
		capacity = register.Signatory
	}
	since, until, position := s.date("since"), s.date("until"), s.number("printed_position")
	add := func(a register.Action) {
		a.Participant, a.Capacity, a.Source = code, capacity, s.cell("source")
		e.Actions, e.actions = append(e.Actions, a), append(e.actions, s.line)
	}
	var last *register.Action
	left := false // by the departure of the row
	for i := range e.Actions {
		a := &e.Actions[i]
		if a.Participant != code {
			continue
		}
		if a.Kind.Departure() {
			left = left || a.Date == until || !until.Known() && last != nil && last.Date == since
		}
		last = a
	}
	if last == nil {
		kind := register.Signed
		switch {
		case capacity == register.Aligned:
			kind = register.AlignedItself
		case capacity == register.Endorser || capacity == register.Supporter:
			kind = register.Endorsed
		}
		if date := e.Date(); since.Known() && date.Known() && since.First() > date.Last() && capacity != register.Aligned {
			kind = register.Joined
		}
		add(register.Action{Kind: kind, Date: since, NameAsPrinted: s.cell("name_as_printed"), PrintedPosition: position,
			CapacityAsPrinted: s.cell("capacity_as_printed")})
	}
	if status == "left" && !left && (last == nil || !last.Kind.Departure()) {
		add(register.Action{Kind: register.Withdrew, Date: until, Reason: register.Reason(s.cell("departure_reason"))})
	}
}

// retired reads the declarations that another one answers for: each row has the whole record.
func (x *importer) retired() error {
	s := x.sheet("retired")
	if s == nil {
		return nil
	}
	defer s.close()
	for s.row() {
		slug, into := s.cell("declaration"), s.cell("merged_into")
		var d register.Declaration
		in := json.NewDecoder(strings.NewReader(s.cells[s.at["record"]]))
		in.DisallowUnknownFields()
		if err := in.Decode(&d); err != nil {
			s.wrong("record", "record_shape")
			continue
		}
		if d.Slug != slug || d.MergedInto != into || into == "" {
			s.wrong("record", "record_differs", "Slug", excerpt(d.Slug), "Into", excerpt(d.MergedInto))
			continue
		}
		if other := x.bySlug[slug]; other != nil {
			s.wrong("declaration", "retired_and_living", "Slug", slug)
			continue
		}
		entry, leads, err := x.onRecord(slug)
		if err != nil {
			return err
		}
		if entry == nil && leads != "" {
			s.wrong("declaration", "declaration_moved", "Slug", slug, "Now", leads)
			continue
		}
		if entry == nil {
			if entry, err = x.renamed(slug, true); err != nil {
				return err
			}
		}
		rows := make([]actionRow, len(d.Actions))
		for i, a := range d.Actions {
			rows[i].Action = a
		}
		for i, at := range x.standing(entry, rows) {
			if d.Actions[i].ID = 0; at >= 0 {
				d.Actions[i].ID = entry.Actions[at].ID
			}
		}
		e := &edit{at: place{s.file, s.line}, touched: map[string]bool{}, retire: true, entry: entry, Declaration: d}
		x.bySlug[slug] = e
		x.edits = append(x.edits, e)
	}
	return nil
}

// publications are what differs from the register, once everything was looked at.
func (x *importer) publications(o Options, summary *Summary) ([]store.Publication, error) {
	if o.Reason == "" {
		o.Reason, o.Lang = DefaultReason, "en"
	}
	var all []store.Publication
	if x.ref != x.view.Ref {
		changed := tally(x.view.Ref, x.ref, summary)
		if changed {
			all = append(all, store.Publication{Reference: x.ref, Reason: o.Reason, ReasonLang: o.Lang, Role: o.Role, Name: o.Name})
			by, err := x.view.ChangedBy(x.ctx, 0, own)
			if err != nil {
				return nil, err
			}
			if by > x.version {
				x.add(x.referenceFile(), 0, "", "reference_changed_since", "Revision", by, "Of", x.version)
			}
		}
	}
	keys := map[string]*edit{}
	for _, e := range x.edits {
		for i := range e.Sources {
			key := e.Sources[i].Key
			if other := keys[key]; other != nil && other != e {
				x.broken(e, register.Problem{Field: fmt.Sprintf("sources[%d].key", i), Key: "source_key_taken", Args: map[string]any{"Source": key}})
				continue
			}
			keys[key] = e
			if x.empty || e.entry != nil && e.entry.Source(key) != nil {
				continue
			}
			owner, err := x.view.SourceOwner(x.ctx, key)
			if err != nil {
				return nil, err
			}
			if owner != "" && (e.entry == nil || owner != e.entry.Slug) {
				if other := x.bySlug[owner]; other == nil || other.Source(key) != nil {
					x.broken(e, register.Problem{Field: fmt.Sprintf("sources[%d].key", i), Key: "source_key_taken", Args: map[string]any{"Source": key}})
				}
			}
		}
	}
	for _, e := range x.edits {
		if x.full() {
			break
		}
		d := &e.Declaration
		d.Clean()
		if e.entry != nil {
			was := e.entry.Declaration
			same := sameRecord(&was, d)
			if same && len(e.former) == 0 {
				summary.Unchanged++
				continue
			}
			by, err := x.view.ChangedBy(x.ctx, e.entry.ID, own)
			if err != nil {
				return nil, err
			}
			// One more address that leads to it goes over nothing.
			if base := x.base(e); !same && by > base && !x.unsure(e.at, "revision") {
				x.add(e.at.file, e.at.line, "declaration", "changed_since", "Slug", e.entry.Slug, "Revision", by, "Of", base)
			}
			summary.Changed++
		} else {
			summary.New++
		}
		for _, problem := range d.Validate(x.ref) {
			x.broken(e, problem)
		}
		for i, l := range d.Links {
			if x.bySlug[l.Target] != nil && !x.bySlug[l.Target].refuse {
				continue
			}
			if entry, leads, err := x.onRecord(l.Target); err != nil {
				return nil, err
			} else if entry == nil && leads == "" && !x.isFormer(l.Target) {
				x.broken(e, register.Problem{Field: fmt.Sprintf("links[%d].target", i), Key: "link_unknown", Args: map[string]any{"Target": l.Target}})
			}
		}
		p := store.Publication{Declaration: d, Base: x.view.Revision, Former: e.former, Reason: o.Reason, ReasonLang: o.Lang, Role: o.Role, Name: o.Name}
		if e.entry != nil {
			p.ID = e.entry.ID
		}
		all = append(all, p)
	}
	return all, nil
}

func (x *importer) isFormer(slug string) bool {
	for _, all := range x.former {
		if slices.Contains(all, slug) {
			return true
		}
	}
	return false
}

// base is the revision that a declaration's rows were made of.
func (x *importer) base(e *edit) int {
	switch {
	case x.version > 0 && (e.base == 0 || e.base > x.version):
		return x.version
	case x.foreign, e.base > x.view.Revision:
		return 0
	}
	return e.base
}

func (x *importer) referenceFile() string {
	for _, f := range packFiles {
		if t := x.tables[f.name]; t != nil {
			return t.name
		}
	}
	return ""
}

// sameRecord says that two declarations are recorded alike.
func sameRecord(a, b *register.Declaration) bool {
	a.Clean()
	if reflect.DeepEqual(a, b) {
		return true
	}
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

// tally counts what changes of the reference data, and says whether anything does.
func tally(before, after *register.Reference, s *Summary) (changed bool) {
	same := func(a, b any) bool {
		x, err1 := json.Marshal(a)
		y, err2 := json.Marshal(b)
		return err1 == nil && err2 == nil && bytes.Equal(x, y)
	}
	for _, p := range after.Participants {
		if old := before.Participant(p.Code); old != nil && !same(old, p) {
			s.Participants.Changed++
		}
	}
	for _, g := range after.Groups {
		if old := before.Group(g.Code); old != nil && !same(old, g) {
			s.Groups.Changed++
		}
	}
	for _, t := range after.Topics {
		if old := before.Topic(t.Code); old != nil && !same(old, t) {
			s.Topics.Changed++
		}
	}
	for i, a := range after.Ambiguous {
		if i >= len(before.Ambiguous) {
			s.Words.New++
		} else if !same(before.Ambiguous[i], a) {
			s.Words.Changed++
		}
	}
	return s.Participants != (Tally{}) || s.Groups != (Tally{}) || s.Topics != (Tally{}) || s.Words != (Tally{}) || len(before.Ambiguous) > len(after.Ambiguous)
}

// where is the row that a list's element comes from, with the name of its table; the declaration's own, and no table, for what
// was on record before.
func (x *importer) where(e *edit, name string, i int) (at place, table string) {
	lines := map[string][]int{"titles": e.titles, "texts": e.texts, "stated": e.stated, "links": e.links, "sources": e.sources, "actions": e.actions, "disputes": e.disputes}[name]
	if i >= len(lines) || lines[i] == 0 {
		return e.at, ""
	}
	for _, from := range []string{name, map[string]string{"actions": "signatories", "titles": "declarations", "texts": "declarations"}[name]} {
		if t := x.tables[from]; t != nil {
			return place{t.name, lines[i]}, from
		}
	}
	return e.at, ""
}

var fieldPath = regexp.MustCompile(`^([a-z_]+)(?:\[(\d+)\])?(?:\.([a-z_]+))?`)

// columnsOf are the columns that are called otherwise than the fields of register.Problem, by table and field.
var columnsOf = map[string]string{"titles.text": "title", "titles.lang": "language", "texts.lang": "language", "declarations.text": "title",
	"declarations.lang": "title_language", "sources.lang": "language", "sources.key": "source", "stated.count": "number", "actions.group": "via_group",
	"signatories.action": "status", "signatories.reason": "departure_reason", "signatories.date": "since"}

// locate finds the cell that a rule's problem is about: of what was on record before, the one that names the declaration.
func (x *importer) locate(e *edit, field string) (place, string) {
	m := fieldPath.FindStringSubmatch(field)
	switch {
	case m == nil || m[1] == "slug":
		return e.at, "declaration"
	case e.retire && m[1] == "merged_into":
		return e.at, m[1]
	case e.retire:
		return e.at, "record"
	case m[2] == "" || m[1] == "sponsors" || m[1] == "topics":
		s := x.heads["declarations"]
		switch {
		case m[1] == "titles" && e.listed:
			return e.at, "title"
		case m[1] == "adopted" && e.listed && s.has("date") && !s.has("adopted"):
			return e.at, "date"
		case !e.listed, !slices.ContainsFunc(export.Columns("declarations"), func(c export.Column) bool { return c.Name == m[1] }):
			return e.at, "declaration"
		}
		return e.at, m[1]
	}
	i, _ := strconv.Atoi(m[2])
	at, table := x.where(e, m[1], i)
	if table == "" {
		return at, "declaration"
	}
	column := m[3]
	if c := columnsOf[table+"."+column]; c != "" {
		column = c
	}
	if table == "signatories" && m[3] == "date" && e.Actions[i].Kind.Departure() {
		column = "until"
	}
	if m[3] == "claim" {
		claim, lang := strings.CutSuffix(field, ".lang")
		if lang {
			column = "language"
		}
		if line := e.claims[strings.TrimSuffix(claim, ".text")]; line > 0 {
			at.line = line
		}
	}
	return at, column
}

// unreadable keeps which cells cannot be read, and which files were not read to the last row.
func (x *importer) unreadable() {
	x.cells, x.unread, x.told = map[place][]string{}, map[string]bool{}, map[string]bool{}
	for _, p := range x.found {
		at := place{p.File, p.Line}
		x.cells[at] = append(x.cells[at], p.Column)
		if p.Column == "" || p.Line <= 1 || p.Column == "declaration" || p.Key == "file_encoding" {
			x.unread[p.File] = true
		}
	}
}

// unsure says that a cell of a row cannot be read.
func (x *importer) unsure(at place, column string) bool { return slices.Contains(x.cells[at], column) }

// needs are the files of which a row that could not be read may be what a rule misses.
var needs = map[string][]string{"title_missing": {"titles"}, "date_missing": {"declarations", "actions", "signatories"}, "source_unknown": {"sources"}, "link_unknown": {"declarations"},
	"participant_unknown": {"participants"}, "group_unknown": {"groups"}, "topic_unknown": {"topics"}, "departure_without_joining": {"actions", "signatories"},
	"already_on_list": {"actions", "signatories"}, "rejoined_without_departure": {"actions", "signatories"}, "back_without_rejoining": {"actions", "signatories"}}

// broken adds what a rule finds wrong with a declaration, unless it may only follow from what could not be read.
func (x *importer) broken(e *edit, p register.Problem) {
	at, column := x.locate(e, p.Field)
	switch p.Key {
	case "date_missing", "before_declaration", "entity_ended":
		if e.vague {
			return
		}
	case "departure_without_joining":
		if x.unsure(at, "joining_not_recorded") {
			return
		}
	}
	x.rule(at, column, p)
}

// rule adds a problem that a rule found, unless its cell cannot be read or the row that it misses was not read. One row may make
// two actions: what is wrong with both is told once.
func (x *importer) rule(at place, column string, p register.Problem) {
	if x.unsure(at, column) || slices.ContainsFunc(needs[p.Key], func(table string) bool { return x.tables[table] != nil && x.unread[x.tables[table].name] }) {
		return
	}
	var args []any
	for k, v := range p.Args {
		args = append(args, k, v)
	}
	if at.line == 0 && column == "" {
		column = p.Field
	}
	if list, _ := p.Args["List"].(string); p.Key == "not_in_list" && lists[list] != nil {
		p.Key, args = "choice", []any{"Value", p.Args["Value"], "Choices", joinWords(lists[list])}
	}
	said := fmt.Sprint(at, column, p.Key, p.Args)
	if x.told[said] {
		return
	}
	x.told[said] = true
	x.add(at.file, at.line, column, p.Key, args...)
}

// lists are what stands to choose from, by the names that rules have for them.
var lists = map[string][]string{"kind": wordsOf(register.Kinds), "standing": {string(register.Authentic), string(register.Official), string(register.Unofficial)},
	"tristate": {"yes", "no", "unknown"}, "stated_counts": {register.StatesOnly, register.AllParticipants}, "link": wordsOf(register.LinkKinds),
	"source_kind": wordsOf(register.SourceKinds), "action": wordsOf(register.ActionKinds), "capacity": wordsOf(register.Capacities), "reason": wordsOf(register.Reasons),
	"participant_kind": wordsOf(register.ParticipantKinds), "regional_group": register.RegionalGroups, "alias_kind": register.AliasKinds, "ambiguous_rule": register.AmbiguousRules}
