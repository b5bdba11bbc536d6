// Package translog is the house's public log: for each deed that the public may hold
// the house to, one line that everybody can read, that nobody can change or take out
// without being found out, and in which there is nobody's name. Whoever gave has a
// receipt that they check without asking us; whoever doubts us copies the log and adds
// it up.
//
// A Leaf is kept in the transaction of the deed that it is about: both are there or
// neither. Within a second it is integrated: it gets its place in the log, hashes go
// into a Merkle tree (RFC 6962), and the new head is signed (C2SP tlog-checkpoint,
// signed-note). Tiles and entries are served as C2SP tlog-tiles has them.
//
// What always holds: a leaf says what verify.Leaf allows and nothing else; its place
// never changes; of several processes one integrates at a time, by the lock on one
// row; nothing is signed or shown that does not continue what this machine showed
// before, even when the store was put back from an older copy; whoever is erased
// leaves a commitment that nobody can open, and every proof still holds
// (docs/proof.md, decision 0018).
package translog

import (
	"crypto/rand"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/translog/verify"
)

//go:embed schema/*.sql locale/*.json pages/*.html
var Files embed.FS

// The deeds of the log. Reading it is open to everybody; a leaf leaves a line in the
// journal, whatever deed it is of.
var (
	DeedRead   = deed.Deed{Name: "translog.log.read", Open: true}
	DeedAppend = deed.Deed{Name: "translog.leaf.append"}
)

// Config is which log this is.
type Config struct {
	Origin    string         // its name, "twiza.example/log": where it is served, without the scheme (C2SP tlog-checkpoint)
	Signers   []note.Signer  // see ReadKeys; none: leaves are kept and wait
	Witnesses string         // public keys of witnesses, one a line; "" is none
	Shown     string         // folder that remembers what this machine showed; in no backup of the store. "" remembers as long as the process lives
	Zone      *time.Location // whose days leaves tell
}

// Log is one public log.
type Log struct {
	// Good is the key of the name of a good as leaves write it ("rescue-blanket"), or "".
	// Set while the house is built; nil knows none.
	Good func(code string) string

	h      *deed.House
	vault  *crypt.Vault
	c      Config
	keys   *verify.Keys // the log's own and those of witnesses; nil without signers
	shown  *memory
	wakeup chan struct{}
	sums   running
}

// New makes the log of a house. It asks nothing of the store.
func New(h *deed.House, v *crypt.Vault, c Config) (*Log, error) {
	l := &Log{h: h, vault: v, c: c, shown: &memory{dir: c.Shown}, wakeup: make(chan struct{}, 1)}
	if len(c.Signers) == 0 {
		l.shown.dir = "" // it shows nothing
		return l, nil
	}
	public := c.Witnesses
	for _, s := range c.Signers {
		if s.Name() != c.Origin {
			return nil, fmt.Errorf("translog: a key of the log %q, and this is %q", s.Name(), c.Origin)
		}
		k, ok := s.(*signer)
		if !ok {
			return nil, errors.New("translog: a signer that ReadKeys did not read")
		}
		public += "\n" + k.public
	}
	var err error
	if l.keys, err = verify.ReadKeys(public); err != nil {
		return nil, fmt.Errorf("translog: %w", err)
	}
	return l, nil
}

// Manifest is what the log brings into a house.
func (l *Log) Manifest() module.Manifest {
	return module.Manifest{Name: "translog", Files: Files, Deeds: []deed.Deed{DeedRead, DeedAppend}, Doors: l.doors(), Gallery: gallery(), Checks: l.checks(),
		Sealed: []crypt.Column{{Table: "translog_leaf", Column: "salt"}}}
}

// LeafID names a leaf before it has its place.
type LeafID = id.Of[Leaf]

// Leaf is what a deed has the public know.
type Leaf struct {
	Subject string            // what it is about, "giving.gift/0190…": by it salts are found and erased; not public
	Word    string            // the deed; "" is that of the transaction
	Fields  map[string]string // public: amounts, goods, commune at most, organisation (verify.Leaf)
	Body    any               // what it commits to and does not tell, as JSON of whole numbers and texts (verify.Canonical)
}

// told is the journal line of a leaf: the hash that the log has of it.
type told struct {
	Hash string `json:"hash"`
}

func subjectOf(lid LeafID) string { return "translog.leaf/" + lid.String() }
func saltAt(lid LeafID) string    { return crypt.At("translog_leaf.salt", lid.String()) }

// Append keeps a leaf with the deed that it is of. It gets its place in the log after
// the deed is done, and not at all if it is not. Errors are mistakes of the caller: a
// leaf that says what a leaf may not.
//
// The day is all that the leaf tells of when: with a commune and an amount, an hour
// would often tell of whom. Days are those of the country, in which accounts are kept.
func (l *Log) Append(t *deed.Tx, x Leaf) (LeafID, error) {
	body, err := verify.Canonical(x.Body)
	if err != nil {
		return LeafID{}, fmt.Errorf("translog: %w", err)
	}
	if x.Word == "" {
		x.Word = t.Deed.Name
	}
	if noun, _, ok := strings.Cut(x.Subject, "/"); !ok || noun == "" {
		return LeafID{}, fmt.Errorf("translog: a leaf about %q", x.Subject)
	}
	lid, salt := id.New[Leaf](t.Now()), make([]byte, verify.SaltSize)
	rand.Read(salt) // never fails: see crypto/rand
	entry, err := verify.Leaf{Word: x.Word, Day: t.Now().In(l.c.Zone).Format(time.DateOnly), Fields: x.Fields, Commitment: verify.Commit(salt, body)}.Encode()
	if err != nil {
		return LeafID{}, fmt.Errorf("translog: %w", err)
	}
	if err := insertLeaf(t.Tx, leaf{id: lid, subject: x.Subject, entry: entry, salt: l.vault.Seal(saltAt(lid), salt)}); err != nil {
		return LeafID{}, err
	}
	hash := tlog.RecordHash(entry)
	if err := t.TellAs(DeedAppend, subjectOf(lid), told{hex.EncodeToString(hash[:])}); err != nil {
		return LeafID{}, err
	}
	t.After(l.wake)
	return lid, nil
}

// Forget empties the salts of every leaf about a subject, and says of how many. What
// they commit to can no longer be shown or guessed by anybody; the leaves, their
// places, all totals and all proofs stay. Whoever restores an older copy of the store
// must do it again, as with every erasure (decision 0003).
func Forget(t *db.Tx, subject string) (int64, error) { return emptySalts(t, subject) }

func (l *Log) wake() {
	select {
	case l.wakeup <- struct{}{}:
	default:
	}
}
