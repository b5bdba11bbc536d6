package app

import (
	"strings"
	"testing"
	"time"

	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/forms"
)

func TestAFamilyForWhomAHelperAskedIsToldItsCodeThoughTheCaseIsMergedTheSameMoment(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newMasts(t, dsn)
		system := actor.Actor{System: "test"}
		ask := func(people int64) cases.Asked {
			out, err := m.h.Cases.Ask(m.Context(), system, cases.DeedTakeDown, cases.Request{Service: "crisis_help", Lang: "fr", Channel: "helper",
				Help:    &cases.Help{Kind: "neighbour", How: cases.HowSpoken, Text: "text_1", Lang: "fr"},
				Answers: forms.Answers{"need": []string{"food"}, "where": forms.Place{Code: firstDouar(t, m.h)}, "people": people, "phone": forms.Phone(basicPhone)}})
			if err != nil {
				m.Fatal(err)
			}
			return out
		}
		first := ask(4)
		m.work()
		second := ask(5)
		if err := m.h.Cases.Merge(m.Context(), system, second.ID, first.ID); err != nil { // before anybody was told anything
			m.Fatal(err)
		}
		m.work()
		all := ""
		for _, x := range m.net.On(basicPhone) {
			all += x.Text + "\n"
		}
		for name, a := range map[string]cases.Asked{"who was asked for first": first, "who was merged at once": second} {
			if strings.Count(all, a.Receipt.Groups()) == 0 || strings.Count(all, a.Code[:3]+" "+a.Code[3:]) != 1 {
				m.Errorf("%s is told the code %d times:\n%s", name, strings.Count(all, a.Code[:3]+" "+a.Code[3:]), all)
			}
		}
		m.now.Advance(2 * time.Hour)
		was := len(m.net.On(basicPhone))
		m.work()
		if len(m.net.On(basicPhone)) != was {
			m.Error("told again later")
		}
	})
}
