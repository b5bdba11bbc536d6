package ui

import (
	"fmt"
	"html/template"
	"reflect"
	"strings"
	"sync"
	"text/template/parse"
)

// pieces keeps what parts of pages look like, in one language. A part that is
// asked for with {{piece "name" data}} depends on its data alone, so the same data
// is not put together twice: lists that many people read are made of the same lines.
type pieces struct {
	set *template.Template
	mu  sync.RWMutex
	all map[pieceKey]template.HTML
}

type pieceKey struct {
	name  string
	about any // comparable
}

// mostPieces bounds what is kept of one language: a few megabytes. Then all of
// it goes, and what is still looked at comes back.
const mostPieces = 3000

// piece is a template as it stands within a page. Its data must be comparable:
// a number, a text, a struct of such.
func (k *pieces) piece(name string, data any) (template.HTML, error) {
	return k.pieceOf(name, data, data)
}

// pieceOf is a piece whose data is more than can be compared: about says all that
// the data depends on.
func (k *pieces) pieceOf(name string, about, data any) (template.HTML, error) {
	if !reflect.ValueOf(about).Comparable() {
		return "", fmt.Errorf("ui: piece %q: %T cannot be told from another of its kind", name, about)
	}
	key := pieceKey{name, about}
	k.mu.RLock()
	text, ok := k.all[key]
	k.mu.RUnlock()
	if ok {
		return text, nil
	}
	var b strings.Builder
	if err := k.set.ExecuteTemplate(&b, name, data); err != nil {
		return "", err
	}
	text = template.HTML(b.String())
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil || len(k.all) >= mostPieces {
		k.all = map[pieceKey]template.HTML{}
	}
	k.all[key] = text
	return text, nil
}

// moving are the functions whose answer changes with the clock: a piece that
// calls one would show an old hour.
var moving = map[string]bool{"left": true, "late": true, "when": true, "day": true, "dateclock": true, "duration": true}

// still refuses pieces that do not depend on their data alone.
func still(set *template.Template) error {
	for _, t := range set.Templates() {
		for _, f := range []string{"piece", "pieceOf"} {
			for name := range callsOf(t.Tree, f) {
				if err := stillOne(set, name, map[string]bool{}); err != nil {
					return fmt.Errorf("ui: template %q: piece %q: %w", t.Name(), name, err)
				}
			}
		}
	}
	return nil
}

func stillOne(set *template.Template, name string, seen map[string]bool) error {
	if seen[name] {
		return nil
	}
	seen[name] = true
	t := set.Lookup(name)
	if t == nil || t.Tree == nil {
		return fmt.Errorf("no template is called %q", name)
	}
	for call := range callsOf(t.Tree, "") {
		if moving[call] {
			return fmt.Errorf("%q calls %s, which changes with the clock", name, call)
		}
	}
	for inner := range within(t.Tree.Root) {
		if err := stillOne(set, inner, seen); err != nil {
			return err
		}
	}
	return nil
}

// callsOf are the functions that a template calls; of one function, the names
// that stand first after it.
func callsOf(tree *parse.Tree, of string) map[string]bool {
	out := map[string]bool{}
	if tree == nil {
		return out
	}
	visit(tree.Root, func(n parse.Node) {
		c, ok := n.(*parse.CommandNode)
		if !ok || len(c.Args) == 0 {
			return
		}
		f, ok := c.Args[0].(*parse.IdentifierNode)
		switch {
		case !ok:
		case of == "":
			out[f.Ident] = true
		case f.Ident == of && len(c.Args) > 1:
			if s, ok := c.Args[1].(*parse.StringNode); ok {
				out[s.Text] = true
			}
		}
	})
	return out
}

// within are the templates that a template takes in.
func within(root parse.Node) map[string]bool {
	out := map[string]bool{}
	visit(root, func(n parse.Node) {
		if t, ok := n.(*parse.TemplateNode); ok {
			out[t.Name] = true
		}
	})
	return out
}

// visit calls fn for each part of a template.
func visit(n parse.Node, fn func(parse.Node)) {
	if n == nil || reflect.ValueOf(n).IsNil() {
		return
	}
	fn(n)
	each := func(all ...parse.Node) {
		for _, x := range all {
			visit(x, fn)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		each(n.Nodes...)
	case *parse.ActionNode:
		each(n.Pipe)
	case *parse.TemplateNode:
		each(n.Pipe)
	case *parse.IfNode:
		each(n.Pipe, n.List, n.ElseList)
	case *parse.RangeNode:
		each(n.Pipe, n.List, n.ElseList)
	case *parse.WithNode:
		each(n.Pipe, n.List, n.ElseList)
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			visit(c, fn)
		}
	case *parse.CommandNode:
		each(n.Args...)
	}
}
