package round

import (
	"context"
	"html/template"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

// devicesPage is the phones of the field: one's own, and those that one answers for.
type devicesPage struct {
	ui.Frame
	Rows []deviceRow
	Mine bool // the reader sees only their own
}

type deviceRow struct {
	ID       string
	Name     template.HTML
	Holder   template.HTML
	Own      bool
	Cut      bool
	SeenAt   time.Time
	PackedAt time.Time
	EndedAt  time.Time
	Waiting  int
	CanCut   bool
}

const devicesShown = 200

func plain(text string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(text) + "</bdi>")
}

func (s *Service) showDevices(c *web.Ctx) error {
	by := actor.From(c.Context())
	p := &devicesPage{Frame: ui.Frame{Title: c.P.Text("round.devices.title"), Kind: ui.Staff, Nav: "round"}, Mine: true}
	var orgs []actor.OrganisationID
	all := false
	for _, g := range by.Grants {
		if g.Role == actor.Coordinator && g.Recognised {
			orgs = append(orgs, g.Org)
		}
		all = all || g.Role == actor.Administrator
	}
	p.Mine = len(orgs) == 0 && !all
	err := s.h.Look(c.Context(), by, DeedDeviceList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		rows, err := devicesOf(t.Tx, by.Account, orgs, all, devicesShown)
		for _, d := range rows {
			if err == nil {
				var row deviceRow
				row, err = s.deviceRow(t, by, d)
				p.Rows = append(p.Rows, row)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("round_devices", p)
}

func (s *Service) deviceRow(t *deed.Tx, by actor.Actor, d DeviceRow) (deviceRow, error) {
	name, err := s.vault.OpenText(nameAt(d.ID), d.Name)
	if err != nil {
		return deviceRow{}, err
	}
	holder, err := s.People.AccountName(t.Tx, d.Account)
	own := d.Account == by.Account
	return deviceRow{ID: d.ID.String(), Name: plain(name), Holder: plain(holder), Own: own, Cut: d.State == Cut, SeenAt: d.SeenAt, PackedAt: d.PackedAt, EndedAt: d.EndedAt,
		Waiting: d.Waiting, CanCut: d.State == Active && (own || answersFor(by, d.Org))}, err
}

// cutForm ends a device, and goes back to the list.
func (s *Service) cutForm(end func(context.Context, actor.Actor, DeviceID) error) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		did, err := id.Parse[Device](c.R.PathValue("id"))
		if err != nil {
			return fault.New(fault.Missing, "round.device.missing")
		}
		if err := end(c.Context(), actor.From(c.Context()), did); err != nil {
			return err
		}
		c.Flash("round.devices.cut_now")
		if deed.May(actor.From(c.Context()), DeedDeviceList) != nil { // their roles ended, and their phone with them
			return c.Seek("/me")
		}
		return c.Seek("/round/devices")
	}
}

// OwnDevice is a phone of somebody's, for their own page.
type OwnDevice struct {
	ID, Name string
	SeenAt   time.Time
}

// DevicesOf are the phones of an account that are not cut off.
func (s *Service) DevicesOf(t *db.Tx, account actor.AccountID) (out []OwnDevice, err error) {
	all, err := devicesOf(t, account, nil, false, devicesShown)
	for _, d := range all {
		if d.State != Active {
			continue
		}
		name, err := s.vault.OpenText(nameAt(d.ID), d.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, OwnDevice{d.ID.String(), name, d.SeenAt})
	}
	return out, err
}
