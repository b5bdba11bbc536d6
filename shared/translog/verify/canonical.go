package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Canonical spells a value as JSON in one way only: the JSON Canonicalization
// Scheme (RFC 8785) over objects, arrays, texts, whole numbers, true, false and
// null. Names are ASCII, so that their order is the same by bytes and by UTF-16
// units (RFC 8785, 3.2.3). A number that is not whole, or beyond 2^53-1 on either
// side, is an error: other languages would read another one (RFC 7493, 2.2).
func Canonical(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	return canonicalOf(raw)
}

// canonicalOf spells again what is written as JSON.
func canonicalOf(raw []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("verify: something follows the JSON value")
	}
	return spell(nil, v)
}

func spell(out []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(out, "null"...), nil
	case bool:
		return strconv.AppendBool(out, v), nil
	case string:
		return spellText(out, v)
	case json.Number:
		return spellNumber(out, v)
	case []any:
		out = append(out, '[')
		for i, x := range v {
			if i > 0 {
				out = append(out, ',')
			}
			var err error
			if out, err = spell(out, x); err != nil {
				return nil, err
			}
		}
		return append(out, ']'), nil
	case map[string]any:
		return spellObject(out, v)
	}
	return nil, fmt.Errorf("verify: no JSON value is a %T", v)
}

func spellObject(out []byte, v map[string]any) ([]byte, error) {
	names := make([]string, 0, len(v))
	for name := range v {
		for _, r := range name {
			if r < ' ' || r > '~' {
				return nil, fmt.Errorf("verify: the name %q is not plain ASCII", name)
			}
		}
		names = append(names, name)
	}
	slices.Sort(names)
	out = append(out, '{')
	for i, name := range names {
		if i > 0 {
			out = append(out, ',')
		}
		var err error
		if out, err = spellText(out, name); err != nil {
			return nil, err
		}
		if out, err = spell(append(out, ':'), v[name]); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

const mostWhole = 1<<53 - 1

func spellNumber(out []byte, n json.Number) ([]byte, error) {
	whole, err := strconv.ParseInt(string(n), 10, 64)
	if err != nil || whole > mostWhole || whole < -mostWhole {
		return nil, fmt.Errorf("verify: %s is no whole number that every reader reads alike; write it as a text", n)
	}
	return strconv.AppendInt(out, whole, 10), nil
}

// spellText writes a text as RFC 8785, 3.2.2.2 has it: only what must be is escaped.
func spellText(out []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("verify: %q is not UTF-8", s)
	}
	out = append(out, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r == '\b':
			out = append(out, `\b`...)
		case r == '\t':
			out = append(out, `\t`...)
		case r == '\n':
			out = append(out, `\n`...)
		case r == '\f':
			out = append(out, `\f`...)
		case r == '\r':
			out = append(out, `\r`...)
		case r < ' ':
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return append(out, '"'), nil
}
