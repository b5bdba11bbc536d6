package cases

import (
	"context"

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

// ready makes cases that were found comparable: from the shelf, from what was heard in
// them before, or, where that was by other words, from their own words, in one more
// journey to the store.
func (o *Office) ready(t *db.Tx, all []keptCase) (out []shelved, err error) {
	now := o.h.DB.Now()
	at := map[CaseID]near{}
	var missing []CaseID
	for _, x := range all {
		s, ok := o.sketches.get(x.id, x.revision)
		if !ok && !x.over {
			s, ok = o.opened(x)
		}
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

// opened is the sketch of a case from what was heard in it before; false where that was
// by other words, or elsewhere, or does not open.
func (o *Office) opened(x keptCase) (linkage.Sketch, bool) {
	if x.by != o.linkage.Print() {
		return linkage.Sketch{}, false
	}
	pack, err := o.vault.Open(heardAt(x.id), x.heard)
	if err != nil {
		return linkage.Sketch{}, false
	}
	return o.linkage.Unpack(pack, o.openReport(x.open))
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
				if err != nil {
					return err
				}
				s, err := o.sketchOf(t, c)
				if err == nil {
					err = putHeard(t, x.id, o.sketched(x.id, s))
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
