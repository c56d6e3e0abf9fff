// Package chip knows the chips of blank cards: their UIDs, sets of them as a box holds them, and the Merkle tree by
// which one of a set is proved without telling the others.
//
// It is pure: values in, values out.
package chip

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// UID is the identity that the maker burnt into a chip: 4 or 7 bytes (ISO/IEC 14443-3, single and double size). A single
// one is kept above all double ones, so that the two never meet and order within each is that of the bytes.
type UID int64

const single UID = 1 << 56 // added to a UID of four bytes

// ErrUID is the error of a text that is no UID.
var ErrUID = errors.New("a UID has 8 or 14 hexadecimal digits")

// Parse reads a UID as readers print it: 04A1B2C3D4E5F6, or with colons between the bytes.
func Parse(text string) (UID, error) {
	digits := text
	if strings.Contains(text, ":") {
		digits = strings.ReplaceAll(text, ":", "")
		if len(text) != len(digits)/2*3-1 {
			return 0, fmt.Errorf("%q: %w", text, ErrUID)
		}
	}
	if len(digits) != 8 && len(digits) != 14 {
		return 0, fmt.Errorf("%q: %w", text, ErrUID)
	}
	n, err := strconv.ParseUint(digits, 16, 64)
	if err != nil || strings.ContainsAny(digits, "+-_xX") {
		return 0, fmt.Errorf("%q: %w", text, ErrUID)
	}
	if len(digits) == 8 {
		return UID(n) + single, nil
	}
	return UID(n), nil
}

// Double tells whether the UID has seven bytes.
func (u UID) Double() bool { return u < single }

func (u UID) String() string {
	if u.Double() {
		return fmt.Sprintf("%014X", int64(u))
	}
	return fmt.Sprintf("%08X", int64(u-single))
}

// bytes are those burnt into the chip.
func (u UID) bytes() []byte {
	if u.Double() {
		return binary.BigEndian.AppendUint64(nil, uint64(u))[1:]
	}
	return binary.BigEndian.AppendUint32(nil, uint32(u-single))
}
