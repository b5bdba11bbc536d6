package ui_test

import (
	"context"
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/testkit"
)

// browser opens a Chromium with one tab, closed when the test ends.
func browser(t *testing.T) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			program = p
			break
		}
	}
	if program == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no Chromium to look at the pages with")
		}
		t.Skip("there is no Chromium to look at the pages with")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, shut := chromedp.NewContext(ctx)
	t.Cleanup(shut)
	ctx, late := context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(late)
	return ctx
}

// house serves the gallery as the edge would: /fr/sample_home, with its
// content security policy, and counts the forms it is sent.
func house(t *testing.T) (url string, sent *[]string) {
	t.Helper()
	cat := catalogue(t)
	sets := map[i18n.Lang]*template.Template{}
	for _, l := range i18n.Langs() {
		sets[l] = pages(t, printer(cat, l))
	}
	sent = &[]string{}
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", ui.Handler())
	mux.Handle("GET /sw.js", ui.Worker())
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		*sent = append(*sent, r.FormValue("words"))
		time.Sleep(time.Second) // long enough to tap twice
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		lang, page := path.Split(r.URL.Path)
		if page == "offline" || page == "saved" { // which the worker asks for, and a module has
			http.NotFound(w, r)
			return
		}
		p := printer(cat, i18n.Lang(strings.Trim(lang, "/")))
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:")
		if err := sets[p.Lang()].ExecuteTemplate(w, page, filled(p, page)); err != nil {
			t.Error(err)
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL, sent
}

func TestInTheBrowser(t *testing.T) {
	testkit.Long(t, "it opens a browser, for some ten seconds")
	ctx := browser(t)
	url, sent := house(t)
	t.Run("NothingOverflowsAt320Pixels", func(t *testing.T) { nothingOverflows(t, ctx, url) })
	t.Run("AnswersStayOnThePhoneUntilTheReceipt", func(t *testing.T) { answersStay(t, ctx, url) })
	t.Run("ASecondTapSendsNothing", func(t *testing.T) { secondTap(t, ctx, url, sent) })
}

// see is what a script says on the open page.
func see[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return v
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func nothingOverflows(t *testing.T, ctx context.Context, url string) {
	do(t, ctx, chromedp.EmulateViewport(320, 640))
	for _, l := range i18n.Langs() {
		for page := range kinds {
			do(t, ctx, chromedp.Navigate(url+"/"+string(l)+"/"+page))
			if over := see[int](t, ctx, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
				t.Errorf("%s (%s) is %d px too wide", page, l, over)
			}
			if see[string](t, ctx, `getComputedStyle(document.body).backgroundColor`) == "rgba(0, 0, 0, 0)" {
				t.Fatalf("%s (%s) came without its style sheet", page, l)
			}
		}
	}
}

func answersStay(t *testing.T, ctx context.Context, url string) {
	const words, water = `document.querySelector('#f-words').value`, `document.querySelector('[name=need][value=water]')`
	do(t, ctx, chromedp.Navigate(url+"/fr/sample_step"))
	if !see[bool](t, ctx, `document.activeElement.classList.contains('errs')`) {
		t.Error("what is wrong with the form is not read out first")
	}
	if see[bool](t, ctx, `document.querySelector('[data-gps]').hidden`) {
		t.Error("the phone can give its place and is not asked to")
	}
	do(t, ctx, chromedp.SendKeys(chromedp.CSS("#f-words"), "neige"))
	see[chromedp.Void](t, ctx, water+`.click()`)

	do(t, ctx, chromedp.Navigate(url+"/ar/sample_step"))
	if got := see[string](t, ctx, words); got != "neige" || !see[bool](t, ctx, water+`.closest('.opt').classList.contains('is-on')`) {
		t.Errorf("in another language the answers are gone, the words are %q", got)
	}
	do(t, ctx, chromedp.Navigate(url+"/fr/sample_track"), chromedp.Navigate(url+"/fr/sample_step"))
	if got := see[string](t, ctx, words); got != "" {
		t.Errorf("after the receipt the phone still holds %q", got)
	}
}

func secondTap(t *testing.T, ctx context.Context, url string, sent *[]string) {
	do(t, ctx, chromedp.Navigate(url+"/fr/sample_step"), chromedp.SendKeys(chromedp.CSS("#f-words"), "une fois"))
	// A browser sends only the last of three forms sent at once: count what was not held back.
	taps := see[struct {
		Passed int
		Label  string
	}](t, ctx, `(() => { let Passed = 0; addEventListener('submit', e => Passed += !e.defaultPrevented);
		const b = document.querySelector('.bar button'); for (let i = 0; i < 3; i++) b.click(); return { Passed, Label: b.textContent } })()`)
	do(t, ctx, chromedp.Sleep(2*time.Second))
	if taps.Passed != 1 || len(*sent) != 1 || (*sent)[0] != "une fois" {
		t.Errorf("of three taps %d passed, and %q arrived", taps.Passed, *sent)
	}
	if taps.Label != "Envoi en cours" {
		t.Errorf("while it sends, the button says %q", taps.Label)
	}
}
