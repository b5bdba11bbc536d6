package people

import (
	"context"
	"testing"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

func newID(x *house) actor.AccountID { return id.New[actor.Account](x.clock.Now()) }

func TestASuspensionTakesEffectAtTheNextRequest(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.account("admin", admin)
		org := x.org("Puits", Recognised)
		cell := x.as(x.account("cell", actor.Grant{Role: actor.CrisisCell}))
		salma := x.account("salma", actor.Grant{Role: actor.Coordinator, Org: org}, actor.Grant{Role: actor.Agent, Org: org})
		token, err := x.Session(t.Context(), actor.Actor{System: "test"}, salma)
		x.must(err)
		work := deed.Deed{Name: "test.thing.do", Roles: []actor.Role{actor.Coordinator}}
		try := func() error {
			return x.h.Look(context.Background(), x.who(token), work, func(t *deed.Tx) error { return t.Allow(actor.Scope{Org: org}) })
		}
		x.must(try())
		before := x.organisationNow(org)
		x.must(x.Suspend(t.Context(), cell, org, before.Version, "fraud"))
		if err := try(); fault.KindOf(err) != fault.Denied || err.(*fault.Fault).Key != "error.organisation_not_recognised" {
			t.Errorf("a suspended organisation's coordinator got %v", err)
		}
		if got := x.who(token).Grants; len(got) != 2 || got[0].Recognised || got[1].Recognised {
			t.Errorf("the roles read %+v", got)
		}
		x.must(x.Recognise(t.Context(), cell, org, 0, "cleared"))
		x.must(try())
		x.read(func(t *db.Tx) error {
			ok, err := x.Recognised(t, org)
			none, _ := x.Recognised(t, id.New[actor.Organisation](t.Now()))
			if !ok || none {
				x.t.Error("Recognised says otherwise")
			}
			return err
		})
	})
}

func (x *house) organisationNow(oid actor.OrganisationID) (o Organisation) {
	x.t.Helper()
	o, err := x.organisation(context.Background(), oid)
	x.must(err)
	return o
}

func TestOnlyACrisisCellJudgesAndOnlyWhereItWorks(t *testing.T) {
	x := open(t, model.SQLite(t))
	adm := x.as(x.account("admin", admin))
	national := x.as(x.account("cell", actor.Grant{Role: actor.CrisisCell}))
	east := x.as(x.account("east", actor.Grant{Role: actor.CrisisCell, Territory: "A"}))
	lead := x.org("Lampe", Recognised)
	coordinator := x.as(x.account("coord", actor.Grant{Role: actor.Coordinator, Org: lead}))
	here, there, both, everywhere := x.org("Dune", Pending, "A1-01"), x.org("Sel", Pending, "B2"), x.org("Pont", Pending, "A1", "B1"), x.org("Phare", Pending)
	for _, c := range []struct {
		who  string
		by   actor.Actor
		org  actor.OrganisationID
		want fault.Kind
	}{
		{"an administrator", adm, here, fault.Denied},
		{"a coordinator", coordinator, here, fault.Denied},
		{"a passer-by", actor.Actor{}, here, fault.Unknown},
		{"a cell elsewhere", east, there, fault.Denied},
		{"a cell that covers half", east, both, fault.Denied},
		{"a cell of one region, for the whole country", east, everywhere, fault.Denied},
		{"a cell of the region", east, here, fault.Internal},
		{"the national cell", national, there, fault.Internal},
	} {
		err := x.Recognise(t.Context(), c.by, c.org, 0, "papers_checked")
		if c.want == fault.Internal && err != nil || c.want != fault.Internal && fault.KindOf(err) != c.want {
			t.Errorf("%s: %v", c.who, err)
		}
	}
	if err := x.Recognise(t.Context(), national, both, 0, ""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("recognised without a reason: %v", err)
	}
	if err := x.Suspend(t.Context(), national, both, 99, "fraud"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("decided on what somebody else changed: %v", err)
	}
	x.must(x.Register(t.Context(), adm, Organisation{ID: id.New[actor.Organisation](x.clock.Now()), Kind: State, Names: Names{AR: "مندوبية", FR: "Délégation"}}))
}

func TestAnOrganisationIsFoundByEveryNameItEverBore(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.account("admin", admin)
		ctx := t.Context()
		// Three names of one ministry, as the source has them.
		o := Organisation{ID: id.New[actor.Organisation](x.clock.Now()), Kind: State,
			Names: Names{AR: "وزارة التنمية الاجتماعية", FR: "Ministère du Développement social", ZGH: "ⵜⴰⵎⴰⵡⴰⵙⵜ ⵏ ⵓⵏⴳⴰⵎⵓ"}}
		x.must(x.Register(ctx, demo, o))
		x.clock.Advance(24 * time.Hour)
		x.must(x.Rename(ctx, demo, o.ID, 1, Names{AR: "وزارة التضامن والإدماج الاجتماعي والأسرة", FR: "Ministère de la Solidarité, de l'Insertion sociale et de la Famille"}))
		x.must(x.AddAlias(ctx, demo, o.ID, Alias{Name: "Ministère des Affaires sociales", From: x.clock.Now().AddDate(-20, 0, 0), To: x.clock.Now().AddDate(-10, 0, 0)}))
		x.must(x.AddAlias(ctx, demo, o.ID, Alias{Name: "MSISF"}))
		x.org("Solidaire", Recognised)
		found := func(q string) (ids []actor.OrganisationID) {
			x.read(func(t *db.Tx) error {
				all, _, err := findOrganisations(t, find{query: q, lang: "ar"})
				for _, o := range all {
					ids = append(ids, o.ID)
				}
				return err
			})
			return ids
		}
		for _, q := range []string{"وزارة التضامن والادماج الاجتماعى و الاسره", "وزارة التَّنمية", "MINISTERE DU DEVELOPPEMENT SOCIAL", "affaires sociales", "msisf", "ⵜⴰⵎⴰⵡⴰⵙⵜ",
			"ministere de la solidarité", "l’insertion sociale"} {
			if got := found(q); len(got) != 1 || got[0] != o.ID {
				t.Errorf("%q finds %d", q, len(got))
			}
		}
		for _, q := range []string{"جمعية جبل", "?!", "%"} {
			if got := found(q); len(got) != 0 {
				t.Errorf("%q finds %d", q, len(got))
			}
		}
		x.read(func(t *db.Tx) error {
			all, err := aliases(t, o.ID)
			if len(all) != 7 { // three at first, two new, two added
				x.t.Errorf("%d names: %+v", len(all), all)
			}
			name, err2 := x.OrgName(t, o.ID, "zgh")
			if name != "وزارة التضامن والإدماج الاجتماعي والأسرة" {
				x.t.Errorf("a reader of Tifinagh sees %q", name)
			}
			if err == nil {
				err = err2
			}
			return err
		})
	})
}

func TestANameInUseBelongsToOneOrganisation(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.account("admin", admin)
		ctx := t.Context()
		first := x.org("Étoile", Recognised)
		second := Organisation{ID: id.New[actor.Organisation](x.clock.Now()), Kind: Association, Names: Names{AR: "نجمة أخرى", FR: "ASSOCIATION ETOILE"}, Receipt: "9"}
		err := x.Register(ctx, demo, second)
		if f, ok := err.(*fault.Fault); !ok || f.Kind != fault.Conflict || f.Field != "name_fr" {
			t.Fatalf("two organisations have one name: %v", err)
		}
		x.clock.Advance(time.Hour)
		x.must(x.Rename(ctx, demo, first, 0, Names{AR: "جمعية القمر", FR: "Association Lune"}))
		x.must(x.Register(ctx, demo, second)) // the name is free again; the search then finds both
		if err := x.AddAlias(ctx, demo, first, Alias{Name: "Association Étoile"}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the name was taken back: %v", err)
		}
	})
}

func TestRegisteringTwiceIsRegisteringOnce(t *testing.T) {
	x := open(t, model.SQLite(t))
	o := Organisation{ID: id.New[actor.Organisation](x.clock.Now()), Kind: Association, Names: Names{AR: "جمعية الفانوس", FR: "Le Fanal"}, Receipt: "1", Territory: []string{"A"}}
	x.must(x.Register(t.Context(), demo, o))
	lines := len(x.told())
	x.must(x.Register(t.Context(), demo, o))
	if len(x.told()) != lines {
		t.Error("a retry left a line")
	}
	o.Receipt = "2"
	if err := x.Register(t.Context(), demo, o); fault.KindOf(err) != fault.Conflict {
		t.Errorf("one identifier names two organisations: %v", err)
	}
}

func TestAnOrganisationIsToldEverythingThatIsWrong(t *testing.T) {
	x := open(t, model.SQLite(t))
	err := x.Register(t.Context(), demo, Organisation{ID: id.New[actor.Organisation](x.clock.Now()), Kind: "party", Names: Names{FR: "!!!", ZGH: string(make([]rune, 200))},
		Domains: []string{"magic"}, Territory: []string{"Atlantis"}})
	fields := map[string]bool{}
	for _, f := range err.(fault.All) {
		fields[f.Field] = true
	}
	for _, want := range []string{"name_ar", "name_fr", "name_zgh", "kind", "domains", "territory"} {
		if !fields[want] {
			t.Errorf("nothing is said about %s: %v", want, err)
		}
	}
}

func TestATerritoryIsReadAsPeopleWriteIt(t *testing.T) {
	g := gazetteer(t)
	codes, wrong := readTerritory(g, " port clair \n\nB2\nميناء النور\nHaute Rive", "fr", "territory")
	if len(wrong) > 0 || len(codes) != 3 || codes[0] != "A1" || codes[1] != "A1-01" || codes[2] != "B2" {
		t.Errorf("read %v, %v", codes, wrong)
	}
	_, wrong = readTerritory(g, "Trois-Sources\nZzyzx", "fr", "territory")
	if len(wrong) != 2 || wrong[0].Key != "people.territory.several" || wrong[1].Key != "people.territory.unknown" || wrong[0].Field != "territory" {
		t.Errorf("two communes of one name and no place at all: %v", wrong)
	}
}
