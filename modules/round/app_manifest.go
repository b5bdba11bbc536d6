package round

import (
	"encoding/json"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/platform/web"
)

// AppManifest is that of a web app (W3C, Web Application Manifest): what a phone needs to
// know to put the app among its others, under a name in its holder's language.
type AppManifest struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	ShortName  string    `json:"short_name"`
	Lang       string    `json:"lang"`
	Dir        string    `json:"dir"`
	StartURL   string    `json:"start_url"`
	Scope      string    `json:"scope"`
	Display    string    `json:"display"`
	Background string    `json:"background_color"`
	Theme      string    `json:"theme_color"`
	Icons      []AppIcon `json:"icons"`
}

type AppIcon struct {
	Src   string `json:"src"`
	Sizes string `json:"sizes"`
	Type  string `json:"type"`
}

// appManifest is that of the language asked for: browsers fetch it without cookies.
func (s *Service) appManifest(c *web.Ctx) error {
	p := printer(c)
	lang := string(p.Lang())
	body, err := json.Marshal(AppManifest{
		ID: "/round", Name: p.Text("round.app.title") + " · " + p.Text("ui.brand"), ShortName: p.Text("round.app.title"), Lang: lang, Dir: p.Dir(),
		StartURL: "/" + lang + "/round", Scope: "/", Display: "standalone", Background: "#f4f6f3", Theme: "#06332a",
		Icons: []AppIcon{{ui.Asset("icon-192.png"), "192x192", "image/png"}, {ui.Asset("icon-512.png"), "512x512", "image/png"}, {ui.Asset("icon.svg"), "any", "image/svg+xml"}},
	})
	if err != nil {
		return err
	}
	c.W.Header().Set("Content-Type", "application/manifest+json")
	c.W.Header().Set("Cache-Control", "public, max-age=3600")
	_, err = c.W.Write(body)
	return err
}
