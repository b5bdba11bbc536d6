package web

import (
	"bytes"
	"mime/multipart"
	"net/http/httptest"
	"os"
	"testing"
)

func TestAnUploadedFileOfNamesNeverTouchesATemporaryFolder(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "names.csv")
	if err != nil {
		t.Fatal(err)
	}
	part.Write(bytes.Repeat([]byte("id,name\n1,Aicha\n"), 1<<20/4))
	w.Close()
	r := httptest.NewRequest("POST", "/import", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	c := &Ctx{W: httptest.NewRecorder(), R: r, Site: &Site{}, Door: &Route{MaxBody: 20 << 20}}
	if _, err := c.Form(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%d files lie in the temporary folder, %v", len(left), err)
	}
}

func TestAReaderIsKnownByNetworkAndNotByWhatTheyClaim(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		remote, claims string
		proxied        bool
		want           string
	}{
		{"203.0.113.7:4711", "198.51.100.1", false, "203.0.113.7"},
		{"127.0.0.1:80", "198.51.100.1, 203.0.113.9", true, "203.0.113.9"},
		{"127.0.0.1:80", "", true, "127.0.0.1"},
		{"[2001:db8:1:2:aaaa::1]:4711", "", false, "2001:db8:1:2::/64"},
		{"[2001:db8:1:2:bbbb::9]:4711", "", false, "2001:db8:1:2::/64"},
		{"[::ffff:203.0.113.7]:4711", "", false, "::ffff:203.0.113.7"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = x.remote
		if x.claims != "" {
			r.Header.Set("X-Forwarded-For", x.claims)
		}
		if got := (&Ctx{R: r, Site: &Site{Proxied: x.proxied}}).From(); got != x.want {
			t.Errorf("%+v: %q", x, got)
		}
	}
}
