package verify

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Version is how leaves are spelled; a reader that meets another says so.
const Version = 1

// MostLeaf is the length of the longest leaf, in bytes. Bundles could carry 65,535
// (C2SP tlog-tiles, "Log entries"); nothing that may be public is so long.
const MostLeaf = 4096

// SaltSize is how many random bytes stand before what a leaf commits to.
const SaltSize = 32

// ErrVersion is a leaf of a version that this reader does not know.
var ErrVersion = errors.New("verify: a leaf of a version that this reader does not know")

// Leaf is one entry of the log: what everybody may know of a deed. It is written
// as canonical JSON (see Canonical):
//
//	{"commitment":"64 hexadecimal digits","day":"2026-11-22","fields":{"amount":"71087","asset":"MAD"},"v":1,"word":"fund.payment.make"}
type Leaf struct {
	Word       string            // the deed
	Day        string            // "2026-11-22", nothing finer
	Fields     map[string]string // by the names and in the forms of Forms, and no others
	Commitment [sha256.Size]byte // to all the rest, see Commit
}

// wireLeaf has its fields in the order in which they are spelled.
type wireLeaf struct {
	Commitment string            `json:"commitment"`
	Day        string            `json:"day"`
	Fields     map[string]string `json:"fields"`
	V          int               `json:"v"`
	Word       string            `json:"word"`
}

// forms is what a leaf may say, and how. None has room for a name or a sentence,
// and digits in a row stay fewer than a phone number has.
var forms = map[string]*regexp.Regexp{
	"amount":       regexp.MustCompile(`^(0|-?[1-9][0-9]{0,18})$`),                     // whole smallest units of the asset
	"asset":        regexp.MustCompile(`^([A-Z]{3}|lot/[0-9a-z-]{1,40})$`),             // ISO 4217, or a lot of goods
	"count":        regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`),                        // of families, parcels, documents
	"fund":         regexp.MustCompile(`^[a-z]+(/[a-z]+([_-]?[a-z]+|-[0-9]{1,4})*)*$`), // an account of the ledger
	"kind":         regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`),
	"organisation": regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`),
	"place":        regexp.MustCompile(`^[0-9A-Z]{1,3}([.-][0-9]{2,4}){0,3}$`), // no finer than a commune of the gazetteer: "07.041", or as another country writes its own
	"purpose":      regexp.MustCompile(`^[a-z]+([_-][a-z]+)*(/[a-z]+([_-][a-z]+)*)*$`),
	"sum":          regexp.MustCompile(`^[0-9a-f]{64}$`), // SHA-256 of a public document
}

var wordForm = regexp.MustCompile(`^[a-z]+(\.[a-z_]+)+$`)

// FieldNames lists what a leaf may say, by name.
func FieldNames() (all []string) {
	for name := range forms {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// Forms tells the form of each, as a regular expression that other languages read too:
// whoever checks leaves in a browser has them from here.
func Forms() map[string]string {
	all := map[string]string{}
	for name, form := range forms {
		all[name] = form.String()
	}
	return all
}

// Encode spells the leaf. An error names what may not stand in one.
func (l Leaf) Encode() ([]byte, error) {
	if !wordForm.MatchString(l.Word) || len(l.Word) > 100 {
		return nil, fmt.Errorf("verify: %q is no word of a deed", l.Word)
	}
	if day, err := time.Parse(time.DateOnly, l.Day); err != nil || day.Format(time.DateOnly) != l.Day {
		return nil, fmt.Errorf("verify: %q is no day", l.Day)
	}
	for name, value := range l.Fields {
		form, known := forms[name]
		if !known || len(value) > 100 || !form.MatchString(value) {
			return nil, fmt.Errorf("verify: a leaf may not say %s=%q", name, value)
		}
		if name == "amount" {
			if _, err := strconv.ParseInt(value, 10, 64); err != nil {
				return nil, fmt.Errorf("verify: the amount %s is too large", value)
			}
		}
	}
	fields := l.Fields
	if fields == nil {
		fields = map[string]string{}
	}
	return Canonical(wireLeaf{Commitment: hex.EncodeToString(l.Commitment[:]), Day: l.Day, Fields: fields, V: Version, Word: l.Word})
}

// ParseLeaf reads a leaf and refuses one that is spelled in any other way than
// Encode would. A leaf of another version is ErrVersion.
func ParseLeaf(entry []byte) (l Leaf, err error) {
	if len(entry) > MostLeaf {
		return l, errors.New("verify: a leaf that is too long")
	}
	var w wireLeaf
	d := json.NewDecoder(bytes.NewReader(entry))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil || w.V != Version {
		return l, otherVersion(entry, err)
	}
	sum, err := hex.DecodeString(w.Commitment)
	if err != nil || len(sum) != sha256.Size {
		return l, errors.New("verify: the commitment is not 32 bytes in hexadecimal")
	}
	l = Leaf{Word: w.Word, Day: w.Day, Fields: w.Fields, Commitment: [sha256.Size]byte(sum)}
	again, err := l.Encode()
	if err == nil && !bytes.Equal(again, entry) {
		err = errors.New("verify: the leaf is not spelled canonically")
	}
	return l, err
}

// otherVersion tells a leaf that is from later from one that is broken.
func otherVersion(entry []byte, cause error) error {
	var any struct {
		V int `json:"v"`
	}
	if json.Unmarshal(entry, &any) == nil && any.V > Version {
		return ErrVersion
	}
	if cause == nil {
		cause = errors.New("it has no version")
	}
	return fmt.Errorf("verify: no leaf: %w", cause)
}

// Commit is SHA-256 over the salt and the canonical body. The salt has SaltSize
// bytes, always, so that no other pair of salt and body spells the same.
func Commit(salt, body []byte) [sha256.Size]byte {
	return sha256.Sum256(append(slices.Clone(salt), body...))
}

// Opens tells whether a salt and a body are what the leaf commits to. The body is
// spelled canonically first: whoever was given it as JSON need not mind its spaces.
func (l Leaf) Opens(salt, body []byte) bool {
	plain, err := canonicalOf(body)
	if err != nil || len(salt) != SaltSize {
		return false
	}
	sum := Commit(salt, plain)
	return subtle.ConstantTimeCompare(sum[:], l.Commitment[:]) == 1
}
