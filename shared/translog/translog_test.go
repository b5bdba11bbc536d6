package translog

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/translog/verify"
)

func TestALeafStandsInTheLogWithItsDeedOrNotAtAll(t *testing.T) {
	engines(t, func(s *scene) {
		if _, err := s.Checkpoint(s.Context()); fault.KindOf(err) != fault.Missing {
			s.Errorf("a log that nobody began shows %v", err)
		}
		s.integrate()
		if c := s.head(); c.Size != 0 {
			s.Errorf("an empty log of %d leaves", c.Size)
		}
		broken := errors.New("the deed failed at its end")
		first := s.gave(1)
		if _, err := gave(s.Context(), s.Log, 2, broken); !errors.Is(err, broken) {
			s.Fatal(err)
		}
		second := s.gave(3)
		if _, err := s.Receipt(s.Context(), first, giftOf(1)); fault.KindOf(err) != fault.Conflict {
			s.Errorf("before it has a place its receipt is %v", err)
		}
		s.integrate()
		if c := s.head(); c.Size != 2 {
			s.Errorf("%d leaves", c.Size)
		}
		for i, lid := range []LeafID{first, second} {
			msg, err := s.Receipt(s.Context(), lid, giftOf(1+2*i))
			if err != nil {
				s.Fatal(err)
			}
			p, err := s.keysOf().Check(msg)
			if err != nil || p.Index != int64(i) || p.Leaf.Word != give.Name || p.Leaf.Day != "2026-11-23" { // it is past midnight in Casablanca
				s.Errorf("receipt %d: %+v %v", i, p, err)
			}
			var told gift
			if err := json.Unmarshal(p.Body, &told); err != nil || told != giftOf(1+2*i) {
				s.Errorf("it tells %s (%v)", p.Body, err)
			}
		}
		if _, err := s.Receipt(s.Context(), first, giftOf(2)); err == nil {
			s.Error("a receipt was written for what the leaf does not commit to")
		}
		public, err := s.Proof(s.Context(), 0)
		if err != nil {
			s.Fatal(err)
		}
		if p, err := s.keysOf().Check(public); err != nil || p.Body != nil {
			s.Errorf("what everybody may have tells %s (%v)", p.Body, err)
		}
	})
}

func TestWhoeverIsErasedLeavesACommitmentThatNobodyOpens(t *testing.T) {
	engines(t, func(s *scene) {
		lid := s.gave(1)
		s.gave(2)
		s.integrate()
		before, err := s.Receipt(s.Context(), lid, giftOf(1))
		if err != nil {
			s.Fatal(err)
		}
		if err := s.h.DB.Write(s.Context(), func(t *db.Tx) error {
			n, err := Forget(t, "test.gift/1")
			if n != 1 {
				s.Errorf("%d salts were emptied", n)
			}
			return err
		}); err != nil {
			s.Fatal(err)
		}
		after, err := s.Receipt(s.Context(), lid, giftOf(1))
		if err != nil {
			s.Fatal(err)
		}
		if p, err := s.keysOf().Check(after); err != nil || p.Body != nil || p.Leaf.Fields["amount"] != "101" {
			s.Errorf("after the erasure: %+v %v", p, err)
		}
		if _, err := s.keysOf().Check(before); err != nil {
			s.Error("a receipt from before no longer holds: ", err)
		}
		if err := s.h.DB.Read(s.Context(), func(t *db.Tx) error {
			f, err := leafByID(t, lid)
			if f.salt != nil {
				s.Error("the salt is still there")
			}
			return err
		}); err != nil {
			s.Fatal(err)
		}
		err = s.h.DB.Write(s.Context(), func(t *db.Tx) error {
			_, err := t.Exec(`UPDATE translog_leaf SET salt = entry WHERE id = ?1`, lid)
			return err
		})
		if err == nil {
			s.Error("what was erased could be written again")
		}
	})
}

func TestALeafThatSaysTooMuchIsRefusedWithItsDeed(t *testing.T) {
	engines(t, func(s *scene) {
		s.integrate()
		for name, x := range map[string]Leaf{
			"a name":       {Subject: "a.b/1", Fields: map[string]string{"name": "aicha"}},
			"a sentence":   {Subject: "a.b/1", Fields: map[string]string{"purpose": "for Aicha"}},
			"a fraction":   {Subject: "a.b/1", Body: 1.5},
			"no subject":   {Subject: "1"},
			"another word": {Subject: "a.b/1", Word: "Who knows"},
		} {
			err := s.h.Do(s.Context(), actor.Actor{System: "test"}, give, func(t *deed.Tx) error {
				if err := t.AllowAny(); err != nil {
					return err
				}
				_, err := s.Append(t, x)
				return err
			})
			if err == nil {
				s.Errorf("%s stands in a leaf", name)
			}
		}
	})
}

func TestTheStoreDoesNotLetALeafChange(t *testing.T) {
	engines(t, func(s *scene) {
		s.gave(1)
		s.integrate()
		for _, q := range []string{`UPDATE translog_leaf SET entry = salt`, `UPDATE translog_leaf SET idx = 5`, `UPDATE translog_leaf SET subject = 'x.y/1'`, `DELETE FROM translog_leaf`,
			`UPDATE translog_hash SET hash = hash`, `DELETE FROM translog_hash`, `UPDATE translog_checkpoint SET root = root`, `DELETE FROM translog_checkpoint`} {
			if err := s.h.DB.Write(s.Context(), func(t *db.Tx) error { _, err := t.Exec(q); return err }); err == nil {
				s.Errorf("%s was done", q)
			}
		}
	})
}

// drop takes away what keeps the tables as they are, as somebody with the database's
// password could.
func (s *scene) drop(all ...string) {
	s.Helper()
	for _, pair := range all {
		table, trigger, _ := strings.Cut(pair, ".")
		q := `DROP TRIGGER ` + trigger
		if s.h.DB.Engine() == "postgres" {
			q += ` ON ` + table
		}
		s.byHand(q)
	}
}

func TestWhatSomebodyChangesByHandIsFound(t *testing.T) {
	entry := `'{"commitment":"` + strings.Repeat("0", 64) + `","day":"2026-11-23","fields":{},"v":1,"word":"a.b"}'`
	for name, c := range map[string]struct{ drop, sqlite, postgres, finds string }{
		"an entry":      {"translog_leaf.translog_leaf_stays", `UPDATE translog_leaf SET entry = CAST(` + entry + ` AS BLOB) WHERE idx = 1`, `UPDATE translog_leaf SET entry = convert_to(` + entry + `, 'UTF8') WHERE idx = 1`, "another than the journal tells"},
		"a hash":        {"translog_hash.translog_hash_stays", `UPDATE translog_hash SET hash = zeroblob(32) WHERE pos = 2`, `UPDATE translog_hash SET hash = decode(repeat('00', 32), 'hex') WHERE pos = 2`, "the hash 2, of leaf 1"},
		"a lost leaf":   {"translog_leaf.translog_leaf_keeps", `DELETE FROM translog_leaf WHERE idx = 2`, "", "the journal tells of it, and it is gone"},
		"a head":        {"translog_checkpoint.translog_checkpoint_stays", `UPDATE translog_checkpoint SET root = zeroblob(32)`, `UPDATE translog_checkpoint SET root = decode(repeat('00', 32), 'hex')`, "the head of 3 leaves"},
		"a forged leaf": {"", `INSERT INTO translog_leaf (id, subject, entry, at, idx) VALUES ('0190b3a0-0000-7000-8000-00000000abcd', 'a.b/1', CAST(` + entry + ` AS BLOB), 0, 3)`, `INSERT INTO translog_leaf (id, subject, entry, at, idx) VALUES ('0190b3a0-0000-7000-8000-00000000abcd', 'a.b/1', convert_to(` + entry + `, 'UTF8'), 0, 3)`, "the journal knows nothing of it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			model.Engines(t, func(t *testing.T, dsn string) {
				s := newScene(t, dsn)
				for n := range 3 {
					s.gave(n)
				}
				s.integrate()
				if bad := s.wrong(); len(bad) > 0 {
					s.Fatal(bad)
				}
				if c.drop != "" {
					s.drop(c.drop)
				}
				if q := c.postgres; q != "" && s.h.DB.Engine() == "postgres" {
					s.byHand(q)
				} else {
					s.byHand(c.sqlite)
				}
				if bad := strings.Join(s.wrong(), "\n"); !strings.Contains(bad, c.finds) {
					s.Errorf("the checks say %q", bad)
				}
			})
		})
	}
}

func TestAStoreThatWasPutBackSignsNothingAndSaysWhy(t *testing.T) {
	t.Parallel()
	model.Engines(t, func(t *testing.T, dsn string) {
		s := newScene(t, dsn)
		for n := range 5 {
			s.gave(n)
		}
		s.integrate()
		shown := s.head()
		// The same machine, with a store from before any of it.
		older := newScene(t, map[bool]func(testing.TB) string{true: model.Postgres, false: model.SQLite}[s.h.DB.Engine() == "postgres"](t))
		older.keys, older.public = s.keys, s.public
		older.Log = older.open(s.shown.dir, "")
		for _, n := range []int{0, 1} { // and another life since
			older.gave(100 + n)
		}
		err := older.Integrate(t.Context())
		if r, ok := errors.AsType[*Refused](err); !ok || r.Shown.Size != 5 || !strings.Contains(err.Error(), "shown with 5 leaves and the store has 0") {
			t.Errorf("it was integrated: %v", err)
		}
		if _, err := older.Checkpoint(t.Context()); err == nil {
			t.Error("it is shown")
		}
		if bad := strings.Join(older.wrong(), " "); !strings.Contains(bad, "the log continues what this machine showed") {
			t.Errorf("the checks say %q", bad)
		}
		// One that has as many leaves, and others: the past is another.
		alone := older.open("", "")
		for n := range 4 {
			older.gave(200 + n)
		}
		if err := alone.Integrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		err = older.Integrate(t.Context())
		if err == nil {
			older.gave(300)
			err = older.Integrate(t.Context())
		}
		if r, ok := errors.AsType[*Refused](err); !ok || r.Root == shown.Root || !strings.Contains(err.Error(), "another past") {
			t.Errorf("another past was taken: %v", err)
		}
		if _, err := older.Checkpoint(t.Context()); err == nil {
			t.Error("another past is shown")
		}
		// The machine that has the right store goes on.
		again := s.open(s.shown.dir, "")
		if _, err := gave(t.Context(), again, 6, nil); err != nil {
			t.Fatal(err)
		}
		if err := again.Integrate(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestKeysAreRotatedWithoutAnybodyLosingTheLog(t *testing.T) {
	engines(t, func(s *scene) {
		s.gave(1)
		s.integrate()
		old := s.keysOf()
		secret, public, err := NewKey(origin)
		if err != nil {
			s.Fatal(err)
		}
		first := s.keys
		s.keys = "# the new one on top\n" + secret + "\n" + first
		both := s.open(s.shown.dir, "")
		if err := both.Integrate(s.Context()); err != nil {
			s.Fatal(err)
		}
		next, err := verify.ReadKeys(public)
		if err != nil {
			s.Fatal(err)
		}
		msg, err := both.Checkpoint(s.Context())
		if err != nil {
			s.Fatal(err)
		}
		for name, k := range map[string]*verify.Keys{"the old key": old, "the new key": next} {
			if _, err := k.Open(msg); err != nil {
				s.Errorf("%s: %v in\n%s", name, err, msg)
			}
		}
		s.keys, s.public = secret, public
		s.Log = s.open(s.shown.dir, "") // the old one is gone
		s.integrate()
		if _, err := old.Open(msg); err != nil {
			s.Error(err)
		}
		s.gave(2)
		s.integrate()
		if c := s.head(); c.Size != 2 {
			s.Error(c)
		}
	})
}

func TestKeysOfTheLogAreReadOrRefusedWithoutBeingToldAloud(t *testing.T) {
	t.Parallel()
	text, err := KeyFile(origin)
	if err != nil {
		t.Fatal(err)
	}
	signers, public, err := ReadKeys(text, origin)
	if err != nil || len(signers) != 1 || !strings.Contains(text, public[0]) {
		t.Fatal(err, public)
	}
	secret := text[strings.LastIndex(text, "PRIVATE"):]
	key := secret[len(secret)-30 : len(secret)-5]
	for _, bad := range []string{"", "# nothing\n", secret + secret, public[0], "PRIVATE+KEY+" + origin, strings.Replace(secret, origin, "other", 1), secret[:len(secret)-6]} {
		_, _, err := ReadKeys(bad, origin)
		if err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if printed := fmt.Sprintf(verb, signers[0]); strings.Contains(printed, key) || printed == "" {
			t.Errorf("a key prints as %s", printed)
		}
	}
	if _, _, err := NewKey("a log"); err == nil {
		t.Error("a name with a space names a log")
	}
	if _, err := New(nil, nil, Config{Origin: "other.example", Signers: signers}); err == nil {
		t.Error("a log took the key of another")
	}
}

func TestAHouseWithoutAKeyKeepsItsLeavesUntilItHasOne(t *testing.T) {
	engines(t, func(s *scene) {
		none, err := New(s.h, s.vault, Config{Origin: origin, Zone: s.c.Zone})
		if err != nil {
			s.Fatal(err)
		}
		if _, err := gave(s.Context(), none, 1, nil); err != nil {
			s.Fatal(err)
		}
		if err := none.Integrate(s.Context()); err != nil {
			s.Error(err)
		}
		if _, err := none.Cosign(s.Context(), nil); err == nil {
			s.Error("it takes a witness's word")
		}
		s.integrate()
		if c := s.head(); c.Size != 1 {
			s.Errorf("%d leaves", c.Size)
		}
	})
}

func TestWhatWasShownIsRememberedBesideTheStore(t *testing.T) {
	t.Parallel()
	m := &memory{dir: filepath.Join(t.TempDir(), "a", "b")}
	if c, err := m.recall(); err != nil || c.Origin != "" {
		t.Fatal(c, err)
	}
	c := verify.Checkpoint{Origin: origin, Size: 7}
	note := []byte(c.Text() + "\n— x y\n")
	if err := m.remember(c, note); err != nil {
		t.Fatal(err)
	}
	other := &memory{dir: m.dir} // a process that began before
	smaller := verify.Checkpoint{Origin: origin, Size: 3}
	if err := other.remember(smaller, []byte(smaller.Text()+"\n— x y\n")); err != nil {
		t.Fatal(err)
	}
	for _, x := range []*memory{m, other, {dir: m.dir}} {
		if got, err := x.recall(); err != nil || got != c {
			t.Errorf("it remembers %+v (%v)", got, err)
		}
	}
	if err := os.WriteFile(m.file(9), note, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := m.recall(); err == nil {
		t.Error("a file under another's name was believed")
	}
}

func TestALeafHasAPlaceOfItsOwn(t *testing.T) {
	engines(t, func(s *scene) {
		s.integrate()
		if _, err := s.Proof(s.Context(), 0); fault.KindOf(err) != fault.Missing {
			s.Error(err)
		}
		if _, err := s.Receipt(s.Context(), id.New[Leaf](s.clock.Now()), nil); fault.KindOf(err) != fault.Missing {
			s.Error(err)
		}
	})
}
