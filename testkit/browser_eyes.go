package testkit

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// What a person sees. Questions about a page are asked in a world of our own
// beside the page's scripts, where neither the page's policy nor switched-off
// scripts reach.

// ours is that world in the page that stands now.
func ours(b *Browser) (runtime.ExecutionContextID, error) {
	world, err := try(b, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{
		FrameID: b.traffic.frame, WorldName: "testkit",
	})
	return world.ExecutionContextID, err
}

// ask calls a JavaScript function in our world, on an element or on none.
func ask(b *Browser, on runtime.RemoteObjectID, byValue bool, function string, args ...any) (*runtime.RemoteObject, error) {
	p := runtime.CallFunctionOnParams{
		FunctionDeclaration: function, ObjectID: on, ReturnByValue: &byValue, AwaitPromise: new(true),
	}
	if on == "" {
		world, err := ours(b)
		if err != nil {
			return nil, err
		}
		p.ExecutionContextID = world
	}
	for _, arg := range args {
		value, err := json.Marshal(arg)
		if err != nil {
			return nil, err
		}
		p.Arguments = append(p.Arguments, &runtime.CallArgument{Value: jsonv2.Value(value)})
	}
	answer, err := try(b, runtime.CallFunctionOn, p)
	if err == nil && answer.ExceptionDetails != nil {
		err = errors.New(answer.ExceptionDetails.Text + " " + answer.ExceptionDetails.Exception.Description)
	}
	return answer.Result, err
}

// inPage asks the page, on is the same for one element.
func inPage[T any](b *Browser, function string, args ...any) (T, error) {
	return on[T](b, "", function, args...)
}

func on[T any](b *Browser, element runtime.RemoteObjectID, function string, args ...any) (v T, err error) {
	answer, err := ask(b, element, true, function, args...)
	if err != nil || len(answer.Value) == 0 {
		return v, err
	}
	return v, json.Unmarshal(answer.Value, &v)
}

// find is the first visible element for a CSS selector, or the first at all.
// The empty id means that there is none.
func find(b *Browser, selector string) (runtime.RemoteObjectID, error) {
	found, err := ask(b, "", false, `(selector) => {
		const all = [...document.querySelectorAll(selector)];
		return all.find(e => e.getClientRects().length) || all[0] || null;
	}`, selector)
	if err != nil {
		return "", err
	}
	return found.ObjectID, nil
}

// Text is what a person reads in an element, hidden parts left out.
func (b *Browser) Text(selector string) string {
	b.t.Helper()
	return b.read(selector, `function() {
		for (let e = this; e; e = e.parentElement) if (getComputedStyle(e).display === "none") return "";
		return this.innerText;
	}`)
}

// Value is what a field holds.
func (b *Browser) Value(selector string) string {
	b.t.Helper()
	return b.read(selector, `function() { return this.value }`)
}

// Attribute is one attribute of an element; the empty string when it has none.
func (b *Browser) Attribute(selector, name string) string {
	b.t.Helper()
	return b.read(selector, `function(name) { return this.getAttribute(name) || "" }`, name)
}

func (b *Browser) read(selector, function string, args ...any) (text string) {
	b.t.Helper()
	b.await("read "+selector, func() error {
		element, err := b.element(selector)
		if err == nil {
			text, err = on[string](b, element, function, args...)
		}
		return err
	})
	return text
}

// Count is how many elements match now; nothing is waited for.
func (b *Browser) Count(selector string) int {
	b.t.Helper()
	n, err := inPage[int](b, `(selector) => document.querySelectorAll(selector).length`, selector)
	if err != nil {
		b.fail("count %s: %v", selector, err)
	}
	return n
}

// Focused is the element the keyboard is on, as a start tag.
func (b *Browser) Focused() string {
	b.t.Helper()
	tag, err := inPage[string](b, `() => document.activeElement.cloneNode(false).outerHTML`)
	if err != nil {
		b.fail("no element has the focus: %v", err)
	}
	return tag
}

// Context is for what Browser has no word for: the chromedp context of the tab.
func (b *Browser) Context() context.Context { return b.ctx }

// Eval is what a script says on the page, when it has said it: a promise is waited for.
func Eval[T any](b *Browser, script string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.fail("%.200s: %v", script, err)
	}
	return v
}
