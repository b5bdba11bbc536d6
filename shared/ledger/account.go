package ledger

import (
	"regexp"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/shared/deed"
)

var codeShape = regexp.MustCompile(`^[a-z0-9]+([._/-][a-z0-9]+)*$`)

// OpenAccount makes an account within a deed. The same code again with the same
// content is welcome and gives back what is there; with another it is a conflict.
// Every account that is not of givers or between currencies holds at least
// nothing.
func OpenAccount(t *deed.Tx, a Account) (*Account, error) {
	known := false
	for _, k := range kinds {
		known = known || a.Kind == k
	}
	if !known || a.ID.IsZero() || a.Asset == "" || len(a.Code) > mostText || !codeShape.MatchString(a.Code) || a.Earmark != "" && !codeShape.MatchString(a.Earmark) {
		return nil, fault.New(fault.Invalid, "ledger.account.unnamed")
	}
	a.Limited = a.Kind != Giver && a.Kind != Exchange
	made, err := insertAccount(t.Tx, a)
	if err != nil {
		return nil, err
	}
	is, err := Get(t.Tx, a.Code)
	switch {
	case err != nil:
		return nil, err
	case made:
		return is, t.TellAs(DeedOpen, "ledger.account/"+a.ID.String(), struct {
			Code    string `json:"code"`
			Kind    Kind   `json:"kind"`
			Asset   string `json:"asset"`
			Earmark string `json:"earmark,omitempty"`
		}{a.Code, a.Kind, a.Asset, a.Earmark})
	case is.Kind != a.Kind || is.Asset != a.Asset || is.Earmark != a.Earmark:
		return nil, fault.New(fault.Conflict, "ledger.account.other", "account", a.Code)
	}
	return is, nil
}

// CloseAccount ends an empty account: nothing comes to it or leaves it any more.
func CloseAccount(t *deed.Tx, code string) error {
	a, err := Get(t.Tx, code)
	if err != nil {
		return err
	}
	ok, err := closeAccount(t.Tx, a.ID)
	switch {
	case err != nil:
		return err
	case !ok && !a.ClosedAt.IsZero():
		return deed.ErrNothingDone
	case !ok:
		return fault.New(fault.Conflict, "ledger.account.holds", "account", code)
	}
	return t.TellAs(DeedClose, "ledger.account/"+a.ID.String(), struct {
		Code string `json:"code"`
	}{code})
}
