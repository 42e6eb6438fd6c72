package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"cosignatory/store"
)

// TestNewest: what this store publishes is seen at once, while others ask all the time; what another program publishes soon.
func TestNewest(t *testing.T) {
	path := copied(t)
	s, other := opened(t, path), opened(t, path)
	ctx := t.Context()
	publish := func(s *store.Store, who string) int {
		t.Helper()
		v := at(t, s, 0)
		e := entry(t, v, "tech-trafficking-2025")
		d := e.Declaration
		d.PresentedBy = who
		made, err := s.Publish(ctx, store.Publication{Declaration: &d, ID: e.ID, Base: v.Revision, Reason: "Tested", ReasonLang: "en", Role: "editor"})
		if err != nil {
			t.Fatal(err)
		}
		return made[len(made)-1].Number
	}
	var asking sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		asking.Go(func() {
			for last := 0; ; {
				select {
				case <-done:
					return
				default:
				}
				n, _, err := s.Newest(ctx)
				if err != nil || n < last {
					t.Errorf("after revision %d comes %d: %v", last, n, err)
					return
				}
				last = n
			}
		})
	}
	for i := range 10 {
		want := publish(s, fmt.Sprintf("Presenter %d", i))
		if n, _, err := s.Newest(ctx); n != want || err != nil {
			t.Errorf("revision %d was published, %d is the newest: %v", want, n, err)
		}
	}
	close(done)
	asking.Wait()
	want := publish(other, "Presenter elsewhere")
	for deadline := time.Now().Add(10 * time.Second); ; {
		n, _, err := s.Newest(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if n == want {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("another program published revision %d, %d is the newest here", want, n)
		}
	}
}
