package app

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/twiza/twiza/testkit"
)

// tabsAt is where the phases of the queue stand: each tab's top, and by how
// much it is wider than its place or leaves the window.
const tabsAt = `JSON.stringify([...document.querySelectorAll(".col-h .seg a")].map(a => { const r = a.getBoundingClientRect();
	return {top: Math.round(r.top), high: Math.round(r.height), over: Math.max(a.scrollWidth - a.clientWidth, -r.left, r.right - innerWidth)} }))`

func TestThePhasesOfTheQueueStandInTwoTidyRowsOnATelephone(t *testing.T) {
	b := testkit.Chromium(t)
	s := newStreet(t)
	s.signIn(b, "fr", "dispatcher")
	for _, lang := range []string{"ar", "fr"} {
		for _, width := range []int{360, 392, 1440} {
			for _, dark := range []bool{false, true} {
				b.Size(width, 800)
				b.Dark(dark)
				b.Open(s.site + "/" + lang + "/queue")
				out, err := chromedp.Call(b.Context(), runtime.Evaluate, runtime.EvaluateParams{Expression: tabsAt, ReturnByValue: new(true)})
				s.must(err)
				var text string
				s.must(json.Unmarshal(out.Result.Value, &text))
				var tabs []struct {
					Top, High int
					Over      float64
				}
				s.must(json.Unmarshal([]byte(text), &tabs))
				rows, tops := map[int]int{}, []int{}
				for _, x := range tabs {
					if rows[x.Top]++; rows[x.Top] == 1 {
						tops = append(tops, x.Top)
					}
					if x.Over > 0 || x.High < 44 {
						t.Errorf("%s at %d: a tab %d high is cut off by %v", lang, width, x.High, x.Over)
					}
				}
				var each []int
				for _, top := range tops {
					each = append(each, rows[top])
				}
				if fmt.Sprint(each) != "[3 2]" {
					t.Errorf("%s at %d: the phases stand in rows of %v", lang, width, each)
				}
			}
		}
	}
}
