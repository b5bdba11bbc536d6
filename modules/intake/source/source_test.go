package source

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/twiza/twiza/base/fault"
)

var morocco = time.FixedZone("+01", 3600)

func read(t *testing.T, body string) Content {
	t.Helper()
	c, err := Read(strings.NewReader(body), morocco)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return c
}

// lines is a chat as a person would tell it: moment, who, what.
func lines(c Content) (out []string) {
	for _, i := range c.Items {
		mark := ""
		if i.Media {
			mark = " +"
		}
		if i.HasPoint {
			mark += fmt.Sprintf(" @%.2f,%.2f", i.Point.Lat, i.Point.Lon)
		}
		out = append(out, i.At.Format("2006-01-02 15:04:05")+" "+i.From+": "+i.Text+mark)
	}
	return out
}

// The same talk, as eight phones export it.
var talks = map[string]string{
	"android fr": "09/09/2023, 03:12 - Les messages et les appels sont chiffrés de bout en bout. Personne ne peut les lire.\n09/09/2023, 03:12 - Aïcha a rejoint le groupe via le lien d'invitation\n" +
		"09/09/2023, 03:13 - Aïcha: On dort dehors\nà six familles\n\n09/09/2023, 13:14 - +212 661-234542: <Médias omis>\n13/09/2023, 00:05 - Aïcha: Ce message a été supprimé\n13/09/2023, 00:06 - Aïcha: merci",
	"android fr, older": "09/09/2023 à 03:13 - Aïcha : On dort dehors\nà six familles\n\n09/09/2023 à 13:14 - +212 661-234542 : <Médias omis>\n13/09/2023 à 00:05 - Aïcha : Ce message a été supprimé\n13/09/2023 à 00:06 - Aïcha : merci",
	"android en, 12 h": "9/9/23, 3:12 AM - Messages and calls are end-to-end encrypted. Tap to learn more.\n9/9/23, 3:13 AM - Aïcha: On dort dehors\nà six familles\n\n9/9/23, 1:14\u202fPM - +212 661-234542: <Media omitted>\n" +
		"9/13/23, 12:05 AM - Aïcha: This message was deleted\n9/13/23, 12:06 AM - Aïcha: merci <This message was edited>",
	"android en, dots": "09.09.2023, 03:13 - Aïcha: On dort dehors\r\nà six familles\r\n\r\n09.09.2023, 13:14 - +212 661-234542: IMG-20230909-WA0001.jpg (file attached)\r\n13.09.2023, 00:05 - Aïcha: You deleted this message\r\n13.09.2023, 00:06 - Aïcha: merci\r\n",
	"android ar": "\u200f٩\u200f/٩\u200f/٢٠٢٣، ٣:١٢ ص - الرسائل والمكالمات مشفرة تمامًا بين الطرفين.\n\u200f٩\u200f/٩\u200f/٢٠٢٣، ٣:١٣ ص - Aïcha: On dort dehors\nà six familles\n\n\u200f٩\u200f/٩\u200f/٢٠٢٣، ١:١٤ م - \u200e+212 661-234542: \u200f<تم استبعاد الوسائط>\n" +
		"\u200f١٣\u200f/٩\u200f/٢٠٢٣، ١٢:٠٥ ص - Aïcha: تم حذف هذه الرسالة\n\u200f١٣\u200f/٩\u200f/٢٠٢٣، ١٢:٠٦ ص - Aïcha: merci",
	"ios fr": "[09/09/2023 03:12:01] Secours: \u200eLes messages et les appels sont chiffrés de bout en bout.\n[09/09/2023 03:13:00] Aïcha: On dort dehors\nà six familles\n\n\u200e[09/09/2023 13:14:00] \u202a+212 661-234542\u202c: \u200eimage absente\n" +
		"[13/09/2023 00:05:00] Aïcha: \u200eCe message a été supprimé.\n[13/09/2023 00:06:00] Aïcha: merci",
	"ios ar": "[٩\u200f/٩\u200f/٢٠٢٣، ٣:١٢:٠١ ص] مجموعة: \u200eانضم خالد باستخدام رابط دعوة المجموعة\n[٩\u200f/٩\u200f/٢٠٢٣، ٣:١٣:٠٠ ص] Aïcha: On dort dehors\nà six familles\n\n\u200f[٩\u200f/٩\u200f/٢٠٢٣، ١:١٤:٠٠ م] \u200e+212 661-234542: \u200fتم استبعاد الصورة\n[١٣\u200f/٩\u200f/٢٠٢٣، ١٢:٠٦:٠٠ ص] Aïcha: merci",
	"ios en": "[2023-09-09, 03:13:00] Aïcha: On dort dehors\nà six familles\n\n\u200e[2023-09-09, 13:14:00] ~ +212 661-234542: \u200eimage omitted\n[2023-09-13, 00:06:00] Aïcha: merci",
}

func TestOneTalkIsReadTheSameFromEveryPhone(t *testing.T) {
	t.Parallel()
	want := "2023-09-09 02:13:00 Aïcha: On dort dehors\nà six familles|2023-09-09 12:14:00 +212 661-234542:  +|2023-09-12 23:06:00 Aïcha: merci"
	for name, body := range talks {
		c := read(t, body)
		if got := strings.Join(lines(c), "|"); got != want || c.Kind != WhatsApp {
			t.Errorf("%s (%s):\n%q\nwant\n%q", name, c.Kind, got, want)
		}
	}
}

func TestAPositionThatWasSharedInAChatIsAPoint(t *testing.T) {
	t.Parallel()
	c := read(t, "09/09/2023, 03:13 - A: Localisation : https://maps.google.com/?q=31.0625,-8.1250\n09/09/2023, 03:14 - A: 31.0625, -8.1250\n09/09/2023, 03:15 - A: voir https://example.org/a")
	if !c.Items[0].HasPoint || !c.Items[1].HasPoint || c.Items[2].HasPoint {
		t.Errorf("%q", lines(c))
	}
}

func TestAMessageThatOnlyResemblesWhatTheProgramSaysIsKept(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"Mon voisin a quitté la maison avec ses enfants et nous dormons dehors, il faut des tentes", "document: la liste des familles", "nous avons besoin d'une image de la route",
		"Appel à tous : il manque du lait", "left alone with 3 children under the house"} {
		c := read(t, "09/09/2023, 03:13 - Aïcha: "+said)
		if len(c.Items) != 1 || c.Items[0].Text != said || c.Items[0].Media {
			t.Errorf("%q was read as %q", said, lines(c))
		}
	}
}

func packed(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err == nil {
			_, err = w.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAPackedChatIsReadAndABombIsNot(t *testing.T) {
	t.Parallel()
	c := read(t, packed(t, "IMG-1.jpg", "\xff\xd8", "_chat.txt", talks["ios fr"]))
	if len(c.Items) != 3 {
		t.Errorf("%q", lines(c))
	}
	bomb := packed(t, "_chat.txt", strings.Repeat("09/09/2023, 03:13 - A: a\n", 3_000_000))
	if _, err := Read(strings.NewReader(bomb), morocco); key(err) != "intake.import.too_big" {
		t.Errorf("a bomb of %d bytes: %v", len(bomb), err)
	}
}

func key(err error) string {
	if all, ok := errors.AsType[fault.All](err); ok && len(all) > 0 {
		return all[0].Key
	}
	return fmt.Sprint(err)
}

const telegramTalk = `{"name":"Secours","type":"private_supergroup","id":1,"messages":[
 {"id":1,"type":"service","date":"2023-09-09T03:12:01","date_unixtime":"1694225521","actor":"A","action":"join_group_by_link","text":""},
 {"id":2,"type":"message","date":"2023-09-09T03:13:00","date_unixtime":"1694225580","from":"Aïcha","from_id":"user1","text":"On dort dehors\nà six familles"},
 {"id":3,"type":"message","date":"2023-09-09T13:14:00","from":"+212 661-234542","photo":"photos/1.jpg","text":""},
 {"id":4,"type":"message","date":"2023-09-13T00:06:00","date_unixtime":"1694559960","from":"Aïcha","text":["me",{"type":"bold","text":"rci"},""]}]}`

func TestTheSameTalkOnTelegramIsTheSameTalk(t *testing.T) {
	t.Parallel()
	want := strings.Join(lines(read(t, talks["ios en"])), "|")
	for _, body := range []string{telegramTalk, `{"about":"x","chats":{"about":"y","list":[` + telegramTalk + `]}}`, packed(t, "ChatExport/result.json", telegramTalk)} {
		c := read(t, body)
		if got := strings.Join(lines(c), "|"); got != want || c.Kind != Telegram || c.Dropped != 1 {
			t.Errorf("%s:\n%q\nwant\n%q", c.Kind, got, want)
		}
	}
}

// telegramPage is the same talk as Telegram Desktop writes it for the eye.
const telegramPage = `<!DOCTYPE html>
<html>
 <head><meta charset="utf-8"/><title>Exported Data</title><script>if (1 < 2) { x() }</script></head>
 <body onload="CheckLocation();">
  <div class="page_wrap"><div class="page_header"><div class="content"><div class="text bold">
Secours
  </div></div></div>
  <div class="page_body chat_page"><div class="history">
     <div class="message service" id="message-1"><div class="body details">
9 September 2023
      </div></div>
     <div class="message default clearfix" id="message2">
      <div class="pull_left userpic_wrap"><div class="userpic userpic1" style="width: 42px; height: 42px"><div class="initials" style="line-height: 42px">
A
       </div></div></div>
      <div class="body">
       <div class="pull_right date details" title="09.09.2023 03:13:00 UTC+01:00">
03:13
       </div>
       <div class="from_name">
Aïcha
       </div>
       <div class="text">
On <strong>dort</strong> dehors<br>à six familles
       </div>
      </div>
     </div>
     <div class="message default clearfix" id="message3">
      <div class="body">
       <div class="pull_right date details" title="09.09.2023 13:14:00">
13:14
       </div>
       <div class="from_name">
&#43;212 661-234542
       </div>
       <div class="media_wrap clearfix"><a class="photo_wrap clearfix pull_left" href="photos/photo_1@09-09-2023_13-14-00.jpg"><img class="photo" src="photos/t.jpg" style="width: 195px"/></a></div>
      </div>
     </div>
`

const telegramPage2 = `<!DOCTYPE html><html><body><div class="history">
     <div class="message default clearfix" id="message4"><div class="body"><div class="pull_right date details" title="13.09.2023 00:06:00 UTC+01:00">00:06</div>
       <div class="from_name">
Aïcha
       </div><div class="reply_to details">In reply to <a href="#go_to_message2">this message</a></div><div class="text">merci</div></div></div>
</div></body></html>`

func TestAPageOfTelegramIsTheSameTalk(t *testing.T) {
	t.Parallel()
	want := strings.Join(lines(read(t, telegramTalk)), "|")
	c := read(t, packed(t, "ChatExport/css/style.css", "x", "ChatExport/messages10.html", telegramPage2, "ChatExport/messages.html", telegramPage))
	if got := strings.Join(lines(c), "|"); got != want || c.Kind != Telegram || c.Dropped != 1 {
		t.Errorf("%s, %d dropped:\n%q\nwant\n%q", c.Kind, c.Dropped, got, want)
	}
	if c := read(t, packed(t, "messages.html", telegramPage, "result.json", telegramTalk)); strings.Join(lines(c), "|") != want {
		t.Errorf("what is there for machines was not read: %q", lines(c))
	}
	if c := read(t, "\xef\xbb\xbf"+telegramPage2); len(c.Items) != 1 || c.Items[0].Text != "merci" {
		t.Errorf("%q", lines(c))
	}
}

func TestWhatGoesAlongOnAPageOfTelegramIsRead(t *testing.T) {
	t.Parallel()
	date := `<div class="pull_right date details" title="09.09.2023 03:13:00 UTC+01:00">03:13</div>`
	c := read(t, `<html><div class="message default clearfix"><div class="body">`+date+`<div class="from_name">Omar</div><div class="forwarded body"><div class="from_name">Autre <span class="date details" title="01.01.2020 00:00:00">x</span></div><div class="text">transféré</div></div></div></div>`+
		`<div class="message default clearfix joined"><div class="body">`+date+`<div class="media_wrap"><a class="media clearfix pull_left block_link media_location" href="https://maps.google.com/maps?q=31.0625,-8.1250&amp;ll=31.0625,-8.1250"><div class="body"><div class="title bold">Location</div></div></a></div></div></div>`+
		`<div class="message default clearfix joined"><div class="body">`+date+`<div class="media_wrap"><div class="media clearfix pull_left media_contact"><div class="fill pull_left"></div><div class="body"><div class="title bold">Hassan</div><div class="status details">+212 600 000 001</div></div></div></div></div></div>`+
		`<div class="message default clearfix joined"><div class="body">`+date+`<div class="media_wrap"><div class="media clearfix pull_left media_voice_message"><div class="body"><div class="title bold">Voice message</div><div class="status details">00:07</div></div></div></div></div></div>`+
		`<div class="message default clearfix joined"><div class="body"><div class="text">sans heure</div></div></div></html>`)
	if got := fmt.Sprintf("%q %d", lines(c), c.Dropped); got != `["2023-09-09 02:13:00 Omar: transféré" "2023-09-09 02:13:00 Omar:  @31.06,-8.12" "2023-09-09 02:13:00 Omar: Hassan +212 600 000 001" "2023-09-09 02:13:00 Omar:  +"] 1` {
		t.Error(got)
	}
	for page, want := range map[string]string{"<!DOCTYPE html><html><body>a table</body></html>": "html", `<html><div class="message service">x</div>`: "no_messages"} {
		if _, err := Read(strings.NewReader(page), morocco); key(err) != "intake.import."+want {
			t.Errorf("%q: %v", page, err)
		}
	}
}

func sheet(t testing.TB, rows string) string {
	return packed(t, "xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId7"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId7" Target="worksheets/sheet3.xml"/></Relationships>`,
		"xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="yyyy\-mm\-dd hh:mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="22"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml", `<sst><si><t>id</t></si><si><r><t>ne</t></r><r><t>ed</t></r><rPh><t>X</t></rPh></si><si><t>خيام</t></si></sst>`,
		"xl/worksheets/sheet3.xml", `<worksheet><sheetData>`+rows+`</sheetData></worksheet>`)
}

func TestTheCellsOfAWorkbookAreRows(t *testing.T) {
	t.Parallel()
	c := read(t, sheet(t, `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="D1" t="inlineStr"><is><t>at</t></is></c></row>
		<row r="2"><c r="A2"><v>7</v></c><c r="B2" t="s"><v>2</v></c><c r="C2"><v>0.1</v></c><c r="D2" s="1"><v>45178.134027777778</v></c></row><row r="3"/>
		<row r="4"><c r="A4" t="str"><v>8</v></c><c r="C4" t="e"><v>#N/A</v></c><c r="D4" s="2"><v>45178</v></c></row>`))
	if got := fmt.Sprintf("%s %q %q", c.Kind, c.Table.Heads, c.Table.Rows); got != `xlsx ["id" "need" "" "at"] [["7" "خيام" "0.1" "2023-09-09T03:13:00"] ["8" "" "" "2023-09-09T00:00:00"]]` {
		t.Error(got)
	}
	for name, body := range map[string]string{"no sheet": packed(t, "xl/other.xml", "x"), "broken": sheet(t, "<row><c>"), "cut": sheet(t, "")[:90],
		"a bomb": packed(t, "xl/worksheets/sheet1.xml", strings.Repeat("<row></row>", 8<<20))} {
		if _, err := Read(strings.NewReader(body), morocco); !Wrong(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnExportOfKoboIsMadePlain(t *testing.T) {
	t.Parallel()
	c := read(t, "start,grp/need,grp/need/food,grp/need/water,grp/people,more/weak/ill,more/weak/infant,ok/yes,gps,_uuid,_submission_time\n"+
		"x,food,1,1,6,0,1,1,31.06 -8.12 900 5,u-1,2023-09-10T08:00:00\ny,,0,0,,0,0,0,,u-2,2023-09-10T09:00:00\n")
	if got := fmt.Sprintf("%s %v %q", c.Kind, c.Table.Heads, c.Table.Rows); got !=
		`kobo [start need people yes gps _uuid _submission_time weak lat lon] [["x" "food water" "6" "1" "31.06 -8.12 900 5" "u-1" "2023-09-10T08:00:00" "infant" "31.06" "-8.12"] ["y" "" "" "0" "" "u-2" "2023-09-10T09:00:00" "" "" ""]]` {
		t.Error(got)
	}
}

func TestRecordsAndPointsAreTables(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"{\"id\":1,\"need\":[\"food\",\"water\"],\"a\":{\"b\":2.50}}\n{\"id\":2,\"more\":null,\"ok\":true}\n": `json [a/b id need more ok] [["2.50" "1" "food|water" "" ""] ["" "2" "" "" "true"]]`,
		`[{"id":"a","n":12345678901234567890}]`: `json [id n] [["a" "12345678901234567890"]]`,
		`{"type":"FeatureCollection","features":[{"type":"Feature","id":"p1","geometry":{"type":"Point","coordinates":[-8.12,31.06]},"properties":{"need":"food"}},{"geometry":{"type":"Polygon","coordinates":[]}}]}`: `geojson [need id geometry lat lon] [["food" "p1" "Point" "31.06" "-8.12"] ["" "2" "Polygon" "" ""]]`,
	} {
		c := read(t, body)
		if got := fmt.Sprintf("%s %v %q", c.Kind, c.Table.Heads, c.Table.Rows); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range talks {
		f.Add([]byte(s))
	}
	for _, s := range []string{telegramPage, telegramPage2, packed(f, "messages.html", telegramPage), `<html><div class="message default"><br></div></a></b><div class="text">`, telegramTalk, `{"messages":[{"type":"message","date":"x","text":[1,{"text":2}]}]}`, `{"chats":{"list":[{}]}}`, sheet(f, `<row r="1"><c r="ZZZZ1"><v>1e999</v></c><c t="s"><v>-1</v></c></row>`), packed(f, "_chat.txt", "x"),
		"_uuid,_submission_time,a/b/c,a/b/d\n1,2,1,0\n", `{"a":{"b":{"c":{"d":{"e":{"f":{"g":1}}}}}}}`, `[{"a":1},2]`, `{"type":"FeatureCollection","features":[{"geometry":{"type":"Point","coordinates":["x",1]}}]}`,
		"id,need\n1,food\n", "\xef\xbb\xbfid;need;where\n1;food|water;Ijoukak\n2;;\n", "id,need\n\"1\n2\",\"fo\"\"od\"\n", "\x89PNG\r\n\x1a\n\x00", "a\rb\rc", "\"", "id,need\r\n=1+1,@food\r\n", "32/13/2023, 25:61 - A: x", "[1/1/1, 1:1:1] :"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := Read(bytes.NewReader(body), morocco)
		if err != nil {
			all, ok := errors.AsType[fault.All](err)
			if !ok || len(all) != 1 || all[0].Kind != fault.Invalid || !strings.HasPrefix(all[0].Key, "intake.import.") || all[0].Field != "file" {
				t.Fatalf("%q is told as %v", body, err)
			}
			return
		}
		if c.Kind.Chat() {
			if len(c.Items) == 0 {
				t.Fatalf("%q is a chat of nothing", body)
			}
			for _, i := range c.Items {
				if i.At.IsZero() || !utf8.ValidString(i.Text) || len(i.Text) > MaxText || i.HasPoint && !i.Point.Valid() || i.Text == "" && !i.Media && !i.HasPoint {
					t.Fatalf("%q has the message %+v", body, i)
				}
			}
			return
		}
		if len(c.Table.Heads) < 2 || len(c.Table.Rows) == 0 {
			t.Fatalf("%q was read as %d heads and %d rows", body, len(c.Table.Heads), len(c.Table.Rows))
		}
		for _, row := range append(c.Table.Rows, c.Table.Heads) {
			for _, cell := range row {
				if !utf8.ValidString(cell) || len(cell) > MaxField {
					t.Fatalf("%q has the cell %q", body, cell)
				}
			}
		}
	})
}
