package cases

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
)

// findFor is how long an address keeps finding what was typed.
const findFor = 15 * time.Minute

// maxFind is how much of what was typed is looked for.
const maxFind = 120

// find takes what staff look for, and the filters beside it. What they type may
// be a person's telephone number: it stands in no address, so in no history, no
// log of a proxy and no Referer. The address that shows what was found carries
// it sealed, for its writer alone, and not for long.
func (o *Office) find(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	to := QueueQuery(v)
	if q := strings.TrimSpace(v.Get("q")); q != "" {
		to.Set("found", o.seek(actor.From(c.Context()), cut(q, maxFind)))
	}
	return c.Seek("/queue?" + to.Encode())
}

// seek seals what somebody looks for.
func (o *Office) seek(by actor.Actor, text string) string {
	plain := fmt.Sprintf("%d|%s", o.h.DB.Now().Add(findFor).Unix(), text)
	return base64.RawURLEncoding.EncodeToString(o.vault.Seal(findAt(by), []byte(plain)))
}

func findAt(by actor.Actor) string { return "cases_queue.find|" + by.Account.String() }

// found opens what seek sealed. Nothing at all is no search; what is over, or
// somebody else's, is not ok.
func (o *Office) found(by actor.Actor, token string) (text string, ok bool) {
	if token == "" {
		return "", true
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", false
	}
	plain, err := o.vault.Open(findAt(by), sealed)
	if err != nil {
		return "", false
	}
	till, text, _ := strings.Cut(string(plain), "|")
	end, err := strconv.ParseInt(till, 10, 64)
	return text, err == nil && o.h.DB.Now().Unix() <= end
}
