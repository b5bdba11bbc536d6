package i18n

import (
	"html/template"
	"time"
)

// Date shows a day: 21 November 2026. The zero time shows as nothing, here and
// in all that follows.
func (p *Printer) Date(t time.Time) template.HTML { return p.show(Date(t)) }

// Clock shows the time of day: 14:00.
func (p *Printer) Clock(t time.Time) template.HTML { return p.show(Clock(t)) }

// DateClock shows both: 21 November 2026, 14:00.
func (p *Printer) DateClock(t time.Time) template.HTML { return p.show(t) }

// Day shows a day near by: Saturday 21 November.
func (p *Printer) Day(t time.Time) template.HTML {
	if t.IsZero() {
		return ""
	}
	w := p.pen(true)
	t = t.In(p.loc)
	w.openTime(t.Format(time.DateOnly))
	w.raw("<bdi>")
	w.sentence(weekdays[t.Weekday()], nil)
	w.raw(" ")
	w.dayMonth(t)
	w.raw("</bdi>")
	w.closeTime()
	return template.HTML(w.done())
}

// Weekday is the name of the day: Saturday.
func (p *Printer) Weekday(t time.Time) template.HTML {
	if t.IsZero() {
		return ""
	}
	return p.T(weekdays[t.In(p.loc).Weekday()])
}

// When shows a moment as people speak of it: within one hour "12 minutes ago"
// or "in 12 minutes"; today, yesterday and tomorrow with the clock; else the
// date. The exact time is in the datetime attribute.
func (p *Printer) When(t time.Time) template.HTML { return p.show(When(t)) }

// Left shows how far a deadline is, "11 min left" or "4 min late", and says
// whether it has passed. Minutes begun count whole.
func (p *Printer) Left(deadline time.Time) (template.HTML, bool) {
	if deadline.IsZero() {
		return "", false
	}
	left := deadline.Sub(p.Now())
	key, late := "i18n.time.left", left < 0
	if late {
		key, left = "i18n.time.late", -left
	}
	w := p.pen(true)
	w.span(left, shortUnits)
	return p.T(key, "time", template.HTML(w.done())), late
}

// Duration says a length of time in words: 1 hour 40 minutes.
func (p *Printer) Duration(d time.Duration) template.HTML { return p.show(d) }

// The names of months and weekdays in the catalogue: Moroccan ones in Arabic
// (DESIGN 5.2), those of CLDR 48 zgh in Amazigh.
var (
	months = [...]string{"", "i18n.month.1", "i18n.month.2", "i18n.month.3", "i18n.month.4", "i18n.month.5", "i18n.month.6",
		"i18n.month.7", "i18n.month.8", "i18n.month.9", "i18n.month.10", "i18n.month.11", "i18n.month.12"}
	weekdays = [...]string{time.Sunday: "i18n.weekday.7", time.Monday: "i18n.weekday.1", time.Tuesday: "i18n.weekday.2",
		time.Wednesday: "i18n.weekday.3", time.Thursday: "i18n.weekday.4", time.Friday: "i18n.weekday.5", time.Saturday: "i18n.weekday.6"}
)

// units is the sentences for a length of time, largest unit first, and the one
// that sets two of them together.
type units struct {
	days, hours, minutes, two string
}

var (
	shortUnits = units{"i18n.short.days", "i18n.short.hours", "i18n.short.minutes", "i18n.short.two"}
	longUnits  = units{"i18n.span.days", "i18n.span.hours", "i18n.span.minutes", "i18n.span.two"}
)

// span writes a length of time in its two largest units, minutes begun counted
// whole: 3 days 4 hours, 1 hour 40 minutes, 11 minutes.
func (w *pen) span(d time.Duration, in units) {
	minutes := int64((d + time.Minute - 1) / time.Minute)
	hours, days := minutes/60, minutes/(24*60)
	switch {
	case days > 0:
		w.two(in.two, in.days, days, in.hours, hours%24)
	case hours > 0:
		w.two(in.two, in.hours, hours, in.minutes, minutes%60)
	default:
		w.sentence(in.minutes, args{"n", minutes})
	}
}

func (w *pen) two(together, first string, n int64, second string, m int64) {
	if m == 0 {
		w.sentence(first, args{"n", n})
		return
	}
	w.sentence(together, args{"first", w.part(first, args{"n", n}), "second", w.part(second, args{"n", m})})
}

func (w *pen) duration(d time.Duration) { w.span(d.Abs(), longUnits) }

func (w *pen) openTime(datetime string) {
	if w.html {
		w.raw(`<time datetime="` + datetime + `">`)
	}
}

func (w *pen) closeTime() {
	if w.html {
		w.raw("</time>")
	}
}

func (w *pen) date(t time.Time) {
	if t.IsZero() {
		return
	}
	t = t.In(w.p.loc)
	w.openTime(t.Format(time.DateOnly))
	w.fullDate(t)
	w.closeTime()
}

// fullDate takes its direction from the month's name, which keeps the day
// first in every script.
func (w *pen) fullDate(t time.Time) {
	if w.html {
		w.raw("<bdi>")
	}
	w.dayMonth(t)
	w.raw(nbsp)
	w.buf = t.AppendFormat(w.buf, "2006")
	if w.html {
		w.raw("</bdi>")
	}
}

func (w *pen) dayMonth(t time.Time) {
	w.buf = t.AppendFormat(w.buf, "2")
	if w.lang == FR && t.Day() == 1 {
		w.raw("er") // «1er novembre»
	}
	w.raw(nbsp)
	w.sentence(months[t.Month()], nil)
}

func (w *pen) hourMinute(t time.Time) {
	w.figures()
	w.buf = t.AppendFormat(w.buf, "15:04")
	w.closeFigures()
}

func (w *pen) clock(t time.Time) {
	if t.IsZero() {
		return
	}
	t = t.In(w.p.loc)
	w.openTime(t.Format(time.RFC3339))
	w.hourMinute(t)
	w.closeTime()
}

func (w *pen) dateClock(t time.Time) {
	if t.IsZero() {
		return
	}
	t = t.In(w.p.loc)
	w.openTime(t.Format(time.RFC3339))
	w.sentence("i18n.time.date_clock", args{
		"date", w.piece(func(in *pen) { in.fullDate(t) }),
		"clock", w.piece(func(in *pen) { in.hourMinute(t) }),
	})
	w.closeTime()
}

func (w *pen) when(t time.Time) {
	if t.IsZero() {
		return
	}
	now, t := w.p.Now().In(w.p.loc), t.In(w.p.loc)
	w.openTime(t.Format(time.RFC3339))
	defer w.closeTime()
	switch ago := now.Sub(t); {
	case ago > -time.Minute && ago < time.Minute:
		w.sentence("i18n.time.now", nil)
	case ago > 0 && ago < time.Hour:
		w.sentence("i18n.time.minutes_ago", args{"n", int64(ago / time.Minute)})
	case ago < 0 && ago > -time.Hour:
		w.sentence("i18n.time.in_minutes", args{"n", int64(-ago / time.Minute)})
	default:
		key := nearDay(now, t)
		if key == "" {
			w.fullDate(t)
			return
		}
		w.sentence(key, args{"clock", w.piece(func(in *pen) { in.hourMinute(t) })})
	}
}

// nearDay is the sentence for today, yesterday or tomorrow, by the calendar
// and not by hours: a day may have 23 or 25 of them.
func nearDay(now, t time.Time) string {
	y, m, d := now.Date()
	day := func(offset int) bool {
		ny, nm, nd := time.Date(y, m, d+offset, 12, 0, 0, 0, time.UTC).Date()
		ty, tm, td := t.Date()
		return ny == ty && nm == tm && nd == td
	}
	switch {
	case day(0):
		return "i18n.time.today"
	case day(-1):
		return "i18n.time.yesterday"
	case day(1):
		return "i18n.time.tomorrow"
	}
	return ""
}

// part is a sentence to be set into another, in the pen's language.
func (w *pen) part(key string, a args) written {
	return w.piece(func(in *pen) { in.sentence(key, a) })
}

// piece is what write writes, to be set into a sentence as an argument.
func (w *pen) piece(write func(*pen)) written {
	in := w.p.pen(w.html)
	in.lang = w.lang
	write(in)
	return written(in.done())
}
