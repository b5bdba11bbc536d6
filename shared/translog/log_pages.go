package translog

import (
	"cmp"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/base/fault"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/module"
	"github.com/twiza/twiza/shared/translog/verify"
)

// logPage is the log for people: its newest head, what its lines add up to, and a
// verifier that runs in their browser.
type logPage struct {
	ui.Frame
	There  bool // the house has a log and a head
	Origin string
	Size   int64
	Root   string
	Key    string // public keys, a line each
	Totals []totalRow
	Leaves []leafRow
	Older  []int64 // heads of earlier days, by size
	File   string  // a receipt of this house that is to be checked at once
	Check  checker
}

type totalRow struct {
	What   template.HTML
	Leaves int64
	Sum    template.HTML // "" where nothing is added up
}

type leafRow struct {
	Index int64
	Day   string
	What  template.HTML
	Sum   template.HTML
}

// checker is what the script needs to know (platform/ui/assets/log-verify.js).
type checker struct {
	Origin string            `json:"origin"`
	Older  []int64           `json:"older"`
	Forms  map[string]string `json:"forms"`
	Words  map[string]string `json:"words"`
}

// How many lines and earlier heads the page lists.
const (
	mostLines = 12
	mostOlder = 60
)

// checkWords are what the browser says beside the words of the verifier.
var checkWords = []string{"browser_old", "browser_large", "working", "since", "network", "not_receipt", "key_wrong", "fine", "found"}

func newChecker(p *i18n.Printer, origin string, older []int64) (checker, error) {
	words, err := verify.Words(string(p.Lang()))
	if err != nil {
		return checker{}, err
	}
	for _, key := range checkWords {
		words[key] = p.Source("translog.check." + key)
	}
	return checker{origin, append([]int64{}, older...), verify.Forms(), words}, nil
}

// showLog is GET /log.
func (l *Log) showLog(c *web.Ctx) error {
	p := &logPage{Frame: ui.Frame{Title: c.P.Text("translog.page.title"), Kind: ui.Citizen, Nav: "give"}, Origin: l.c.Origin, Key: strings.Join(l.PublicKeys(), "\n"), File: ownFile(c)}
	head, err := l.Checkpoint(c.Context())
	switch {
	case fault.KindOf(err) == fault.Missing:
		return c.Render("translog_log", p)
	case err != nil:
		return calmly(err)
	}
	h, err := parseNote(string(head))
	if err != nil {
		return err
	}
	p.There, p.Size, p.Root = true, h.Size, h.Root.String()
	rows, _, err := l.Totals(c.Context())
	if err != nil {
		return calmly(err)
	}
	for _, r := range rows {
		p.Totals = append(p.Totals, totalRow{inWords(c, r.Word, r.Kind), r.Leaves, l.sum(c, r.Amount, r.Asset)})
	}
	if err := l.h.DB.Read(c.Context(), func(t *db.Tx) error { return l.newest(t, c, p) }); err != nil {
		return err
	}
	if p.Check, err = newChecker(c.P, l.c.Origin, p.Older); err != nil {
		return err
	}
	return c.Render("translog_log", p)
}

// newest fills in the last lines and the heads of earlier days.
func (l *Log) newest(t *db.Tx, c *web.Ctx, p *logPage) error {
	all, err := entriesFrom(t, max(p.Size-mostLines, 0), p.Size)
	if err != nil {
		return err
	}
	for _, f := range all {
		x, err := verify.ParseLeaf(f.entry)
		if err != nil {
			return err
		}
		p.Leaves = append([]leafRow{{f.index, x.Day, inWords(c, x.Word, x.Fields["kind"]), l.sum(c, cmp.Or(x.Fields["amount"], "0"), x.Fields["asset"])}}, p.Leaves...)
	}
	older, err := lastOfEachDay(t)
	for _, o := range older {
		if o.size > 0 && o.size < p.Size {
			p.Older = append(p.Older, o.size)
		}
	}
	p.Older = p.Older[max(len(p.Older)-mostOlder, 0):]
	return err
}

// inWords is a deed in words, and its kind where there is a word for it. A deed that
// the catalogue does not know is shown as it stands in the log.
func inWords(c *web.Ctx, word, kind string) template.HTML {
	out := raw(word)
	if c.Site.Cat.Has("deed." + word) {
		out = c.P.T("deed." + word)
	}
	noun, _, _ := strings.Cut(word, ".")
	for _, key := range []string{noun + ".kind." + kind, noun + ".status." + kind} {
		if kind != "" && c.Site.Cat.Has(key) {
			return out + " · " + c.P.T(key)
		}
	}
	return out
}

// raw is a word of the log that the house has no sentence for.
func raw(word string) template.HTML {
	return template.HTML("<code>" + template.HTMLEscapeString(word) + "</code>")
}

// sum is an amount of money or of goods in words; "" is nothing to add up.
func (l *Log) sum(c *web.Ctx, amount, asset string) template.HTML {
	n, err := strconv.ParseInt(amount, 10, 64)
	good, goods := strings.CutPrefix(asset, "lot/")
	switch {
	case asset == "":
		return ""
	case err != nil: // beyond what a machine counts
		return raw(amount + " " + asset)
	case !goods:
		return c.P.Money(n, asset)
	}
	if l.Good != nil {
		if key := l.Good(good); key != "" {
			return c.P.Number(n) + " " + c.P.T(key)
		}
	}
	return raw(amount + " " + asset)
}

// ownFile is a path of this house that the page is asked to check, or "".
func ownFile(c *web.Ctx) string {
	name := c.R.URL.Query().Get("file")
	if !strings.HasPrefix(name, "/") || strings.HasPrefix(name, "//") || strings.ContainsAny(name, "\\\r\n\t") || len(name) > 200 {
		return ""
	}
	return name
}

// gallery is the page with invented data.
func gallery() []module.Example {
	f := ui.Frame{Title: "…", Kind: ui.Citizen, Nav: "give"}
	money := template.HTML("<bdi>12 DH</bdi>")
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	return []module.Example{
		{Template: "translog_log", Page: &logPage{Frame: f}},
		{Template: "translog_log", Page: &logPage{Frame: f, There: true, Origin: "twiza.example/log", Size: 2, Root: strings.Repeat("A", 43) + "=", Key: "twiza.example/log+00000000+AQ", Older: []int64{1}, File: "/log/checkpoint",
			Totals: []totalRow{{"<bdi>…</bdi>", 1, money}, {"<bdi>…</bdi>", 1, ""}}, Leaves: []leafRow{{1, day, "<bdi>…</bdi>", money}, {0, day, "<bdi>…</bdi>", ""}}, Check: checker{Words: map[string]string{}}}},
	}
}
