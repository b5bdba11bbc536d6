package pdf

import "github.com/twiza/twiza/platform/crypt"

// Col is a column: its name, and which part of the width it takes.
type Col struct {
	Name  string
	Share float64
}

// Cell is what stands in a column of a row: text, a square that holds Code, or an
// empty box to tick.
type Cell struct {
	Text string
	Bold bool
	Code string
	Tick bool
	High float64 // at least so many points, where a hand is to write
}

const (
	padding = 4
	tickBox = 12
	codeBox = 66 // 23 mm with what stays white around it: a cheap phone reads it from a hand's breadth
)

// Table is rows under names that stand again on each page. A row is never cut.
func (d *Doc) Table(cols []Col, rows [][]Cell) error {
	all := 0.0
	for _, c := range cols {
		all += c.Share
	}
	widths := make([]float64, len(cols))
	head := make([]Cell, len(cols))
	for i, c := range cols {
		widths[i] = c.Share / all * (pageWidth - 2*margin)
		head[i] = Cell{Text: c.Name, Bold: true}
	}
	if err := d.row(widths, head, nil); err != nil {
		return err
	}
	for _, r := range rows {
		if err := d.row(widths, r, head); err != nil {
			return err
		}
	}
	d.y += bodySize
	return nil
}

func (d *Doc) row(widths []float64, cells, head []Cell) error {
	lines := make([][]line, len(cells))
	high := 0.0
	for i, c := range cells {
		lines[i] = d.wrap(c.Text, c.Bold, bodySize, widths[i]-2*padding)
		high = max(high, float64(len(lines[i]))*bodySize*leading)
		if c.Code != "" {
			high = max(high, codeBox)
		}
		if c.Tick {
			high = max(high, tickBox)
		}
		high = max(high, c.High)
	}
	if d.room(high+2*padding) && head != nil {
		if err := d.row(widths, head, nil); err != nil {
			return err
		}
	}
	top := d.y
	for i, c := range cells {
		x := d.column(widths, i)
		d.y = top + padding
		for _, l := range lines[i] {
			d.draw(l, bodySize, x+padding, widths[i]-2*padding)
			d.y += bodySize * leading
		}
		d.y = top + padding
		if c.Tick {
			d.op("0.8 w %.2f %.2f %d %d re S", x+(widths[i]-tickBox)/2, pageHeight-d.y-tickBox, tickBox, tickBox)
		}
		if c.Code != "" {
			if err := d.code(c.Code, x+(widths[i]-codeBox)/2); err != nil {
				return err
			}
		}
	}
	d.y = top + high + 2*padding
	d.op("0.4 w %d %.2f m %.2f %.2f l S", margin, pageHeight-d.y, pageWidth-margin, pageHeight-d.y)
	return nil
}

// column is where a column begins: the first one at the right, where text begins
// there.
func (d *Doc) column(widths []float64, at int) float64 {
	x := 0.0
	for _, w := range widths[:at] {
		x += w
	}
	if d.rtl {
		return pageWidth - margin - x - widths[at]
	}
	return margin + x
}

// code draws a square (ISO/IEC 18004) that holds a text.
func (d *Doc) code(text string, x float64) error {
	dots, err := crypt.Dots(text)
	if err != nil {
		return err
	}
	side := codeBox / float64(len(dots))
	for i, row := range dots {
		for j := 0; j < len(row); j++ {
			from := j
			for j < len(row) && row[j] {
				j++
			}
			if j > from {
				d.op("%.3f %.3f %.3f %.3f re f", x+float64(from)*side, pageHeight-d.y-float64(i+1)*side, float64(j-from)*side, side)
			}
		}
	}
	return nil
}
