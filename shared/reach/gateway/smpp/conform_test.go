package smpp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/twiza/twiza/base/clock"
	"github.com/twiza/twiza/shared/reach/channel"
	"github.com/twiza/twiza/shared/reach/channel/conform"
)

// house opens a simulator and a client of it.
func house(t *testing.T, n *channel.Network, set Settings, log *slog.Logger, change func(*Config)) (*Simulator, *Client) {
	t.Helper()
	s, err := NewSimulator(n, clock.System{}, set)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	cfg := s.Config()
	cfg.Pause, cfg.Enquire = 10*time.Millisecond, 200*time.Millisecond
	cfg.Answer = 5 * time.Second // the machine may be small and busy
	cfg.Concat = set.Concat
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg, clock.System{}, log)
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func conforms(t *testing.T, set Settings) {
	t.Helper()
	conform.Run(t, func(t *testing.T, n *channel.Network, in channel.Inbox, log *slog.Logger) conform.Rig {
		s, c := house(t, n, set, log, nil)
		conform.Keep(t, c, in)
		return conform.Rig{Gateway: c, Write: s.Write, Number: "+212661234500", Nameless: set.Nameless}
	})
}

func TestTheGatewayKeepsEveryPromise(t *testing.T) {
	t.Parallel()
	conforms(t, Settings{})
}

func TestTheGatewayKeepsEveryPromiseWithHexadecimalNamesAndPartsInParameters(t *testing.T) {
	t.Parallel()
	conforms(t, Settings{AnswerID: Hex, ReceiptID: Decimal, Concat: Sar, TextOnly: true, NoUserRef: true, InPayload: true})
}

func TestTheGatewayKeepsEveryPromiseWithNamelessTextsAndWideHeaders(t *testing.T) {
	t.Parallel()
	conforms(t, Settings{Nameless: true, Concat: HeaderWide, ParamsOnly: true, NoUserRef: true})
}

func TestTheGatewayKeepsEveryPromiseOverTLS(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	paper := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: clock.System{}.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, paper, paper, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	n, in := channel.NewNetwork(), &conform.Inbox{}
	set := Settings{TLS: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}}
	s, c := house(t, n, set, slog.New(slog.DiscardHandler), func(c *Config) {
		c.TLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	})
	conform.Keep(t, c, in)
	if _, err := c.Send(t.Context(), channel.Outgoing{ID: "1", To: "+212661234500", Text: "par un tuyau fermé"}); err != nil {
		t.Fatal(err)
	}
	if got := n.On("+212661234500"); len(got) != 1 || got[0].Text != "par un tuyau fermé" {
		t.Errorf("%d messages arrived", len(got))
	}

	// A centre whose certificate nobody vouches for hears nothing from us.
	_, stranger := house(t, n, Settings{}, slog.New(slog.DiscardHandler), func(c *Config) {
		c.Address, c.TLS = s.Config().Address, &tls.Config{MinVersion: tls.VersionTLS12}
	})
	if _, err := stranger.dial(t.Context()); err == nil {
		t.Error("a certificate that nobody vouches for was believed")
	}
}
