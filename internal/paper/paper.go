// Package paper writes the papers of an office as PDF: letters, delivery notes, records of handover, labels.
//
// It knows nothing of what they say. A paper is made from its text and its instant alone, so that the same paper comes
// out again.
package paper

import (
	"bytes"
	"fmt"
	"time"

	"github.com/go-pdf/fpdf"
)

// Paper is a document of one office, on A4.
type Paper struct {
	pdf  *fpdf.Fpdf
	word func(string) string // to the encoding of the built-in fonts
}

// Margins of a page and the width between them, in millimetres.
const (
	margin  = 25.0
	breadth = 210 - 2*margin
)

// New begins a paper with the name of the agency, of its office, and a title.
func New(agency, office, title string, at time.Time) *Paper {
	p := blank(title, at)
	p.pdf.SetMargins(margin, 20, margin)
	p.pdf.AddPage()
	p.pdf.SetFont("Helvetica", "B", 13)
	p.pdf.CellFormat(0, 8, p.word(agency), "", 1, "C", false, 0, "")
	p.pdf.CellFormat(0, 8, p.word(office), "B", 1, "C", false, 0, "")
	p.pdf.Ln(6)
	p.Heading(title)
	return p
}

func blank(title string, at time.Time) *Paper {
	p := &Paper{pdf: fpdf.New("P", "mm", "A4", "")}
	p.word = p.pdf.UnicodeTranslatorFromDescriptor("")
	p.pdf.SetCatalogSort(true) // the same paper is the same bytes
	p.pdf.SetTitle(title, true)
	p.pdf.SetCreator("blangko", true)
	p.pdf.SetCreationDate(at)
	p.pdf.SetModificationDate(at)
	return p
}

// Heading writes a line in bold.
func (p *Paper) Heading(text string) {
	p.pdf.SetFont("Helvetica", "B", 11)
	p.pdf.MultiCell(0, 7, p.word(text), "", "L", false)
}

// Text writes a paragraph.
func (p *Paper) Text(text string) {
	p.pdf.SetFont("Helvetica", "", 11)
	p.pdf.Ln(2)
	p.pdf.MultiCell(0, 6, p.word(text), "", "L", false)
	p.pdf.Ln(2)
}

// Row writes a name and its value.
func (p *Paper) Row(name, value string) {
	p.pdf.SetFont("Helvetica", "", 11)
	p.pdf.CellFormat(45, 6, p.word(name), "", 0, "L", false, 0, "")
	p.pdf.MultiCell(0, 6, p.word(value), "", "L", false)
}

// Table writes columns under a heading. Shares are the parts of the width; what has a number in it stands right.
func (p *Paper) Table(head []string, shares []float64, rows [][]string) {
	var sum float64
	for _, s := range shares {
		sum += s
	}
	line := func(cells []string, style, align string) {
		p.pdf.SetFont("Helvetica", style, 10)
		for i, cell := range cells {
			side := align
			if i == 0 {
				side = "L"
			}
			p.pdf.CellFormat(breadth*shares[i]/sum, 7, p.word(cell), "1", 0, side, false, 0, "")
		}
		p.pdf.Ln(-1)
	}
	p.pdf.Ln(2)
	line(head, "B", "C")
	for _, row := range rows {
		line(row, "", "R")
	}
	p.pdf.Ln(2)
}

// Signatures leaves room for those who sign, side by side.
func (p *Paper) Signatures(who ...string) {
	width := breadth / float64(len(who))
	p.keep(45)
	p.pdf.Ln(6)
	p.pdf.SetFont("Helvetica", "", 10)
	for _, name := range who {
		p.pdf.CellFormat(width, 6, p.word(name), "", 0, "C", false, 0, "")
	}
	p.pdf.Ln(26)
	for range who {
		p.pdf.CellFormat(width, 6, "(..............................)", "", 0, "C", false, 0, "")
	}
	p.pdf.Ln(8)
}

// Seal draws a code as QR, with words about it beside.
func (p *Paper) Seal(code string, words ...string) error {
	const side = 32.0
	p.keep(side + 6)
	p.pdf.Ln(4)
	x, y := p.pdf.GetX(), p.pdf.GetY()
	if err := p.qr(code, x, y, side); err != nil {
		return err
	}
	p.pdf.SetFont("Helvetica", "", 9)
	for i, w := range words {
		p.pdf.SetXY(x+side+5, y+5*float64(i))
		p.pdf.CellFormat(0, 5, p.word(w), "", 0, "L", false, 0, "")
	}
	p.pdf.SetXY(x, y+side+2)
	return nil
}

// keep begins a new page unless so much room is left on this one.
func (p *Paper) keep(millimetres float64) {
	_, height := p.pdf.GetPageSize()
	if p.pdf.GetY()+millimetres > height-20 {
		p.pdf.AddPage()
	}
}

// Bytes is the finished PDF.
func (p *Paper) Bytes() ([]byte, error) {
	var b bytes.Buffer
	if err := p.pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("write paper: %w", err)
	}
	return b.Bytes(), nil
}
