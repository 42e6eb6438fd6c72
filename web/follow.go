package web

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// replacedEvery is how often a copy is looked at for another file in its place, refusedEvery how often it is logged that the file
// there cannot be served, where the reason stays the same.
const (
	replacedEvery = time.Second
	refusedEvery  = time.Minute
)

// Follow serves a copy that is replaced as a whole now and then, as by a restore, until the context ends: when another file
// stands at its path it is opened, and answers from then on; what is being answered from the one before is finished first.
// Where the new file cannot be opened the one before goes on answering. open makes a server of what stands there now.
func Follow(ctx context.Context, l net.Listener, open func(context.Context) (*Server, error)) error {
	first, err := open(ctx)
	if err != nil {
		return err
	}
	var now atomic.Pointer[followed]
	now.Store(&followed{server: first})
	watch, end := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(replacedEvery)
		defer tick.Stop()
		var logged string // the reason that was logged last, and when
		var at time.Time
		for {
			select {
			case <-watch.Done():
				return
			case <-tick.C:
			}
			old := now.Load()
			if !old.server.Store.Replaced() {
				old.server.copyChanged() // for the time when it is asked for and another file stands there
				if logged != "" {
					logged = ""
					old.server.file.refuse(nil)
					old.server.Log.InfoContext(watch, "the copy that is served stands at its path again")
				}
				continue
			}
			fresh, err := open(watch)
			if err != nil {
				old.server.file.refuse(err)
				if err.Error() != logged || time.Since(at) >= refusedEvery {
					logged, at = err.Error(), time.Now()
					old.server.Log.WarnContext(watch, "the copy was replaced, but the new file cannot be served; the one before goes on", "error", err)
				}
				continue
			}
			logged = ""
			now.Store(&followed{server: fresh})
			fresh.Log.InfoContext(watch, "the copy was replaced")
			watching.Go(old.close)
		}
	})
	err = first.serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for {
			if x := now.Load(); x.busy.TryRLock() {
				defer x.busy.RUnlock()
				x.server.ServeHTTP(w, r)
				return
			}
			// It was replaced between the two lines: there is another one now.
		}
	}))
	end()
	watching.Wait()
	now.Load().close()
	return err
}

// followed is a server of one file, and who is being answered by it.
type followed struct {
	server *Server
	busy   sync.RWMutex
}

func (f *followed) close() {
	f.busy.Lock() // for ever: nobody is answered from it any more
	f.server.Close()
	f.server.Store.Close()
}
