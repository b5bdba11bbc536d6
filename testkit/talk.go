package testkit

import (
	"fmt"
	"html"
	"math/rand/v2"
	"strings"
	"time"
)

// Said is one message of a made-up talk of the night of an earthquake.
type Said struct {
	At   time.Time // to the minute, UTC
	From string
	Text string
	Kind string // need, offer or none, as whoever wrote the talk means it
}

// pleas ask for something; %s is a place, %d how many, and every third has a number.
var pleas = []string{
	"Bonjour, au douar %s on dort dehors depuis hier, %d familles, il faut des tentes et des couvertures",
	"دوار %s جماعة محتاجين الماء والأكل، كاينين %d د العائلات والطريق مقطوعة",
	"SOS %s, people trapped under the rubble, %d persons, send help",
	"3afakom f douar %s khasna lma w makla, %d dyal nas w drari sghar",
	"عاجل: ناس تحت الأنقاض في %s، حوالي %d شخص",
	"À %s, %d personnes, une femme enceinte et des malades sans insuline, la route est coupée",
	"We are in %s, %d families without food, babies need milk",
	"azul, gh %s nra aghrum d waman, %d n middn",
	"في %s الناس يبيتون في العراء، %d أسرة، نحتاج أغطية وخيام للأطفال والشيوخ",
	"%s : plus d'eau potable, %d habitants, les enfants sont malades",
}

var gifts = []string{
	"Nous avons collecté des couvertures à Casablanca, nous pouvons aider, camion disponible vers %s",
	"عندنا شاحنة غدا باتجاه %s، بغينا نعاونو",
	"I have a truck and I can transport goods to %s on Saturday",
}

var chatter = []string{"Salam", "merci", "الله يحفظكم", "👍", "Amine", "ok", "شكرا بزاف", "Qui est l'admin ?", "inchallah", "Bonne nuit à tous"}

var villages = []string{"Ijoukak", "Asni", "Ouirgane", "Amizmiz", "Moulay Brahim", "Talat N'Yaaqoub", "Tizi N'Test", "Tahannaout", "إجوكاك", "أسني", "ويركان", "أمزميز"}

// Talk makes up a talk of n messages, the same for the same seed: half of them
// ask for something, some offer, the others are what people say besides. Every
// sentence is our own and every number invented.
func Talk(n int, seed uint64) (all []Said) {
	r := rand.New(rand.NewPCG(seed, 7))
	at := time.Date(2023, 9, 9, 1, 0, 0, 0, time.UTC)
	for i := range n {
		at = at.Add(time.Duration(r.IntN(4)) * time.Minute)
		s := Said{At: at, From: fmt.Sprintf("Voisin %d", r.IntN(60))}
		switch x := r.IntN(10); {
		case x < 6:
			s.Kind, s.Text = "need", fmt.Sprintf(pleas[r.IntN(len(pleas))], villages[r.IntN(len(villages))], 2+r.IntN(60))
			if i%3 == 0 {
				s.Text += fmt.Sprintf(". Tel 06%02d%02d%02d%02d", 10+r.IntN(89), r.IntN(100), r.IntN(100), r.IntN(100))
			}
		case x < 7:
			s.Kind, s.Text = "offer", fmt.Sprintf(gifts[r.IntN(len(gifts))], villages[r.IntN(len(villages))])
		default:
			s.Kind, s.Text = "none", chatter[r.IntN(len(chatter))]
		}
		all = append(all, s)
	}
	return all
}

// AsWhatsApp is a talk as a phone in French exports it, told in a zone.
func AsWhatsApp(all []Said, zone *time.Location) string {
	var b strings.Builder
	b.WriteString("09/09/2023, 00:01 - Les messages et les appels sont chiffrés de bout en bout.\n")
	for _, s := range all {
		fmt.Fprintf(&b, "%s - %s: %s\n", s.At.In(zone).Format("02/01/2006, 15:04"), s.From, s.Text)
	}
	return b.String()
}

// AsTelegram is the same talk as Telegram Desktop exports it.
func AsTelegram(all []Said, zone *time.Location) string {
	var b strings.Builder
	b.WriteString(`{"name":"Secours","type":"private_supergroup","id":1,"messages":[`)
	for i, s := range all {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"type":"message","date":%q,"date_unixtime":"%d","from":%q,"text":%q}`, i+1, s.At.In(zone).Format("2006-01-02T15:04:05"), s.At.Unix(), s.From, s.Text)
	}
	return b.String() + "]}"
}

// AsTelegramPage is the same talk as Telegram Desktop exports it for the eye: who
// speaks stands at the first of several in a row.
func AsTelegramPage(all []Said, zone *time.Location) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html><body><div class=\"history\">")
	for i, s := range all {
		joined, name := " joined", ""
		if i == 0 || all[i-1].From != s.From {
			joined, name = "", `<div class="from_name">`+"\n"+html.EscapeString(s.From)+"\n</div>"
		}
		fmt.Fprintf(&b, "<div class=\"message default clearfix%s\" id=\"message%d\"><div class=\"body\"><div class=\"pull_right date details\" title=\"%s\">\n%s\n</div>%s<div class=\"text\">\n%s\n</div></div></div>\n",
			joined, i+1, s.At.In(zone).Format("02.01.2006 15:04:05 UTC-07:00"), s.At.In(zone).Format("15:04"), name, strings.ReplaceAll(html.EscapeString(s.Text), "\n", "<br>"))
	}
	return b.String() + "</div></body></html>"
}
