package ussd

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
)

func TestWhatIsNotTheFormIsGarbled(t *testing.T) {
	t.Parallel()
	g, _ := gateway()
	h := &heard{}
	for _, pairs := range [][]string{
		{"sessionId", "-"}, {"sessionId", ""}, {"sessionId", "a\nb"}, {"sessionId", strings.Repeat("s", 201)},
		{"phoneNumber", "-"}, {"text", "\xff\xfe"}, {"text", strings.Repeat("1*", 9000)},
	} {
		if _, err := post(t, g, h, pairs...); !errors.Is(err, channel.ErrGarbled) {
			t.Errorf("%.20q: %v", pairs, err)
		}
	}
	if len(h.turns) > 0 {
		t.Error("something garbled was heard")
	}
}

func TestTheNumberIsReadHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"+212661234542": "+212661234542", " 212661234542": "+212661234542", "212661234542": "+212661234542",
		"0661234542": "+212661234542", "+33612345678": "+33612345678", "": "", "anonymous": "",
	} {
		g, _ := gateway()
		h := &heard{}
		if _, err := post(t, g, h, "phoneNumber", raw); err != nil {
			t.Fatal(err)
		}
		if got := h.last(t, 1).From; got != want {
			t.Errorf("%q is read as %q", raw, got)
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Add("sessionId=ATUid_1&phoneNumber=%2B212661234542&serviceCode=*555%23&text=1*2")
	f.Add("sessionId=S&phoneNumber=&status=Incomplete&input=1*2")
	f.Add("sessionId=S&phoneNumber= 212&text=" + url.QueryEscape("ⴰⵎⴰⵏ**#"))
	f.Fuzz(func(t *testing.T, body string) {
		c, err := read([]byte(body))
		if err != nil {
			if !errors.Is(err, channel.ErrGarbled) || channel.CodeOf(err) == "" {
				t.Errorf("not garbled: %v", err)
			}
			return
		}
		h := &heard{}
		g := New(Config{Secret: secret, Prefix: "212"}, clock.System{}, slog.New(slog.DiscardHandler))
		r := httptest.NewRequest(http.MethodPost, "/"+secret, nil)
		first, err := g.Live(t.Context(), r, []byte(body), h)
		if err != nil {
			t.Fatal(err)
		}
		second, err := g.Live(t.Context(), r, []byte(body), h)
		if err != nil || string(first.Body) != string(second.Body) || len(h.turns) > 1 {
			t.Error("the same call was done twice")
		}
		if c.over {
			return
		}
		if keys := h.turns[0].Keys; !strings.HasSuffix(c.text, keys) {
			t.Error("a key was heard that nobody pressed")
		}
	})
}

func FuzzKeys(f *testing.F) {
	f.Add("1", "*", "2*3")
	f.Add("", "#", "**")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		s := &session{steps: map[string]step{}}
		at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
		s.answered("", "CON", true, false, at)
		var typed []string
		for _, keys := range []string{a, b, c} {
			typed = append(typed, keys)
			text := strings.Join(typed, "*")
			if text == s.last {
				return // an empty first input cannot be told from a repetition
			}
			if got, begins := s.next(text); got != keys || begins {
				t.Errorf("%q is heard as %q of %q", keys, got, text)
			}
			s.answered(text, "CON", false, false, at)
		}
	})
}
