package app

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/cases"
)

func FuzzTheAPI(f *testing.F) {
	h := openHouse(f, model.SQLite(f), clock.System{}, proxied)
	handler := h.Handler()
	for _, x := range apiTricks() {
		if len(x.body) < 4096 {
			f.Add(x.path == "/api/v1/track", x.body)
		}
	}
	f.Add(false, answers(`,"fragile":["child_alone"],"words":"x"`))
	f.Fuzz(func(t *testing.T, track bool, body string) {
		to := asked
		if track {
			to = "/api/v1/track"
		}
		w := send(handler, to, "application/json", body)
		judgeAnswer(t, to, w)
		if !json.Valid(w.Body.Bytes()) {
			t.Errorf("%d: the answer is no JSON: %q", w.Code, w.Body)
		}
		var out cases.ReceiptOut
		if w.Code == http.StatusCreated && !track && (json.Unmarshal(w.Body.Bytes(), &out) != nil || len(out.Receipt) != 9) {
			t.Errorf("taken in without a receipt: %s", w.Body)
		}
	})
}

func FuzzAPostedStep(f *testing.F) {
	h := openHouse(f, model.SQLite(f), clock.System{}, proxied)
	handler := h.Handler()
	for _, x := range pageTricks() {
		if len(x.body) < 4096 {
			f.Add("people", x.kind, x.body)
		}
	}
	f.Add("where", formKind, "where.province=07.041&where.commune=07.041.07&act=list")
	f.Add("where", formKind, "where.text=Ijoukak&act=search&lat=31&lon=-8")
	f.Add("all", formKind, "need=food&need=water&where.code=07.041.07.07&people=3&phone=0612345678")
	f.Fuzz(func(t *testing.T, step, kind, body string) {
		if strings.ContainsAny(step, "/?#%. ") || strings.ContainsAny(kind+step, "\r\n\x00") || !validPath(step) {
			return // not what a browser can send
		}
		w := send(handler, "/fr/help/crisis_help/"+id.New[cases.Draft](clock.System{}.Now()).String()+"/"+step, kind, body)
		judgeAnswer(t, step, w)
	})
}

func validPath(s string) bool {
	_, err := url.ParseRequestURI("/" + s)
	return err == nil && s != ""
}
