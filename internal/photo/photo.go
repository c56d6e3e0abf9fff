// Package photo takes pictures in and keeps nothing of them but what they show: no place, no time, no name of a phone.
//
// A file is looked at before it is decoded, so that what is no picture, or one that would fill the memory, is refused
// at once.
package photo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // screens are taken as PNG
	"sync"

	"golang.org/x/image/draw"

	"blangko/internal/fault"
)

// Bounds of a picture that is taken in, and of what is kept of it.
const (
	LargestFile = 10 << 20   // bytes
	longestSide = 10_000     // pixels
	mostPixels  = 25_000_000 // what decoding may cost: 300 MB in the worst case
	keptSide    = 2_048      // pixels; a label is read at it
	quality     = 82         // of the JPEG that is kept
)

// What a picture is refused for.
var (
	ErrNoPhoto  = fault.New(fault.Invalid, "photo-unreadable")
	ErrTooLarge = fault.New(fault.Invalid, "photo-too-large") // width, height, longest, most_pixels; or bytes, most_bytes
)

// Photo is a picture as it is kept: a JPEG without any metadata.
type Photo struct {
	JPEG          []byte
	Width, Height int
}

// one lets one picture at a time be decoded, so that memory holds one however many come at once.
var one sync.Mutex

// Clean reads a JPEG or PNG file and writes its picture anew: turned the way it was taken, at most 2,048 pixels a side,
// and without EXIF or any other metadata. Errors: photo-unreadable, photo-too-large.
func Clean(file []byte) (Photo, error) {
	if len(file) > LargestFile {
		return Photo{}, ErrTooLarge.With("bytes", len(file), "most_bytes", LargestFile)
	}
	head, format, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return Photo{}, ErrNoPhoto.With("advice", "send a JPEG or PNG file").Because(err)
	}
	if head.Width > longestSide || head.Height > longestSide || head.Width*head.Height > mostPixels {
		return Photo{}, ErrTooLarge.With("width", head.Width, "height", head.Height, "longest", longestSide, "most_pixels", mostPixels)
	}
	one.Lock()
	defer one.Unlock()
	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return Photo{}, ErrNoPhoto.With("advice", "the file ends early or is damaged").Because(err)
	}
	turn := upright
	if format == "jpeg" {
		turn = orientation(file)
	}
	kept := turned(shrunk(picture), turn)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, kept, &jpeg.Options{Quality: quality}); err != nil {
		return Photo{}, fmt.Errorf("write photo: %w", err)
	}
	return Photo{b.Bytes(), kept.Bounds().Dx(), kept.Bounds().Dy()}, nil
}

// shrunk draws a picture on white, no side longer than is kept.
func shrunk(picture image.Image) *image.RGBA {
	w, h := picture.Bounds().Dx(), picture.Bounds().Dy()
	if side := max(w, h); side > keptSide {
		w, h = max(1, w*keptSide/side), max(1, h*keptSide/side)
	}
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.BiLinear.Scale(small, small.Bounds(), picture, picture.Bounds(), draw.Over, nil)
	return small
}

// turned lays a picture the way its orientation says that it was taken.
func turned(picture *image.RGBA, o turn) *image.RGBA {
	if o == upright {
		return picture
	}
	w, h := picture.Bounds().Dx(), picture.Bounds().Dy()
	if o.swapped() {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.SetRGBA(x, y, picture.RGBAAt(o.from(x, y, w, h)))
		}
	}
	return out
}
