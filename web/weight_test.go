package web

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"cosignatory/store/register"
)

// heaviest is how many bytes a page may weigh, compressed, with its style sheets and scripts.
const heaviest = 60_000

// packed is how many bytes of a text travel.
func packed(t *testing.T, text string) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.DefaultCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// A page with a list of two hundred weighs less than 60 kB, everything it loads included, in every language.
func TestPagesAreLight(t *testing.T) {
	s := newSite(t)
	var actions []register.Action
	for _, p := range s.view(t).Ref.Participants {
		if len(actions) == 200 {
			break
		}
		if p.ValidTo.Known() || p.ValidFrom.Known() {
			continue
		}
		actions = append(actions, register.Action{Participant: p.Code, Kind: register.Signed, Date: register.MustDate("2019-03-01"), NameAsPrinted: "The Delegation of " + p.Names["en"],
			Note: "Read from the third page of the list, in its second column: " + p.Names["fr"]})
	}
	if len(actions) < 200 {
		t.Fatalf("only %d participants for a list", len(actions))
	}
	s.add(t, madeUp(actions...))
	assets := map[string]int{}
	for _, path := range []string{"/declarations/made-up-2019", "/declarations/made-up-2019?order=region&missing=EU", "/declarations", "/participants", "/participants/KOR",
		"/matrix", "/search?q=korea", "/", "/compare?d=made-up-2019&d=geneva-consensus-2020"} {
		for _, lang := range []string{"en", "ar", "ru", "zh"} {
			a := s.page(t, "/"+lang+path)
			weight := packed(t, a.body)
			page := weight
			for n := range a.doc.Descendants() {
				address := attr(n, "href") + attr(n, "src")
				if !strings.HasPrefix(address, "/assets/") || strings.HasSuffix(address, ".svg") {
					continue
				}
				if assets[address] == 0 {
					assets[address] = packed(t, s.ask(t, "GET", address).body)
				}
				weight += assets[address]
			}
			if weight > heaviest {
				t.Errorf("/%s%s weighs %d bytes compressed, %d of them the page: more than %d", lang, path, weight, page, heaviest)
			} else {
				t.Logf("/%s%s weighs %d bytes compressed, %d of them the page", lang, path, weight, page)
			}
		}
	}
}
