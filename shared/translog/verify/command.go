package verify

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// How the command ends.
const (
	Fine  = 0 // nothing that could be checked is wrong
	Found = 1 // something is wrong, and was named
	Unfit = 2 // it could not be run so
)

// Main is the command twiza-verify: it reads files of this machine and never the
// network. It writes what it found to out, and how it is used to complain.
func Main(args []string, getenv func(string) string, out, complain io.Writer) int {
	f := flag.NewFlagSet("twiza-verify", flag.ContinueOnError)
	f.SetOutput(complain)
	lang := f.String("lang", langOf(getenv), "ar, fr, en, zgh")
	keyFile := f.String("key", "", "KEYS")
	var since []string
	f.Func("since", "CHECKPOINT", func(name string) error { since = append(since, name); return nil })
	f.Usage = func() {}
	perr := f.Parse(args)
	w, err := readWords(*lang)
	if err != nil {
		fmt.Fprintln(complain, err)
		return Unfit
	}
	if perr != nil || *keyFile == "" || f.NArg() == 0 {
		fmt.Fprintln(complain, w.say("usage", nil))
		return Unfit
	}
	code, err := check(w, *keyFile, since, f.Args(), out)
	if err != nil {
		fmt.Fprintln(complain, w.say("unread", map[string]string{"why": err.Error()}))
		return Unfit
	}
	return code
}

func check(w words, keyFile string, since, names []string, out io.Writer) (int, error) {
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return Unfit, err
	}
	k, err := ReadKeys(string(text))
	if err != nil {
		return Unfit, fmt.Errorf("%s: %w", keyFile, err)
	}
	var o Options
	for _, name := range since {
		msg, err := os.ReadFile(name)
		if err != nil {
			return Unfit, err
		}
		o.Since = append(o.Since, msg)
	}
	if w.draft {
		fmt.Fprintln(out, w.say("draft", nil))
	}
	code := Fine
	for _, name := range names {
		is, err := os.Stat(name)
		if err != nil {
			return Unfit, err
		}
		good := false
		if is.IsDir() {
			good, err = checkFolder(w, k, o, name, out)
		} else {
			good, err = checkProof(w, k, name, out)
		}
		if err != nil {
			return Unfit, err
		}
		if !good {
			code = Found
		}
	}
	return code, nil
}

func checkFolder(w words, k *Keys, o Options, name string, out io.Writer) (bool, error) {
	r, err := Folder(os.DirFS(name), k, o)
	if err != nil {
		return false, err
	}
	r.tell(w, out)
	return len(r.Wrong) == 0, nil
}

// tell writes the report for people.
func (r *Report) tell(w words, out io.Writer) {
	line := func(key string, args ...string) { fmt.Fprintln(out, w.say(key, pairs(args))) }
	n := func(i int64) string { return fmt.Sprint(i) }
	if r.Checkpoint.Origin != "" {
		line("log", "origin", r.Checkpoint.Origin, "size", n(r.Checkpoint.Size), "root", r.Checkpoint.Root.String())
		line("looked", "leaves", n(r.Leaves), "tiles", n(int64(r.Tiles)), "older", n(int64(r.Older)), "proofs", n(int64(r.Proofs)))
	}
	for _, who := range r.Checkpoint.Witnesses {
		line("witnessed", "name", who)
	}
	for _, t := range r.Totals.Rows() {
		line("total", "word", strings.TrimSpace(t.Word+" "+t.Kind), "leaves", n(t.Leaves), "amount", strings.TrimSpace(t.Amount+" "+t.Asset))
	}
	if len(r.Wrong) > 0 {
		line("wrong_head")
	}
	for _, f := range r.Wrong {
		fmt.Fprintln(out, "  "+w.about(f))
	}
	line("unchecked_head")
	for _, f := range r.Unchecked {
		fmt.Fprintln(out, "  "+w.about(f))
	}
	line("unchecked_always")
	if len(r.Wrong) == 0 {
		line("fine")
	} else {
		line("found", "n", n(int64(len(r.Wrong))))
	}
}

func checkProof(w words, k *Keys, name string, out io.Writer) (bool, error) {
	msg, err := os.ReadFile(name)
	if err != nil {
		return false, err
	}
	p, err := k.Check(msg)
	if err != nil {
		fmt.Fprintln(out, w.about(Finding{"proof_wrong", name, pairs([]string{"why", err.Error()})}))
		return false, nil
	}
	fmt.Fprintln(out, w.about(Finding{"proof_fine", name, pairs([]string{"index", fmt.Sprint(p.Index), "origin", p.Origin, "size", fmt.Sprint(p.Size)})}))
	entry, err := p.Leaf.Encode()
	if err != nil {
		return false, errors.Join(errors.New("a leaf that was read cannot be written"), err)
	}
	fmt.Fprintln(out, "  "+string(entry))
	if p.Body == nil {
		fmt.Fprintln(out, "  "+w.say("proof_closed", nil))
	} else {
		fmt.Fprintln(out, "  "+w.say("proof_opens", map[string]string{"body": string(p.Body)}))
	}
	return true, nil
}
