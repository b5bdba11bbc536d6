// Package ui is what people see of Twiza: its colours and letters, its
// pictograms, the shell around every page and the pieces pages are made of.
//
// Every page works without scripts, right to left and left to right, in light,
// dark and print, on a phone 320 px wide. Text comes from catalogues through
// the function t; nothing here holds a sentence, a phone number or a name.
package ui

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"text/template/parse"
)

//go:embed partials/*.html
var partials embed.FS

// Locale holds the catalogues of the words in this package, locale/{ar,zgh,fr,en}.json.
//
//go:embed locale/*.json
var Locale embed.FS

// Funcs are the template functions this package gives; words, numbers and
// links come from platform/i18n and platform/web.
//
//	icon NAME [CLASS…]       a pictogram, decorative: always beside a word
//	tile NAME COLOUR [SIZE]  the same on the eight-pointed star; SIZE is sm or lg
//	prio LEVEL               the sign of a priority, 1 to 4, decorative
//	logo                     the mark
//	asset FILE               the address of a style sheet, font or script
//	width PERCENT            the class that makes a bar that long
//
// Parse adds piece NAME DATA, a template that is put together once for the same
// data, which must be comparable; and pieceOf NAME ABOUT DATA, where ABOUT is
// comparable and says all that DATA depends on. Neither may tell the hour.
func Funcs() template.FuncMap {
	return template.FuncMap{
		"icon": Icon, "tile": Tile, "prio": Prio, "logo": Logo, "asset": Asset, "width": Width,
	}
}

// Parse makes the templates of one language: the partials of this package and
// pages/*.html of every module. funcs must give t, text, n, href, phone, code,
// when and dateclock, in that language.
//
// It refuses what would only show up on somebody's screen: a template defined
// twice, a pictogram or an asset that does not exist, a map without the key.
func Parse(funcs template.FuncMap, files ...fs.FS) (*template.Template, error) {
	var kept pieces
	t := template.New("").Option("missingkey=error").Funcs(Funcs()).Funcs(funcs).Funcs(template.FuncMap{"piece": kept.piece, "pieceOf": kept.pieceOf})
	kept.set = t
	known := []map[string]any{builtins, Funcs(), funcs, {"piece": true, "pieceOf": true}}
	seen := map[string]string{}
	add := func(files fs.FS, pattern string) error {
		names, err := fs.Glob(files, pattern)
		if err != nil {
			return err
		}
		for _, name := range names {
			body, err := fs.ReadFile(files, name)
			if err != nil {
				return err
			}
			trees, err := parse.Parse(path.Base(name), string(body), "", "", known...)
			if err != nil {
				return fmt.Errorf("ui: %s: %w", name, err)
			}
			if err := inspect(name, trees, seen); err != nil {
				return err
			}
			for name, tree := range trees {
				if _, err := t.AddParseTree(name, tree); err != nil {
					return fmt.Errorf("ui: %s: %w", name, err)
				}
			}
		}
		return nil
	}
	if err := add(partials, "partials/*.html"); err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := add(f, "pages/*.html"); err != nil {
			return nil, err
		}
	}
	return t, still(t)
}

// builtins are the functions that every template has (package text/template).
var builtins = func() map[string]any {
	all := map[string]any{}
	for _, name := range []string{"and", "call", "html", "index", "slice", "js", "len", "not", "or", "print", "printf", "println", "urlquery", "eq", "ge", "gt", "le", "lt", "ne"} {
		all[name] = true
	}
	return all
}()

// inspect says what is wrong with the templates of one file before anybody sees
// it. seen maps the name of a template to the file that defines it.
func inspect(file string, trees map[string]*parse.Tree, seen map[string]string) error {
	for name, tr := range trees {
		if name == path.Base(file) {
			continue // what stands outside every define
		}
		if first, twice := seen[name]; twice {
			return fmt.Errorf("ui: %s: template %q is already defined in %s", file, name, first)
		}
		seen[name] = file
		if err := literals(tr.Root); err != nil {
			return fmt.Errorf("ui: %s: template %q: %w", file, name, err)
		}
	}
	return nil
}

// literals checks every pictogram and asset that a template names outright.
func literals(root parse.Node) (err error) {
	visit(root, func(n parse.Node) {
		if c, ok := n.(*parse.CommandNode); ok && err == nil {
			err = command(c)
		}
	})
	return err
}

func command(n *parse.CommandNode) error {
	for _, a := range n.Args {
		if err := literals(a); err != nil {
			return err
		}
	}
	if len(n.Args) < 2 {
		return nil
	}
	f, ok := n.Args[0].(*parse.IdentifierNode)
	name, literal := n.Args[1].(*parse.StringNode)
	if !ok || !literal {
		return nil
	}
	switch f.Ident {
	case "icon", "tile":
		if !HasIcon(name.Text) {
			return fmt.Errorf("no pictogram is called %q", name.Text)
		}
	case "asset":
		if _, ok := shelf().url[name.Text]; !ok {
			return fmt.Errorf("no asset is called %q", name.Text)
		}
	}
	return nil
}
