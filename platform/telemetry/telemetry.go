// Package telemetry counts and logs what the house does, for its operators.
// Nothing here may carry personal data: words of deeds, results and durations only.
package telemetry

import (
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Meter holds one house's counters; a test may have many.
type Meter struct {
	reg   *prometheus.Registry
	deeds *prometheus.HistogramVec
	doors *prometheus.HistogramVec
}

func NewMeter() *Meter {
	m := &Meter{
		reg: prometheus.NewRegistry(),
		deeds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "twiza_deed_seconds",
			Help: "How long each deed took, by its word and its result.", Buckets: prometheus.ExponentialBuckets(.0005, 4, 9)}, []string{"deed", "result"}),
		doors: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "twiza_door_seconds",
			Help: "How long each door took to answer, by route and status.", Buckets: prometheus.ExponentialBuckets(.0005, 4, 9)}, []string{"door", "status"}),
	}
	m.reg.MustRegister(m.deeds, m.doors)
	return m
}

// Deed counts one deed.
func (m *Meter) Deed(word, result string, took time.Duration) {
	m.deeds.WithLabelValues(word, result).Observe(took.Seconds())
}

// Door counts one request.
func (m *Meter) Door(route, status string, took time.Duration) {
	m.doors.WithLabelValues(route, status).Observe(took.Seconds())
}

// Handler serves the figures in Prometheus' text format.
func (m *Meter) Handler() http.Handler { return promhttp.HandlerFor(m.reg, promhttp.HandlerOpts{}) }

// Logger writes one JSON object a line.
func Logger(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
}
