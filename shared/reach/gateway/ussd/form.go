package ussd

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/twiza/twiza/shared/reach/channel"
)

// What a call may be long at most. A step of USSD is 160 characters, and a
// session that takes a hundred of them would have timed out long before.
const (
	longestBody    = 32 << 10
	longestSession = 200
	longestText    = 16 << 10
)

// call is what the aggregator says of a session: a step of it, or its end.
type call struct {
	session string
	number  string // as written
	text    string // all that was typed so far, joined by *
	over    bool   // the session is over, as status says
	fine    bool   // and ended as it should
}

// read reads the form. What is not in the form of the protocol is ErrGarbled
// with a code.
func read(body []byte) (call, error) {
	wrong := func(code string) (call, error) { return call{}, channel.Wrong(channel.ErrGarbled, code) }
	if len(body) > longestBody {
		return wrong("too_long")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return wrong("no_form")
	}
	for _, name := range []string{"sessionId", "phoneNumber", "text", "status"} {
		if len(form[name]) > 1 {
			return wrong("said_twice")
		}
	}
	c := call{session: form.Get("sessionId"), number: form.Get("phoneNumber"), text: form.Get("text")}
	switch {
	case c.session == "" || len(c.session) > longestSession || !plain(c.session):
		return wrong("no_session")
	case !form.Has("phoneNumber"):
		return wrong("no_number")
	case len(c.text) > longestText || !utf8.ValidString(c.text):
		return wrong("no_text")
	}
	if form.Has("status") && !form.Has("text") {
		c.over, c.fine = true, form.Get("status") == "Success"
	}
	return c, nil
}

func plain(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsGraphic(r) }) < 0
}
