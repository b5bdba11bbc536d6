package web

import (
	"net/http"
	"slices"
)

// sharedCookie lasts until the window closes, and says that others use this phone.
const sharedCookie = "shared"

// Shared says that the reader told us that others use this phone: nothing is
// then left in it beyond the window.
func (c *Ctx) Shared() bool {
	k, err := c.R.Cookie(sharedCookie)
	return err == nil && k.Value == "1"
}

// Share remembers, until the window closes, that others use this phone, and
// takes back the language that was to be remembered for longer.
func (c *Ctx) Share() {
	http.SetCookie(c.W, &http.Cookie{Name: sharedCookie, Value: "1", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.Secure()})
	http.SetCookie(c.W, &http.Cookie{Name: "lang", Path: "/", MaxAge: -1})
}

// Forget takes from the reader's browser whatever this house left in it: each
// cookie by its name, and what only the browser can find by Clear-Site-Data
// (W3C, Clear Site Data, 3.1): copies of pages. What scripts keep of the one who
// leaves, the next page takes away itself; "storage" is not cleared, for in it
// wait the forms of those who had no network, and the records of field work.
// Of whoever is signed in and stays so, keep names the cookies to leave.
func (c *Ctx) Forget(keep ...string) {
	what := `"cache", "cookies"`
	if len(keep) > 0 {
		what = `"cache"`
	}
	h := c.W.Header()
	h.Del("Set-Cookie")
	h.Set("Clear-Site-Data", what)
	for _, k := range c.R.Cookies() {
		if !slices.Contains(keep, k.Name) {
			http.SetCookie(c.W, &http.Cookie{Name: k.Name, Path: "/", MaxAge: -1})
		}
	}
}
