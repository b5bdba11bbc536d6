package service

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

func TestARequestGoesFromTheCallToTheConfirmedDelivery(t *testing.T) {
	t.Parallel()
	d := help(t)
	state := d.Start()
	for _, s := range []struct {
		deed, to string
		phase    Phase
	}{
		{"contact", "confirmed", Open}, {"claim", "taken", Owned}, {"expire", "reopened", Open}, {"claim", "taken", Owned},
		{"assign", "assigned", Owned}, {"depart", "en_route", Moving}, {"deliver", "delivered", Waiting}, {"confirm_no", "reopened", Open},
		{"assign", "assigned", Owned}, {"deliver", "delivered", Waiting}, {"confirm_yes", "closed", Final}, {"reopen", "reopened", Open},
		{"merge", "duplicate", Final}, {"unmerge", "received", Open},
	} {
		to, ok := d.Move(state, s.deed)
		x, _ := d.State(to)
		if !ok || to != s.to || x.Phase != s.phase {
			t.Fatalf("%s from %s leads to %q (%s), %v; want %s (%s)", s.deed, state, to, x.Phase, ok, s.to, s.phase)
		}
		state = to
	}
	if _, ok := d.Move("closed", "deliver"); ok {
		t.Error("something was delivered to a closed request")
	}
	if _, ok := d.Move("nowhere", "claim"); ok {
		t.Error("a request in no state was claimed")
	}
	if got := d.Ahead("received"); !slices.Equal(got, []string{"assigned", "en_route", "delivered", "closed"}) {
		t.Error(got)
	}
	if got := d.Ahead("closed"); len(got) > 0 {
		t.Error(got)
	}
	if !d.May("claim", actor.Coordinator) || d.May("claim", actor.Agent) || d.May("expire", actor.Dispatcher) || !d.May("locate", actor.Agent) {
		t.Error("the file does not narrow who may do what")
	}
	if !d.Reason("refuse", "place_not_found") || d.Reason("redirect", "place_not_found") || len(d.Reasons("redirect")) == 0 || d.Reason("claim", "") {
		t.Error("reasons are given where they should not be")
	}
}

func TestATimeIsDueByLevel(t *testing.T) {
	t.Parallel()
	d := help(t)
	at := time.Date(2023, 9, 8, 23, 11, 0, 0, time.UTC)
	for _, c := range []struct {
		deed  string
		level int
		want  time.Duration
	}{{"receive", 1, 15 * time.Minute}, {"receive", 4, 72 * time.Hour}, {"assign", 4, 7 * 24 * time.Hour}, {"deliver", 2, 48 * time.Hour}, {"confirm_no", 2, time.Hour}} {
		if due, ok := d.Due(c.deed, c.level, at); !ok || due != at.Add(c.want) {
			t.Errorf("%s at level %d is due %v, %v", c.deed, c.level, due, ok)
		}
	}
	for _, deed := range []string{"confirm_yes", "depart", "refuse", "nonsense"} {
		if _, ok := d.Due(deed, 1, at); ok {
			t.Errorf("something is due after %s", deed)
		}
	}
	if _, ok := d.Delay("lease", 5); ok {
		t.Error("there is a fifth level")
	}
	if wait, ok := d.Delay("speaker_first", 1); !ok || wait != 0 {
		t.Error("somebody in danger waits for a language:", wait)
	}
	quake, _ := load(t).Crisis("earthquake")
	if due, _ := quake.Over(d).Due("receive", 1, at); due != at.Add(10*time.Minute) {
		t.Error("the crisis does not set its delays:", due)
	}
	if due, _ := d.Due("receive", 1, at); due != at.Add(15*time.Minute) {
		t.Error("the crisis changed the service itself:", due)
	}
	if text, _, _ := quake.Over(d).Text(quake.Over(d).DelaySource("deliver"), "fr"); text != "Objectif de la cellule de crise" {
		t.Errorf("the time comes from %q", text)
	}
	if road, _ := load(t).Get("road_report"); quake.Over(road) != road {
		t.Error("a service whose delays the crisis leaves alone was copied")
	}
}

func TestEverySentenceIsSaidThroughTheCatalogue(t *testing.T) {
	t.Parallel()
	s := load(t)
	c, err := i18n.Load(forms.Files)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Speak(c); err != nil {
		t.Fatal(err)
	}
	for _, w := range i18n.Check(c) {
		t.Error(w)
	}
	p := c.For(i18n.FR, time.UTC)
	if got := p.Text("service.crisis_help.choice.needs.water"); got != "Eau potable" {
		t.Error(got)
	}
	if got := c.For(i18n.EN, time.UTC).Text("service.crisis_help.reason.many_people", "people", 40); !strings.Contains(got, "40") {
		t.Error(got)
	}
	if got := string(c.For(i18n.ZGH, time.UTC).T("crisis.earthquake.advice.1")); !strings.Contains(got, "ابتعد عن الجدران") {
		t.Error("a life-saving draft has no Arabic twin:", got)
	}
	if len(c.Missing()) > 0 {
		t.Error(c.Missing())
	}
	d := help(t)
	if text, lang, draft := d.Text("state.en_route", "zgh"); text == "" || lang != "zgh" || !draft {
		t.Error(text, lang, draft)
	}
	if text, lang, draft := d.Text("state.en_route", "fr"); text != "L’aide est en route" || lang != "fr" || draft {
		t.Error(text, lang, draft)
	}
	if !strings.Contains(string(d.Source()), "\n") || len(d.Keys()) < 100 {
		t.Error("the definition lost its words")
	}
}
