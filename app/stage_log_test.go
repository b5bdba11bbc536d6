package app

import (
	"strings"

	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/translog"
)

// setLog puts a leaf into the public log.
func (s *stage) setLog(d module.Door, c *doorCall) {
	if d.Path != "/log" && !strings.HasPrefix(d.Path, "/log/") {
		return
	}
	s.leaf("stage.leaf/1")
	c.holes["index"], c.holes["level"], c.holes["size"] = "0", "0", "0"
	if strings.HasSuffix(d.Path, "{path...}") {
		c.path = "/log/tile/0/000.p/1"
	}
}

// leaf does a deed that is about nothing else, and has it integrated.
func (s *stage) leaf(subject string) (lid translog.LeafID) {
	s.Helper()
	s.must(s.h.Deeds.Do(s.Context(), System("test"), deed.Deed{Name: "stage.leaf.write"}, func(t *deed.Tx) (err error) {
		if err = t.AllowAny(); err != nil {
			return err
		}
		if lid, err = s.h.Proof.Append(t, translog.Leaf{Subject: subject, Fields: map[string]string{"amount": "100", "asset": "MAD"}, Body: subject}); err != nil {
			return err
		}
		return t.Tell(subject, struct{}{})
	}))
	s.must(s.h.Proof.Integrate(s.Context()))
	return lid
}
