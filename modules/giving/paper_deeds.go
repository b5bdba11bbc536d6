package giving

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/crypt"
	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
)

func paperAt(sum string) string { return crypt.At("giving_paper.body", sum) }

// paperKind tells what a paper is by its first bytes, whatever its name says; "" is
// nothing that is taken (PDF: ISO 32000-1, 7.5.2; JPEG: ITU-T T.81, B.1.1.3; PNG: W3C PNG,
// 5.2).
func paperKind(body []byte) string {
	for first, kind := range map[string]string{"%PDF-": "pdf", "\xff\xd8\xff": "jpeg", "\x89PNG\r\n\x1a\n": "png"} {
		if strings.HasPrefix(string(body[:min(16, len(body))]), first) {
			return kind
		}
	}
	return ""
}

func sumOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// keepPaper keeps the paper of a spending that is written now.
func (s *Service) keepPaper(t *deed.Tx, x *Spending) error {
	if len(x.Paper) == 0 {
		return nil
	}
	return insertPaper(t.Tx, paper{Sum: x.Document, Kind: paperKind(x.Paper), Size: len(x.Paper), Body: s.vault.Seal(paperAt(x.Document), x.Paper), MadeAt: t.Now()})
}

// paperTold is the journal line of a paper that somebody opened.
type paperTold struct {
	Fund string `json:"fund"`
	Sum  string `json:"sum"`
}

// Paper opens the paper of a spending, and leaves a line in the journal.
func (s *Service) Paper(ctx context.Context, by actor.Actor, sid SpendingID) (body []byte, kind string, err error) {
	err = s.h.Do(ctx, by, DeedPaper, func(t *deed.Tx) error {
		if err := t.Allow(actor.Scope{}); err != nil {
			return err
		}
		x, err := spendingOf(t.Tx, sid.String())
		if err == nil && x == nil {
			err = fault.New(fault.Missing, "error.missing")
		}
		if err != nil {
			return err
		}
		f, err := fundByID(t.Tx, x.Fund)
		if err != nil {
			return err
		}
		p, err := paperBySum(t.Tx, x.Document)
		if err != nil {
			return err
		}
		if body, err = s.vault.Open(paperAt(p.Sum), p.Body); err != nil {
			return err
		}
		kind = p.Kind
		return t.Tell(x.subject(), paperTold{f.Code, p.Sum})
	})
	return body, kind, err
}
