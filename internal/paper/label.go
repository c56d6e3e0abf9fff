package paper

import (
	"fmt"
	"image/color"
	"time"

	"github.com/boombuler/barcode/code128"
)

// Label is what is stuck on a box.
type Label struct {
	Code  string   // in the QR code, for a camera
	Bar   string   // in the bars (Code 128, ISO/IEC 15417), for a hand scanner; left out where they cannot hold it
	Lines []string // the first in bold
}

// A sheet of labels: two beside each other, five below.
const (
	labelColumns = 2
	labelRows    = 5
	labelWidth   = 97.0
	labelHeight  = 55.0
	labelMargin  = 8.0
	labelTop     = 11.0
)

// Labels writes labels on sheets of A4, ten a page, with lines to cut along.
func Labels(title string, labels []Label, at time.Time) ([]byte, error) {
	p := blank(title, at)
	p.pdf.SetAutoPageBreak(false, 0)
	for i, l := range labels {
		on := i % (labelColumns * labelRows)
		if on == 0 {
			p.pdf.AddPage()
		}
		x := labelMargin + labelWidth*float64(on%labelColumns)
		y := labelTop + labelHeight*float64(on/labelColumns)
		if err := p.label(l, x, y); err != nil {
			return nil, fmt.Errorf("label %d: %w", i+1, err)
		}
	}
	if len(labels) == 0 {
		p.pdf.AddPage()
	}
	return p.Bytes()
}

func (p *Paper) label(l Label, x, y float64) error {
	const side = 34.0
	p.pdf.SetDrawColor(180, 180, 180)
	p.pdf.Rect(x, y, labelWidth, labelHeight, "D")
	if err := p.qr(l.Code, x+2, y+2, side); err != nil {
		return err
	}
	for i, line := range l.Lines {
		style, size := "", 9.0
		if i == 0 {
			style, size = "B", 12
		}
		p.pdf.SetFont("Helvetica", style, size)
		p.pdf.SetXY(x+side+4, y+4+6*float64(i))
		p.pdf.CellFormat(labelWidth-side-6, 6, p.word(line), "", 0, "L", false, 0, "")
	}
	return p.bars(l.Bar, x+4, y+side+4, labelWidth-8, labelHeight-side-7)
}

// bars draws a text as Code 128 with the room beside it that a reader needs, unless it holds what the bars cannot.
func (p *Paper) bars(text string, x, y, width, height float64) error {
	for _, r := range text {
		if r > 126 || r < 32 {
			return nil
		}
	}
	if text == "" || len(text) > 40 {
		return nil
	}
	code, err := code128.Encode(text)
	if err != nil {
		return fmt.Errorf("encode bars: %w", err)
	}
	const beside = 10 // modules
	n := code.Bounds().Dx()
	unit := width / float64(n+2*beside)
	p.pdf.SetFillColor(0, 0, 0)
	for from := 0; from < n; from++ {
		to := from
		for to < n && code.At(to, 0) == color.Black {
			to++
		}
		if to > from {
			p.pdf.Rect(x+float64(from+beside)*unit, y, float64(to-from)*unit, height, "F")
			from = to
		}
	}
	return nil
}
