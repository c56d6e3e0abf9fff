package road

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"

	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmpbf"
	"github.com/paulmach/osm/osmxml"
	"google.golang.org/protobuf/encoding/protowire"
)

// scanFile goes through a file once and shows the objects of a kind, with or without the others.
type scanFile func(ctx context.Context, kind osm.Type, see func(osm.Object)) error

// scannerOf tells the form of a file by its beginning: one of protocol buffers has the name of its first block there.
func scannerOf(r io.ReadSeeker) (scanFile, error) {
	var head [4 + 2 + len(headerBlock)]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[6:]) != headerBlock {
		return func(ctx context.Context, _ osm.Type, see func(osm.Object)) error { return scanXML(ctx, r, see) }, nil
	}
	if err := wholeBlocks(r); err != nil {
		return nil, err
	}
	return func(ctx context.Context, kind osm.Type, see func(osm.Object)) error {
		return scanPBF(ctx, r, kind, see)
	}, nil
}

const headerBlock = "OSMHeader"

func scanXML(ctx context.Context, r io.ReadSeeker, see func(osm.Object)) error {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return scan(osmxml.New(ctx, r), see)
}

func scan(s osm.Scanner, see func(osm.Object)) (err error) {
	defer func() { err = errors.Join(err, s.Close()) }()
	for s.Scan() {
		see(s.Object())
	}
	return s.Err()
}

func scanPBF(ctx context.Context, r io.ReadSeeker, kind osm.Type, see func(osm.Object)) error {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	s := osmpbf.New(ctx, r, runtime.GOMAXPROCS(0))
	s.SkipNodes, s.SkipWays, s.SkipRelations = kind != osm.TypeNode, kind != osm.TypeWay, kind != osm.TypeRelation
	return scan(s, see)
}

// wholeBlocks walks over the blocks of a file of protocol buffers and reports what the scanner would not survive: one
// that was cut off, for the scanner takes a file that ends between the name and the content of a block for a whole
// one; and nodes one by one.
func wholeBlocks(r io.ReadSeeker) error {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	looked := false
	for at := int64(0); at < size; {
		if _, err := r.Seek(at, io.SeekStart); err != nil {
			return err
		}
		kind, content, head, err := blockHead(r)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || err == nil && at+head+content > size {
			return fmt.Errorf("the road file was cut off: its block at byte %d ends beyond its %d bytes", at, size)
		}
		if err != nil {
			return fmt.Errorf("block of the road file at byte %d: %w", at, err)
		}
		if kind == "OSMData" && !looked {
			looked = true
			if err := denseNodes(r, content); err != nil {
				return err
			}
		}
		at += head + content
	}
	return nil
}

// blockHead reads the head of a block (https://wiki.openstreetmap.org/wiki/PBF_Format): its own length in four bytes,
// then a message with the kind of the block and the length of its content.
func blockHead(r io.Reader) (kind string, content, head int64, err error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return "", 0, 0, err
	}
	const most = 64 << 10
	n := binary.BigEndian.Uint32(length[:])
	if n > most {
		return "", 0, 0, fmt.Errorf("its head is %d bytes long, more than %d", n, most)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return "", 0, 0, err
	}
	fields, err := message(text)
	if err != nil {
		return "", 0, 0, err
	}
	if fields.numbers[3] > maxBlock {
		return "", 0, 0, fmt.Errorf("it is %d bytes long, more than %d", fields.numbers[3], maxBlock)
	}
	return string(fields.texts[1]), int64(fields.numbers[3]), int64(n) + 4, nil
}

const maxBlock = 32 << 20

// denseNodes looks into a block for nodes in the form that the scanner cannot read.
func denseNodes(r io.Reader, size int64) error {
	text := make([]byte, size)
	if _, err := io.ReadFull(r, text); err != nil {
		return err
	}
	blob, err := message(text)
	if err != nil {
		return err
	}
	raw := blob.texts[1]
	if packed := blob.texts[3]; packed != nil {
		z, err := zlib.NewReader(bytes.NewReader(packed))
		if err != nil {
			return fmt.Errorf("unpack the first block of the road file: %w", err)
		}
		if raw, err = io.ReadAll(io.LimitReader(z, maxBlock)); err != nil {
			return fmt.Errorf("unpack the first block of the road file: %w", err)
		}
	}
	block, err := message(raw)
	if err != nil {
		return err
	}
	group, err := message(block.texts[2])
	if err == nil && group.texts[1] != nil {
		err = errors.New("the road file holds its nodes one by one: write it anew with osmium cat")
	}
	return err
}

// fields are the first value of each field of a message.
type fields struct {
	numbers map[protowire.Number]uint64
	texts   map[protowire.Number][]byte
}

func message(text []byte) (fields, error) {
	f := fields{map[protowire.Number]uint64{}, map[protowire.Number][]byte{}}
	for len(text) > 0 {
		number, kind, skip := protowire.ConsumeTag(text)
		if skip < 0 {
			return f, protowire.ParseError(skip)
		}
		text = text[skip:]
		length := protowire.ConsumeFieldValue(number, kind, text)
		if length < 0 {
			return f, protowire.ParseError(length)
		}
		switch kind {
		case protowire.VarintType:
			if _, known := f.numbers[number]; !known {
				f.numbers[number], _ = protowire.ConsumeVarint(text)
			}
		case protowire.BytesType:
			if _, known := f.texts[number]; !known {
				f.texts[number], _ = protowire.ConsumeBytes(text)
			}
		}
		text = text[length:]
	}
	return f, nil
}
