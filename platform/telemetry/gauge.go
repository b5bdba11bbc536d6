package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Gauge adds a figure that is read when somebody looks. Called while the house is
// built; name is "twiza_…", labels come as name, value.
func (m *Meter) Gauge(name, help string, read func() float64, labels ...string) {
	of := prometheus.Labels{}
	for i := 0; i+1 < len(labels); i += 2 {
		of[labels[i]] = labels[i+1]
	}
	m.reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: of}, read))
}
