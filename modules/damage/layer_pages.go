package damage

import (
	"errors"
	"html/template"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/places"
)

// importPage asks for a file and for where it comes from.
type importPage struct {
	ui.Frame
	V     url.Values
	Kinds []ui.Option
	MB    int
}

// layersPage is every layer that was brought in.
type layersPage struct {
	ui.Frame
	Rows   []layerRow
	CanAdd bool
}

type layerRow struct {
	ID, Name, Source string
	Kind             Kind
	State            State
	Dated            template.HTML
	Features         int
	At               time.Time
}

// layerPage is one layer: what was read of it, before a person accepts it, and
// what it says of places.
type layerPage struct {
	ui.Frame
	ID, Name, Source, Licence, Author string
	Kind                              Kind
	State                             State
	Dated                             template.HTML
	At                                time.Time
	Features                          int
	Levels                            []levelRow
	Unknown, Away                     int
	Mappings                          []ui.Option
	MappingSource                     string
	Places                            int
	Communes                          int
	Worst                             []placeRow
	Map                               template.HTML
	CanAct                            bool
}

type levelRow struct{ Level, N int }

type placeRow struct {
	Place template.HTML
	Level int
	Why   template.HTML
}

func (s *Service) importDoor(c *web.Ctx) error {
	return s.showImport(c, url.Values{"kind": {string(Damage)}}, nil)
}

func (s *Service) showImport(c *web.Ctx, v url.Values, wrong error) error {
	p := &importPage{V: v, MB: mostFile >> 20}
	p.Kind, p.Nav, p.Title = ui.Staff, "damage", c.P.Text("damage.import.title")
	status, err := c.FormStatus(&p.Frame, wrong)
	if err != nil {
		return err
	}
	for _, k := range []Kind{Damage, Shaking} {
		p.Kinds = append(p.Kinds, ui.Option{Value: string(k), Title: c.P.T("damage.kind." + string(k)), Chosen: v.Get("kind") == string(k)})
	}
	return c.RenderStatus(status, "damage_import", p)
}

// layerOf is what a form says of a layer.
func layerOf(v url.Values) Layer {
	return Layer{Kind: Kind(v.Get("kind")), Name: v.Get("name"), Source: v.Get("source"), Licence: v.Get("licence"), Author: v.Get("author"), Dated: strings.TrimSpace(v.Get("dated"))}
}

func (s *Service) importFile(c *web.Ctx) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	l := layerOf(v)
	if l.Kind != Damage && l.Kind != Shaking {
		l.Kind = Damage
	}
	body, err := fileOf(c, "file")
	if err != nil {
		return s.showImport(c, v, both(l.wrong(s.h.DB.Now()), err))
	}
	all, err := Read(body, s.rules.columns())
	if err != nil {
		return s.showImport(c, v, both(l.wrong(s.h.DB.Now()), err))
	}
	lid, again, err := s.Bring(c.Context(), actor.From(c.Context()), l, body, all)
	if err != nil {
		return s.showImport(c, v, err)
	}
	if again {
		c.Flash("damage.import.again")
	}
	return c.Seek("/damage/layers/" + lid.String())
}

// both is what is wrong with the words of a form and with its file, told at once.
func both(wrong fault.All, err error) error {
	if more, ok := errors.AsType[fault.All](err); ok {
		return append(wrong, more...)
	}
	return err
}

func fileOf(c *web.Ctx, name string) ([]byte, error) {
	f, _, err := c.R.FormFile(name)
	if err != nil {
		return nil, fault.All{fault.New(fault.Invalid, "damage.file.choose").On(name)}
	}
	defer f.Close()
	return io.ReadAll(f)
}

func (s *Service) showLayers(c *web.Ctx) error {
	by := actor.From(c.Context())
	p := &layersPage{CanAdd: deed.May(by, DeedBring) == nil}
	p.Kind, p.Nav, p.Title = ui.Staff, "damage", c.P.Text("damage.layers.title")
	err := s.h.Look(c.Context(), by, DeedList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		all, err := listLayers(t.Tx)
		for _, l := range all {
			p.Rows = append(p.Rows, layerRow{l.ID.String(), l.Name, l.Source, l.Kind, l.State, s.day(c, l.Dated), l.Features, l.StateAt})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.Render("damage_layers", p)
}

func (s *Service) layerID(c *web.Ctx) (LayerID, error) {
	lid, err := id.Parse[Layer](c.R.PathValue("id"))
	if err != nil {
		return lid, fault.New(fault.Missing, "error.missing")
	}
	return lid, nil
}

func (s *Service) showLayer(c *web.Ctx) error {
	lid, err := s.layerID(c)
	if err != nil {
		return err
	}
	by := actor.From(c.Context())
	var l Layer
	err = s.h.Look(c.Context(), by, DeedList, func(t *deed.Tx) error {
		if err := t.AllowAny(); err != nil {
			return err
		}
		l, err = getLayer(t.Tx, lid)
		return err
	})
	if err != nil {
		return err
	}
	return s.renderLayer(c, &l, deed.May(by, DeedAccept) == nil)
}

// renderLayer reads the layer as it would count, whether it does or not: what a
// person accepts is what they saw.
func (s *Service) renderLayer(c *web.Ctx, l *Layer, can bool) error {
	p := &layerPage{ID: l.ID.String(), Name: l.Name, Source: l.Source, Licence: l.Licence, Author: l.Author, Kind: l.Kind, State: l.State,
		Dated: s.day(c, l.Dated), At: l.StateAt, Features: l.Features, CanAct: can}
	p.Frame.Kind, p.Nav, p.Title = ui.Staff, "damage", c.P.Text("damage.layer.title", "name", l.Name)
	m, ok := s.rules.mapping(l.Mapping, l.Kind)
	if !ok {
		return fault.New(fault.Conflict, "damage.layer.mapping_unknown")
	}
	all, err := unpack(l.Body)
	if err != nil {
		return err
	}
	read := s.rules.read(s.places, m, all)
	p.MappingSource, p.Unknown, p.Away, p.Places = m.Source, read.Unknown, read.Away, len(read.Seen)
	for level := Worst; level >= 0; level-- {
		p.Levels = append(p.Levels, levelRow{level, read.Levels[level]})
	}
	for _, x := range s.rules.Mappings {
		if x.Kind == l.Kind {
			p.Mappings = append(p.Mappings, ui.Option{Value: x.Code, Title: c.P.T("damage.mapping." + x.Code), Chosen: x.Code == l.Mapping})
		}
	}
	p.Communes, p.Worst, p.Map = s.layerPlaces(c, l, read)
	return c.Render("damage_layer", p)
}

// shownPlaces is how many of its places the page of a layer names.
const shownPlaces = 12

func (s *Service) layerPlaces(c *web.Ctx, l *Layer, read reading) (communes int, worst []placeRow, drawn template.HTML) {
	var list []places.Mark
	for level := Worst; level > 0; level-- {
		for i := range read.Seen {
			x := Said{Seen: read.Seen[i], Layer: l}
			p, ok := s.places.Get(x.Place)
			if x.Level != level || !ok {
				continue
			}
			if p.Kind == places.Commune {
				if communes++; len(list) < mostMarks {
					name, _ := p.Name(c.Lang())
					list = append(list, places.Mark{Code: p.Code, Rank: Worst + 1 - level, Title: name + " — " + c.P.Text("damage.level."+strconv.Itoa(level))})
				}
			}
			if len(worst) < shownPlaces {
				worst = append(worst, placeRow{s.placeSay(c, x.Place), level, s.whySay(c, &x)})
			}
		}
	}
	if len(list) > 0 {
		drawn = places.Sketch(s.places, "", list, places.Sheet{Title: c.P.Text("damage.list.map"), Lang: c.Lang(), Labels: true, Fit: true})
	}
	return communes, worst, drawn
}

// onLayerForm is a POST on a layer that comes back to its page.
func (s *Service) onLayerForm(done string, act func(*web.Ctx, actor.Actor, LayerID, url.Values) (string, error)) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		lid, err := s.layerID(c)
		if err != nil {
			return err
		}
		v, err := c.Form()
		if err != nil {
			return err
		}
		to, err := act(c, actor.From(c.Context()), lid, v)
		if err != nil {
			return err
		}
		c.Flash(done)
		return c.Seek(to)
	}
}
