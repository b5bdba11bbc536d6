package service

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/shared/forms"
)

// Finding is a mistake in a file, told to whoever writes the file.
type Finding = forms.Finding

const (
	maxFile  = 1 << 20 // bytes
	maxNodes = 50_000
	maxDeep  = 30
)

// reading gathers the findings of one file.
type reading struct {
	file  string
	found []Finding
	lines map[string]int // of the names at the top of the file
}

// at is the line of a name at the top of the file; 1 when it is not there.
func (r *reading) at(name string) int { return max(r.lines[name], 1) }

func (r *reading) find(line int, format string, args ...any) {
	r.found = append(r.found, Finding{File: r.file, Line: max(line, 1), Text: fmt.Sprintf(format, args...)})
}

// parse reads one YAML document. Anchors, aliases, merge keys and tags are
// refused: a file says each thing where it is read, and cannot grow in memory.
func (r *reading) parse(body []byte) *yaml.Node {
	if len(body) > maxFile {
		r.find(1, "the file is larger than %d bytes", maxFile)
		return nil
	}
	d := yaml.NewDecoder(bytes.NewReader(body))
	var doc, more yaml.Node
	if err := d.Decode(&doc); err != nil {
		r.syntax(err)
		return nil
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		r.find(max(more.Line, 1), "the file holds more than one document")
		return nil
	}
	nodes := 0
	if len(doc.Content) != 1 || !r.plain(doc.Content[0], 0, &nodes) {
		if len(r.found) == 0 {
			r.find(1, "the file is empty")
		}
		return nil
	}
	top := doc.Content[0]
	r.lines = map[string]int{}
	for i := 0; top.Kind == yaml.MappingNode && i+1 < len(top.Content); i += 2 {
		r.lines[top.Content[i].Value] = top.Content[i].Line
	}
	return top
}

// syntax tells a mistake of YAML itself, which the parser words as
// "yaml: line 3: what is wrong". It counts the lines of some mistakes from 0.
func (r *reading) syntax(err error) {
	var line int
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if n, _ := fmt.Sscanf(text, "line %d:", &line); n == 1 {
		_, text, _ = strings.Cut(text, ": ")
	}
	r.find(line, "this is not YAML, here or on the next line: %s", text)
}

func (r *reading) plain(n *yaml.Node, depth int, nodes *int) bool {
	*nodes++
	switch {
	case depth > maxDeep:
		r.find(n.Line, "nested more than %d deep", maxDeep)
	case *nodes > maxNodes:
		r.find(n.Line, "more than %d parts", maxNodes)
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		r.find(n.Line, "anchors and aliases are not used here")
	case n.Style&yaml.TaggedStyle != 0:
		r.find(n.Line, "the tag %s is not used here", n.Tag)
	default:
		for i, c := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 0 && c.Kind != yaml.ScalarNode {
				r.find(c.Line, "a name is a word")
				return false
			}
			if !r.plain(c, depth+1, nodes) {
				return false
			}
		}
		return true
	}
	return false
}

var (
	refType   = reflect.TypeFor[ref]()
	wordsType = reflect.TypeFor[words]()
)

// into reads a node into v: structs by their yaml names, strictly; a field
// called Line is told the line.
func (r *reading) into(n *yaml.Node, v reflect.Value) {
	switch {
	case v.Type() == refType:
		if s, ok := r.scalar(n); ok {
			v.Set(reflect.ValueOf(ref{s, firstLine(n)}))
		}
		return
	case v.Type() == wordsType:
		v.Set(reflect.ValueOf(words{r.text(n), n.Line}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		if s, ok := r.scalar(n); ok {
			v.SetString(s)
		}
	case reflect.Bool:
		if s, ok := r.scalar(n); ok && s != "true" && s != "false" {
			r.find(n.Line, "%q is neither true nor false", s)
		} else {
			v.SetBool(s == "true")
		}
	case reflect.Int:
		if s, ok := r.scalar(n); ok {
			v.SetInt(int64(r.whole(ref{s, n.Line}, 0, 1_000_000)))
		}
	case reflect.Slice:
		r.list(n, v)
	case reflect.Map:
		r.mapping(n, func(key, value *yaml.Node) {
			item := reflect.New(v.Type().Elem()).Elem()
			r.into(value, item)
			if v.IsNil() {
				v.Set(reflect.MakeMap(v.Type()))
			}
			v.SetMapIndex(reflect.ValueOf(key.Value), item)
		})
	case reflect.Struct:
		r.record(n, v)
	}
}

// list takes a single thing for a list of one.
func (r *reading) list(n *yaml.Node, v reflect.Value) {
	items := n.Content
	if n.Kind == yaml.ScalarNode && v.Type().Elem() == refType {
		items = []*yaml.Node{n}
	} else if n.Kind != yaml.SequenceNode {
		r.find(n.Line, "a list is wanted here")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		r.into(item, v.Index(i))
	}
}

func (r *reading) record(n *yaml.Node, v reflect.Value) {
	fields := map[string]reflect.Value{}
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("yaml"); name != "" {
			fields[name] = v.Field(i)
		} else if v.Type().Field(i).Name == "Line" {
			v.Field(i).SetInt(int64(n.Line))
		}
	}
	r.mapping(n, func(key, value *yaml.Node) {
		if f, ok := fields[key.Value]; ok {
			r.into(value, f)
			return
		}
		r.find(key.Line, "unknown field %q", key.Value)
	})
}

func (r *reading) mapping(n *yaml.Node, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.find(n.Line, "names with values are wanted here")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			r.find(key.Line, "%q is there twice", key.Value)
			continue
		}
		seen[key.Value] = true
		each(key, n.Content[i+1])
	}
}

func (r *reading) scalar(n *yaml.Node) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		r.find(n.Line, "one value is wanted here")
		return "", false
	}
	if n.ShortTag() == "!!null" {
		return "", true
	}
	return n.Value, true
}

func (r *reading) text(n *yaml.Node) forms.Text {
	t := forms.Text{}
	r.mapping(n, func(key, value *yaml.Node) {
		s, ok := r.scalar(value)
		switch {
		case !slices.Contains(forms.Langs, key.Value):
			r.find(key.Line, "%q is none of the languages %s", key.Value, strings.Join(forms.Langs, ", "))
		case ok && strings.TrimSpace(s) == "":
			r.find(value.Line, "the text in %s is empty", key.Value)
		case ok:
			t[key.Value] = forms.Typeset(key.Value, strings.TrimSpace(s))
		}
	})
	return t
}

// firstLine is the line of the first character of a value: of a block, the
// line after its mark.
func firstLine(n *yaml.Node) int {
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return n.Line + 1
	}
	return n.Line
}
