package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/modules/field"
	"github.com/twiza/twiza/modules/hands"
	"github.com/twiza/twiza/packs"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/people"
)

// openCrew joins volunteers to those whom they ask and who ask them.
func (h *House) openCrew() error {
	rules, err := hands.ReadRules(packs.FS, h.Config.Country)
	if err != nil {
		return err
	}
	h.Hands.UseCrew(hands.CrewPorts{Rules: rules, Helpers: orgs{h.People}, Phones: h.Reach, Accounts: crewAccounts{h.People}, Missions: crewMissions{h.Field}, Zone: h.Places.Country().Zone(),
		Forgot: func(v hands.VolunteerID, at time.Time) error { return appendForgotten(h.Config.Journal, v, at) }})
	for _, kind := range []string{hands.QuestionCall, hands.QuestionFree, hands.QuestionShift} {
		h.Reach.Answers(kind, h.Hands.Heard)
	}
	h.Field.UseAssigned(func(t *db.Tx, a actor.AccountID) (out []field.MissionID, err error) {
		all, err := h.Hands.Assigned(t, a)
		for _, text := range all {
			mid, err := id.Parse[field.Mission](text)
			if err != nil {
				return nil, err
			}
			out = append(out, mid)
		}
		return out, err
	})
	return nil
}

// crewAccounts lets whoever runs volunteers give them accounts.
type crewAccounts struct{ p *people.Service }

func (x crewAccounts) Invite(t *deed.Tx, a hands.Newcomer) (actor.AccountID, string, error) {
	aid := a.Account
	if aid.IsZero() {
		aid = id.New[actor.Account](t.Now())
	}
	known := x.p.Languages() // signs are spoken by hand, and by no account
	var langs []string
	for _, l := range a.Langs {
		for _, k := range known {
			if l == k {
				langs = append(langs, l)
			}
		}
	}
	link, err := x.p.InviteVolunteer(t, people.Account{ID: aid, Login: a.Login, Name: a.Name, Langs: langs}, a.Scope)
	return aid, link, err
}

func (x crewAccounts) End(t *deed.Tx, aid actor.AccountID, org actor.OrganisationID, forget bool) error {
	return x.p.EndVolunteer(t, aid, org, forget)
}

// crewMissions lets a call be for a mission that has not set out.
type crewMissions struct{ f *field.Service }

// mostPlanned is how many missions are looked through.
const mostPlanned = 500

func (x crewMissions) Planned(t *db.Tx, org actor.OrganisationID) (out []hands.Journey, err error) {
	all, err := x.f.Preparing(t, mostPlanned)
	for _, m := range all {
		if m.Org == org {
			out = append(out, hands.Journey{ID: m.Mission.String(), Place: m.Place, At: m.At})
		}
	}
	return out, err
}

// forgottenMark begins a line of the file of erasures that is about a volunteer.
const forgottenMark = "hands.volunteer/"

// appendForgotten writes one line: which volunteer, when. It names nobody.
func appendForgotten(path string, v hands.VolunteerID, at time.Time) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("writing down that a volunteer was forgotten: %w", err)
	}
	_, err = fmt.Fprintf(f, "%s%s %s\n", forgottenMark, v, at.UTC().Format(time.RFC3339Nano))
	return errors.Join(err, f.Sync(), f.Close())
}

// replayForgotten makes store and file agree about volunteers, each way, as
// replay does about cases.
func (h *House) replayForgotten(ctx context.Context) (n int, err error) {
	body, err := os.ReadFile(h.Config.Journal)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	written := map[hands.VolunteerID]bool{}
	for line := range strings.Lines(string(body)) {
		text, ok := strings.CutPrefix(line, forgottenMark)
		if !ok {
			continue
		}
		who, _, _ := strings.Cut(text, " ")
		v, err := id.Parse[hands.Volunteer](who)
		if err != nil {
			return n, fmt.Errorf("%s: %w", filepath.Base(h.Config.Journal), err)
		}
		written[v] = true
		did, err := h.Hands.ForgetAgain(ctx, v)
		if err != nil {
			return n, err
		}
		if did {
			n++
		}
	}
	gone, err := h.Hands.Forgotten(ctx)
	for v, at := range gone {
		if err == nil && !written[v] {
			err = appendForgotten(h.Config.Journal, v, at)
		}
	}
	return n, err
}
