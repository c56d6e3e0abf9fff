package photo

import (
	"bytes"
	"encoding/binary"
)

// turn is an orientation as EXIF numbers it (CIPA DC-008-2019, tag 0x0112).
type turn uint16

const (
	upright turn = 1
	last    turn = 8
)

// swapped tells whether width and height change places.
func (o turn) swapped() bool { return o >= 5 }

// from is where a pixel of the turned picture, w wide and h high, comes from.
func (o turn) from(x, y, w, h int) (int, int) {
	switch o {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, w - 1 - x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return h - 1 - y, x
	}
	return x, y
}

// orientation finds the orientation in the EXIF of a JPEG file; upright when there is none, or it makes no sense.
func orientation(file []byte) turn {
	// A JPEG file is a row of segments: marker, length, content. EXIF stands in APP1, before the picture's own (SOS).
	for rest := file[min(2, len(file)):]; len(rest) > 4 && rest[0] == 0xff && rest[1] != 0xda; {
		size := int(binary.BigEndian.Uint16(rest[2:]))
		if size < 2 || size+2 > len(rest) {
			break
		}
		if tiff, ok := bytes.CutPrefix(rest[4:2+size], []byte("Exif\x00\x00")); ok && rest[1] == 0xe1 {
			return orientationIn(tiff)
		}
		rest = rest[2+size:]
	}
	return upright
}

// orientationIn reads the tag in the first directory of a TIFF structure.
func orientationIn(tiff []byte) turn {
	var order binary.ByteOrder = binary.BigEndian
	switch {
	case bytes.HasPrefix(tiff, []byte("II*\x00")):
		order = binary.LittleEndian
	case !bytes.HasPrefix(tiff, []byte("MM\x00*")):
		return upright
	}
	if len(tiff) < 8 {
		return upright
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	entries := int64(order.Uint16(tiff[at:]))
	const entry, tag, short = 12, 0x0112, 3
	for i := range entries {
		e := at + 2 + i*entry
		if e+entry > int64(len(tiff)) {
			break
		}
		if order.Uint16(tiff[e:]) == tag && order.Uint16(tiff[e+2:]) == short {
			if o := turn(order.Uint16(tiff[e+8:])); o >= upright && o <= last {
				return o
			}
		}
	}
	return upright
}
