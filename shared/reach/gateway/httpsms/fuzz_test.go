package httpsms

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
)

func FuzzHook(f *testing.F) {
	for _, s := range []string{hello, `{"type":"sms.report","data":{"id":"a","ref":"b","state":"failed","code":"x"}}`,
		`{"type":"sms.received","data":{"from":"+212661234542","text":"x","parts":2,"part":1,"series":65535}}`, "", "{", "\x00"} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	c, err := New(Config{URL: "http://127.0.0.1:1/", Keys: []string{houseKey}, HookKeys: []string{hookKey}}, &clock.Held{At: noon}, quiet())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, forged bool) {
		by := c.in
		if forged {
			by = c.out
		}
		r := &http.Request{Header: by.sign("w1", noon, body)}
		in := &conform.Inbox{}
		_, err := c.Hook(context.Background(), r, body, in)
		if forged && !errors.Is(err, channel.ErrForged) && len(body) <= bodyLimit {
			t.Fatalf("a forged call: %v", err)
		}
		if err != nil && len(in.All())+len(in.Reports()) > 0 {
			t.Fatal("it was heard, and not thanked for")
		}
		for _, m := range in.All() {
			if m.ID == "" || m.From == "" || m.Parts == 1 || m.Parts > 0 && (m.Part < 1 || m.Part > m.Parts) {
				t.Fatalf("heard %+v", m)
			}
		}
		for _, b := range in.Reports() {
			if b.ID == "" && b.Ref == "" || b.Code != "" && !isCode(b.Code) {
				t.Fatalf("became %+v", b)
			}
		}
	})
}

func FuzzSignatureHeaders(f *testing.F) {
	ks, _ := readKeys([]string{hookKey})
	h := ks.sign("w1", noon, []byte("x"))
	f.Add("w1", h.Get("webhook-timestamp"), h.Get("webhook-signature"))
	f.Add("", "-1", "v1,")
	f.Add("w", "99999999999999999999", " , ,, v1")
	f.Fuzz(func(t *testing.T, id, at, sig string) {
		r := http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {at}, "Webhook-Signature": {sig}}
		if ks.verify(r, []byte("y"), noon) == nil {
			t.Fatal("a signature was guessed")
		}
	})
}
