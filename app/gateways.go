package app

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/twiza/twiza/shared/reach"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/gateway/android"
	"github.com/twiza/twiza/shared/reach/gateway/ari"
	"github.com/twiza/twiza/shared/reach/gateway/httpsms"
	"github.com/twiza/twiza/shared/reach/gateway/smpp"
	"github.com/twiza/twiza/shared/reach/gateway/telegram"
	"github.com/twiza/twiza/shared/reach/gateway/ussd"
	"github.com/twiza/twiza/shared/reach/gateway/whatsapp"
)

// gatewaysFile is what an operator writes of the ways by which people are
// reached: docs/channels.md. Secrets stand in it by name only.
type gatewaysFile struct {
	Public   string        `yaml:"public"` // how the gateways reach this house, "https://twiza.example"
	Gateways []gatewayFile `yaml:"gateways"`
}

type gatewayFile struct {
	Name      string  `yaml:"name"`
	Kind      string  `yaml:"kind"`
	Number    string  `yaml:"number"`
	PerSecond float64 `yaml:"per_second"`
	PerDay    int     `yaml:"parts_per_day"`
	Minor     int     `yaml:"price_per_part"` // minor units of the country's currency

	URL      string   `yaml:"url"`
	User     string   `yaml:"user"`
	Password secret   `yaml:"password"`
	Token    secret   `yaml:"token"`
	Keys     []secret `yaml:"keys"`      // that we sign with
	HookKeys []secret `yaml:"hook_keys"` // that sign what we are told
	Secret   secret   `yaml:"secret"`
	Verify   secret   `yaml:"verify"`
	Header   string   `yaml:"header"`
	Allow    []string `yaml:"allow"` // addresses that may call
	Phone    string   `yaml:"phone_id"`
	Bot      string   `yaml:"bot"`
	Server   bool     `yaml:"server"`
	Device   string   `yaml:"device"`
	SIM      int      `yaml:"sim"`
	TLS      bool     `yaml:"tls"`
	Source   string   `yaml:"source"`
	Window   int      `yaml:"window"`
	App      string   `yaml:"app"`
	Lang     string   `yaml:"lang"`
}

// secret is read from where it is kept: "env:NAME" or "file:PATH". One that is
// written out is refused, for files are copied and shown.
type secret string

func (s *secret) UnmarshalYAML(n *yaml.Node) error {
	where, name, ok := strings.Cut(n.Value, ":")
	switch {
	case ok && where == "env":
		*s = secret(os.Getenv(name))
	case ok && where == "file":
		b, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("line %d: %w", n.Line, err)
		}
		*s = secret(strings.TrimSpace(string(b)))
	default:
		return fmt.Errorf("line %d: a secret is never written here: env:NAME or file:PATH says where it is kept", n.Line)
	}
	if *s == "" {
		return fmt.Errorf("line %d: %s holds nothing", n.Line, n.Value)
	}
	return nil
}

// gateways joins the ways by which people are reached.
func (h *House) gateways() error {
	if h.Config.Gateways == "" {
		return nil
	}
	body, err := os.ReadFile(h.Config.Gateways)
	if err != nil {
		return err
	}
	var file gatewaysFile
	d := yaml.NewDecoder(bytes.NewReader(body))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(h.Config.Gateways), err)
	}
	for _, f := range file.Gateways {
		g, err := h.gateway(f, strings.TrimSuffix(file.Public, "/"))
		if err == nil && h.Config.Demo && g.Out != nil {
			g.Out = spared{g.Out}
		}
		if err == nil {
			err = h.Reach.Use(g)
		}
		if err != nil {
			return fmt.Errorf("%s: %q: %w", filepath.Base(h.Config.Gateways), f.Name, err)
		}
	}
	return nil
}

// gatewayKinds is what a gateway can be, in the order in which they are told.
var gatewayKinds = []string{"android", "http", "smpp", "ussd", "asterisk", "telegram", "whatsapp"}

func (h *House) gateway(f gatewayFile, public string) (g *reach.Gateway, err error) {
	if f.Name == "" || strings.Trim(f.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return nil, fmt.Errorf("a gateway needs a name of small letters, digits and hyphens: it stands in addresses")
	}
	g = &reach.Gateway{Name: f.Name, Kind: channel.SMS, Number: f.Number, PerSecond: f.PerSecond, PerDay: f.PerDay, Minor: f.Minor}
	hook := ""
	if public != "" {
		hook = public + "/reach/" + f.Name
	}
	switch f.Kind {
	case "android":
		c, err := android.New(android.Config{URL: f.URL, Server: f.Server, Device: f.Device, User: f.User, Password: string(f.Password), SIM: f.SIM,
			Prefix: h.Places.Country().Phone.Prefix, Hook: hook, Keys: secrets(f.HookKeys)}, h.clock, h.Log)
		if err != nil {
			return nil, err
		}
		g.Out, g.Hook, g.Runner = c, c, c
	case "http":
		c, err := httpsms.New(httpsms.Config{URL: f.URL, ReportTo: hook, Keys: secrets(f.Keys), HookKeys: secrets(f.HookKeys)}, h.clock, h.Log)
		if err != nil {
			return nil, err
		}
		g.Out, g.Hook = c, c
	case "smpp":
		conf := smpp.Config{Address: f.URL, SystemID: f.User, Password: string(f.Password), Source: f.Source, Country: h.Places.Country().Phone.Prefix, Window: f.Window}
		if f.TLS {
			conf.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		c, err := smpp.New(conf, h.clock, h.Log)
		if err != nil {
			return nil, err
		}
		g.Out, g.Runner = c, c
	case "ussd":
		allow, err := prefixes(f.Allow)
		if err != nil {
			return nil, err
		}
		g.Kind, g.Live = channel.USSD, ussd.New(ussd.Config{Name: f.Name, Secret: string(f.Secret), Header: f.Header, Allow: allow, From: h.caller(), Prefix: h.Places.Country().Phone.Prefix}, h.clock, h.Log)
	case "asterisk":
		g.Kind, g.Caller = channel.Voice, ari.New(h.exchange(f), h.clock, h.Log)
	case "telegram":
		c, err := telegram.New(telegram.Config{Token: string(f.Token), Name: f.Bot, API: f.URL, Webhook: hookIf(f.Secret != "", hook), Secret: string(f.Secret)}, h.clock, h.Log)
		if err != nil {
			return nil, err
		}
		g.Kind, g.Out, g.Hook, g.Runner = channel.Telegram, c, c, c
	case "whatsapp":
		c, err := whatsapp.New(whatsapp.Config{API: f.URL, Phone: f.Phone, Token: string(f.Token), AppSecret: string(f.Secret), Verify: string(f.Verify)}, h.clock, h.Log)
		if err != nil {
			return nil, err
		}
		g.Kind, g.Out, g.Hook = channel.WhatsApp, c, c
	default:
		return nil, fmt.Errorf("the kind %q is none of %s", f.Kind, strings.Join(gatewayKinds, ", "))
	}
	return g, nil
}

// exchange is the telephone exchange, which plays what was recorded here.
func (h *House) exchange(f gatewayFile) ari.Config {
	if f.App == "" {
		f.App = "twiza"
	}
	lang := f.Lang
	if all := h.Places.Country().Spoken; lang == "" && len(all) > 0 {
		lang = all[0].Code
	}
	return ari.Config{Name: f.Name, URL: f.URL, App: f.App, User: f.User, Password: string(f.Password), Lang: lang, Farewell: reach.PromptFarewell, Has: h.Reach.Has, Prefix: h.Places.Country().Phone.Prefix}
}

func secrets(all []secret) (out []string) {
	for _, s := range all {
		out = append(out, string(s))
	}
	return out
}

func hookIf(yes bool, hook string) string {
	if yes {
		return hook
	}
	return ""
}

func prefixes(all []string) (out []netip.Prefix, err error) {
	for _, s := range all {
		if !strings.Contains(s, "/") {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return nil, err
			}
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// caller is the address from which a gateway calls: behind a proxy, the last
// one that the proxy wrote down.
func (h *House) caller() func(*http.Request) netip.Addr {
	if !h.Config.Proxied {
		return nil
	}
	return func(r *http.Request) netip.Addr {
		all := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
		a, _ := netip.ParseAddr(strings.TrimSpace(slices.Clone(all)[len(all)-1]))
		return a
	}
}
