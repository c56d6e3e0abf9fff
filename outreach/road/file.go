package road

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmxml"
)

// scanFile goes through a file once and shows the objects of a kind, with or without the others.
type scanFile func(ctx context.Context, kind osm.Type, see func(osm.Object)) error

// scannerOf tells the form of a file by its beginning: one of protocol buffers has the name of its first block there.
func scannerOf(r io.ReadSeeker) scanFile {
	var head [4 + 2 + len(headerBlock)]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[6:]) != headerBlock {
		return func(ctx context.Context, _ osm.Type, see func(osm.Object)) error { return scanXML(ctx, r, see) }
	}
	return func(ctx context.Context, kind osm.Type, see func(osm.Object)) error {
		return scanBlocks(ctx, r, kind, see)
	}
}

func scanXML(ctx context.Context, r io.ReadSeeker, see func(osm.Object)) (err error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	s := osmxml.New(ctx, r)
	defer func() { err = errors.Join(err, s.Close()) }()
	for s.Scan() {
		see(s.Object())
	}
	return s.Err()
}

// Names of the blocks of a file of protocol buffers (https://wiki.openstreetmap.org/wiki/PBF_Format).
const headerBlock, dataBlock = "OSMHeader", "OSMData"

// Longest head and content of a block that the format allows.
const maxHead, maxBlock = 64 << 10, 32 << 20

// scanBlocks walks over the blocks of a file of protocol buffers. They are read here and not by osmpbf, which brings the
// whole program down over a damaged block, takes a file cut between the name and the content of a block for a whole one,
// and knows no nodes one by one.
func scanBlocks(ctx context.Context, r io.ReadSeeker, kind osm.Type, see func(osm.Object)) error {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	for at := int64(0); ctx.Err() == nil; {
		name, text, length, err := readBlock(r)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return fmt.Errorf("the road file was cut off in its block at byte %d", at)
		case err == nil && name == headerBlock:
			err = knownFeatures(text)
		case err == nil && name == dataBlock:
			err = showBlock(text, kind, see)
		}
		if err != nil {
			return fmt.Errorf("block of the road file at byte %d: %w", at, err)
		}
		at += length
	}
	return ctx.Err()
}

// readBlock reads the next block: the length of its head in four bytes, a head with its name and the length of its
// content, and the content. The error is io.EOF at the end of the file, and io.ErrUnexpectedEOF when it ends within.
func readBlock(r io.Reader) (name string, text []byte, length int64, err error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return "", nil, 0, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxHead {
		return "", nil, 0, fmt.Errorf("its head is %d bytes long, more than %d", n, maxHead)
	}
	head := make([]byte, n)
	if _, err := io.ReadFull(r, head); err != nil {
		return "", nil, 0, io.ErrUnexpectedEOF
	}
	content := uint64(0)
	err = each(head, func(f field) error {
		switch f.number {
		case 1:
			name = string(f.text)
		case 3:
			content = f.value
		}
		return nil
	})
	switch {
	case err != nil:
		return "", nil, 0, err
	case content > maxBlock:
		return "", nil, 0, fmt.Errorf("it is %d bytes long, more than %d", content, maxBlock)
	}
	packed := make([]byte, content)
	if _, err := io.ReadFull(r, packed); err != nil {
		return "", nil, 0, io.ErrUnexpectedEOF
	}
	text, err = unpack(packed)
	return name, text, int64(n) + 4 + int64(content), err
}

// unpack is the content of a block as it was before it was compressed.
func unpack(packed []byte) (text []byte, err error) {
	err = each(packed, func(f field) error {
		switch f.number {
		case 1:
			text = f.text
		case 3:
			z, err := zlib.NewReader(bytes.NewReader(f.text))
			if err != nil {
				return err
			}
			if text, err = io.ReadAll(io.LimitReader(z, maxBlock+1)); err == nil && len(text) > maxBlock {
				err = fmt.Errorf("unpacked it is longer than %d bytes", maxBlock)
			}
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = errors.New("it cannot be unpacked")
			}
			return err
		case 4, 5, 6, 7:
			return errors.New("it is not compressed by zlib: write the file anew with osmium cat")
		}
		return nil
	})
	return text, err
}

// knownFeatures refuses a file that says it holds what is not understood here.
func knownFeatures(text []byte) error {
	return each(text, func(f field) error {
		if name := string(f.text); f.number == 4 && name != "OsmSchema-V0.6" && name != "DenseNodes" {
			return fmt.Errorf("the file needs %q, which is not known here: write it anew with osmium cat", name)
		}
		return nil
	})
}
