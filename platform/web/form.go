package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
)

// Form reads the body of a form. Bytes that are not text are refused with a
// sentence rather than kept as garbage.
func (c *Ctx) Form() (url.Values, error) {
	if strings.HasPrefix(c.R.Header.Get("Content-Type"), "multipart/form-data") {
		// As much memory as the door lets in: a file of people's names must not
		// spill into a temporary folder, unsealed, where nobody takes it away.
		if err := c.R.ParseMultipartForm(c.Door.most()); err != nil {
			return nil, unreadable(err)
		}
	} else if err := c.R.ParseForm(); err != nil {
		return nil, unreadable(err)
	}
	for name, all := range c.R.PostForm {
		for _, v := range append(all, name) {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return nil, fault.New(fault.Invalid, "error.not_text")
			}
		}
	}
	return c.R.PostForm, nil
}

func unreadable(err error) error {
	if f := Fault(err); fault.KindOf(f) != fault.Internal {
		return f
	}
	return &fault.Fault{Kind: fault.Invalid, Key: "error.unreadable", Cause: err}
}

// ReadJSON reads one JSON object, and refuses what does not belong. Bytes that
// are not text are refused: read on, they would be kept as other letters.
func (c *Ctx) ReadJSON(v any) error {
	body, err := io.ReadAll(c.R.Body)
	if err != nil {
		return unreadable(err)
	}
	return DecodeJSON(body, v)
}

// DecodeJSON is ReadJSON of a body that was read already.
func DecodeJSON(body []byte, v any) error {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return fault.New(fault.Invalid, "error.empty_body")
	case !utf8.Valid(body), bytes.Contains(body, []byte(`\u0000`)): // PostgreSQL keeps no NUL
		return fault.New(fault.Invalid, "error.not_text")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		return unreadable(errors.New("something follows the object"))
	}
	return unreadable(err)
}
