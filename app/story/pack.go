package story

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Organisation is an invented body that answers calls for help.
type Organisation struct {
	Key       string
	Name      Names
	Kind      string // association, state, commune, foundation, foreign
	Status    string // recognised, pending, suspended
	Reason    string // code, when suspended
	Territory []string
	Domains   []string // need codes
	Languages []string
}

// Names holds a name in Arabic, French and Amazigh; the Amazigh is a draft.
type Names struct{ AR, FR, ZGH string }

// Recognised is whether the organisation may take cases and send missions.
func (o Organisation) Recognised() bool { return o.Status == "recognised" }

// Team is people of one organisation who leave together.
type Team struct {
	Key       string
	AR, FR    string
	Org       int    `yaml:"-"`
	OrgKey    string `yaml:"org"`
	Skills    []string
	Serves    []string `yaml:"-"` // the needs its skills answer, among its organisation's domains
	Languages []string
	People    int
	Base      string // code of a commune
}

// Account is a login of the demonstration. Its password is made when the
// house is seeded.
type Account struct {
	Login, Role string
	AR, FR      string
	Org         int    `yaml:"-"` // -1: the house itself
	OrgKey      string `yaml:"org"`
	Team        int    `yaml:"-"` // of a leader; -1
	TeamKey     string `yaml:"team"`
	Territory   string // place code; "" is the whole country
	Languages   []string
}

// Good is something a mission can carry.
type Good struct {
	Key             string
	Need            string // which need it answers
	For             int    // people one unit serves; 0 for a tool that Returns
	Only            string // fragile flag of the only families it goes to
	Returns         bool
	AR, FR, ZGH, EN string
}

type phrase struct {
	Lang    string
	Needs   []string
	People  [2]int
	Fragile []string
	For     string
	Text    string
}

type name struct{ gender, ar, latin string }

// pack is packs/demo as read.
type pack struct {
	orgs     []Organisation
	teams    []Team
	skills   map[string][]string
	accounts []Account
	goods    []Good
	service  string
	crisis   string
	phrases  []phrase
	wheres   map[string][]string
	words    []string
	given    []name
	family   []name
}

func readPack(files fs.FS) (*pack, error) {
	var orgs struct{ Organisations []Organisation }
	var teams struct {
		Skills map[string][]string
		Teams  []Team
	}
	var accounts struct{ Accounts []Account }
	var goods struct{ Goods []Good }
	var needs struct {
		Service     string
		Crisis      string
		Whereabouts map[string][]string
		Words       []string
		Texts       []phrase
	}
	for _, f := range []struct {
		name string
		into any
	}{
		{"organisations.yaml", &orgs}, {"teams.yaml", &teams}, {"accounts.yaml", &accounts},
		{"goods.yaml", &goods}, {"needs.yaml", &needs},
	} {
		if err := readYAML(files, f.name, f.into); err != nil {
			return nil, err
		}
	}
	p := &pack{
		orgs: orgs.Organisations, teams: teams.Teams, skills: teams.Skills, accounts: accounts.Accounts,
		service: needs.Service, crisis: needs.Crisis, goods: goods.Goods, phrases: needs.Texts, wheres: needs.Whereabouts, words: needs.Words,
	}
	return p, p.readNames(files)
}

// readYAML refuses fields it does not know: a misspelt one would otherwise be
// silently without effect.
func readYAML(files fs.FS, name string, into any) error {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("story: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("story: %s: %w", name, err)
	}
	return nil
}

func (p *pack) readNames(files fs.FS) error {
	b, err := fs.ReadFile(files, "names.csv")
	if err != nil {
		return fmt.Errorf("story: %w", err)
	}
	c := csv.NewReader(bytes.NewReader(b))
	c.FieldsPerRecord = 4
	rows, err := c.ReadAll()
	if err != nil {
		return fmt.Errorf("story: names.csv: %w", err)
	}
	for _, row := range rows[min(1, len(rows)):] {
		n := name{gender: row[1], ar: row[2], latin: row[3]}
		if row[0] == "given" {
			p.given = append(p.given, n)
		} else {
			p.family = append(p.family, n)
		}
	}
	if len(p.given) == 0 || len(p.family) == 0 {
		return fmt.Errorf("story: names.csv has no given or no family names")
	}
	return nil
}

// settle turns keys into indexes, and refuses a pack that points at what is
// not there.
func (p *pack) settle(l *land) error {
	for _, o := range p.orgs {
		for _, code := range o.Territory {
			if _, ok := l.at[code]; !ok {
				return fmt.Errorf("story: organisations.yaml: %s: no place has the code %s", o.Key, code)
			}
		}
	}
	for i := range p.teams {
		t := &p.teams[i]
		if t.Org = p.org(t.OrgKey); t.Org < 0 {
			return fmt.Errorf("story: teams.yaml: %s: no organisation is called %s", t.Key, t.OrgKey)
		}
		if _, ok := l.at[t.Base]; !ok {
			return fmt.Errorf("story: teams.yaml: %s: no place has the code %s", t.Key, t.Base)
		}
		for _, skill := range t.Skills {
			needs, ok := p.skills[skill]
			if !ok {
				return fmt.Errorf("story: teams.yaml: %s: nothing says what %s is good for", t.Key, skill)
			}
			for _, need := range needs {
				if slices.Contains(p.orgs[t.Org].Domains, need) && !slices.Contains(t.Serves, need) {
					t.Serves = append(t.Serves, need)
				}
			}
		}
	}
	for i := range p.accounts {
		if err := p.settleAccount(&p.accounts[i], l); err != nil {
			return err
		}
	}
	return nil
}

func (p *pack) settleAccount(a *Account, l *land) error {
	a.Org, a.Team = p.org(a.OrgKey), slices.IndexFunc(p.teams, func(t Team) bool { return t.Key == a.TeamKey })
	if a.Org < 0 && a.OrgKey != "" {
		return fmt.Errorf("story: accounts.yaml: %s: no organisation is called %s", a.Login, a.OrgKey)
	}
	if a.TeamKey != "" && (a.Team < 0 || p.teams[a.Team].Org != a.Org) {
		return fmt.Errorf("story: accounts.yaml: %s: %s has no team called %s", a.Login, a.OrgKey, a.TeamKey)
	}
	if _, ok := l.at[a.Territory]; !ok && a.Territory != "" {
		return fmt.Errorf("story: accounts.yaml: %s: no place has the code %s", a.Login, a.Territory)
	}
	return nil
}

func (p *pack) org(key string) int {
	return slices.IndexFunc(p.orgs, func(o Organisation) bool { return o.Key == key })
}
