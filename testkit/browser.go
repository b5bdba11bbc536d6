package testkit

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take to answer on a busy machine before the
// test gives up. It is not waited for in a run that passes.
const patience = 20 * time.Second

// Browser is one person in front of one window of a real Chromium. Every
// method ends the test with a sentence when what it was asked cannot be done
// by a person either: nothing to click on, a button under another one, a field
// that does not take the text.
type Browser struct {
	t       testing.TB
	ctx     context.Context
	traffic *traffic
	patient time.Duration
	width   int
	height  int
	scripts bool
	dark    bool
	print   bool
	mute    bool // a failure tells no text of a page
}

// NeedsChromium ends a test where there is no browser to look with, and tells
// where it is. It is for tests that build much before they open a window.
func NeedsChromium(t testing.TB) (program string) {
	t.Helper()
	if os.Getenv("TWIZA_TEST_BROWSER") == "" {
		Lacking(t, "browser tests are off: run make test, or set TWIZA_TEST_BROWSER=1")
	}
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("TWIZA_TEST_BROWSER is set and there is no chromium: run scripts/needs.sh")
	}
	return program
}

// Chromium is a person with an empty profile, 1280 by 800, light, with scripts
// on, until the test ends. It can reach this machine only: a page that asks
// another host for anything fails to get it, and Hosts tells.
//
// Pages come from the house itself, and not from a worker that keeps copies of
// them: ChromiumIn is for what that does.
func Chromium(t testing.TB) *Browser {
	t.Helper()
	b := tab(t, everybodys.open(t), chromedp.WithNewBrowserContext())
	b.past()
	return b
}

// everybodys is the program that the tests of one package share while any of
// them has a window open: a start costs more than most of what is looked at.
// Persons in it share no cookie, no store and no copy of a page.
var everybodys shared

type shared struct {
	sync.Mutex
	ctx   context.Context
	stop  context.CancelFunc
	users int
}

// open gives the running program to a test, and stops it after its last one.
func (s *shared) open(t testing.TB) context.Context {
	t.Helper()
	s.Lock()
	defer s.Unlock()
	if s.users == 0 {
		machine, stop := chromium(t)
		ctx, end := chromedp.NewContext(machine, chromedp.WithErrorf(silent), chromedp.WithLogf(silent))
		if err := chromedp.Do(ctx); err != nil {
			stop()
			t.Fatalf("Chromium does not start: %v", err)
		}
		s.ctx, s.stop = ctx, func() { end(); stop() }
	}
	s.users++
	t.Cleanup(func() {
		s.Lock()
		defer s.Unlock()
		if s.users--; s.users == 0 {
			s.stop()
		}
	})
	return s.ctx
}

// ChromiumIn starts a browser whose profile lies in a folder and stays there:
// opened again, it is the same person's. kill ends it as a telephone ends whose
// battery is taken out. Its pages may come from the worker of the house.
func ChromiumIn(t testing.TB, folder string) (b *Browser, kill func()) {
	t.Helper()
	machine, stop := chromium(t, chromedp.UserDataDir(folder))
	b = tab(t, machine, chromedp.WithErrorf(silent), chromedp.WithLogf(silent))
	kill = sync.OnceFunc(func() {
		process := chromedp.FromContext(b.ctx).Browser.Process()
		if process != nil {
			process.Kill()
		}
		stop()
	})
	t.Cleanup(kill)
	return b, kill
}

// past lets the pages of a window come past the worker.
func (b *Browser) past() {
	b.t.Helper()
	call(b, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
}

// Tab is another window of the same person.
func (b *Browser) Tab() *Browser {
	b.t.Helper()
	return tab(b.t, b.ctx)
}

// silent is for the protocol's own chatter.
func silent(string, ...any) {}

func chromium(t testing.TB, more ...chromedp.ExecAllocatorOption) (context.Context, context.CancelFunc) {
	t.Helper()
	program := NeedsChromium(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.NoSandbox, // the tests may run as root, where there is no other way
		chromedp.DisableGPU,
		chromedp.Flag("enable-unsafe-swiftshader", true), // maps draw with WebGL, which no such machine has a card for
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		// A page kept alive behind the back button does not load again, and so
		// tells nobody that it is there.
		chromedp.Flag("disable-features", "Translate,MediaRouter,OptimizationHints,BackForwardCache"),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"),
	)
	return chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
}

// Another is a second person at the same machine: other cookies, other cache.
func (b *Browser) Another() *Browser {
	b.t.Helper()
	other := tab(b.t, b.ctx, chromedp.WithNewBrowserContext())
	other.past()
	return other
}

func tab(t testing.TB, parent context.Context, options ...chromedp.ContextOption) *Browser {
	t.Helper()
	ctx, end := chromedp.NewContext(parent, options...)
	t.Cleanup(end)
	b := &Browser{t: t, ctx: ctx, traffic: newTraffic(), patient: patience, scripts: true}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	tree := call(b, page.GetFrameTree, cdp.Empty{})
	b.traffic.frame = tree.FrameTree.Frame.ID
	if err := chromedp.Listen(ctx, b.traffic.hear); err != nil {
		t.Fatal(err)
	}
	call(b, page.Enable, page.EnableParams{})
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, runtime.Enable, cdp.Empty{})
	b.Size(1280, 800)
	b.media()
	return b
}

// try sends one command to the browser.
func try[P, R any](b *Browser, command cdp.Command[P, R], params P) (R, error) {
	ctx, end := context.WithTimeout(b.ctx, patience)
	defer end()
	return chromedp.Call(ctx, command, params)
}

// call is try, where a refusal means that the browser is broken.
func call[P, R any](b *Browser, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := try(b, command, params)
	if err != nil {
		b.fail("%s: %v", command.Method, err)
	}
	return result
}

// Mute keeps what pages say out of a failure: they hold what people really said.
func (b *Browser) Mute() { b.mute = true }

// fail ends the test, and says where the person stood.
func (b *Browser) fail(format string, args ...any) {
	b.t.Helper()
	where := b.traffic.url()
	text, _ := inPage[string](b, `() => document.body ? document.body.innerText : ""`)
	if text = strings.Join(strings.Fields(text), " "); b.mute {
		text = "what may not be copied"
	}
	if runes := []rune(text); len(runes) > 400 {
		text = string(runes[:400]) + " …"
	}
	b.t.Fatalf("%s\n  at %s\n  which says: %s", fmt.Sprintf(format, args...), where, text)
}

// Open goes to an address and waits until the page is there.
func (b *Browser) Open(url string) {
	b.t.Helper()
	before := b.traffic.pages()
	result := call(b, page.Navigate, page.NavigateParams{URL: url})
	if result.ErrorText != "" {
		b.t.Fatalf("%s does not open: %s", url, result.ErrorText)
	}
	if result.LoaderID == "" {
		return // another place on the same page
	}
	if !b.traffic.arrived(before) {
		b.fail("%s is not loaded after %v", url, patience)
	}
}

// Back is the browser's own back button.
func (b *Browser) Back() {
	b.t.Helper()
	history := call(b, page.GetNavigationHistory, cdp.Empty{})
	if history.CurrentIndex == 0 {
		b.fail("there is no page to go back to")
	}
	before := b.traffic.pages()
	entry := history.Entries[history.CurrentIndex-1].ID
	call(b, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: entry})
	if !b.traffic.arrived(before) {
		b.fail("the page before is not loaded after %v", patience)
	}
}

// URL is what the address bar shows.
func (b *Browser) URL() string { return b.traffic.url() }

// Status is the HTTP status of the page that stands now.
func (b *Browser) Status() int { return b.traffic.pageStatus() }

// Size makes the window so many CSS pixels large. Below 600 it is a telephone.
func (b *Browser) Size(width, height int) {
	b.t.Helper()
	b.width, b.height = width, height
	b.window(height)
}

func (b *Browser) window(height int) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(b.width), Height: int64(height), DeviceScaleFactor: 1, Mobile: b.width < 600,
	})
}

// Dark says whether the person's system is set to dark.
func (b *Browser) Dark(on bool) { b.t.Helper(); b.dark = on; b.media() }

// Print shows the page as it would come out on paper.
func (b *Browser) Print(on bool) { b.t.Helper(); b.print = on; b.media() }

func (b *Browser) media() {
	b.t.Helper()
	p := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: "light"},
		{Name: "prefers-reduced-motion", Value: "reduce"}, // nothing half faded in when we look
	}}
	if b.dark {
		p.Features[0].Value = "dark"
	}
	if b.print {
		p.Media = "print"
	}
	call(b, emulation.SetEmulatedMedia, p)
}

// JavaScript turns the scripts of pages on or off, from the next page on. What
// Browser itself does works either way.
func (b *Browser) JavaScript(on bool) {
	b.t.Helper()
	b.scripts = on
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
}

// tallest is how many pixels of a page a picture can hold.
const tallest = 16_000

// Shot writes the page from its top to its end, as wide as the window, as a PNG
// file. For the moment of the picture the window is as tall as the page: what
// Chromium takes from beyond a window lies shifted sideways where the page is
// read from the right and has words that only a screen reader reads.
func (b *Browser) Shot(file string) {
	b.t.Helper()
	content := call(b, page.GetLayoutMetrics, cdp.Empty{}).CSSContentSize
	b.window(min(max(int(math.Ceil(content.Height)), b.height), tallest))
	picture := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	b.window(b.height)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(file, picture.Data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// Overflow is by how many pixels the page is wider than the window; a person
// on a telephone would have to push it sideways to read. It is zero in a page
// that fits.
func (b *Browser) Overflow() int {
	b.t.Helper()
	wide, err := inPage[float64](b, `() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)`)
	if err != nil {
		b.fail("the page cannot be measured: %v", err)
	}
	return max(0, int(wide)-b.width)
}
