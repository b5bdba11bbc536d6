package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/base/id"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/translog"
	"github.com/twiza/twiza/shared/translog/verify"
)

// Correction is something that the house said in public and that was wrong. It is
// published as a file, canonical JSON, whose SHA-256 stands in the public log: nobody
// takes it back or rewords it later. What was corrected wrongly is corrected again.
type Correction struct {
	ID    CorrectionID
	Page  string            // path of the page that said it: "/numbers"; "" is none
	Since string            // the day from which it was said, "2026-11-20"; "" is not known
	Wrong map[string]string // what was said, by language
	Right map[string]string // what is right
	Day   string            // on which it was published
	Sum   string            // SHA-256 of the file, hexadecimal
	Leaf  translog.LeafID
	By    actor.AccountID
	At    time.Time
}

type CorrectionID = id.Of[Correction]

// correctionFile is a correction as it is published.
type correctionFile struct {
	Day   string            `json:"day"`
	ID    string            `json:"id"`
	Page  string            `json:"page"`
	Right map[string]string `json:"right"`
	Since string            `json:"since"`
	Wrong map[string]string `json:"wrong"`
}

const mostCorrection = 400

var (
	pagePath = regexp.MustCompile(`^/[a-z0-9][a-z0-9/_-]*$`)
	// a row of digits that may be somebody's phone, as people write them
	phoneLike = regexp.MustCompile(`(\+|00)?[0-9٠-٩۰-۹]([ .-]?[0-9٠-٩۰-۹]){8,}`)
)

// The deeds of corrections. Reading them is open to everybody.
var (
	DeedCorrections = deed.Deed{Name: "audit.correction.read", Open: true}
	DeedCorrect     = deed.Deed{Name: "audit.correction.publish", Roles: []actor.Role{actor.CrisisCell, actor.Auditor}}
)

// wrong says everything that a correction cannot be published with, and cleans it.
func (k *Correction) wrong(now time.Time) (all fault.All) {
	add := func(field, key string, args ...any) {
		all = append(all, fault.New(fault.Invalid, key, args...).On(field))
	}
	for _, l := range []string{"ar", "fr"} {
		for _, x := range []struct {
			name string
			of   map[string]string
		}{{"wrong_", k.Wrong}, {"right_", k.Right}} {
			switch x.of[l] = strings.TrimSpace(x.of[l]); {
			case x.of[l] == "" || long(x.of[l], mostCorrection):
				add(x.name+l, "audit.correction.text_missing", "most", mostCorrection)
			case phoneLike.MatchString(x.of[l]):
				add(x.name+l, "audit.correction.number")
			}
		}
	}
	if k.Page = strings.TrimSpace(k.Page); k.Page != "" && (!pagePath.MatchString(k.Page) || long(k.Page, 100)) {
		add("page", "audit.correction.page_wrong")
	}
	if k.Since = strings.TrimSpace(k.Since); k.Since != "" {
		day, err := time.Parse(time.DateOnly, k.Since)
		if err != nil || day.After(now.AddDate(0, 0, 1)) {
			add("since", "audit.correction.since_wrong")
		}
	}
	return all
}

// Correct publishes a correction. The same identifier again is welcome.
func (s *Service) Correct(ctx context.Context, by actor.Actor, k Correction) error {
	all := k.wrong(s.h.DB.Now())
	if err := all.OrNil(); err != nil {
		return err
	}
	err := s.h.Do(ctx, by, DeedCorrect, func(t *deed.Tx) error {
		if err := allow(t); err != nil {
			return err
		}
		k.By, k.At, k.Day = by.Account, t.Now(), t.Now().In(s.zone).Format(time.DateOnly)
		body, err := verify.Canonical(correctionFile{k.Day, k.ID.String(), k.Page, k.Right, k.Since, k.Wrong})
		if err != nil {
			return err
		}
		k.Sum = sumOf(body)
		there, err := correctionThere(t.Tx, k.ID)
		if err != nil {
			return err
		}
		if there {
			return deed.ErrNothingDone
		}
		if s.Public != nil {
			if k.Leaf, err = s.Public.Append(t, translog.Leaf{Subject: k.subject(), Fields: map[string]string{"sum": k.Sum}, Body: map[string]string{"correction": k.ID.String()}}); err != nil {
				return err
			}
		}
		if err := insertCorrection(t.Tx, k, body); err != nil {
			return err
		}
		return t.Tell(k.subject(), struct {
			Sum string `json:"sum"`
		}{k.Sum})
	})
	if errors.Is(err, deed.ErrNothingDone) {
		err = nil
	}
	return err
}

func (k *Correction) subject() string { return "audit.correction/" + k.ID.String() }

func sumOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// read takes a published file apart.
func (k *Correction) read(body []byte) error {
	var f correctionFile
	if err := json.Unmarshal(body, &f); err != nil {
		return err
	}
	k.Day, k.Page, k.Right, k.Since, k.Wrong = f.Day, f.Page, f.Right, f.Since, f.Wrong
	return nil
}

// in is a text in a language, or else in French.
func in(texts map[string]string, lang string) string {
	if x := texts[lang]; x != "" {
		return x
	}
	return texts["fr"]
}

// reworded names corrections whose file is not what was published.
func (s *Service) reworded(t *db.Tx) (bad []string, err error) {
	all, bodies, err := corrections(t, 0)
	if err != nil {
		return nil, err
	}
	for i, k := range all {
		is := sumOf(bodies[i])
		told := is
		if s.Public != nil && !k.Leaf.IsZero() {
			l, err := s.Public.Told(t, k.Leaf)
			if err != nil && fault.KindOf(err) != fault.Missing {
				return nil, err
			}
			told = l.Fields["sum"]
		}
		if is != k.Sum || is != told {
			bad = append(bad, fmt.Sprintf("%s: its file is not the one that was published", k.subject()))
		}
	}
	return bad, nil
}
