package giving

import (
	"bytes"
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/base/money"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/ledger"
)

// Rules are the measures of a country about money that people give, each with whose
// it is.
type Rules struct {
	Currency     money.Currency
	Bands        ledger.Bands
	BandsSource  string          `yaml:"bands_source"`
	Apart        [][2]actor.Role // roles that nobody holds together
	ApartSource  string          `yaml:"apart_source"`
	Flag         int             // of what came, in thousandths: more than that unexplained is said aloud
	FlagSource   string          `yaml:"flag_source"`
	Hidden       int             // fewer gifts than this are not counted in public
	HiddenSource string          `yaml:"hidden_source"`
}

// ReadRules reads COUNTRY/giving.yaml of the packs, strictly.
func ReadRules(packs fs.FS, country string) (r Rules, err error) {
	name := country + "/giving.yaml"
	body, err := fs.ReadFile(packs, name)
	if err != nil {
		return r, fmt.Errorf("giving: the pack %s does not say how money is handled: %w", country, err)
	}
	d := yaml.NewDecoder(bytes.NewReader(body))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	ok := len(r.Currency) == 3 && len(r.Bands) > 0 && r.BandsSource != "" && r.ApartSource != "" && r.Flag > 0 && r.FlagSource != "" && r.Hidden > 0 && r.HiddenSource != ""
	for _, b := range r.Bands {
		ok = ok && b.Asset == string(r.Currency) && b.From >= 0 && b.Wants >= 1 && len(b.Roles) > 0
		for _, role := range b.Roles {
			ok = ok && role.Valid()
		}
	}
	for _, two := range r.Apart {
		ok = ok && two[0].Valid() && two[1].Valid() && two[0] != two[1]
	}
	if !ok {
		return r, fmt.Errorf("%s: a measure is missing, makes no sense, or has no source", name)
	}
	return r, nil
}
