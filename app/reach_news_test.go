package app

import (
	"context"
	"strings"
	"testing"

	"github.com/twiza/twiza/modules/cases"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/reach/channel"
)

const abroad = "+33612345678"

// family is a request whose asker lets a relative have news by a word.
func (m *masts) family(word string) *cases.Case {
	m.Helper()
	for _, words := range []string{"سلام", "1", "2 3", "دوار تنيرت", "1", "7", "1"} {
		if len(m.all()) == 0 {
			m.text(basicPhone, words)
		}
	}
	if len(m.all()) != 1 {
		m.Fatal("no request was made")
	}
	k := m.all()[0]
	if word != "" {
		if err := m.h.Cases.Share(m.Context(), actor.Actor{Channel: "web"}, cases.DeedShare, k.ID, word, "ar"); err != nil {
			m.Fatal(err)
		}
	}
	return k
}

func (m *masts) silent(got string, parts ...string) {
	m.Helper()
	for _, p := range parts {
		if p != "" && strings.Contains(got, p) {
			m.Errorf("a relative is told %q:\n%s", p, got)
		}
	}
}

func (m *masts) holders() (n int64) {
	m.Helper()
	if err := m.h.DB.Read(m.Context(), func(t *db.Tx) (err error) {
		n, err = db.One(t, db.Int, `SELECT COUNT(*) FROM reach_holder`)
		return err
	}); err != nil {
		m.Fatal(err)
	}
	return n
}

func TestARelativeHasNewsByTextAsFarAsTheFamilyAllows(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newMasts(t, dsn)
		k := m.family("olive 4711")
		was := m.holders()
		m.wants(m.text(abroad, "bonjour"), "0 Suivre")
		m.wants(m.text(abroad, "0"), "récépissé", "téléphone de la famille")
		m.wants(m.text(abroad, k.Receipt.String()), "quatre derniers chiffres", "mot convenu")
		m.wants(m.text(abroad, "olivier"), "aucune demande")
		got := m.text(abroad, "Olive 4711")
		m.wants(got, "Demande recue", "Depuis le", "tout ce que la famille permet")
		m.silent(got, k.Receipt.Groups(), k.Receipt.String(), basicPhone, "1 Oui")

		m.text(abroad, "0") // and by the family's phone, in the same words
		m.wants(m.text(abroad, "0600000101"), "mot que la famille")
		m.wants(m.text(abroad, "olive 4711"), "Demande recue", "tout ce que la famille permet")
		if n := m.holders(); n != was {
			t.Errorf("%d conversations hold the case, and %d did before: a relative would be told of everything", n, was)
		}
		m.wants(m.text(abroad, "oui"), "Twiza") // nothing to confirm
		if k := m.all()[0]; k.State != "received" {
			t.Errorf("a relative moved the request to %s", k.State)
		}
		for lang, only := range map[string]string{"english": "all the family allows", "العربية": "تسمح به الأسرة", "ⵜⴰⵎⴰⵣⵉⵖⵜ": "ⵜⴰⴷⵊⴰ ⵜⵡⴰⵛⵓⵏⵜ"} {
			m.now.At = m.now.At.Add(20 * 60e9)
			m.text(abroad, lang)
			m.text(abroad, k.Receipt.String())
			m.wants(m.text(abroad, "olive 4711"), only)
		}
	})
}

func TestARelativeHearsNothingWithoutTheFamilysLeave(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newMasts(t, dsn)
		k := m.family("")
		m.text(abroad, "bonjour")
		m.text(abroad, "0")
		m.text(abroad, "0600000101")
		unknown := m.text(abroad, "olive 4711")
		m.text(abroad, "menu")
		m.text(abroad, "0")
		m.text(abroad, "0600000999") // a phone that asked nothing
		if other := m.text(abroad, "olive 4711"); other != unknown || !strings.Contains(other, "aucune demande") {
			t.Errorf("whether a family asked can be told apart: %q and %q", unknown, other)
		}
		if err := m.h.Cases.Share(m.Context(), actor.Actor{Channel: "web"}, cases.DeedShare, k.ID, "olive 4711", "fr"); err != nil {
			t.Fatal(err)
		}
		if err := m.h.Cases.Unshare(m.Context(), actor.Actor{Channel: "web"}, cases.DeedShare, k.ID); err != nil {
			t.Fatal(err)
		}
		m.text(abroad, k.Receipt.String())
		m.wants(m.text(abroad, "olive 4711"), "aucune demande")
	})
}

func TestGuessingAFamilysWordByTextIsSlowedDown(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newMasts(t, dsn)
		m.family("olive 4711")
		last := ""
		for range 8 {
			m.text(abroad, "menu")
			m.text(abroad, "0")
			m.text(abroad, "0600000101")
			last = m.text(abroad, "a guess")
		}
		m.wants(last, "محاولات كثيرة")
		m.text(abroad, "0")
		m.text(abroad, "0600000101")
		m.silent(m.text(abroad, "olive 4711"), "توصلنا")
	})
}

func TestARelativeHearsTheNewsByKeys(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		m := newMasts(t, dsn)
		k := m.family("4711")
		was := m.holders()
		press := func(first bool, keys string) (names []string) {
			said, err := m.h.Reach.Talk(context.Background(), channel.Turn{Kind: channel.Voice, Gateway: "line", Session: "call", From: abroad, New: first, Keys: keys})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range said.Prompts {
				names = append(names, p.Name)
			}
			return names
		}
		press(true, "")
		press(false, "2")
		press(false, "0")
		press(false, k.Receipt.String())
		heard := strings.Join(press(false, "4711"), " ")
		m.wants(heard, "service.crisis_help.state.received", "reach.news.only")
		m.silent(heard, "digit.", "reach.confirm", "reach.news.since")
		if m.holders() != was {
			t.Error("a caller who is a relative holds the case")
		}
	})
}
