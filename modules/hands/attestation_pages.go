package hands

import (
	"cmp"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// askAttestation asks for the code of a paper, for whoever has no camera.
func (s *Service) askAttestation(c *web.Ctx) error {
	if code := readCode(c.R.URL.Query().Get("code")); code != "" {
		return c.Seek("/attestation/" + url.PathEscape(code))
	}
	return s.showAttestation(c, &attestationPage{}, nil)
}

// checkAttestation says to anybody whether a paper is true. Tries are limited:
// codes are too many to guess, and nobody should make us look.
func (s *Service) checkAttestation(c *web.Ctx) error {
	if err := c.Site.Limit.Take("attestation:"+c.From(), 120, hourOfTries); err != nil {
		return err
	}
	code := c.R.PathValue("code")
	found, err := s.Verify(c.Context(), actor.From(c.Context()), code)
	if fault.KindOf(err) == fault.Missing {
		if f, ok := errors.AsType[*fault.Fault](err); ok {
			f.Kind = fault.Invalid
			return s.showAttestation(c, &attestationPage{Typed: code}, f.On("code"))
		}
	}
	if err != nil {
		return err
	}
	p := &attestationPage{Found: true, Code: spaced(found.Code), Hours: hourText(found.Minutes), Shifts: found.Shifts, From: found.From, To: found.To, MadeAt: found.MadeAt,
		Initials: saidIn(found.Initials, "", ""), Statement: found.Statement(), Signature: hex.EncodeToString(found.Signature),
		Key: hex.EncodeToString(s.vault.SignKey(attests))}
	if found.Initials == "" {
		p.Initials = ""
	}
	err = s.h.DB.Read(c.Context(), func(t *db.Tx) error {
		name, err := s.orgs.Name(t, found.Org, c.Lang())
		p.Org = saidIn(name, "", "")
		return err
	})
	if err != nil {
		return err
	}
	return s.showAttestation(c, p, nil)
}

func (s *Service) showAttestation(c *web.Ctx, p *attestationPage, wrong error) error {
	p.Kind, p.Title = ui.Form, c.P.Text("hands.attestation.check")
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	return c.RenderStatus(status, "hands_attestation", p)
}

// spaced is a code in groups of four, as people read it aloud.
func spaced(code string) string {
	var out []string
	for ; len(code) > 4; code = code[4:] {
		out = append(out, code[:4])
	}
	return strings.Join(append(out, code), " ")
}

// attestOwn makes a paper of a volunteer's own hours; the page to print follows.
func (s *Service) attestOwn(base string) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		ids, err := s.hisOrHers(c, base)
		if err != nil {
			return err
		}
		var wrong error
		for _, vid := range ids {
			a, name, err := s.Attest(c.Context(), actor.From(c.Context()), DeedAttest, vid)
			if err == nil {
				return s.paper(c, a, name, backOf(base))
			}
			wrong = err
		}
		if _, fields := c.FieldErrors(wrong); fields {
			return s.showOwn(c, &ownPage{Base: base, Signed: base == "/shifts"}, ids, wrong)
		}
		if wrong == nil {
			wrong = fault.New(fault.Missing, "error.missing")
		}
		return wrong
	}
}

func backOf(base string) string {
	if base == "/shifts" {
		return base
	}
	return base + "/open"
}

// attestFor prints the paper of somebody without a phone.
func (s *Service) attestFor(c *web.Ctx) error {
	vid, err := pathID[Volunteer](c, "id")
	if err != nil {
		return err
	}
	a, name, err := s.Attest(c.Context(), actor.From(c.Context()), DeedAttestFor, vid)
	if _, fields := c.FieldErrors(err); err != nil && fields {
		return s.volunteerPage(c, &volunteerPage{}, err)
	}
	if err != nil {
		return err
	}
	return s.paper(c, a, name, "/volunteers/"+vid.String())
}

// paper is the sheet itself. Its address is that of this house; the code alone
// finds it too.
func (s *Service) paper(c *web.Ctx, a *Attestation, name, back string) error {
	p := &attestedPage{Name: saidIn(name, "", ""), Hours: hourText(a.Minutes), Shifts: a.Shifts, From: a.From, To: a.To, MadeAt: a.MadeAt, Code: spaced(a.Code),
		Address: s.houseAddress(c) + "/attestation/" + a.Code, Back: back}
	var err error
	if p.QR, err = crypt.QR(p.Address); err != nil {
		return err
	}
	err = s.h.Look(c.Context(), actor.From(c.Context()), DeedVerify, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		org, err := s.orgs.Name(t.Tx, a.Org, c.Lang())
		p.Org = saidIn(org, "", "")
		return err
	})
	if err != nil {
		return err
	}
	p.Kind, p.Title = ui.Print, c.P.Text("hands.attestation.title")
	return c.Render("hands_attested", p)
}

// houseAddress is where this house is reached: as the operator says, else as the
// reader came.
func (s *Service) houseAddress(c *web.Ctx) string {
	return cmp.Or(s.crew.Address, c.Address())
}
