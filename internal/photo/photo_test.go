package photo_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"runtime"
	"strings"
	"testing"

	"blangko/internal/fault"
	"blangko/internal/photo"
)

// corners is a picture whose corners are red, green, blue and black, clockwise from the top left.
func corners(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 0, 0, 255}
			switch {
			case x >= w/2 && y < h/2:
				c = color.RGBA{0, 255, 0, 255}
			case x >= w/2:
				c = color.RGBA{0, 0, 255, 255}
			case y >= h/2:
				c = color.RGBA{0, 0, 0, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// secret stands in the EXIF of every test picture; it must never come out again.
const secret = "GPS 0.7886N 127.3735E"

// withEXIF puts an APP1 segment with an orientation, and more, into a JPEG file.
func withEXIF(file []byte, order binary.AppendByteOrder, orientation uint16) []byte {
	mark := "MM"
	if order == binary.LittleEndian {
		mark = "II"
	}
	tiff := order.AppendUint32(order.AppendUint16([]byte(mark), 42), 8)
	tiff = order.AppendUint16(tiff, 2)
	tiff = order.AppendUint32(order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 0x010e), 2), uint32(len(secret))), 38)
	tiff = order.AppendUint16(order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 0x0112), 3), 1), orientation)
	tiff = append(order.AppendUint32(order.AppendUint16(tiff, 0), 0), secret...)
	segment := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(segment)+2))...)
	return append(append(out, segment...), file[2:]...)
}

// names are the corners of a picture, clockwise from the top left.
func names(m image.Image) string {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	var s strings.Builder
	for _, p := range []image.Point{{w / 8, h / 8}, {w - 1 - w/8, h / 8}, {w - 1 - w/8, h - 1 - h/8}, {w / 8, h - 1 - h/8}} {
		r, g, b, _ := m.At(p.X, p.Y).RGBA()
		switch {
		case r > g && r > b && r > 0x4000:
			s.WriteByte('r')
		case g > r && g > b && g > 0x4000:
			s.WriteByte('g')
		case b > r && b > g && b > 0x4000:
			s.WriteByte('b')
		case r < 0x4000 && g < 0x4000 && b < 0x4000:
			s.WriteByte('k')
		default:
			s.WriteByte('?')
		}
	}
	return s.String()
}

func TestAPhotoIsTurnedAndItsEXIFIsGone(t *testing.T) {
	t.Parallel()
	plain := jpegOf(t, corners(80, 40))
	for orientation, want := range map[uint16]string{0: "rgbk", 1: "rgbk", 2: "grkb", 3: "bkrg", 4: "kbgr", 5: "rkbg", 6: "krgb", 7: "bgrk", 8: "gbkr", 9: "rgbk"} {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			file := withEXIF(plain, order, orientation)
			if !bytes.Contains(file, []byte(secret)) {
				t.Fatal("the test picture says nothing of where it was taken")
			}
			kept, err := photo.Clean(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(kept.JPEG, []byte("Exif")) || bytes.Contains(kept.JPEG, []byte(secret)) {
				t.Errorf("orientation %d: metadata is kept", orientation)
			}
			m, err := jpeg.Decode(bytes.NewReader(kept.JPEG))
			if err != nil {
				t.Fatal(err)
			}
			if got := names(m); got != want || m.Bounds().Dx() != kept.Width || m.Bounds().Dy() != kept.Height {
				t.Errorf("orientation %d: corners %s in %v, want %s", orientation, got, m.Bounds(), want)
			}
			if tall := orientation >= 5 && orientation <= 8; tall != (kept.Height > kept.Width) {
				t.Errorf("orientation %d: %d x %d", orientation, kept.Width, kept.Height)
			}
		}
	}
}

func TestALargePhotoIsMadeSmaller(t *testing.T) {
	t.Parallel()
	kept, err := photo.Clean(pngOf(t, corners(5000, 2500)))
	if err != nil {
		t.Fatal(err)
	}
	if kept.Width != 2048 || kept.Height != 1024 {
		t.Errorf("%d x %d, want 2048 x 1024", kept.Width, kept.Height)
	}
	thin, err := photo.Clean(pngOf(t, corners(10_000, 1)))
	if err != nil || thin.Height != 1 {
		t.Errorf("a line: %+v, %v", thin.Height, err)
	}
	clear, err := photo.Clean(pngOf(t, image.NewNRGBA(image.Rect(0, 0, 9, 9))))
	if err != nil {
		t.Fatal(err)
	}
	if m, err := jpeg.Decode(bytes.NewReader(clear.JPEG)); err != nil || m.At(4, 4).(color.YCbCr).Y < 250 {
		t.Errorf("what shines through is not white: %v", err)
	}
}

// headOf is a PNG file that says how large it is and holds nothing.
func headOf(w, h uint32) []byte {
	body := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	body = append(body, 8, 2, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body))
}

// blackOf is a whole PNG file of one bit a pixel.
func blackOf(t testing.TB, w, h int) []byte {
	var pixels bytes.Buffer
	z := zlib.NewWriter(&pixels)
	row := make([]byte, 1+(w+7)/8)
	for range h {
		if _, err := z.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	out := []byte("\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
	for _, chunk := range []struct {
		name string
		body []byte
	}{{"IHDR", append(head, 1, 0, 0, 0, 0)}, {"IDAT", pixels.Bytes()}, {"IEND", nil}} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(chunk.body)))
		out = append(append(out, chunk.name...), chunk.body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(append([]byte(chunk.name), chunk.body...)))
	}
	return out
}

func TestWhatIsNoPhotoIsRefusedAtOnce(t *testing.T) { // not in parallel: it measures memory
	good := jpegOf(t, corners(640, 480))
	for name, c := range map[string]struct {
		file []byte
		want *fault.Fault
	}{
		"nothing":              {nil, photo.ErrNoPhoto},
		"a text":               {[]byte("bukan foto"), photo.ErrNoPhoto},
		"a PDF":                {[]byte("%PDF-1.3\n"), photo.ErrNoPhoto},
		"a GIF":                {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), photo.ErrNoPhoto},
		"half a photo":         {good[:len(good)/2], photo.ErrNoPhoto},
		"a head alone":         {headOf(100, 100), photo.ErrNoPhoto},
		"50 MB":                {append(bytes.Clone(good), make([]byte, 50<<20)...), photo.ErrTooLarge},
		"40,000 pixels wide":   {headOf(40_000, 10), photo.ErrTooLarge},
		"40,000 pixels high":   {headOf(10, 40_000), photo.ErrTooLarge},
		"a hundred megapixels": {blackOf(t, 10_000, 10_000), photo.ErrTooLarge},
		"two billion wide":     {headOf(1<<31-1, 1<<31-1), photo.ErrNoPhoto},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := photo.Clean(c.file)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want.Code)
		}
		// A hundred megapixels are 100 MB and more when decoded: a refusal that needed as much came too late.
		if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
			t.Errorf("%s is refused after %d bytes of memory", name, took)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add(withEXIF(jpegOf(f, corners(16, 8)), binary.BigEndian, 6))
	f.Add(withEXIF(jpegOf(f, corners(16, 8)), binary.LittleEndian, 8)[:60])
	f.Add(pngOf(f, corners(8, 8)))
	f.Add(headOf(40_000, 1))
	f.Fuzz(func(t *testing.T, file []byte) {
		kept, err := photo.Clean(file)
		if _, refused := fault.As(err); err != nil && !refused {
			t.Fatalf("not a fault: %v", err)
		}
		if err == nil && (kept.Width < 1 || kept.Width > 2048 || kept.Height < 1 || kept.Height > 2048) {
			t.Errorf("kept %d x %d", kept.Width, kept.Height)
		}
	})
}
