package pdf

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twiza/twiza/testkit"
)

func pages(t *testing.T, lang string, rtl bool, title string, cols []Col, rows [][]Cell, text ...string) []byte {
	t.Helper()
	d, err := New(title, lang, rtl, func(page, of int) string { return fmt.Sprintf("%d/%d", page, of) })
	if err != nil {
		t.Fatal(err)
	}
	d.Heading(title)
	for _, x := range text {
		d.Text(x)
	}
	if err := d.Table(cols, rows); err != nil {
		t.Fatal(err)
	}
	out, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if folder := os.Getenv("TWIZA_SHOTS"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, lang+".pdf"), out, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// read is what a reader of the file finds written, by a program of others
// (poppler).
func read(t *testing.T, pdf []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		testkit.Lacking(t, "pdftotext is not here: scripts/needs.sh brings it")
	}
	c := exec.Command(tool, "-enc", "UTF-8", "-layout", "-", "-")
	c.Stdin = bytes.NewReader(pdf)
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestFrenchIsFoundInTheFileAsItWasWritten(t *testing.T) {
	t.Parallel()
	said := read(t, pages(t, "fr", false, "Bon de distribution", []Col{{"Numéro", 1}, {"Lieu", 2}}, [][]Cell{{{Text: "482 719 064"}, {Text: "Aït Ouaâraba, près du cœur du village"}}}, "Total : 1\u00a0250,00 DH"))
	for _, x := range []string{"Bon de distribution", "482 719 064", "Aït Ouaâraba", "cœur", "1 250,00 DH", "1/1"} {
		if !strings.Contains(strings.ReplaceAll(said, "\u00a0", " "), x) {
			t.Errorf("%q is not in\n%s", x, said)
		}
	}
}

func TestArabicAndTifinaghAreFoundInTheFile(t *testing.T) {
	t.Parallel()
	said := read(t, pages(t, "ar", true, "لائحة التوزيع", []Col{{"الرقم", 1}, {"المكان", 2}}, [][]Cell{{{Text: "482 719 064"}, {Text: "دوار تيزي أوسم، الحوز"}}, {{Text: "1"}, {Text: "ⵜⵉⵡⵉⵣⵉ"}}}))
	for _, x := range []string{"482 719 064", "المكان", "الرقم", "دوار", "الحوز"} {
		if !strings.Contains(said, x) {
			t.Errorf("%q is not in\n%s", x, said)
		}
	}
}

func TestWhatIsReadAloudIsWhatWasWritten(t *testing.T) {
	t.Parallel()
	d, err := New("", "ar", true, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"لائحة التوزيع في دوار تيزي أوسم", "ⵜⵉⵡⵉⵣⵉ", "Aït Ouaâraba, cœur", "عدد 125 غطاء (Tizi) ثم ⴰⵣⵓⵍ"} {
		var b strings.Builder
		for _, c := range d.wrap(text, false, 10, 400)[0].clusters {
			b.WriteString(c.says)
			if glyph := c.font.says[c.glyphs[0].id]; !c.own && glyph != c.says {
				t.Errorf("%s: a glyph says %q, and stands for %q", text, glyph, c.says)
			}
		}
		if got := strings.ReplaceAll(b.String(), "\u00a0", " "); got != text {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

func TestArabicLettersJoinAndANumberStaysAsItIs(t *testing.T) {
	t.Parallel()
	d, err := New("", "ar", true, nil)
	if err != nil {
		t.Fatal(err)
	}
	alone := 0.0
	for _, letter := range []string{"ب", "ي", "ت"} {
		alone += d.wrap(letter, false, 10, 200)[0].width
	}
	if joined := d.wrap("بيت", false, 10, 200)[0].width; joined >= alone {
		t.Errorf("joined %.1f, each alone %.1f: the letters do not join", joined, alone)
	}
	if c := d.wrap("لا", false, 10, 200)[0].clusters; len(c) != 1 || len(c[0].glyphs) != 1 || c[0].says != "لا" {
		t.Errorf("lam and alef are %+v", c)
	}
	for _, text := range []string{"عدد 125 غطاء", "رقم 482 719 064"} {
		var digits []cluster
		for _, c := range d.wrap(text, false, 10, 200)[0].clusters {
			if c.says >= "0" && c.says <= "9" {
				digits = append(digits, c)
			}
		}
		for i := range digits[1:] {
			if digits[i].glyphs[0].x >= digits[i+1].glyphs[0].x {
				t.Errorf("%s: %s stands right of %s", text, digits[i].says, digits[i+1].says)
			}
		}
	}
}

func TestALongTableTurnsThePageRepeatsItsNamesAndCutsNoRow(t *testing.T) {
	t.Parallel()
	var rows [][]Cell
	for i := range 60 {
		rows = append(rows, []Cell{{Text: fmt.Sprintf("N%03d", i)}, {Text: strings.Repeat("un mot long ", 12)}, {Tick: true}, {Code: fmt.Sprintf("t%d", i)}})
	}
	out := pages(t, "fr", false, "Longue liste", []Col{{"Rang", 1}, {"Mots", 4}, {"Reçu", 1}, {"Code", 2}}, rows)
	said := read(t, out)
	leaves := strings.Split(strings.TrimRight(said, "\f"), "\f")
	if len(leaves) < 4 {
		t.Fatalf("%d pages", len(leaves))
	}
	for i, leaf := range leaves {
		leaf = strings.NewReplacer("\u202a", "", "\u202b", "", "\u202c", "").Replace(leaf)
		if strings.Count(leaf, "Rang") != 1 || !strings.Contains(leaf, fmt.Sprintf("%d/%d", i+1, len(leaves))) {
			t.Errorf("page %d: %s", i+1, leaf)
		}
		if rows := strings.Count(leaf, "N0"); strings.Count(strings.Join(strings.Fields(leaf), " "), "un mot long") != 12*rows {
			t.Errorf("page %d cuts one of its %d rows", i+1, rows)
		}
	}
	if len(out) > 300_000 {
		t.Errorf("%d bytes", len(out))
	}
}

func TestGarbageIsPrintedAndBreaksNothing(t *testing.T) {
	t.Parallel()
	for _, x := range []string{"", "\x00\x01", "\ufffd\u202e\u2066", strings.Repeat("ⴰ", 3000), "👩‍🚒", "a\nb", "(\\)<>"} {
		d, err := New(x, "ar", true, func(int, int) string { return x })
		if err != nil {
			t.Fatal(err)
		}
		d.Heading(x)
		d.Text(x)
		if err := d.Table([]Col{{x, 1}}, [][]Cell{{{Text: x}}, {{Code: "x" + strings.Repeat("y", len(x)%100)}}}); err != nil {
			t.Fatal(err)
		}
		if out, err := d.Bytes(); err != nil || !bytes.HasPrefix(out, []byte("%PDF-1.7")) {
			t.Errorf("%q: %v", x, err)
		}
	}
}
