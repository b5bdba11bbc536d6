package cases

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

// Help is somebody who fills a form in for another person, and what that person
// said to it.
type Help struct {
	Kind  string `json:"kind"` // relative, neighbour, cybercafe, association, agent
	How   string `json:"how"`  // see the words of consent below
	Text  string `json:"text"` // which sentence was read out
	Lang  string `json:"lang"` // in which language
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// How a person agreed. Spoken consent is as good as any (B01); "to ask" says that
// nobody could ask yet, which only life in danger excuses.
const (
	HowPresent = "present" // face to face
	HowSpoken  = "spoken"  // by telephone
	HowWritten = "written" // with their own hand, on their own page
	HowToAsk   = "to_ask"
)

// What a person agrees to.
const (
	aboutHelp  = "help"  // that somebody asks in their name
	aboutShare = "share" // that a relative has news of them
)

// consentText and shareText are the sentences that people are told before they
// agree, by the end of their keys. A changed sentence gets a new number, so that it can be read for ever
// what each person agreed to.
const (
	consentText = "text_1"
	shareText   = "share_1"
)

var helperKinds = []string{"relative", "neighbour", "cybercafe", "association", "agent"}

// ConsentID names one record of consent.
type ConsentID = id.Of[Consent]

// Consent is what a person agreed to. It holds identifiers; the helper's own
// name and phone, if they gave any, are sealed.
type Consent struct {
	ID      ConsentID
	Case    CaseID // or the concern that has the same identifier
	About   string
	Kind    string
	How     string
	Text    string
	Lang    string
	Account actor.AccountID
	Helper  []byte // sealed
	Word    []byte // keyed hash of the word for a relative
	MadeAt  time.Time
	EndedAt time.Time
}

// given says that the person agreed and did not take it back.
func (k Consent) given() bool { return k.How != HowToAsk && k.EndedAt.IsZero() }

var (
	DeedConsent    = deed.Deed{Name: "cases.case.consent"}
	DeedConsentFor = deed.Deed{Name: "cases.case.consent_for", Roles: append([]actor.Role{actor.Coordinator}, desk...)}
)

type consentTold struct {
	About string `json:"about"`
	Kind  string `json:"kind"`
	How   string `json:"how"`
	Text  string `json:"text"`
}

const consentColumns = `id, case_id, about, kind, how, text, lang, account, helper, word_key, made_at, ended_at`

func scanConsent(r db.Row) (k Consent, err error) {
	return k, r.Scan(&k.ID, &k.Case, &k.About, &k.Kind, &k.How, &k.Text, &k.Lang, &k.Account, &k.Helper, &k.Word, db.Time(&k.MadeAt), db.Time(&k.EndedAt))
}

func addConsent(t *db.Tx, k Consent) error {
	_, err := t.Exec(`INSERT INTO cases_consent (`+consentColumns+`) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)`,
		k.ID, k.Case, k.About, k.Kind, k.How, k.Text, k.Lang, k.Account, k.Helper, k.Word, k.MadeAt, k.EndedAt)
	return err
}

// consents are all that was agreed about a case, the latest first.
func consents(t *db.Tx, c CaseID) ([]Consent, error) {
	return db.List(t, scanConsent, `SELECT `+consentColumns+` FROM cases_consent WHERE case_id = ?1 ORDER BY made_at DESC, id DESC`, c)
}

// consentTo is what stands now about one question; ok is false when nobody was
// ever asked.
func consentTo(t *db.Tx, c CaseID, about string) (k Consent, ok bool, err error) {
	all, err := consents(t, c)
	for _, k := range all {
		if k.About == about {
			return k, true, err
		}
	}
	return k, false, err
}

func endConsents(t *db.Tx, c CaseID, about string) (int64, error) {
	return t.Exec(`UPDATE cases_consent SET ended_at = ?1, word_key = NULL WHERE case_id = ?2 AND about = ?3 AND ended_at IS NULL`, t.Now(), c, about)
}

// forgetConsents takes out what names anybody when the person is forgotten.
func forgetConsents(t *db.Tx, c CaseID) error {
	_, err := t.Exec(`UPDATE cases_consent SET helper = NULL, word_key = NULL, ended_at = COALESCE(ended_at, ?1) WHERE case_id = ?2`, t.Now(), c)
	return err
}

// keepHelp records, with the request itself, who helped and what the person
// said to it.
func (o *Office) keepHelp(t *deed.Tx, h *Help, c CaseID, of string) error {
	k := Consent{ID: id.New[Consent](t.Now()), Case: c, About: aboutHelp, Kind: h.Kind, How: h.How, Text: h.Text, Lang: h.Lang, Account: t.By.Account, MadeAt: t.Now()}
	if h.Name != "" || h.Phone != "" {
		plain, err := json.Marshal(Help{Name: h.Name, Phone: h.Phone})
		if err != nil {
			return err
		}
		k.Helper = o.vault.Seal("cases_consent.helper|"+k.ID.String(), plain)
	}
	if err := addConsent(t.Tx, k); err != nil {
		return err
	}
	return t.TellAs(DeedConsent, of, consentTold{k.About, k.Kind, k.How, k.Text})
}

// excused says whether a request may come in before its person was asked: when
// life is in danger, or when it is about somebody whom we must look after and
// who may not be able to agree.
func (h *Help) excused(c *Case, concern *Concern) error {
	if h == nil || h.How != HowToAsk || c.Rank == 0 || concern != nil {
		return nil
	}
	return fault.All{fault.New(fault.Invalid, "cases.helper.consent_needed")}
}

// RecordConsent writes down what a person said when somebody of the staff asked
// them whether the helper may act in their name.
func (o *Office) RecordConsent(ctx context.Context, by actor.Actor, cid CaseID, how, lang string) error {
	if !slices.Contains([]string{HowPresent, HowSpoken}, how) {
		return fault.New(fault.Invalid, "cases.helper.how_missing").On("how")
	}
	return o.act(ctx, by, DeedConsentFor, cid, func(t *deed.Tx, _ *service.Definition, c *Case) (any, error) {
		was, asked, err := consentTo(t.Tx, c.ID, aboutHelp)
		if err != nil {
			return nil, err
		}
		if !asked || was.given() {
			return nil, deed.ErrNothingDone
		}
		k := Consent{ID: id.New[Consent](t.Now()), Case: c.ID, About: aboutHelp, Kind: was.Kind, How: how, Text: consentText, Lang: lang, Account: by.Account, MadeAt: t.Now()}
		if err := addConsent(t.Tx, k); err != nil {
			return nil, err
		}
		return consentTold{k.About, k.Kind, k.How, k.Text}, nil
	})
}
