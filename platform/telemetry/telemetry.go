// Package telemetry counts and logs what the house does, for its operators.
// Nothing here may carry personal data: words of deeds, routes, results,
// numbers and durations only. Every label has few values, known beforehand: an
// address that somebody made up, or a place, is never one.
package telemetry

import (
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Meter holds one house's figures; a test may have many. docs/metrics.md tells
// what each is for.
type Meter struct {
	reg   *prometheus.Registry
	serve http.Handler
	deeds *prometheus.HistogramVec
	doors *prometheus.HistogramVec
}

// seconds are the bounds of all durations: from half a millisecond to half a minute.
var seconds = []float64{.0005, .002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 30}

func NewMeter() *Meter {
	m := &Meter{
		reg: prometheus.NewRegistry(),
		deeds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "twiza_deed_seconds",
			Help: "How long each deed took, by its word and its result.", Buckets: seconds}, []string{"deed", "result"}),
		doors: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "twiza_door_seconds",
			Help: "How long each door took to answer, by its route, its class and the hundred of its status.", Buckets: seconds}, []string{"door", "class", "status"}),
	}
	m.reg.MustRegister(m.deeds, m.doors, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.serve = promhttp.HandlerFor(m.reg, promhttp.HandlerOpts{})
	return m
}

// Deed counts one deed.
func (m *Meter) Deed(word, result string, took time.Duration) {
	m.deeds.WithLabelValues(word, result).Observe(took.Seconds())
}

// Door counts one answer. route is the pattern of a door, never what was asked
// for; class is how much the door matters when more come than can be served.
func (m *Meter) Door(route, class string, status int, took time.Duration) {
	m.doors.WithLabelValues(route, class, hundred(status)).Observe(took.Seconds())
}

// hundred of a status: 2xx.
func hundred(status int) string {
	if status < 100 || status > 599 {
		return "other"
	}
	return string(rune('0'+status/100)) + "xx"
}

// Total adds a figure that only grows; its name ends in _total.
func (m *Meter) Total(name, help string, read func() float64) {
	m.reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, read))
}

// Gauges adds one figure with a value for each of some few things, told by
// labels: read calls put once for each.
func (m *Meter) Gauges(name, help string, labels []string, read func(put func(value float64, labels ...string))) {
	m.reg.MustRegister(&several{prometheus.NewDesc(name, help, labels, nil), read})
}

// several is a figure with labels, read at each scrape.
type several struct {
	desc *prometheus.Desc
	read func(put func(value float64, labels ...string))
}

func (s *several) Describe(to chan<- *prometheus.Desc) { to <- s.desc }

func (s *several) Collect(to chan<- prometheus.Metric) {
	s.read(func(value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(s.desc, prometheus.GaugeValue, value, labels...)
	})
}

// Handler serves the figures in Prometheus' text format.
func (m *Meter) Handler() http.Handler { return m.serve }

// Logger writes one JSON object a line.
func Logger(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
}
