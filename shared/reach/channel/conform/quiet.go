package conform

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

// memory is a log that remembers every word at every level.
type memory struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (m *memory) Enabled(context.Context, slog.Level) bool { return true }
func (m *memory) Handle(ctx context.Context, r slog.Record) error {
	return m.json().Handle(ctx, r)
}
func (m *memory) WithAttrs(as []slog.Attr) slog.Handler { return m.json().WithAttrs(as) }
func (m *memory) WithGroup(name string) slog.Handler    { return m.json().WithGroup(name) }

func (m *memory) json() slog.Handler {
	return slog.NewJSONHandler(m, &slog.HandlerOptions{Level: slog.LevelDebug})
}

func (m *memory) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text.Write(p)
}

func (m *memory) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text.String()
}

// keptQuiet fails when somebody's number or words are in the log.
func (b *bench) keptQuiet(t *testing.T) {
	t.Helper()
	if what := b.personal(b.log.String()); what != "" {
		t.Errorf("there is %s in the log", what)
	}
}

// anonymous fails when an error tells somebody's number or words.
func (b *bench) anonymous(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if what := b.personal(err.Error()); what != "" {
		t.Errorf("there is %s in the error", what)
	}
}

// personal says what of somebody's is in s, in whatever form numbers are
// written: the middle digits are the same in all of them.
func (b *bench) personal(s string) string {
	middle := b.Number[:len(b.Number)-2]
	middle = middle[max(0, len(middle)-7):]
	if strings.Contains(s, middle) {
		return "a number"
	}
	for _, text := range b.said {
		for _, line := range strings.Split(text, "\n") {
			if start := []rune(line); len(start) > 0 && strings.Contains(s, string(start[:min(len(start), 10)])) {
				return "a text"
			}
		}
	}
	return ""
}
