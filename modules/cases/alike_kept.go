package cases

import (
	"context"
	"slices"

	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/linkage"
)

// sketched is what is kept of a sketch: the keys under which the case is looked for,
// and what was heard in its words.
type sketched struct {
	blocks []int64
	by     int64 // by which words it was heard
	heard  []byte
}

// heardAt is where what was heard is sealed for.
func heardAt(cid CaseID) string { return crypt.At("cases_sketch.heard", cid.String()) }

func (o *Office) sketched(cid CaseID, s linkage.Sketch) sketched {
	return sketched{o.blocks(s), o.linkage.Print(), o.vault.Seal(heardAt(cid), o.linkage.Pack(s))}
}

// glimpsed are cases by the numbers under which they are found, as they were when their
// words were heard: one row tells it. What seems to be the same need is numbered then.
// Cases that were heard by other words are numbered at once.
func (o *Office) glimpsed(t *db.Tx, ns []int64) (out []shelved, err error) {
	all, err := glimpses(t, ns, o.linkage.Print())
	if err != nil {
		return nil, err
	}
	now := o.h.DB.Now()
	missing := slices.Clone(ns)
	for _, g := range all {
		s, ok := o.opened(g.id, g.heard)
		if !ok {
			continue
		}
		x := shelved{near: near{n: g.n, id: g.id, service: s.Service()}, sketch: s, seen: now}
		o.sketches.put(x)
		out = append(out, x)
		missing = slices.DeleteFunc(missing, func(n int64) bool { return n == g.n })
	}
	more, err := o.numbered(t, missing)
	return append(out, more...), err
}

// numbered are cases by the numbers under which they are found, as they are now: from the
// shelf, from what was heard in them before, or, where that was by other words, from
// their own words, in one more journey to the store.
func (o *Office) numbered(t *db.Tx, ns []int64) (out []shelved, err error) {
	all, err := casesNumbered(t, ns)
	if err != nil {
		return nil, err
	}
	now := o.h.DB.Now()
	at := map[CaseID]near{}
	var missing []CaseID
	for _, x := range all {
		s, ok := o.renewed(x)
		if ok || x.over {
			out = append(out, shelved{near: x.near, sketch: s, seen: now})
		} else {
			missing, at[x.id] = append(missing, x.id), x.near
		}
	}
	cases, err := casesOf(t, missing)
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		s, err := o.sketchOf(t, c)
		if err != nil {
			return nil, err
		}
		out = append(out, shelved{near: at[c.ID], sketch: s, seen: now})
	}
	for i := range out {
		o.sketches.put(out[i])
		out[i].fresh = true
	}
	return out, nil
}

// renewed is the sketch of a case as it is now, from the shelf or from what was heard in
// it before; false where that was by other words, or elsewhere, or does not open.
func (o *Office) renewed(x keptCase) (linkage.Sketch, bool) {
	if x.over {
		return linkage.Sketch{}, false
	}
	s, ok := o.sketches.get(x.id, x.revision)
	if ok {
		return s, true
	}
	if x.by != o.linkage.Print() {
		return s, false
	}
	if s, ok = o.opened(x.id, x.heard); ok {
		return o.linkage.Renew(s, o.openReport(x.open))
	}
	return s, false
}

// opened is what was heard in a case; false where it does not open.
func (o *Office) opened(cid CaseID, heard []byte) (linkage.Sketch, bool) {
	pack, err := o.vault.Open(heardAt(cid), heard)
	if err != nil {
		return linkage.Sketch{}, false
	}
	return o.linkage.Unpack(cid.String(), pack)
}

// sketchOf is the sketch of a case from its own words.
func (o *Office) sketchOf(t *db.Tx, c *Case) (linkage.Sketch, error) {
	def, err := o.def(t, c)
	if err != nil {
		return linkage.Sketch{}, err
	}
	private, err := o.unseal(c)
	if err != nil {
		return linkage.Sketch{}, err
	}
	return o.linkage.Sketch(o.report(def, c, private)), nil
}

// heardNow keeps a case as it is compared by what it tells now: more was understood of
// it, or others were joined to it.
func (o *Office) heardNow(t *db.Tx, c *Case) error {
	if o.linkage == nil || !c.ErasedAt.IsZero() {
		return nil
	}
	s, err := o.sketchOf(t, c)
	if err != nil {
		return err
	}
	return putHeard(t, c.ID, o.sketched(c.ID, s))
}

// SketchAll writes down the keys of cases that have none yet, a little at a time:
// those that came before the house compared, or while an older release ran. What was
// heard by the words of an older release is heard anew, once a start.
func (o *Office) SketchAll(ctx context.Context) error {
	if o.linkage == nil {
		return nil
	}
	after := ""
	for {
		var page []CaseID
		if err := o.h.DB.Read(ctx, func(t *db.Tx) (err error) { page, err = unsketched(t, after, sketchStep); return err }); err != nil {
			return err
		}
		if len(page) == 0 {
			return o.hearAll(ctx)
		}
		err := o.h.DB.Write(ctx, func(t *db.Tx) error {
			for _, cid := range page {
				c, err := getCase(t, cid)
				if err != nil {
					return err
				}
				def, err := o.def(t, c)
				if err == nil {
					err = o.sketchAnew(t, def, c)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		after = page[len(page)-1].String()
	}
}

func (o *Office) hearAll(ctx context.Context) error {
	if o.allHeard.Load() {
		return nil
	}
	for after := int64(0); ; {
		var page []numberedCase
		err := o.h.DB.Write(ctx, func(t *db.Tx) (err error) {
			if page, err = heardAnew(t, o.linkage.Print(), after, sketchStep); err != nil {
				return err
			}
			for _, x := range page {
				c, err := getCase(t, x.id)
				if err == nil {
					err = o.heardNow(t, c)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if len(page) == 0 {
			o.allHeard.Store(true)
			return nil
		}
		after = page[len(page)-1].n
	}
}
