package export

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
)

// Filter is a parameter of the address by which rows were chosen, and its values.
type Filter struct {
	Name   string
	Values []string
}

// about is what a file says of itself.
type about struct {
	o       Options
	file    string
	head    *register.Revision // of the view
	address string             // where the same bytes can be had for ever
}

// head is the view's revision; of an empty register, none of 1970.
func (o Options) head(ctx context.Context) (*register.Revision, error) {
	head, err := o.View.RevisionOf(ctx, o.View.Revision)
	if errors.Is(err, store.ErrNotFound) {
		return &register.Revision{PublishedAt: time.Unix(0, 0).UTC()}, nil
	}
	return head, err
}

func (o Options) about(ctx context.Context, file string) (about, error) {
	head, err := o.head(ctx)
	return about{o, file, head, o.permalink(file)}, err
}

// scope is what the file's name begins with.
func (a about) scope() string { return a.file }

// permalink is the address of the file with both clocks: what the options say, else that of a file of the whole register.
func (o Options) permalink(file string) string {
	if o.Address != "" {
		return o.Address
	}
	s := o.BaseURL + "/data/" + file + "." + string(o.Format)
	mark := "?"
	add := func(name, value string) {
		s += mark + name + "=" + url.QueryEscape(value)
		mark = "&"
	}
	if o.Lang != english {
		add("lang", o.Lang)
	}
	if o.IncludeImplied {
		add("include", "implied")
	}
	add("as_of", o.Day.String())
	add("revision", strconv.Itoa(o.View.Revision))
	return s
}

// dictionary is where the columns of the file are explained.
func (a about) dictionary() string { return a.o.Dictionary(a.file) }

// Dictionary is the address of the page that explains the columns of a file and bears the disclaimer (D16), at the view's
// revision: at that file where it has one of the names of files, else at the first.
func (o Options) Dictionary(file string) string {
	place := "dictionary"
	if columns[file] != nil || questions[file] != nil {
		place = "file-" + file
	}
	o = o.whole()
	return fmt.Sprintf("%s/%s/data?revision=%d#%s", o.BaseURL, o.Lang, o.View.Revision, place)
}

// citation is how to cite the register as the file has it, in the file's language.
func (a about) citation(p *i18n.Printer) string {
	return p.T("citation.register", "Revision", a.o.View.Revision, "Published", p.Date(register.Today(a.head.PublishedAt).Date()), "Address", a.address)
}

// lines say in words what the file is: what, then that.
func (a about) lines(p *i18n.Printer) [][2]string {
	language := a.o.Lang
	if key := "language." + language; p.Has(key) {
		language = p.T(key)
	}
	list := [][2]string{{p.T("column.file"), a.file}, {p.T("column.one_row"), p.T("file." + a.file)}, {p.T("sheet.as_of"), a.o.Day.String()},
		{p.T("sheet.revision"), strconv.Itoa(a.o.View.Revision)}, {p.T("sheet.published"), a.head.PublishedAt.UTC().Format(time.RFC3339)},
		{p.T("sheet.hash"), a.head.Hash}, {p.T("sheet.language"), language}}
	if a.o.Filtered {
		words := p.T("sheet.filtered")
		for _, f := range a.o.Filters {
			words += "\n" + f.Name + " = " + strings.Join(f.Values, " | ")
		}
		list = append(list, [2]string{p.T("sheet.rows"), words})
	} else {
		list = append(list, [2]string{p.T("sheet.rows"), p.T("sheet.unfiltered")})
	}
	return append(list, [][2]string{{p.T("sheet.address"), a.address}, {p.T("sheet.dictionary"), a.dictionary()},
		{p.T("data.licence"), Licence + " · " + licenceAddress}, {p.T("data.cite"), a.citation(p)},
		{p.T("sheet.names"), p.T("footer.designations")}, {p.T("sheet.limits"), p.T("sheet.limits_words", "Rows", p.Number(SheetRows-1), "Cell", p.Number(SheetCell))}}...)
}
