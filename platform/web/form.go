package web

import (
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
		if err := c.R.ParseMultipartForm(1 << 20); err != nil {
			return nil, unreadable(err)
		}
	} else if err := c.R.ParseForm(); err != nil {
		return nil, unreadable(err)
	}
	for _, all := range c.R.PostForm {
		for _, v := range all {
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

// ReadJSON reads one JSON object, and refuses what does not belong.
func (c *Ctx) ReadJSON(v any) error {
	d := json.NewDecoder(c.R.Body)
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil && d.More() {
		err = errors.New("more than one object")
	}
	if err == nil || fault.KindOf(err) != fault.Internal {
		return err
	}
	if errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "error.empty_body")
	}
	return unreadable(err)
}
