package ui

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed icons/*.svg
var iconFiles embed.FS

// icons maps "fire", "check.bold" or "house.regular" to what stands inside its svg.
var icons = sync.OnceValue(func() map[string]string {
	names, _ := fs.Glob(iconFiles, "icons/*.svg") // the pattern is valid
	all := make(map[string]string, len(names))
	for _, name := range names {
		body, err := iconFiles.ReadFile(name)
		if err != nil {
			panic(err) // embedded at build
		}
		_, inner, _ := strings.Cut(string(body), ">")
		inner, _, _ = strings.Cut(inner, "</svg>")
		all[strings.TrimSuffix(path.Base(name), ".svg")] = inner
	}
	return all
})

// HasIcon says whether Icon can draw that name: for those who check data that names pictograms.
func HasIcon(name string) bool { return icons()[name] != "" }

// Icon is a pictogram, hidden from screen readers because a word stands beside
// it. The plain name is the filled weight; "check.bold" and "house.regular"
// are for controls and navigation. Class "flip" turns it in right-to-left
// pages. A name nobody drew gives nothing: the word beside it remains.
func Icon(name string, class ...string) template.HTML {
	inner := icons()[name]
	if inner == "" {
		return ""
	}
	classes := template.HTMLEscapeString(strings.Join(append([]string{"i"}, class...), " "))
	return template.HTML(`<svg class="` + classes + `" viewBox="0 0 256 256" aria-hidden="true">` + inner + `</svg>`)
}

// colours of the star tile; teal is the default and needs no class.
var colours = map[string]string{
	"saffron": " c-saf", "blue": " c-blue", "brick": " c-brick", "plum": " c-plum",
	"night": " c-night", "teal": " c-teal", "sky": " c-sky", "olive": " c-olive",
}

// HasColour says whether a tile can have that colour.
func HasColour(name string) bool { return colours[name] != "" }

// Tile is a pictogram on the eight-pointed star. The colour is one of saffron,
// blue, brick, plum, night, teal, sky, olive; size is sm (40 px) or lg (60 px),
// 52 px when left out.
func Tile(icon, colour string, size ...string) template.HTML {
	class := "tile" + colours[colour]
	if len(size) > 0 && slices.Contains([]string{"sm", "lg"}, size[0]) {
		class += " " + size[0]
	}
	return template.HTML(`<span class="`+class+`">`) + Icon(icon) + `</span>`
}

// signs are the shapes of the four priorities: octagon, diamond, circle,
// square. Shape and number tell them apart; colour is the third cue.
var signs = [4]string{
	`<path d="M13.7 5.7L5.7 13.7H-5.7L-13.7 5.7V-5.7L-5.7 -13.7H5.7L13.7 -5.7Z" fill="#b23a26"/><text y="5.5">1</text>`,
	`<path d="M0 -16.5L16.5 0L0 16.5L-16.5 0Z" fill="#f5b63a"/><text class="dk" y="5.5">2</text>`,
	`<circle r="14" fill="#3350b8"/><text y="5.5">3</text>`,
	`<rect x="-12" y="-12" width="24" height="24" rx="3" fill="#5f6d66"/><text y="5.5">4</text>`,
}

// Prio is the sign of a priority, 1 the most urgent to 4; anything else is 4.
// It is hidden from screen readers: the partial "prio" says it in words.
func Prio(level int) template.HTML {
	if level < 1 || level > len(signs) {
		level = len(signs)
	}
	return template.HTML(`<svg class="prio" viewBox="-17 -17 34 34" aria-hidden="true">` + signs[level-1] + `</svg>`)
}

// Logo is the mark: eight petals around a point, many hands around one task;
// one petal is saffron: you.
func Logo() template.HTML {
	const petal = "M32 3l6.2 12.2L32 24.6l-6.2-9.4z"
	var b strings.Builder
	b.WriteString(`<svg viewBox="0 0 64 64" aria-hidden="true"><path fill="#f5b63a" d="` + petal + `"/><g fill="currentColor">`)
	for turn := 45; turn < 360; turn += 45 {
		fmt.Fprintf(&b, `<path d="%s" transform="rotate(%d 32 32)"/>`, petal, turn)
	}
	b.WriteString(`</g><circle cx="32" cy="32" r="4.2" fill="#f5b63a"/></svg>`)
	return template.HTML(b.String())
}

// Width is the class of a bar that is pct percent long, in steps of five. What
// is not nothing is never drawn as nothing, nor what is not all as all.
func Width(pct int) string {
	switch step := (pct + 2) / 5 * 5; {
	case pct <= 0:
		return "w-0"
	case pct >= 100:
		return "w-100"
	default:
		return "w-" + strconv.Itoa(min(max(step, 5), 95))
	}
}
