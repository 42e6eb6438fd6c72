package web

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"cosignatory/store"
)

// TestWhoPublishedWhat: the log names the revision, the declaration, the account and the request; of readers it knows no address.
func TestWhoPublishedWhat(t *testing.T) {
	s := newSite(t)
	editor, publisher := s.as(t, "ed", store.Editor), s.as(t, "pub", store.Publisher)
	at := editor.start("tech-trafficking-2025")
	editor.press("review", "reason", "The reason of it", "presented_by", "Somebody else")
	// Whoever watches the store last is told.
	var log bytes.Buffer
	if _, err := New(Config{Store: s.store, BaseURL: testBase, Spool: t.TempDir(), Log: slog.New(slog.NewJSONHandler(&log, nil))}); err != nil {
		t.Fatal(err)
	}
	publisher.open(at + "/check")
	publisher.press("publish")
	publisher.at.says(t, "Published as revision")
	for _, says := range []string{`"msg":"published","revision":28`, `"declaration":"tech-trafficking-2025"`, `"role":"publisher"`, `"account":"pub"`, `"id":"`, `"hash":"`, `"took":`} {
		if !strings.Contains(log.String(), says) {
			t.Errorf("the log does not say %s: %s", says, log.String())
		}
	}
	if strings.Contains(log.String(), "127.0.0.1") {
		t.Errorf("the log has an address: %s", log.String())
	}
}

// TestQuietLog: what net/http says of connections is logged without the address at their other end.
func TestQuietLog(t *testing.T) {
	var log bytes.Buffer
	l := quiet(slog.New(slog.NewTextHandler(&log, nil)))
	for _, line := range []string{"http: TLS handshake error from 192.0.2.7:51234: EOF", "http: panic serving [2001:db8::7]:443: no",
		"http: Accept error: accept tcp [::1]:80: too many open files; retrying in 5ms", "read tcp 10.0.0.1:80->198.51.100.20:4711: reset"} {
		l.Print(line)
	}
	for _, x := range []string{"192.0.2", "2001:db8", "::1", "198.51", "10.0.0.1", "51234", "4711"} {
		if strings.Contains(log.String(), x) {
			t.Errorf("the log has %s: %s", x, log.String())
		}
	}
	if strings.Count(log.String(), "[address]") != 5 || !strings.Contains(log.String(), "too many open files") {
		t.Errorf("%s", log.String())
	}
}
