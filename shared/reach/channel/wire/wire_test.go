package wire

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

func ask(t *testing.T, url string) (Answer, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	return Do(Client(nil, 2*time.Second, 1), r, 4)
}

func TestWhatMayHaveBeenTakenIsNeverCalledAway(t *testing.T) {
	t.Parallel()
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + nobody.Addr().String()
	nobody.Close()
	if _, err := ask(t, closed); !errors.Is(err, channel.ErrAway) {
		t.Errorf("nobody listens: %v", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/lost", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/half", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "9")
		_, _ = w.Write([]byte("12"))
	})
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("123456789")) })
	mux.Handle("/elsewhere", http.RedirectHandler("/long", http.StatusTemporaryRedirect))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	for _, path := range []string{"/lost", "/half"} {
		if _, err := ask(t, s.URL+path); !errors.Is(err, channel.ErrUnsure) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if a, err := ask(t, s.URL+"/long"); err != nil || len(a.Body) != 5 {
		t.Errorf("of a long answer %d bytes are read, %v", len(a.Body), err)
	}
	if a, err := ask(t, s.URL+"/elsewhere"); err != nil || a.Status != http.StatusTemporaryRedirect {
		t.Errorf("a redirection is followed: %d, %v", a.Status, err)
	}
}

func TestAStatusIsBusyUnsureOrAway(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		status int
		after  string
		err    error
		wait   time.Duration
	}{
		{429, "7", channel.ErrBusy, 7 * time.Second}, {429, "", channel.ErrBusy, 0}, {429, "99999", channel.ErrBusy, time.Hour}, {429, "-4", channel.ErrBusy, 0},
		{429, now.Add(time.Minute).Format(http.TimeFormat), channel.ErrBusy, time.Minute},
		{504, "", channel.ErrUnsure, 0}, {503, "", channel.ErrAway, 0}, {401, "", channel.ErrAway, 0},
	} {
		err := Answer{Status: c.status, Header: http.Header{"Retry-After": {c.after}}}.Problem(now)
		p, _ := errors.AsType[*channel.Problem](err)
		if !errors.Is(err, c.err) || p == nil || p.Wait != c.wait || p.Code != Code(c.status) {
			t.Errorf("%d %q: %v", c.status, c.after, err)
		}
	}
}

func TestTriesAreCountedByNameAndForgotten(t *testing.T) {
	t.Parallel()
	var tries Tries[string]
	if tries.Vain("a") != 1 || tries.Vain("a") != 2 || tries.Vain("b") != 1 {
		t.Error("not counted by name")
	}
	tries.Done("a")
	if tries.Vain("a") != 1 {
		t.Error("not forgotten")
	}
}
