package conform

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/twiza/twiza/shared/reach/channel"
)

// bodyLimit is what a door reads of a call at most.
const bodyLimit = 1 << 20

// Door opens a hook to the simulator as the house's own door does, and says
// where: 403 to what is forged, 400 to what is garbled, 503 to anything else
// that went wrong, 413 to what is too long.
func Door(t *testing.T, h channel.Hook, in channel.Inbox) (url string) {
	t.Helper()
	return door(t, func(r *http.Request, body []byte) (channel.Answer, error) {
		return h.Hook(r.Context(), r, body, in)
	})
}

// LiveDoor is Door for live sessions.
func LiveDoor(t *testing.T, l channel.Live, with channel.Talker) (url string) {
	t.Helper()
	return door(t, func(r *http.Request, body []byte) (channel.Answer, error) {
		return l.Live(r.Context(), r, body, with)
	})
}

func door(t *testing.T, call func(*http.Request, []byte) (channel.Answer, error)) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
		if err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		a, err := call(r, body)
		switch {
		case errors.Is(err, channel.ErrForged):
			w.WriteHeader(http.StatusForbidden)
			return
		case errors.Is(err, channel.ErrGarbled):
			w.WriteHeader(http.StatusBadRequest)
			return
		case err != nil:
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if a.Type != "" {
			w.Header().Set("Content-Type", a.Type)
		}
		if a.Status == 0 {
			a.Status = http.StatusOK
		}
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// Keep runs a gateway that keeps a connection of its own until the test ends,
// and returns once it is up. Run must then return promptly.
func Keep(t *testing.T, r channel.Runner, in channel.Inbox) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	up, done := make(chan struct{}, 1), make(chan error, 1)
	go func() {
		done <- r.Run(ctx, in, func(state string) {
			if state != "up" {
				return
			}
			select {
			case up <- struct{}{}:
			default:
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			t.Error("Run goes on five seconds after it was told to end")
		}
	})
	select {
	case <-up:
	case err := <-done:
		done <- err
		t.Fatalf("Run ended by itself: %v", err)
	case <-time.After(patience):
		t.Fatal("the gateway never said that it is up")
	}
}
