package people

import (
	"testing"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/places"
)

func (x *house) orgOf(oid actor.OrganisationID) (o Organisation) {
	x.t.Helper()
	x.read(func(t *db.Tx) (err error) { o, err = getOrganisation(t, oid); return err })
	return o
}

func TestEveryOfficeOfThePackIsAnOrganisationOnceAndStaysAsPeopleLeftIt(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		x.must(x.KeepOwners(t.Context()))
		seen := map[actor.OrganisationID]bool{}
		for _, p := range append(x.places.All(places.Douar), x.places.All(places.Province)...) {
			oid := x.LastOwner(p.Code, "crisis_help")
			o := x.orgOf(oid)
			if o.Kind != State || o.Status != Recognised || o.Reason != "mandate" {
				t.Errorf("%s: %+v", p.Code, o)
			}
			seen[oid] = true
		}
		if len(seen) != 4 {
			t.Errorf("four districts have %d owners", len(seen))
		}
		nowhere := x.LastOwner("", "crisis_help")
		if o := x.orgOf(nowhere); o.Names.FR != "Conseil de Tamurt" || len(o.Territory) != 0 || seen[nowhere] {
			t.Errorf("what has no place: %+v", o)
		}
		if road := x.LastOwner("B2-01", "road_report"); x.orgOf(road).Names.FR != "Voirie de l’île du Couchant" {
			t.Error("a service has no office of its own")
		}
		x.account("admin", admin)
		cell := x.as(x.account("cell", actor.Grant{Role: actor.CrisisCell}))
		was := x.orgOf(nowhere)
		x.must(x.Rename(t.Context(), cell, nowhere, was.Version, Names{AR: was.Names.AR, FR: "Grand Conseil de Tamurt", ZGH: was.Names.ZGH}))
		lines := len(x.told())
		x.must(x.KeepOwners(t.Context()))
		if x.LastOwner("", "") != nowhere || x.orgOf(nowhere).Names.FR != "Grand Conseil de Tamurt" || len(x.told()) != lines {
			t.Error("a second start changed something")
		}
	})
}

func TestAnOfficeThatIsThereAlreadyIsThatOneAndAnAssociationOfItsNameIsNot(t *testing.T) {
	model.Engines(t, func(t *testing.T, dsn string) {
		x := open(t, dsn)
		there := Organisation{ID: id.New[actor.Organisation](x.clock.Now()), Kind: State, Names: Names{AR: "مكتب الضفة", FR: "Bailli de Haute-Rive"}, Status: Recognised}
		x.must(x.SeedOrganisation(t.Context(), there))
		club := Organisation{ID: id.New[actor.Organisation](x.clock.Now()), Kind: Association, Names: Names{AR: "نادي", FR: "Bailli des Dunes"}, Receipt: "7/2020", Status: Recognised}
		x.must(x.SeedOrganisation(t.Context(), club))
		x.must(x.KeepOwners(t.Context()))
		if x.LastOwner("A1-01", "") != there.ID {
			t.Error("the office that was there is not the owner")
		}
		dunes := x.LastOwner("B1-01", "")
		if o := x.orgOf(dunes); dunes == club.ID || o.Kind != State || o.Names.FR != "Bailli des Dunes (tamurt B1)" {
			t.Errorf("an association answers for the State: %+v", o)
		}
	})
}
