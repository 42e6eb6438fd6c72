package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"cosignatory/store"
)

// health says that the server answers and can read its register: for whoever watches it. What a failed backup or a copy that
// lags is to say stands beside it and does not make the server unhealthy: starting it again would mend neither.
func (s *Server) health(c echo.Context) error {
	type backup struct {
		Last     string `json:"last,omitempty"`
		Age      int64  `json:"age_seconds,omitempty"`
		Revision int    `json:"revision,omitempty"`
		Kept     int    `json:"kept"`
		Next     string `json:"next,omitempty"`
		Failed   string `json:"failed,omitempty"`
		FailedAt string `json:"failed_at,omitempty"`
	}
	type copied struct {
		PublishedAt    string `json:"published_at,omitempty"`
		PublishedAge   int64  `json:"published_age_seconds"` // since the newest revision in it was published
		ChangedAt      string `json:"changed_at,omitempty"`
		ChangedAge     int64  `json:"changed_age_seconds"` // since the file was last brought up to date
		Failed         string `json:"failed,omitempty"`    // why what stands at its path now is not served
		Source         string `json:"source,omitempty"`
		SourceRevision int    `json:"source_revision,omitempty"`
		Behind         *int   `json:"behind_revisions,omitempty"`
		BehindSeconds  *int64 `json:"behind_seconds,omitempty"`
		SourceFailed   string `json:"source_failed,omitempty"`
	}
	state := struct {
		Status      string  `json:"status"`
		Reason      string  `json:"reason,omitempty"`
		Revision    int     `json:"revision"`
		ReadOnly    bool    `json:"read_only,omitempty"`
		Copy        *copied `json:"copy,omitempty"`
		Backup      *backup `json:"backup,omitempty"`
		ClockBehind int64   `json:"clock_behind_seconds,omitempty"`
	}{Status: "ok", ReadOnly: s.ReadOnly}
	code := http.StatusOK
	ctx, now := c.Request().Context(), s.Now()
	seconds := func(since time.Time) int64 { return int64(max(0, now.Sub(since)) / time.Second) }
	head, err := s.Store.Head(ctx)
	if s.replaced() {
		err = because(err) // whatever else goes wrong, that is why
	}
	state.Revision = head
	var published time.Time
	if err == nil && head > 0 {
		if published, err = s.publishedAt(ctx, head); err == nil && !s.ReadOnly {
			state.ClockBehind = int64(max(0, published.Sub(now)) / time.Second)
		}
	}
	if err != nil {
		state.Status, state.Reason, code = "unavailable", publicReason(err), http.StatusServiceUnavailable
	}
	s.noticed(ctx, err)
	if s.ReadOnly && err == nil {
		x := &copied{PublishedAt: published.UTC().Format(time.RFC3339), PublishedAge: seconds(published)}
		if at, ok := s.copyChanged(); ok {
			x.ChangedAt, x.ChangedAge = at.UTC().Format(time.RFC3339), seconds(at)
		}
		if err := s.file.unserved(); err != nil {
			x.Failed = publicReason(err)
		}
		if s.Source != nil {
			x.Source = s.Source.address
			if revision, failed := s.Source.said(); failed != "" {
				x.SourceFailed = failed
			} else if revision > 0 {
				x.SourceRevision = revision
				lag, _ := s.lag()
				behind, secs := max(0, revision-head), int64(lag/time.Second)
				x.Behind, x.BehindSeconds = &behind, &secs
			}
		}
		state.Copy = x
	}
	if b, ok := s.backupState(); ok {
		x := &backup{Kept: b.Kept, Next: s.Backups.Next().UTC().Format(time.RFC3339)}
		if !b.Last.IsZero() {
			x.Last, x.Age, x.Revision = b.Last.UTC().Format(time.RFC3339), seconds(b.Last), b.Revision
		} else {
			x.Next = ""
		}
		if b.Failed != nil {
			x.Failed, x.FailedAt = publicReason(b.Failed), b.FailedAt.UTC().Format(time.RFC3339)
		}
		state.Backup = x
	}
	b, err := json.Marshal(state)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", noStore)
	return plainAnswer(c, code, "application/json", string(b)+"\n")
}

// fileState is what a server knows of its file beside what the file says.
type fileState struct {
	mu      sync.Mutex
	reason  string    // why the register cannot answer, as last logged; empty where it can
	changed time.Time // when the file was last seen to have been written to
	refused error     // why what stands at the path of a copy now is not served; nil where it is
}

// replaced says that the register was moved or replaced. A copy may be: Follow opens what stands in its place.
func (s *Server) replaced() bool { return !s.ReadOnly && s.Store.Replaced() }

// because is an error of a register that was moved or replaced, with that as its cause: on its own it would say what to do about
// another one.
func because(err error) error {
	if err == nil || errors.Is(err, store.ErrReplaced) {
		return store.ErrReplaced
	}
	return fmt.Errorf("%w (%w)", store.ErrReplaced, err)
}

// noticed logs that the register cannot answer, once for each reason, and that it can again.
func (s *Server) noticed(ctx context.Context, err error) {
	reason := ""
	if err != nil {
		if ctx.Err() != nil {
			return // whoever asked did not wait for the answer
		}
		reason = publicReason(err)
	}
	s.file.mu.Lock()
	defer s.file.mu.Unlock()
	before := s.file.reason
	s.file.reason = reason
	switch {
	case reason == before:
	case reason == "":
		s.Log.InfoContext(ctx, "the register can answer again")
	default:
		s.Log.ErrorContext(ctx, "the register cannot answer", "error", err)
	}
}

// refuse keeps why what stands at the path of a copy is not served.
func (x *fileState) refuse(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.refused = err
}

// unserved is why what stands at the path of a copy is not served; nil where it is.
func (x *fileState) unserved() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.refused
}

// publicReason says why something failed without saying where things are on the machine: anybody may ask for /healthz.
func publicReason(err error) string {
	for _, known := range []error{store.ErrReplaced, store.ErrBackupFolder, store.ErrFull, store.ErrDisk, store.ErrDamaged, store.ErrReadOnly, store.ErrNoFile, store.ErrLocked,
		store.ErrReaders, store.ErrNewer, store.ErrNotOurs} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	var broken *store.Broken
	if errors.As(err, &broken) {
		return "the register did not pass its check: run “cosignatory verify”"
	}
	return "see the server's log"
}

// publishedAt is when a revision was published.
func (s *Server) publishedAt(ctx context.Context, revision int) (time.Time, error) {
	v, err := s.Store.At(ctx, revision)
	if err != nil {
		return time.Time{}, err
	}
	r, err := v.RevisionOf(ctx, revision)
	if err != nil {
		return time.Time{}, err
	}
	return r.PublishedAt, nil
}

// backupState is what is known of backups; false where none are planned.
func (s *Server) backupState() (store.BackupState, bool) {
	if s.Backups == nil {
		return store.BackupState{}, false
	}
	return s.Backups.State(), true
}

// copyChanged is when the file was last written to, as far as it was seen while it stood at its path.
func (s *Server) copyChanged() (at time.Time, ok bool) {
	s.file.mu.Lock()
	defer s.file.mu.Unlock()
	if s.Store.Replaced() {
		return s.file.changed, !s.file.changed.IsZero()
	}
	for _, side := range []string{"", "-wal"} {
		if info, err := os.Stat(s.Store.Path() + side); err == nil && info.Size() > 0 && info.ModTime().After(at) {
			at, ok = info.ModTime(), true
		}
	}
	if ok {
		s.file.changed = at
	}
	return at, ok
}

// lag is for how long this copy has been behind its source; false where that is not known.
func (s *Server) lag() (time.Duration, bool) {
	if s.Source == nil {
		return 0, false
	}
	head, err := s.Store.Head(context.Background())
	if err != nil {
		return 0, false
	}
	return s.Source.behind(head, s.Now())
}

// Source is the register of which this one is a copy. Its /healthz is asked for its revision now and then, so that a copy
// knows how far it is behind.
type Source struct {
	address string // without a slash at the end
	client  *http.Client

	mu     sync.Mutex
	failed string
	newest []sighting // the revisions that were seen, oldest first, and when each was seen first
}

type sighting struct {
	revision int
	at       time.Time
}

// sourceEvery is how often a source is asked, sightings how many of its revisions are remembered.
const (
	sourceEvery = 5 * time.Second
	sightings   = 1000
)

// NewSource is the register at an address, as in https://register.example.org.
func NewSource(address string) (*Source, error) {
	address = strings.TrimSuffix(address, "/")
	if !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://") || origin(address) == "://" {
		return nil, errors.New("the address of the source must begin with http:// or https:// and name a host, as in https://register.example.org")
	}
	return &Source{address: address, client: &http.Client{Timeout: 10 * time.Second}}, nil
}

// Run asks until the context ends.
func (x *Source) Run(ctx context.Context) {
	tick := time.NewTicker(sourceEvery)
	defer tick.Stop()
	for {
		x.ask(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (x *Source) ask(ctx context.Context) {
	revision, failed := 0, ""
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, x.address+"/healthz", nil)
	if err == nil {
		var r *http.Response
		if r, err = x.client.Do(req); err == nil {
			defer r.Body.Close()
			var state struct {
				Revision int `json:"revision"`
			}
			err = json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(&state)
			revision = state.Revision
		}
	}
	if err != nil || revision == 0 {
		failed = "the source does not answer"
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.failed = failed
	if n := len(x.newest); failed == "" && n > 0 && revision < x.newest[n-1].revision {
		x.newest = nil // the source was restored to an earlier state: a copy of that is behind nothing
	}
	if n := len(x.newest); failed == "" && (n == 0 || x.newest[n-1].revision < revision) {
		x.newest = append(x.newest, sighting{revision, time.Now()})
		if n >= sightings {
			x.newest = append([]sighting(nil), x.newest[n/2:]...)
		}
	}
}

// said is the revision that the source last gave, and why it gave none when it was asked last.
func (x *Source) said() (revision int, failed string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if n := len(x.newest); n > 0 {
		revision = x.newest[n-1].revision
	}
	return revision, x.failed
}

// behind is for how long a copy at a revision has been behind: since the first later revision was seen.
func (x *Source) behind(revision int, now time.Time) (time.Duration, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, s := range x.newest {
		if s.revision > revision {
			return max(0, now.Sub(s.at)), true
		}
	}
	return 0, len(x.newest) > 0
}

// publication logs who published what, and counts it. Accounts are staff's; of readers nothing is known here.
func (s *Server) publication(ctx context.Context, p store.Committed) {
	s.Metrics.published(p)
	args := func(more ...any) []any {
		if id, ok := ctx.Value(idKey{}).(string); ok {
			more = append(more, "id", id)
		}
		if p.By != "" {
			more = append(more, "account", p.By)
		}
		return more
	}
	for i, r := range p.Revisions {
		if i == publicationsLogged {
			break
		}
		what := []any{"revision", r.Number, "subject", r.Subject, "role", r.AuthorRole, "hash", r.Hash}
		if r.Declaration != "" {
			what = append(what, "declaration", r.Declaration)
		}
		s.Log.InfoContext(ctx, "published", args(what...)...)
	}
	s.Log.InfoContext(ctx, "publication", args("from", p.From, "to", p.To, "took", p.Took.Round(time.Microsecond))...)
	if p.ClockBehind > 0 {
		s.Log.WarnContext(ctx, "the machine's clock is behind the newest revision: the new one bears that revision's time; set the clock right",
			"revision", p.To, "behind", p.ClockBehind)
	}
}

// publicationsLogged is how many revisions of one publication are logged one by one: an import may make thousands.
const publicationsLogged = 20

// idKey is the key under which a context holds the id of the request that it serves.
type idKey struct{}

// quiet logs what net/http has to say, without addresses of readers, which it puts into its lines.
func quiet(l *slog.Logger) *log.Logger {
	return log.New(withoutAddresses{slog.NewLogLogger(l.Handler(), slog.LevelWarn)}, "", 0)
}

type withoutAddresses struct{ to *log.Logger }

var networkAddress = regexp.MustCompile(`\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[0-9A-Za-z]+)?\](?::\d+)?|\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?`)

func (w withoutAddresses) Write(b []byte) (int, error) {
	w.to.Print(networkAddress.ReplaceAllString(strings.TrimSuffix(string(b), "\n"), "[address]"))
	return len(b), nil
}
