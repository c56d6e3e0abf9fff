package road

import (
	"errors"

	"github.com/paulmach/osm"
	"google.golang.org/protobuf/encoding/protowire"
)

// field is one field of a message of protocol buffers.
type field struct {
	number protowire.Number
	value  uint64 // of a number
	text   []byte // of what has a length
}

// each shows the fields of a message in their order.
func each(text []byte, see func(field) error) error {
	for len(text) > 0 {
		number, kind, n := protowire.ConsumeTag(text)
		if n < 0 {
			return protowire.ParseError(n)
		}
		text = text[n:]
		if n = protowire.ConsumeFieldValue(number, kind, text); n < 0 {
			return protowire.ParseError(n)
		}
		f := field{number: number}
		switch kind {
		case protowire.VarintType:
			f.value, _ = protowire.ConsumeVarint(text)
		case protowire.BytesType:
			f.text, _ = protowire.ConsumeBytes(text)
		}
		if err := see(f); err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}

// numbers appends the numbers of a field, one or packed.
func (f field) numbers(to []uint64) ([]uint64, error) {
	if f.text == nil {
		return append(to, f.value), nil
	}
	for text := f.text; len(text) > 0; {
		v, n := protowire.ConsumeVarint(text)
		if n < 0 {
			return to, protowire.ParseError(n)
		}
		to, text = append(to, v), text[n:]
	}
	return to, nil
}

// content is a PrimitiveBlock: words, and what is said of coordinates.
type content struct {
	words       []string
	granularity int64
	lat, lon    int64
	see         func(osm.Object)
}

var (
	errUneven = errors.New("it names more or fewer values than it holds")
	errWord   = errors.New("it names a word that it does not hold")
)

// showBlock shows the nodes or the ways of a block.
func showBlock(text []byte, kind osm.Type, see func(osm.Object)) error {
	b := content{granularity: 100, see: see}
	var groups [][]byte
	err := each(text, func(f field) error {
		switch f.number {
		case 1:
			return each(f.text, func(w field) error { b.words = append(b.words, string(w.text)); return nil })
		case 2:
			groups = append(groups, f.text)
		case 17:
			b.granularity = int64(int32(f.value))
		case 19:
			b.lat = int64(f.value)
		case 20:
			b.lon = int64(f.value)
		}
		return nil
	})
	for _, group := range groups {
		if err != nil {
			break
		}
		err = each(group, func(f field) error {
			switch {
			case f.number == 1 && kind == osm.TypeNode:
				return b.node(f.text)
			case f.number == 2 && kind == osm.TypeNode:
				return b.dense(f.text)
			case f.number == 3 && kind == osm.TypeWay:
				return b.way(f.text)
			}
			return nil
		})
	}
	return err
}

func (b *content) showNode(id, lat, lon int64) {
	b.see(&osm.Node{ID: osm.NodeID(id), Lat: 1e-9 * float64(b.lat+b.granularity*lat), Lon: 1e-9 * float64(b.lon+b.granularity*lon)})
}

func (b *content) node(text []byte) error {
	var id, lat, lon int64
	err := each(text, func(f field) error {
		switch f.number {
		case 1:
			id = protowire.DecodeZigZag(f.value)
		case 8:
			lat = protowire.DecodeZigZag(f.value)
		case 9:
			lon = protowire.DecodeZigZag(f.value)
		}
		return nil
	})
	if err == nil {
		b.showNode(id, lat, lon)
	}
	return err
}

// dense shows nodes that stand in columns, each value as its difference from the one before.
func (b *content) dense(text []byte) error {
	var ids, lats, lons []uint64
	err := each(text, func(f field) (err error) {
		switch f.number {
		case 1:
			ids, err = f.numbers(ids)
		case 8:
			lats, err = f.numbers(lats)
		case 9:
			lons, err = f.numbers(lons)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(ids) != len(lats) || len(ids) != len(lons) {
		return errUneven
	}
	var id, lat, lon int64
	for i := range ids {
		id, lat, lon = id+protowire.DecodeZigZag(ids[i]), lat+protowire.DecodeZigZag(lats[i]), lon+protowire.DecodeZigZag(lons[i])
		b.showNode(id, lat, lon)
	}
	return nil
}

func (b *content) way(text []byte) error {
	var w osm.Way
	var keys, values, refs []uint64
	err := each(text, func(f field) (err error) {
		switch f.number {
		case 1:
			w.ID = osm.WayID(f.value)
		case 2:
			keys, err = f.numbers(keys)
		case 3:
			values, err = f.numbers(values)
		case 8:
			refs, err = f.numbers(refs)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(keys) != len(values) {
		return errUneven
	}
	for i := range keys {
		if keys[i] >= uint64(len(b.words)) || values[i] >= uint64(len(b.words)) {
			return errWord
		}
		w.Tags = append(w.Tags, osm.Tag{Key: b.words[keys[i]], Value: b.words[values[i]]})
	}
	id := int64(0)
	for _, r := range refs {
		id += protowire.DecodeZigZag(r)
		w.Nodes = append(w.Nodes, osm.WayNode{ID: osm.NodeID(id)})
	}
	b.see(&w)
	return nil
}
