package cases

import (
	"context"
	"crypto/subtle"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/base/phone"
	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/service"
)

// A family may say that a relative has news of them: they choose a word and tell
// it to whom they like. Whoever knows the family's phone, or its receipt, and the
// word then learns how the request stands, and nothing else of it.
var (
	DeedShare    = deed.Deed{Name: "cases.case.share", Open: true}
	DeedShareFor = deed.Deed{Name: "cases.case.share_for", Roles: desk}
	DeedNews     = deed.Deed{Name: "cases.page.news", Open: true}
)

// Share lets whoever knows a word have news of a case; a word of before stops
// being good.
func (o *Office) Share(ctx context.Context, by actor.Actor, d deed.Deed, cid CaseID, word, lang string) error {
	if utf8.RuneCountInString(trackKey(word)) < leastWord {
		return fault.All{fault.New(fault.Invalid, "cases.share.word_short", "least", leastWord).On("share_word")}
	}
	k := Consent{Case: cid, About: aboutShare, Kind: "self", How: HowWritten, Text: shareText, Lang: lang, Account: by.Account, Word: o.shareKey(cid, word)}
	if d.Name == DeedShareFor.Name {
		k.How = HowSpoken
	}
	return o.act(ctx, by, d, cid, func(t *deed.Tx, _ *service.Definition, c *Case) (any, error) {
		if !c.ErasedAt.IsZero() {
			return nil, gone()
		}
		if _, err := endConsents(t.Tx, cid, aboutShare); err != nil {
			return nil, err
		}
		k.ID, k.MadeAt = id.New[Consent](t.Now()), t.Now()
		return consentTold{k.About, k.Kind, k.How, k.Text}, addConsent(t.Tx, k)
	})
}

type unshareTold struct {
	About string `json:"about"`
	How   string `json:"how"`
}

// Unshare takes it back, at once.
func (o *Office) Unshare(ctx context.Context, by actor.Actor, d deed.Deed, cid CaseID) error {
	return o.act(ctx, by, d, cid, func(t *deed.Tx, _ *service.Definition, c *Case) (any, error) {
		n, err := endConsents(t.Tx, cid, aboutShare)
		if err == nil && n == 0 {
			err = deed.ErrNothingDone
		}
		return unshareTold{aboutShare, "ended"}, err
	})
}

// shareKey is the keyed hash of a family's word for its relative.
func (o *Office) shareKey(c CaseID, word string) []byte {
	return o.vault.Index("share", c.String()+"|"+trackKey(word))
}

// NewsFor is the case of which whoever knows the word may have news, found by the
// family's phone or by its receipt. Whatever does not fit is the same error.
func (o *Office) NewsFor(ctx context.Context, n receipt.Number, tel phone.Number, word string) (own *Case, err error) {
	err = o.h.Look(ctx, actor.Actor{}, DeedNews, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		var all []*Case
		if tel != "" {
			all, err = casesByPhone(t.Tx, o.vault.Index("phone", string(tel)), alikeByPhone)
		} else {
			all, err = db.List(t.Tx, scanCase, `SELECT `+caseColumns+` FROM cases_case WHERE receipt = ?1`, n)
		}
		for _, c := range all {
			k, asked, kerr := consentTo(t.Tx, c.ID, aboutShare)
			if kerr != nil {
				return kerr
			}
			if own == nil && asked && k.given() && c.ErasedAt.IsZero() && subtle.ConstantTimeCompare(k.Word, o.shareKey(c.ID, word)) == 1 {
				own = c
			}
		}
		if err == nil && own == nil {
			err = fault.New(fault.Invalid, "cases.news.nothing")
		}
		return err
	})
	return own, err
}

// Tally is how many requests of a commune were published, how many of them
// somebody took on, and for how many help came. Each is 0 where it is few.
type Tally struct{ Asked, Planned, Come int }
