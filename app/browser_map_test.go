package app

import (
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
	"github.com/twiza/twiza/testkit"
)

// The only request there is lies in the middle of what the map shows: whoever
// clicks there is led to it, which takes the library, its worker, the style, the
// tiles and their symbols, all from this house and within its policy.
func TestTheMapMovesAndLeadsToTheRequestThatIsClicked(t *testing.T) {
	t.Parallel()
	b := testkit.Chromium(t)
	s := newStreet(t)
	out, err := s.h.Cases.Ask(s.Context(), actor.Actor{Channel: "web"}, cases.DeedAsk, cases.Request{Service: "crisis_help", Lang: "fr", Channel: "web", Answers: forms.Answers{
		"for_whom": "self", "need": []string{"warm"}, "people": int64(4), "phone": forms.Phone("+212661234501"), "where": forms.Place{Code: s.commune().Code}}})
	s.must(err)
	s.signIn(b, "ar", "dispatcher")
	b.Size(1440, 900)
	b.Open(s.site + "/ar/queue")
	if b.Count(".atlas svg.m") == 0 {
		t.Fatal("no drawing stands there before the map moves")
	}
	b.Click(".atlas [data-do=move]")
	b.Text(".atlas[data-state=moving] .leg") // waits for it
	s.look(b, "map")
	for end := time.Now().Add(30 * time.Second); !strings.Contains(b.URL(), "case="+out.ID.String()); time.Sleep(time.Second) {
		if time.Now().After(end) {
			t.Fatalf("a click on the symbol leads to %s", b.URL())
		}
		b.Click(".atlas .canvas")
	}
	for _, c := range b.Complaints() {
		t.Error("the browser complains:", c)
	}
	if hosts := b.Hosts(); len(hosts) != 1 {
		t.Errorf("the map asks other hosts: %v", hosts)
	}
}
