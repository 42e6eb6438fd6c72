package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"cosignatory/store"
)

// Metrics are the numbers that a server gives to Prometheus. They say nothing of single readers: requests are counted by the
// pattern of their address, never by the address. A nil *Metrics counts nothing.
type Metrics struct {
	registry *prometheus.Registry
	handler  http.Handler
	of       atomic.Pointer[Server] // whose register is asked when the numbers are

	requests     *prometheus.CounterVec
	durations    *prometheus.HistogramVec
	inFlight     prometheus.Gauge
	publications *prometheus.CounterVec
	publishing   prometheus.Histogram
}

// elsewhere is the pattern of an address that no route has: what is asked for there has no bounds.
const elsewhere = "none"

// NewMetrics makes the numbers, all at zero. One set serves one server at a time.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "cosignatory_http_requests_total",
			Help: "Requests answered, by the pattern of their address, method and status."}, []string{"route", "method", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cosignatory_http_request_duration_seconds",
			Help:    "Time from the first byte of a request to the last of its answer, by the pattern of its address.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60}}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "cosignatory_http_requests_in_flight", Help: "Requests being answered now."}),
		publications: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "cosignatory_publications_total",
			Help: "Revisions that this process has published, by what they changed: declaration, reference or history (replayed)."}, []string{"subject"}),
		publishing: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "cosignatory_publication_duration_seconds",
			Help: "Time that one transaction of publications took, with its wait for the disk.", Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30}}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "cosignatory_build_info", Help: "1; the version of the program is its label.",
		ConstLabels: prometheus.Labels{"version": version()}})
	build.Set(1)
	gauge := func(name, help string, of func(*Server) (float64, bool)) prometheus.Collector {
		return &lookup{prometheus.NewDesc(name, help, nil, nil), prometheus.GaugeValue, m, of}
	}
	counter := func(name, help string, labels prometheus.Labels, of func(*Server) int64) prometheus.Collector {
		return &lookup{prometheus.NewDesc(name, help, nil, labels), prometheus.CounterValue, m, func(s *Server) (float64, bool) { return float64(of(s)), true }}
	}
	const answers, answersHelp = "cosignatory_answers_total", "Pages and small files for everybody, by where they came from: memory (kept before), made, or waited (made for another who asked at the same time)."
	m.registry.MustRegister(m.requests, m.durations, m.inFlight, m.publications, m.publishing, build,
		// What the last collection left is what grows where something is never let go.
		collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.GoRuntimeMetricsRule{Matcher: regexp.MustCompile(`^/gc/heap/live:bytes$`)})), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		gauge("cosignatory_files_in_work", "Files that are being made now.", func(s *Server) (float64, bool) { return float64(len(s.exports)), true }),
		counter(answers, answersHelp, prometheus.Labels{"from": "memory"}, func(s *Server) int64 { return s.answers.hits.Load() }),
		counter(answers, answersHelp, prometheus.Labels{"from": "made"}, func(s *Server) int64 { return s.answers.filled.Load() }),
		counter(answers, answersHelp, prometheus.Labels{"from": "waited"}, func(s *Server) int64 { return s.answers.waited.Load() }),
		counter("cosignatory_answers_dropped_total", "Answers that went from memory to make room for others.", nil, func(s *Server) int64 { return s.answers.dropped.Load() }),
		gauge("cosignatory_answers_kept", "Answers in memory now.", func(s *Server) (float64, bool) { n, _ := s.answers.holding(); return float64(n), true }),
		gauge("cosignatory_answers_kept_bytes", "Bytes of the answers in memory.", func(s *Server) (float64, bool) { _, n := s.answers.holding(); return float64(n), true }),
		counter("cosignatory_files_made_total", "Files that began to be made; a compressed one counts by itself.", nil, func(s *Server) int64 { return s.spool.begun.Load() }),
		counter("cosignatory_files_shared_total", "Times that a file was given that was made, or being made, for another.", nil, func(s *Server) int64 { return s.spool.shared.Load() }),
		gauge("cosignatory_spool_files", "Whole files on disk, kept for the next reader.", func(s *Server) (float64, bool) { n, _ := s.spool.holding(); return float64(n), true }),
		gauge("cosignatory_spool_bytes", "Bytes of files on disk, those being made among them.", func(s *Server) (float64, bool) { _, n := s.spool.holding(); return float64(n), true }),
		gauge("cosignatory_revision", "The newest revision.", func(s *Server) (float64, bool) {
			n, err := s.Store.Head(context.Background())
			return float64(n), err == nil
		}),
		gauge("cosignatory_database_bytes", "Size of the database file with its write-ahead log.", func(s *Server) (float64, bool) {
			var n int64
			for _, side := range []string{"", "-wal"} {
				if info, err := os.Stat(s.Store.Path() + side); err == nil {
					n += info.Size()
				}
			}
			return float64(n), n > 0
		}),
		gauge("cosignatory_backup_last_success_timestamp_seconds", "When the newest good backup was begun.", func(s *Server) (float64, bool) {
			b, ok := s.backupState()
			return float64(b.Last.Unix()), ok && !b.Last.IsZero()
		}),
		gauge("cosignatory_backup_revision", "The newest revision in the newest good backup.", func(s *Server) (float64, bool) {
			b, ok := s.backupState()
			return float64(b.Revision), ok && !b.Last.IsZero()
		}),
		gauge("cosignatory_backups_kept", "How many backups there are.", func(s *Server) (float64, bool) {
			b, ok := s.backupState()
			return float64(b.Kept), ok
		}),
		gauge("cosignatory_backup_failed", "1 where the newest attempt at a backup failed, else 0.", func(s *Server) (float64, bool) {
			b, ok := s.backupState()
			if b.Failed != nil {
				return 1, ok
			}
			return 0, ok
		}),
		gauge("cosignatory_copy_changed_timestamp_seconds", "When a copy that is only read was last brought up to date.", func(s *Server) (float64, bool) {
			at, ok := s.copyChanged()
			return float64(at.Unix()), ok && s.ReadOnly
		}),
		gauge("cosignatory_copy_behind_seconds", "For how long a copy has been behind its source; 0 where it is not.", func(s *Server) (float64, bool) {
			lag, ok := s.lag()
			return lag.Seconds(), ok
		}),
	)
	m.handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	return m
}

// lookup is a number that is looked up when it is asked for. Where it is not known it is left out.
type lookup struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	m    *Metrics
	of   func(*Server) (float64, bool)
}

// Describe and Collect are what a prometheus.Collector has.
func (a *lookup) Describe(to chan<- *prometheus.Desc) { to <- a.desc }

// Collect asks.
func (a *lookup) Collect(to chan<- prometheus.Metric) {
	s := a.m.of.Load()
	if s == nil {
		return
	}
	if value, ok := a.of(s); ok {
		to <- prometheus.MustNewConstMetric(a.desc, a.kind, value)
	}
}

// ServeHTTP gives the numbers at /metrics.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/metrics" {
		http.NotFound(w, r)
		return
	}
	m.handler.ServeHTTP(w, r)
}

// Serve gives the numbers on a listener of their own until the context ends.
func (m *Metrics) Serve(ctx context.Context, l net.Listener, log *slog.Logger) error {
	server := &http.Server{Handler: m, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: readTimeout, WriteTimeout: readTimeout, ErrorLog: quiet(log)}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(l); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// begin counts a request that has come. answered counts its answer: route is the pattern of its address, empty where no
// route has it.
func (m *Metrics) begin() {
	if m != nil {
		m.inFlight.Inc()
	}
}

func (m *Metrics) answered(route, method string, status int, took time.Duration) {
	if m == nil {
		return
	}
	m.inFlight.Dec()
	if route == "" {
		route = elsewhere
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		method = "other"
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.durations.WithLabelValues(route).Observe(took.Seconds())
}

func (m *Metrics) published(p store.Committed) {
	if m == nil {
		return
	}
	for _, r := range p.Revisions {
		m.publications.WithLabelValues(r.Subject).Inc()
	}
	if len(p.Revisions) == 0 {
		m.publications.WithLabelValues("history").Add(float64(p.To - p.From + 1))
	}
	m.publishing.Observe(p.Took.Seconds())
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
