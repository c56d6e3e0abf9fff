package paper_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"

	"blangko/internal/paper"
)

var noon = time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC)

// content inflates what a PDF draws.
func content(t *testing.T, pdf []byte) string {
	t.Helper()
	var all strings.Builder
	for _, found := range regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`).FindAllSubmatch(pdf, -1) {
		r, err := zlib.NewReader(bytes.NewReader(found[1]))
		if err != nil {
			continue // a font or a profile
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

var rectangle = regexp.MustCompile(`(?m)^(-?[\d.]+) (-?[\d.]+) (-?[\d.]+) (-?[\d.]+) re f$`)

// scan rasters the black rectangles of a page and reads the QR code that they make.
func scan(t *testing.T, pdf []byte) string {
	t.Helper()
	bits, err := gozxing.NewBinaryBitmapFromImage(raster(t, pdf))
	if err != nil {
		t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		t.Fatalf("no reader finds a code: %v", err)
	}
	return read.GetText()
}

func raster(t *testing.T, pdf []byte) *image.Gray {
	t.Helper()
	const scale, width, height = 3.0, 595, 842
	page := image.NewGray(image.Rect(0, 0, width*scale, height*scale))
	draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
	for _, m := range rectangle.FindAllStringSubmatch(content(t, pdf), -1) {
		var x, y, w, h float64
		if _, err := fmt.Sscan(strings.Join(m[1:], " "), &x, &y, &w, &h); err != nil {
			t.Fatal(err)
		}
		top, bottom := height-y, height-(y+h)
		box := image.Rect(int(x*scale+.5), int(min(top, bottom)*scale+.5), int((x+w)*scale+.5), int(max(top, bottom)*scale+.5))
		draw.Draw(page, box, image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	return page
}

// scanBars reads the Code 128 of a page.
func scanBars(t *testing.T, pdf []byte) string {
	t.Helper()
	bits, err := gozxing.NewBinaryBitmapFromImage(raster(t, pdf))
	if err != nil {
		t.Fatal(err)
	}
	read, err := oned.NewCode128Reader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		t.Fatalf("no reader finds bars: %v", err)
	}
	return read.GetText()
}

func TestALabelIsReadByCameraAndByHandScanner(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"K-1", "KTP2026-000123/07"} {
		pdf, err := paper.Labels("Label", []paper.Label{{Code: "blangko:box:" + number, Bar: number, Lines: []string{number, "500 keping"}}}, noon)
		if err != nil {
			t.Fatal(err)
		}
		if got := scan(t, pdf); got != "blangko:box:"+number {
			t.Errorf("a camera reads %q of %s", got, number)
		}
		if got := scanBars(t, pdf); got != number {
			t.Errorf("a hand scanner reads %q of %s", got, number)
		}
	}
}

func TestTenLabelsAPage(t *testing.T) {
	t.Parallel()
	for n, pages := range map[int]int{0: 1, 1: 1, 10: 1, 11: 2, 25: 3} {
		labels := make([]paper.Label, n)
		for i := range labels {
			labels[i] = paper.Label{Code: fmt.Sprint("K-", i), Bar: "Kotak nomor\u2013" + fmt.Sprint(i), Lines: []string{fmt.Sprint("K-", i)}}
		}
		pdf, err := paper.Labels("Label", labels, noon)
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Count(pdf, []byte("/Type /Page\n")); got != pages {
			t.Errorf("%d labels take %d pages, want %d", n, got, pages)
		}
	}
}

func TestASealIsReadBack(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"blangko:shipment:12:SJ/2026/000012:400:ABCDEFGHIJKLMNOP",
		"blangko:receipt:900719925474:" + strings.Repeat("Dokumen nomor ", 7) + ":100000000:ABCDEFGHIJKLMNOP"} {
		p := paper.New("Disdukcapil", "Kota Ternate", "Surat Jalan", noon)
		p.Table([]string{"Barang", "Jumlah"}, []float64{3, 1}, [][]string{{"Blangko KTP-el", "400"}})
		p.Signatures("Yang menyerahkan", "Yang menerima")
		if err := p.Seal(code, "Periksa keaslian surat ini"); err != nil {
			t.Fatal(err)
		}
		pdf, err := p.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if got := scan(t, pdf); got != code {
			t.Errorf("read %q, want %q", got, code)
		}
	}
}

func TestASealTooLongIsRefused(t *testing.T) {
	t.Parallel()
	if err := paper.New("Disdukcapil", "x", "y", noon).Seal(strings.Repeat("x", 5000)); err == nil {
		t.Error("five thousand characters fit a QR code")
	}
}

func TestAPaperComesOutTheSameAgain(t *testing.T) {
	t.Parallel()
	write := func() []byte {
		p := paper.New("Disdukcapil", "Kota Ternate", "Berita Acara", noon)
		p.Row("Nomor", "BA-1")
		pdf, err := p.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return pdf
	}
	if !bytes.Equal(write(), write()) {
		t.Error("two papers of one text differ")
	}
}

func TestALongTableGoesOnTheNextPage(t *testing.T) {
	t.Parallel()
	p := paper.New("Disdukcapil", "Kota Ternate", "Surat Jalan", noon)
	rows := make([][]string, 100)
	for i := range rows {
		rows[i] = []string{fmt.Sprint("Baris ", i), "1"}
	}
	p.Table([]string{"Barang", "Jumlah"}, []float64{3, 1}, rows)
	pdf, err := p.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if text := content(t, pdf); !strings.Contains(text, "(Baris 0)") || !strings.Contains(text, "(Baris 99)") {
		t.Error("rows are missing")
	}
	if n := bytes.Count(pdf, []byte("/Type /Page\n")); n < 3 {
		t.Errorf("%d pages for a hundred rows", n)
	}
}

func TestNumbersAndDaysAreWordedAsOfficesDo(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "nol", 7: "tujuh", 11: "sebelas", 12: "dua belas", 20: "dua puluh", 45: "empat puluh lima", 100: "seratus",
		111: "seratus sebelas", 397: "tiga ratus sembilan puluh tujuh", 1000: "seribu", 1500: "seribu lima ratus", 2010: "dua ribu sepuluh",
		11_000: "sebelas ribu", 100_000: "seratus ribu", 1_000_000: "satu juta", 24_527_333: "dua puluh empat juta lima ratus dua puluh tujuh ribu tiga ratus tiga puluh tiga",
		100_000_000: "seratus juta", 3_000_000_001: "tiga miliar satu"} {
		if got := paper.Words(n); got != want {
			t.Errorf("Words(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1500: "1.500", -1500: "-1.500", 24_527_333: "24.527.333"} {
		if got := paper.Number(n); got != want {
			t.Errorf("Number(%d) = %q, want %q", n, got, want)
		}
	}
	if got := paper.Date(noon); got != "20 November 2026" {
		t.Errorf("Date = %q", got)
	}
}
