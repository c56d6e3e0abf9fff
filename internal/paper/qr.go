package paper

import (
	"fmt"
	"image/color"

	"github.com/boombuler/barcode/qr"
)

// quiet is the white border that a reader needs around a QR code, in modules (ISO/IEC 18004).
const quiet = 4

// qr draws a code (ISO/IEC 18004, level M) as squares, sharp at any size, with its quiet zone inside the side.
func (p *Paper) qr(code string, x, y, side float64) error {
	marks, err := qr.Encode(code, qr.M, qr.Unicode)
	if err != nil {
		return fmt.Errorf("encode QR code: %w", err)
	}
	n := marks.Bounds().Dx()
	unit := side / float64(n+2*quiet)
	p.pdf.SetFillColor(0, 0, 0)
	for row := range n {
		// Neighbours are one rectangle: seams between squares would show as white hairs.
		for from := 0; from < n; {
			to := from
			for to < n && marks.At(to, row) == color.Black {
				to++
			}
			if to > from {
				p.pdf.Rect(x+float64(from+quiet)*unit, y+float64(row+quiet)*unit, float64(to-from)*unit, unit, "F")
			}
			from = to + 1
		}
	}
	return nil
}
