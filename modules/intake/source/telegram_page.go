package source

import (
	"archive/zip"
	"bytes"
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What Telegram Desktop writes by itself ("Export chat history", HTML): pages that are
// called messages.html, messages2.html and so on. A message is a div of class message,
// and who sent it stands only at the first of several in a row.

// isTalk is whether a page holds messages of Telegram.
func isTalk(page []byte) bool {
	head := page[:min(len(page), 64<<10)]
	return bytes.Contains(head, []byte(`class="message default`)) || bytes.Contains(head, []byte(`class="message service`))
}

// isPage is whether a text is a page for browsers.
func isPage(head []byte) bool {
	start := bytes.ToLower(head[:min(len(head), 64)])
	return bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}

func isTalkPage(name string) bool {
	name = path.Base(name)
	return strings.HasPrefix(name, "messages") && strings.EqualFold(path.Ext(name), ".html")
}

// talkPages are the pages of an archive in the order in which they were written; none
// where the same talk lies beside them for machines.
func talkPages(body []byte) (pages [][]byte, err error) {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, wrong("bad_zip")
	}
	var wanted []*zip.File
	for _, f := range z.File[:min(len(z.File), maxEntries)] {
		switch {
		case isResult(f.Name):
			return nil, nil
		case isTalkPage(f.Name):
			wanted = append(wanted, f)
		}
	}
	slices.SortStableFunc(wanted, func(a, b *zip.File) int { // messages2 before messages10
		return cmp.Or(cmp.Compare(len(a.Name), len(b.Name)), strings.Compare(a.Name, b.Name))
	})
	left := int64(MaxOpen)
	for _, f := range wanted {
		var page []byte
		if page, left, err = unpack(f, left); err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}

func readTalkPages(pages [][]byte, zone *time.Location) (out []Item, dropped int, err error) {
	for _, page := range pages {
		r := pageReader{zone: zone}
		r.read(page)
		out, dropped = append(out, r.out...), dropped+r.dropped
		if len(out)+dropped > MaxRows {
			return nil, 0, wrong("too_many", "max", MaxRows)
		}
	}
	if len(out) == 0 {
		return nil, dropped, wrong("no_messages")
	}
	return out, dropped, nil
}

// part is what the words at hand belong to.
type part int

const (
	nothing part = iota
	sender
	words
	contactName
	contactPhone
)

// pageReader walks over a page, tag by tag, and holds one message at a time.
type pageReader struct {
	zone    *time.Location
	out     []Item
	dropped int

	open      bool // a message is
	at        Item
	from      string // who sent the last one, for those that follow in a row
	depth     int    // of tags within the message
	part      part
	until     int // the depth at which the part ends
	forwarded int // the depth of a forwarded body; 0 is none
	contact   bool
	said      [contactPhone + 1]strings.Builder
}

func (r *pageReader) read(page []byte) {
	z := html.NewTokenizer(bytes.NewReader(page))
	z.SetMaxBuf(1 << 20)
	for {
		switch z.Next() {
		case html.ErrorToken: // the end, or what no page has: what was read is kept
			r.close()
			return
		case html.TextToken:
			if r.open && r.part != nothing && r.said[r.part].Len() < MaxText {
				r.said[r.part].WriteString(oneSpace.ReplaceAllString(string(z.Text()), " "))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			r.begin(z)
		case html.EndTagToken:
			r.end()
		}
	}
}

// oneSpace is what a browser shows as one: new lines are tags of their own.
var oneSpace = regexp.MustCompile(`[ \t\r\n]+`)

func (r *pageReader) begin(z *html.Tokenizer) {
	name, more := z.TagName()
	tag := atom.Lookup(name)
	attrs := map[string]string{}
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		attrs[string(k)] = string(v)
	}
	class := strings.Fields(attrs["class"])
	has := func(name string) bool { return slices.Contains(class, name) }
	if tag == atom.Div && has("message") && (has("default") || has("service")) {
		r.close()
		if has("service") {
			r.dropped++
			return
		}
		r.open = true
		return
	}
	if !r.open {
		return
	}
	switch tag {
	case atom.Br:
		r.said[r.part].WriteByte('\n')
		return
	case atom.Img, atom.Source, atom.Wbr, atom.Hr, atom.Input: // nothing closes them
		return
	}
	r.depth++
	switch {
	case r.part != nothing:
	case has("forwarded"):
		r.forwarded = r.depth
	case has("date") && has("details") && r.forwarded == 0 && r.at.At.IsZero():
		r.at.At = pageTime(attrs["title"], r.zone)
	case has("from_name") && r.forwarded == 0:
		r.begins(sender)
	case has("text") && tag == atom.Div:
		r.begins(words)
	case has("media_contact"):
		r.contact = true
	case r.contact && has("title"):
		r.begins(contactName)
	case r.contact && has("status"):
		r.begins(contactPhone)
	case has("media_location"), has("media_live_location"):
		r.at.Point, r.at.HasPoint = shared(attrs["href"])
	case slices.ContainsFunc(class, func(c string) bool { return mediaClasses[c] }):
		r.at.Media = true
	}
}

// mediaClasses are those of what goes along with a message.
var mediaClasses = map[string]bool{"photo_wrap": true, "video_file_wrap": true, "animated_wrap": true, "sticker_wrap": true,
	"media_photo": true, "media_video": true, "media_voice_message": true, "media_audio_file": true, "media_file": true}

func (r *pageReader) begins(p part) { r.part, r.until = p, r.depth }

func (r *pageReader) end() {
	if !r.open {
		return
	}
	if r.part != nothing && r.depth <= r.until {
		r.part = nothing
	}
	if r.depth <= r.forwarded {
		r.forwarded = 0
	}
	r.depth--
}

// edges are spaces at the ends of lines.
var edges = regexp.MustCompile(` *\n *`)

// close keeps the message that was open.
func (r *pageReader) close() {
	if !r.open {
		return
	}
	said := func(p part) string {
		return clip(strings.TrimSpace(edges.ReplaceAllString(strings.ToValidUTF8(unmarked(r.said[p].String()), ""), "\n")), MaxText)
	}
	if name := said(sender); name != "" {
		r.from = name
	}
	it := r.at
	it.From, it.Text = r.from, said(words)
	if phone := said(contactPhone); phone != "" {
		it.Text = strings.TrimSpace(it.Text + "\n" + clip(said(contactName), 100) + " " + clip(phone, 40))
	}
	if !it.HasPoint {
		it.Point, it.HasPoint = shared(it.Text)
	}
	if it.At.IsZero() || it.Text == "" && !it.Media && !it.HasPoint {
		r.dropped++
	} else {
		r.out = append(r.out, it)
	}
	*r = pageReader{zone: r.zone, out: r.out, dropped: r.dropped, from: r.from}
}

// pageTime is the moment that stands in the title of a time of day; older programs
// left its zone out.
func pageTime(title string, zone *time.Location) time.Time {
	for _, layout := range []string{"02.01.2006 15:04:05 UTC-07:00", "02.01.2006 15:04:05"} {
		if at, err := time.ParseInLocation(layout, strings.TrimSpace(title), zone); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}
