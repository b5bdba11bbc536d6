package people

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/arabic"
	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/shared/actor"
)

// Kind is what an organisation is in law. The set is closed.
type Kind string

const (
	Association Kind = "association" // dahir 1-58-376, cooperatives included
	State       Kind = "state"       // an administration or public body
	Commune     Kind = "commune"
	Foundation  Kind = "foundation"
	Foreign     Kind = "foreign" // registered in another country
)

// Kinds is every kind, in the order in which people read them.
var Kinds = []Kind{Association, State, Commune, Foundation, Foreign}

// Status says what an organisation may do. Only a recognised one acts.
type Status string

const (
	Pending    Status = "pending"
	Recognised Status = "recognised"
	Suspended  Status = "suspended"
)

// Statuses is every status, in the order in which people work on them.
var Statuses = []Status{Pending, Recognised, Suspended}

// Why an organisation is recognised or suspended: codes, so that the journal
// and the organisation itself can say it in every language.
var (
	ReasonsToRecognise = []string{"papers_checked", "mandate", "known_partner", "cleared"}
	ReasonsToSuspend   = []string{"report_overdue", "papers_missing", "conduct", "fraud", "own_request"}
)

// Domains is what an organisation can be good at (N30 and the needs of a
// crisis), in the order in which people read them.
var Domains = []string{"rescue", "medicine", "food", "water", "shelter", "warm", "road", "children", "orphans", "elderly",
	"disability", "women", "education", "health", "poverty", "rights", "other"}

// Names is what an organisation is called in each script. Arabic and Latin are
// always there; Tifinagh may be "".
type Names struct {
	AR  string `json:"ar"`
	FR  string `json:"fr"`
	ZGH string `json:"zgh,omitempty"`
}

// In is the name for a reader of lang.
func (n Names) In(lang string) string {
	switch {
	case lang == "zgh" && n.ZGH != "":
		return n.ZGH
	case lang == "ar" || lang == "zgh":
		return n.AR
	}
	return n.FR
}

func (n Names) all() []string { return []string{n.AR, n.FR, n.ZGH} }

// Organisation is a body that helps: an association, an administration, a
// commune. Its status decides what those who act in its name may do.
type Organisation struct {
	ID        actor.OrganisationID
	Kind      Kind
	Names     Names
	Receipt   string       // number of its legal receipt (récépissé); "" for a body that needs none
	Phone     phone.Number // the organisation's own, not a person's
	Domains   []string
	Territory []string // place codes; none is the whole country
	Status    Status
	Reason    string // a code of ReasonsToRecognise or ReasonsToSuspend
	MadeAt    time.Time
	Version   int64
}

// Alias is one name, and when it was in use. To is zero while it still is.
type Alias struct {
	Name     string
	From, To time.Time
}

// Longest texts, in characters: the longest official name in the ministries'
// register is about 150.
const (
	maxName    = 160
	maxReceipt = 60
)

// tidy is a text without the spaces that come with copying.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

func tidyNames(n Names) Names { return Names{tidy(n.AR), tidy(n.FR), tidy(n.ZGH)} }

// wrongNames says what cannot be a name, field by field.
func wrongNames(n Names) (all fault.All) {
	for _, f := range []struct {
		field, name string
		must        bool
	}{{"name_ar", n.AR, true}, {"name_fr", n.FR, true}, {"name_zgh", n.ZGH, false}} {
		switch {
		case f.name == "" && f.must:
			all = append(all, fault.New(fault.Invalid, "people.organisation.name_missing").On(f.field))
		case f.name != "" && arabic.Key(f.name) == "":
			all = append(all, fault.New(fault.Invalid, "people.organisation.name_no_letters").On(f.field))
		case utf8.RuneCountInString(f.name) > maxName:
			all = append(all, fault.New(fault.Invalid, "people.organisation.name_long", "most", maxName).On(f.field))
		}
	}
	return all
}

// wrong says everything that an organisation cannot be registered with.
func (o Organisation) wrong() (all fault.All) {
	all = wrongNames(o.Names)
	if !slices.Contains(Kinds, o.Kind) {
		all = append(all, fault.New(fault.Invalid, "people.organisation.kind_missing").On("kind"))
	}
	if utf8.RuneCountInString(o.Receipt) > maxReceipt {
		all = append(all, fault.New(fault.Invalid, "people.organisation.receipt_long", "most", maxReceipt).On("receipt"))
	}
	if o.Kind == Association && o.Receipt == "" {
		all = append(all, fault.New(fault.Invalid, "people.organisation.receipt_missing").On("receipt"))
	}
	for _, d := range o.Domains {
		if !slices.Contains(Domains, d) {
			return append(all, fault.New(fault.Invalid, "people.organisation.domain_unknown", "domain", d).On("domains"))
		}
	}
	return all
}

// recognise lets the organisation act.
func (o *Organisation) recognise(reason string) error {
	if !slices.Contains(ReasonsToRecognise, reason) {
		return fault.New(fault.Invalid, "people.organisation.reason_missing").On("reason")
	}
	if o.Status == Recognised {
		return fault.New(fault.Conflict, "people.organisation.is_recognised")
	}
	o.Status, o.Reason = Recognised, reason
	return nil
}

// suspend stops everybody who acts in the organisation's name, at once.
func (o *Organisation) suspend(reason string) error {
	if !slices.Contains(ReasonsToSuspend, reason) {
		return fault.New(fault.Invalid, "people.organisation.reason_missing").On("reason")
	}
	if o.Status == Suspended {
		return fault.New(fault.Conflict, "people.organisation.is_suspended")
	}
	o.Status, o.Reason = Suspended, reason
	return nil
}
