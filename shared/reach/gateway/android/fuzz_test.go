package android

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
	"github.com/twiza/twiza/shared/reach/channel/wire"
)

func FuzzHook(f *testing.F) {
	for _, s := range []string{azul, `{"event":"sms:failed","payload":{"messageId":"a","reason":"Delivery result from SC +1: 5"}}`,
		`{"event":"sms:batch:received","payload":{"messages":[{"sender":"1","message":"x"}]}}`, `{"event":"mms:downloaded","payload":{"sender":"1"}}`, "", "{", "\x00"} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	c, err := New(Config{URL: "http://127.0.0.1:1", User: "u", Password: "p", Keys: []string{key}, Prefix: "212"}, &clock.Held{At: noon}, quiet())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, forged bool) {
		by := key
		if forged {
			by = newKey
		}
		in := &conform.Inbox{}
		_, err := c.Hook(context.Background(), call(by, noon, string(body)), body, in)
		if forged && !errors.Is(err, channel.ErrForged) && len(body) <= bodyLimit {
			t.Fatalf("a forged call: %v", err)
		}
		if err != nil && len(in.All())+len(in.Reports()) > 0 {
			t.Fatal("it was heard, and not thanked for")
		}
		for _, m := range in.All() {
			if len(m.ID) != 32 || len(m.From) > 64 || m.Parts != 0 {
				t.Fatalf("heard %+v", m)
			}
		}
		for _, r := range in.Reports() {
			if r.ID == "" || len(r.Code) > 64 || strings.ContainsAny(r.Code, " +") {
				t.Fatalf("became %+v", r)
			}
		}
	})
}

func FuzzState(f *testing.F) {
	f.Add([]byte(`{"state":"Failed","recipients":[{"state":"Failed","error":"Delivery result: 3"}]}`))
	f.Add([]byte(`{"state":"Cancelling"}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := New(Config{URL: "http://127.0.0.1:1", User: "u", Password: "p"}, &clock.Held{At: noon}, quiet())
		if err != nil {
			t.Fatal(err)
		}
		in := &conform.Inbox{}
		c.watch("a", time.Hour, false)
		c.learn(context.Background(), in, "a", wire.Answer{Status: 200, Body: body})
		for _, r := range in.Reports() {
			if r.ID != "a" || r.State != channel.Taken && r.State != channel.Delivered && r.State != channel.Failed || len(r.Code) > 64 {
				t.Fatalf("became %+v", r)
			}
		}
	})
}
