package testkit

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/runtime"
)

// Violation is one element that shuts somebody out, as axe-core sees it.
type Violation struct {
	Rule   string `json:"rule"`   // "color-contrast"
	Impact string `json:"impact"` // "serious"
	Help   string `json:"help"`
	Target string `json:"target"` // a CSS selector
	HTML   string `json:"html"`
}

func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s\n    %s\n    %s", v.Rule, v.Impact, v.Help, v.Target, v.HTML)
}

// Axe is what axe-core finds wrong with the page that stands now: the rules of
// WCAG 2.2 A and AA, the size of targets among them, and its best practices.
// axe-core is itself a script, so scripts are let on for it and put back.
func (b *Browser) Axe(t testing.TB) []Violation {
	t.Helper()
	return b.axe(t, `resultTypes: ["violations"], rules: {"target-size": {enabled: true}}`)
}

// AxeColours is the part of Axe that another colour scheme can change.
func (b *Browser) AxeColours(t testing.TB) []Violation {
	t.Helper()
	return b.axe(t, `resultTypes: ["violations", "inapplicable"], runOnly: ["color-contrast", "link-in-text-block"]`)
}

func (b *Browser) axe(t testing.TB, asked string) []Violation {
	t.Helper()
	file := filepath.Join(Root(t), "node_modules", "axe-core", "axe.min.js")
	source, err := os.ReadFile(file)
	if err != nil {
		Lacking(t, "axe-core is not installed: run scripts/needs.sh")
	}
	if !b.scripts {
		b.JavaScript(true)
		defer b.JavaScript(false)
	}
	world, err := ours(b)
	if err != nil {
		b.fail("axe-core cannot enter the page: %v", err)
	}
	if there, err := inPage[bool](b, `() => "axe" in globalThis`); err != nil || !there { // once for each page
		loaded := call(b, runtime.Evaluate, runtime.EvaluateParams{Expression: string(source), ContextID: world})
		if loaded.ExceptionDetails != nil {
			b.fail("axe-core does not start: %s", loaded.ExceptionDetails.Text)
		}
	}
	found, err := inPage[string](b, `async () => {
		const result = await axe.run(document, {`+asked+`});
		if (!result.passes.length && !result.inapplicable.length) throw new Error("axe-core looked at nothing");
		return JSON.stringify(result.violations.flatMap(v => v.nodes.map(n => ({
			rule: v.id, impact: v.impact || "", help: v.help, target: n.target.join(" "), html: n.html,
		}))));
	}`)
	if err != nil {
		b.fail("axe-core fails: %v", err)
	}
	var violations []Violation
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		t.Fatal(err)
	}
	return violations
}
