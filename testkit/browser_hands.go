package testkit

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// What a person does with a page. Pointing, typing and choosing go through the
// browser's own input, as from a hand.

// await repeats a step until it succeeds: the page may still be arriving, and
// an element may be replaced under our hands.
func (b *Browser) await(what string, step func() error) {
	b.t.Helper()
	var err error
	for end := time.Now().Add(b.patient); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = step(); err == nil {
			return
		}
	}
	b.fail("%s: %v", what, err)
}

// element is find, for one that must be there.
func (b *Browser) element(selector string) (runtime.RemoteObjectID, error) {
	element, err := find(b, selector)
	if err == nil && element == "" {
		err = errors.New("there is no such element")
	}
	return element, err
}

// point is where a person would press to hit an element, brought into view.
func (b *Browser) point(element runtime.RemoteObjectID) (x, y float64, err error) {
	if _, err = try(b, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{ObjectID: element}); err != nil {
		return 0, 0, fmt.Errorf("it cannot be seen: %w", err)
	}
	area, err := try(b, dom.GetContentQuads, dom.GetContentQuadsParams{ObjectID: element})
	if err != nil || len(area.Quads) == 0 {
		return 0, 0, fmt.Errorf("it cannot be seen: %v", err)
	}
	q := area.Quads[0]
	x, y = (q[0]+q[2]+q[4]+q[6])/4, (q[1]+q[3]+q[5]+q[7])/4
	cover, err := on[string](b, element, `function(x, y) {
		const hit = document.elementFromPoint(x, y);
		if (!hit) return "the edge of the window";
		if (this === hit || this.contains(hit)) return "";
		if (this.labels && [...this.labels].some(l => l.contains(hit))) return "";
		return hit.outerHTML.slice(0, 120);
	}`, x, y)
	if err == nil && cover != "" {
		err = fmt.Errorf("it lies under %s", cover)
	}
	return x, y, err
}

func (b *Browser) press(x, y float64) error {
	for _, kind := range []input.DispatchMouseEventType{chromedp.MouseMoved, chromedp.MousePressed, chromedp.MouseReleased} {
		p := input.DispatchMouseEventParams{Type: kind, X: x, Y: y}
		if kind != chromedp.MouseMoved {
			p.Button, p.ClickCount = input.MouseButtonLeft, 1
		}
		if _, err := try(b, input.DispatchMouseEvent, p); err != nil {
			return err
		}
	}
	return nil
}

// click presses the element once it can be pressed; once only, for what is
// pressed twice may be done twice.
func (b *Browser) click(selector string) {
	b.t.Helper()
	var x, y float64
	b.await("click on "+selector, func() error {
		element, err := b.element(selector)
		if err != nil {
			return err
		}
		x, y, err = b.point(element)
		return err
	})
	if err := b.press(x, y); err != nil {
		b.fail("click on %s: %v", selector, err)
	}
}

// Click presses an element. If a page begins to load of it, it is waited for;
// where one must, say Follow or Submit.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.click(selector)
	b.traffic.settle()
}

// Follow presses an element that must lead to another page, and waits for it. A
// link is pressed once more if nothing came of it: letters that arrive late move
// it away from under the finger, as they do from under people's.
func (b *Browser) Follow(selector string) {
	b.t.Helper()
	before := b.traffic.pages()
	b.click(selector)
	if b.traffic.arrived(before) {
		return
	}
	if link, err := inPage[bool](b, `(selector) => !!document.querySelector(selector)?.matches("a[href]")`, selector); err == nil && link && b.traffic.pages() == before {
		if b.click(selector); b.traffic.arrived(before) {
			return
		}
	}
	b.fail("click on %s leads nowhere", selector)
}

// Submit sends a form by its first button that sends, and waits for the answer.
func (b *Browser) Submit(form string) {
	b.t.Helper()
	button := `:is(button:not([type]), button[type=submit], input[type=submit], input[type=image])`
	b.Follow(form + " " + button)
}

// Fill replaces what a field holds by what a person types.
func (b *Browser) Fill(selector, value string) {
	b.t.Helper()
	b.await("fill "+selector, func() error {
		field, err := b.element(selector)
		if err != nil {
			return err
		}
		if _, err := try(b, dom.Focus, dom.FocusParams{ObjectID: field}); err != nil {
			return fmt.Errorf("it cannot be typed into: %w", err)
		}
		keys := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Commands: []string{"selectAll"}}
		if value == "" {
			keys.Commands = append(keys.Commands, "deleteBackward")
		}
		if _, err := try(b, input.DispatchKeyEvent, keys); err != nil {
			return err
		}
		if value != "" {
			if _, err := try(b, input.InsertText, input.InsertTextParams{Text: value}); err != nil {
				return err
			}
		}
		held, err := on[string](b, field, `function() { return this.value }`)
		if err == nil && held != strings.ReplaceAll(value, "\r\n", "\n") {
			err = fmt.Errorf("it holds %q, not %q", held, value)
		}
		return err
	})
}

// Check ticks a box or chooses a radio button, by its label where the design
// draws the label in its place.
func (b *Browser) Check(selector string) {
	b.t.Helper()
	var x, y float64
	ticked := false
	b.await("check "+selector, func() error {
		box, err := b.element(selector)
		if err != nil {
			return err
		}
		if ticked, err = on[bool](b, box, `function() { return this.checked }`); err != nil || ticked {
			return err
		}
		if x, y, err = b.point(box); err == nil {
			return nil
		}
		label, second := ask(b, box, false, `function() { return this.labels && this.labels[0] || null }`)
		if second != nil || label.ObjectID == "" {
			return err
		}
		x, y, err = b.point(label.ObjectID)
		return err
	})
	if ticked {
		return
	}
	if err := b.press(x, y); err != nil {
		b.fail("check %s: %v", selector, err)
	}
	b.await("check "+selector, func() error {
		box, err := b.element(selector)
		if err != nil {
			return err
		}
		if ticked, err = on[bool](b, box, `function() { return this.checked }`); err == nil && !ticked {
			err = errors.New("it was pressed and is not ticked")
		}
		return err
	})
}

// Choose takes the option of a list that has the value, with the arrow keys.
func (b *Browser) Choose(selector, value string) {
	b.t.Helper()
	var list runtime.RemoteObjectID
	var steps int
	b.await("choose in "+selector, func() (err error) {
		if list, err = b.element(selector); err != nil {
			return err
		}
		steps, err = on[int](b, list, `function(value) {
			return [...this.options].filter(o => !o.disabled).findIndex(o => o.value === value);
		}`, value)
		if err == nil && steps < 0 {
			err = fmt.Errorf("it has no option %q", value)
		}
		return err
	})
	if _, err := try(b, dom.Focus, dom.FocusParams{ObjectID: list}); err != nil {
		b.fail("choose in %s: %v", selector, err)
	}
	b.strike("Home")
	for range steps {
		b.strike("ArrowDown")
	}
	if held, err := on[string](b, list, `function() { return this.value }`); err != nil || held != value {
		b.fail("choose in %s: it holds %q, not %q (%v)", selector, held, value, err)
	}
}

// keys are those that Press knows, with the numbers that the browser wants.
var keys = map[string]struct {
	code int64
	text string
}{
	"Tab": {9, ""}, "Enter": {13, "\r"}, "Escape": {27, ""}, "Space": {32, " "},
	"End": {35, ""}, "Home": {36, ""}, "ArrowLeft": {37, ""}, "ArrowUp": {38, ""}, "ArrowRight": {39, ""}, "ArrowDown": {40, ""},
}

// Press strikes one key by its name: Tab, Enter, Escape, Space, Home, End, an arrow, a digit or a small letter.
func (b *Browser) Press(key string) {
	b.t.Helper()
	b.strike(key)
	b.traffic.settle()
}

func (b *Browser) strike(key string) {
	b.t.Helper()
	k, known := keys[key]
	code := key
	if len(key) == 1 && key[0] >= 'a' && key[0] <= 'z' { // a letter of the keyboard
		k.code, k.text, known = int64(key[0]-'a'+'A'), key, true
		code = "Key" + string(key[0]-'a'+'A')
	}
	if len(key) == 1 && key[0] >= '0' && key[0] <= '9' {
		k.code, k.text, known = int64(key[0]), key, true
		code = "Digit" + key
	}
	if !known {
		b.t.Fatalf("Press knows no key %q", key)
	}
	p := input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeKeyDown, Key: key, Code: code, Text: k.text,
		WindowsVirtualKeyCode: k.code, NativeVirtualKeyCode: k.code,
	}
	if key == "Space" {
		p.Key = " "
	}
	call(b, input.DispatchKeyEvent, p)
	p.Type, p.Text = input.DispatchKeyEventTypeKeyUp, ""
	call(b, input.DispatchKeyEvent, p)
}

// Upload puts files into a file field.
func (b *Browser) Upload(selector string, files ...string) {
	b.t.Helper()
	for i, file := range files {
		full, err := filepath.Abs(file)
		if err != nil {
			b.t.Fatal(err)
		}
		files[i] = full
	}
	b.await("upload to "+selector, func() error {
		field, err := b.element(selector)
		if err == nil {
			_, err = try(b, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: files, ObjectID: field})
		}
		return err
	})
}
