package damage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

var (
	cell  = []actor.Role{actor.CrisisCell}
	staff = []actor.Role{actor.CrisisCell, actor.Dispatcher, actor.Agent, actor.Coordinator, actor.Leader, actor.Auditor}
)

// The deeds on layers. What they show is for all staff to see.
var (
	DeedList     = deed.Deed{Name: "damage.place.list", Roles: staff}
	DeedBring    = deed.Deed{Name: "damage.layer.bring", Roles: cell}
	DeedMap      = deed.Deed{Name: "damage.layer.map", Roles: cell}
	DeedAccept   = deed.Deed{Name: "damage.layer.accept", Roles: cell}
	DeedWithdraw = deed.Deed{Name: "damage.layer.withdraw", Roles: cell}
	DeedRestore  = deed.Deed{Name: "damage.layer.restore", Roles: cell}
	DeedDrop     = deed.Deed{Name: "damage.layer.drop", Roles: cell}
)

// draftLife is how long a layer waits for somebody to accept it.
const draftLife = 14 * 24 * time.Hour

// LayerTold is what others hear of a layer.
type LayerTold struct {
	Kind     Kind   `json:"kind"`
	Mapping  string `json:"mapping,omitempty"`
	Features int    `json:"features,omitempty"`
	Places   int    `json:"places,omitempty"` // of which it says something
	Digest   string `json:"digest,omitempty"` // SHA-256 of what was brought, in part
}

func layerSubject(lid LayerID) string { return "damage.layer/" + lid.String() }

// Bring keeps what was read of a file as a draft, which says nothing yet. The
// same file again is the layer that was made of it.
func (s *Service) Bring(ctx context.Context, by actor.Actor, l Layer, file []byte, all []Feature) (lid LayerID, again bool, err error) {
	l.Name, l.Source, l.Licence, l.Author = tidy(l.Name), tidy(l.Source), tidy(l.Licence), tidy(l.Author)
	sum := sha256.Sum256(append([]byte(string(l.Kind)+"\x00"), file...))
	l.Digest = sum[:]
	if l.Mapping == "" {
		l.Mapping = s.rules.fits(l.Kind, all)
	}
	read := s.readAs(&l, all)
	if err := s.worthKeeping(&l, all, read); err != nil {
		return lid, false, err
	}
	if l.Body, err = pack(all); err != nil {
		return lid, false, err
	}
	err = s.h.Do(ctx, by, DeedBring, func(t *deed.Tx) error {
		if err := t.Allow(s.scope(read)); err != nil {
			return err
		}
		switch old, there, err := sameLayer(t.Tx, l.Digest); {
		case err != nil:
			return err
		case there:
			lid, again = old.ID, true
			return deed.ErrNothingDone
		}
		l.ID, l.State, l.Features, l.Account, l.MadeAt, l.StateAt = id.New[Layer](t.Now()), Draft, len(all), t.By.Account, t.Now(), t.Now()
		lid = l.ID
		if err := addLayer(t.Tx, &l); err != nil {
			return err
		}
		return t.Tell(layerSubject(lid), LayerTold{Kind: l.Kind, Mapping: l.Mapping, Features: l.Features, Digest: hex.EncodeToString(l.Digest[:8])})
	})
	return lid, again, welcome(err)
}

// worthKeeping says what is wrong with a layer and with the file, all at once.
func (s *Service) worthKeeping(l *Layer, all []Feature, read reading) error {
	wrong := l.wrong(s.h.DB.Now())
	m, ok := s.rules.mapping(l.Mapping, l.Kind)
	if !ok {
		return append(wrong, fault.New(fault.Invalid, "damage.layer.mapping_unknown").On("mapping"))
	}
	err := fitsLand(s.places, all, read)
	if err == nil && read.Unknown == len(all) {
		err = wrongFile("no_level", "columns", strings.Join(m.Columns, ", "))
	}
	if more, ok := errors.AsType[fault.All](err); ok {
		wrong = append(wrong, more...)
	} else if err != nil {
		return err
	}
	return wrong.OrNil()
}

// Remap reads a draft by another mapping.
func (s *Service) Remap(ctx context.Context, by actor.Actor, lid LayerID, mapping string) error {
	return s.onLayer(ctx, by, DeedMap, lid, func(t *deed.Tx, l *Layer, _ reading) (LayerTold, error) {
		if l.State != Draft {
			return LayerTold{}, fault.New(fault.Conflict, "damage.layer.cannot_now")
		}
		if _, ok := s.rules.mapping(mapping, l.Kind); !ok {
			return LayerTold{}, fault.All{fault.New(fault.Invalid, "damage.layer.mapping_unknown").On("mapping")}
		}
		if l.Mapping == mapping {
			return LayerTold{}, deed.ErrNothingDone
		}
		l.Mapping = mapping
		return LayerTold{Kind: l.Kind, Mapping: mapping}, saveLayer(t.Tx, l)
	})
}

// Accept lets a layer count: each place that it speaks of gets its level, and
// open requests there are weighed again, which can only raise them.
func (s *Service) Accept(ctx context.Context, by actor.Actor, lid LayerID) error {
	return s.onLayer(ctx, by, DeedAccept, lid, func(t *deed.Tx, l *Layer, read reading) (told LayerTold, err error) {
		if l.State != Draft {
			return told, ifSame(l.State == Live)
		}
		n, err := s.settle(t, l, read)
		return LayerTold{Kind: l.Kind, Mapping: l.Mapping, Features: l.Features, Places: n}, err
	})
}

// settle makes a layer live: what it says of each place is written down anew, so
// that the same features always give the same levels.
func (s *Service) settle(t *deed.Tx, l *Layer, read reading) (n int, err error) {
	if _, ok := s.rules.mapping(l.Mapping, l.Kind); !ok {
		return 0, fault.New(fault.Conflict, "damage.layer.mapping_unknown")
	}
	if err := l.move(Live, t.Now()); err != nil {
		return 0, err
	}
	if err := keepSeen(t.Tx, l.ID, read.Seen); err != nil {
		return 0, err
	}
	t.After(s.forget)
	return len(read.Seen), saveLayer(t.Tx, l)
}

// Withdraw takes a layer back: it counts no longer. Requests that it raised stay
// as they are, because nothing lowers anybody.
func (s *Service) Withdraw(ctx context.Context, by actor.Actor, lid LayerID) error {
	return s.onLayer(ctx, by, DeedWithdraw, lid, func(t *deed.Tx, l *Layer, _ reading) (LayerTold, error) {
		if l.State == Withdrawn {
			return LayerTold{}, deed.ErrNothingDone
		}
		if err := l.move(Withdrawn, t.Now()); err != nil {
			return LayerTold{}, err
		}
		t.After(s.forget)
		return LayerTold{Kind: l.Kind}, saveLayer(t.Tx, l)
	})
}

// Restore brings a withdrawn layer back, as it was.
func (s *Service) Restore(ctx context.Context, by actor.Actor, lid LayerID) error {
	return s.onLayer(ctx, by, DeedRestore, lid, func(t *deed.Tx, l *Layer, read reading) (told LayerTold, err error) {
		if l.State != Withdrawn {
			return told, ifSame(l.State == Live)
		}
		n, err := s.settle(t, l, read)
		return LayerTold{Kind: l.Kind, Places: n}, err
	})
}

// Drop forgets a draft.
func (s *Service) Drop(ctx context.Context, by actor.Actor, lid LayerID) error {
	return s.onLayer(ctx, by, DeedDrop, lid, func(t *deed.Tx, l *Layer, _ reading) (LayerTold, error) {
		if l.State != Draft {
			return LayerTold{}, fault.New(fault.Conflict, "damage.layer.cannot_now")
		}
		return LayerTold{Kind: l.Kind}, dropLayer(t.Tx, lid)
	})
}

// dropStale forgets drafts that nobody accepted. The house does it by itself.
func (s *Service) dropStale(ctx context.Context) error {
	var old []Layer
	err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) { old, err = staleDrafts(t); return err })
	for _, l := range old {
		err = errors.Join(err, s.Drop(ctx, actor.Actor{System: "damage"}, l.ID))
	}
	return err
}

// onLayer loads a layer and reads it, which may take a second and happens outside
// of the unit of work; then act decides and saves, and it is told.
func (s *Service) onLayer(ctx context.Context, by actor.Actor, d deed.Deed, lid LayerID, act func(*deed.Tx, *Layer, reading) (LayerTold, error)) error {
	if err := deed.May(by, d); err != nil {
		return err
	}
	var was Layer
	if err := s.h.DB.Read(ctx, func(t *db.Tx) (err error) { was, err = getLayer(t, lid); return err }); err != nil {
		return err
	}
	all, err := unpack(was.Body)
	if err != nil {
		return err
	}
	read := s.readAs(&was, all)
	return welcome(s.h.Do(ctx, by, d, func(t *deed.Tx) error {
		if err := t.Allow(s.scope(read)); err != nil {
			return err
		}
		l, err := getLayer(t.Tx, lid)
		switch {
		case err != nil:
			return err
		case l.Mapping != was.Mapping: // somebody reads it otherwise now
			return fault.New(fault.Conflict, "damage.layer.cannot_now")
		}
		told, err := act(t, &l, read)
		if err != nil {
			return err
		}
		return t.Tell(layerSubject(lid), told)
	}))
}

// readAs is what a layer says by its own mapping; nothing when that is no longer
// known.
func (s *Service) readAs(l *Layer, all []Feature) reading {
	m, ok := s.rules.mapping(l.Mapping, l.Kind)
	if !ok {
		return reading{}
	}
	return s.rules.read(s.places, m, all)
}

// scope is what a layer touches: the smallest place that all of which it speaks
// lies in. One that speaks of several regions, or of nothing, is for those who
// work in the whole country.
func (s *Service) scope(read reading) (out actor.Scope) {
	for i, x := range read.Seen {
		var path []string
		for _, p := range s.places.Path(x.Place) {
			path = append(path, p.Code)
		}
		if i == 0 {
			out.Path = path
		}
		same := 0
		for same < min(len(path), len(out.Path)) && path[same] == out.Path[same] {
			same++
		}
		out.Path = out.Path[:same]
	}
	return out
}

// ifSame is what to say of a layer that is not where it should be: nothing when
// it is where it was to go.
func ifSame(same bool) error {
	if same {
		return deed.ErrNothingDone
	}
	return fault.New(fault.Conflict, "damage.layer.cannot_now")
}

// welcome takes a retry for what it is.
func welcome(err error) error {
	if errors.Is(err, deed.ErrNothingDone) {
		return nil
	}
	return err
}

func tidy(text string) string { return strings.Join(strings.Fields(text), " ") }
