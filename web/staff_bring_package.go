package web

import (
	"crypto/rand"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/staff"
	"cosignatory/templates/ui"
	"cosignatory/web/intake"
)

// The limits of a package that is sent to the server; larger ones are for the command line.
const (
	// MaxPackage is how many bytes it may have.
	MaxPackage = 64 << 20
	// shelved is how many files are kept between trying and importing, by all accounts; shelfLife is for how long.
	shelved   = 4
	shelfLife = 30 * time.Minute
)

func init() {
	bringRoutes = append(bringRoutes,
		staffRoute{"GET", "/import", store.Publisher, showImport},
		staffRoute{"POST", "/import", store.Publisher, importPackage})
}

// shelf keeps the files that were tried until they are imported: one for each account, a few in all, for a while. The files
// have no name in the file system, so that none is left behind however the program ends.
type shelf struct {
	mu    sync.Mutex
	files map[string]*shelfFile // by token
}

type shelfFile struct {
	*os.File
	name    string
	size    int64
	account int64
	at      time.Time
}

// put keeps a file for an account, instead of the one it had; the oldest makes room.
func (s *shelf) put(f *shelfFile) (token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files == nil {
		s.files = map[string]*shelfFile{}
	}
	oldest := ""
	for t, x := range s.files {
		if x.account == f.account || f.at.Sub(x.at) > shelfLife {
			s.drop(t)
		} else if oldest == "" || x.at.Before(s.files[oldest].at) {
			oldest = t
		}
	}
	if len(s.files) >= shelved {
		s.drop(oldest)
	}
	token = rand.Text()
	s.files[token] = f
	return token
}

// take takes a file from the shelf, for the account that put it there; nil where it is there no longer. The caller closes it.
func (s *shelf) take(token string, account int64, now time.Time) *shelfFile {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[token]
	if f == nil || f.account != account {
		return nil
	}
	if now.Sub(f.at) > shelfLife {
		s.drop(token)
		return nil
	}
	delete(s.files, token)
	return f
}

func (s *shelf) drop(token string) {
	if f := s.files[token]; f != nil {
		f.discard()
	}
	delete(s.files, token)
}

// discard gives the file back, also where the system could not take its name away while it was open.
func (f *shelfFile) discard() {
	f.Close()
	os.Remove(f.Name())
}

func showImport(r *staffRequest) error { return r.showImport(http.StatusOK, staff.Import{}) }

func (r *staffRequest) showImport(status int, v staff.Import, problems ...ui.Problem) error {
	v.Page = r.staffPage(staff.Title(r.p, "import"))
	v.Bar.Current = "bring"
	v.Problems = append(v.Problems, problems...)
	v.Action, v.Limit = r.staffURL("import"), r.p.T("staff.import.limit", "Max", r.p.Number(MaxPackage/megabyte))
	return r.showAs(status, v.Show())
}

func importPackage(r *staffRequest) error {
	values, f, err := r.packageForm()
	if err != nil {
		return err
	}
	if f != nil {
		defer func() {
			if f != nil {
				f.discard()
			}
		}()
	}
	wrong := func(field, key string, args ...any) ui.Problem {
		return ui.Problem{Field: field, Message: r.p.T("staff.import.wrong."+key, args...)}
	}
	switch values.Get("do") {
	case "try":
		if f == nil || f.size == 0 {
			return r.showImport(http.StatusUnprocessableEntity, staff.Import{}, wrong("file", "missing"))
		}
		if f.size > MaxPackage {
			return r.showImport(http.StatusUnprocessableEntity, staff.Import{}, wrong("file", "large", "Max", r.p.Number(MaxPackage/megabyte)))
		}
		v, err := r.try(f, intake.Options{DryRun: true})
		if err != nil {
			return err
		}
		status := http.StatusOK
		if len(v.Failed) > 0 {
			status = http.StatusUnprocessableEntity
		}
		if v.CanImport {
			v.Token, v.Lang = r.s.shelf.put(f), r.lang
			f = nil
		}
		return r.showImport(status, v)
	case "import":
		kept := r.s.shelf.take(values.Get("token"), r.account.ID, r.s.Now())
		if kept == nil {
			return r.showImport(http.StatusUnprocessableEntity, staff.Import{}, wrong("file", "gone"))
		}
		if alone, err := r.alone(); err != nil || !alone {
			token := r.s.shelf.put(kept)
			return errors.Join(err, r.showImport(http.StatusForbidden, staff.Import{Token: token}, wrong("file", "second")))
		}
		reason, lang := register.CleanText(values.Get("reason")), values.Get("reason_lang")
		if reason == "" || len(reason) > register.MaxText {
			v, err := r.try(kept, intake.Options{DryRun: true})
			if err != nil {
				kept.discard()
				return err
			}
			v.Reason, v.Lang = values.Get("reason"), lang
			v.Token = r.s.shelf.put(kept)
			return r.showImport(http.StatusUnprocessableEntity, v, ui.Problem{Field: "reason", Message: staff.Wrong(r.p, "reason_missing")})
		}
		defer kept.discard()
		o := intake.Options{Reason: reason, Lang: lang, Role: string(r.account.Role)}
		if r.account.ShowName {
			o.Name = r.account.Name
		}
		v, err := r.try(kept, o)
		if err != nil {
			return err
		}
		if len(v.Failed) > 0 {
			return r.showImport(http.StatusConflict, v)
		}
		return r.seeSaying("/staff", strings.Join(v.Would, " "))
	}
	return bad("error.form", "Value", shorten(values.Get("do")))
}

// alone says that one person may write and publish in this office: an import has no second reader.
func (r *staffRequest) alone() (bool, error) {
	setting, err := r.s.Store.Setting(r.ctx, store.OnePersonOffice)
	return setting == "yes", err
}

// try imports a file, or looks at what that would do.
func (r *staffRequest) try(f *shelfFile, o intake.Options) (v staff.Import, err error) {
	v.File = f.name
	var s intake.Summary
	p, err := intake.ReadPackage(f, f.size, f.name)
	if err == nil {
		defer p.Close()
		s, err = p.Import(r.ctx, r.s.Store, o)
	}
	var problems *intake.Problems
	if errors.As(err, &problems) {
		v.FailedSays = r.p.T("import.refused", "Count", len(problems.Problems)+problems.More)
		for _, x := range problems.Problems {
			v.Failed = append(v.Failed, intake.Sentence(r.p, x))
		}
		if problems.More > 0 {
			v.More = r.p.T("import.more", "Count", problems.More)
		}
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.Would, v.CanImport = s.Sentences(r.p), !s.Same && !s.Older
	if alone, err := r.alone(); err != nil {
		return v, err
	} else if !alone && v.CanImport {
		v.Would, v.CanImport = append(v.Would, r.p.T("staff.import.second")), false
	}
	return v, nil
}

// packageForm reads the form: its file goes to one on disk that has no name any longer. One byte more than allowed says that
// there are more.
func (r *staffRequest) packageForm() (values url.Values, f *shelfFile, err error) {
	req := r.c.Request()
	kind, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		values, err = r.form()
		return values, nil, err
	}
	values = url.Values{}
	parts := multipart.NewReader(http.MaxBytesReader(r.c.Response(), req.Body, MaxPackage+megabyte), params["boundary"])
	defer func() {
		if err != nil && f != nil {
			f.discard()
			f = nil
		}
	}()
	var long *http.MaxBytesError
	for range 100 {
		part, err := parts.NextPart()
		switch {
		case err == io.EOF:
			return values, f, nil
		case errors.As(err, &long):
			return nil, f, packageTooLarge()
		case err != nil:
			return nil, f, bad("error.encoding")
		}
		if part.FormName() != "file" {
			b, err := io.ReadAll(io.LimitReader(part, 1<<16))
			if err != nil {
				return nil, f, bad("error.encoding")
			}
			values.Add(part.FormName(), string(b))
			continue
		}
		if f != nil {
			return nil, f, bad("error.encoding")
		}
		file, err := os.CreateTemp(r.s.Spool, "cosignatory-import-")
		if err != nil {
			return nil, nil, err
		}
		f = &shelfFile{File: file, name: strings.ToValidUTF8(part.FileName(), "\uFFFD"), account: r.account.ID, at: r.s.Now()}
		os.Remove(file.Name()) // where the system allows it; else it goes when the file is closed
		f.size, err = io.Copy(file, io.LimitReader(part, MaxPackage+1))
		if errors.As(err, &long) {
			return nil, f, packageTooLarge()
		}
		if err != nil {
			return nil, f, bad("error.encoding")
		}
	}
	return nil, f, bad("error.encoding")
}

func packageTooLarge() error {
	return &problem{status: http.StatusRequestEntityTooLarge, key: "error.package_too_large", args: []any{"Max", MaxPackage / megabyte}}
}
