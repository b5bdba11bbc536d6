package ui

import (
	"fmt"
	"html/template"
	"slices"
	"time"
)

// Field is one question of a form that is answered by writing or by a list.
// The partial "field" shows label, hint, what is wrong, and the input, in that
// order; pages make one with Frame.Field.
type Field struct {
	Name   string
	Type   string // text (when ""), tel, email, password, number, date, time, datetime-local, search, textarea, select, check
	Label  template.HTML
	Hint   template.HTML
	Error  template.HTML
	Value  string
	Fill   string // autocomplete
	Dir    string // "" lets the input decide; codes and phones are ltr
	Max    int    // characters; 0 is no limit
	Rows   []Option
	Spare  bool // may be left empty, and says so
	Large  bool // the label is the heading of the page: one question a page
	Short  bool // as wide as its content
	Ticked bool
}

// Field is the question called name as it stands on this page, with what was
// wrong about it. More comes in pairs:
//
//	"type" "tel", "hint" HTML, "fill" "tel-national", "dir" "ltr", "max" 200,
//	"rows" []Option, "spare" true, "large" true, "short" true, "checked" true
func (f Frame) Field(name string, label template.HTML, value string, more ...any) (Field, error) {
	q := Field{Name: name, Type: "text", Label: label, Value: value, Error: f.Error(name)}
	if len(more)%2 == 1 {
		return q, fmt.Errorf("field %s: %v has no value", name, more[len(more)-1])
	}
	for i := 0; i < len(more); i += 2 {
		if !q.set(more[i], more[i+1]) {
			return q, fmt.Errorf("field %s: %v cannot be %v (%T)", name, more[i], more[i+1], more[i+1])
		}
	}
	switch q.Type {
	case "tel", "email", "password":
		q.Dir = "ltr"
	case "textarea", "text", "search":
		if q.Dir == "" {
			q.Dir = "auto" // people write in the script they like
		}
	}
	return q, nil
}

func (q *Field) set(what, to any) (ok bool) {
	switch what {
	case "type":
		q.Type, ok = to.(string)
	case "hint":
		q.Hint, ok = to.(template.HTML)
	case "fill":
		q.Fill, ok = to.(string)
	case "dir":
		q.Dir, ok = to.(string)
	case "max":
		q.Max, ok = to.(int)
	case "rows":
		q.Rows, ok = to.([]Option)
	case "spare":
		q.Spare, ok = to.(bool)
	case "large":
		q.Large, ok = to.(bool)
	case "short":
		q.Short, ok = to.(bool)
	case "checked":
		q.Ticked, ok = to.(bool)
	}
	return ok
}

// Described lists the elements that say more about the input.
func (q Field) Described() string { return described(q.Name, q.Hint, q.Error) }

// Picked says whether a list has an answer already, and so needs no "choose".
func (q Field) Picked() bool {
	return slices.ContainsFunc(q.Rows, func(o Option) bool { return o.Chosen })
}

func described(name string, hint, wrong template.HTML) string {
	switch {
	case hint != "" && wrong != "":
		return "h-" + name + " e-" + name
	case hint != "":
		return "h-" + name
	case wrong != "":
		return "e-" + name
	}
	return ""
}

// Option is one answer to choose. In the partial "opt" the whole row is the
// label, 72 px high, with a pictogram, a title, an example and a tick.
type Option struct {
	Value   string
	Title   template.HTML
	Example template.HTML
	Icon    string
	Colour  string
	Digit   int // the same digit as in SMS and on the phone; 0 shows none
	Chosen  bool

	Name string // of the question; Choices sets it
	ID   string // set on the first answer, where the list of errors points
	Many bool   // a tick, not a circle
}

// Choices is a question answered by choosing one row, or several.
type Choices struct {
	Name    string
	Legend  template.HTML
	Hint    template.HTML
	Error   template.HTML
	Say     string // what the phone's own voice reads out; "" shows no button
	Many    bool
	Spare   bool // may be left empty, and says so
	Large   bool // the legend is the heading of the page
	Options []Option
}

// Described lists the elements that say more about the question.
func (c Choices) Described() string { return described(c.Name, c.Hint, c.Error) }

// Rows are the answers, each knowing the question it belongs to.
func (c Choices) Rows() []Option {
	rows := make([]Option, len(c.Options))
	for i, o := range c.Options {
		o.Name, o.Many = c.Name, c.Many
		if i == 0 {
			o.ID = "f-" + c.Name
		}
		rows[i] = o
	}
	return rows
}

// Progress is the head of a form step: the way back and how far one is.
type Progress struct {
	Back   string // with the language; "" on the first step
	At, Of int
}

// Bars are the steps, true for those reached.
func (p Progress) Bars() []bool {
	bars := make([]bool, max(p.Of, 0))
	for i := range bars {
		bars[i] = i < p.At
	}
	return bars
}

// Ticket is the receipt of a request: the number, when it was given, and what
// one can do with it. It prints alone on A4 and on 58 mm paper.
type Ticket struct {
	Label template.HTML
	Code  string // nine digits
	At    time.Time
	Print string // address of the page to print, with the language; "" leaves printing to the script
	Note  template.HTML
	Phone string        // help line, E.164, printed on the receipt
	QR    template.HTML // the tracker's address as crypt.QR draws it, on paper only; "" prints none
}

// Timeline is the way of a request: what is done, what is now, what is to come.
type Timeline []Stage

// Stage is one step of it. Late says why and until when.
type Stage struct {
	State string // "done", "cur" or "todo"
	Icon  string // for "cur"
	Title template.HTML
	At    time.Time // zero when it has not happened
	By    template.HTML
	Late  template.HTML
}

// Pair is one line of a summary; Change leads to where it can be changed.
type Pair struct {
	Name   template.HTML
	Value  template.HTML
	Change string // with the language; "" when it cannot be
}

// Pager leads to the next rows of a list.
type Pager struct {
	More  string // address of the rest, with the language; "" at the end
	Shown int
	Step  int // how many more the link shows
}

// Where is the place a phone can give of itself: "lat" and "lon" in degrees, "acc" in metres.
type Where struct{ Lat, Lon, Acc string }

// Isolated is a text of somebody's own, a name or a number, that keeps its direction
// within a sentence of another (HTML bdi).
func Isolated(text string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(text) + "</bdi>")
}
