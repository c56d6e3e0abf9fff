package boundary

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// A vector tile as its specification 2.1 has it, written straight into the bytes of its Protocol Buffers: a tile of the
// nation holds thousands of features, and values in maps of anything took most of the time that drawing them takes.

// Fields of the messages and types of shapes, by the names of the specification.
const (
	tileLayers = 3

	layerName, layerFeatures, layerKeys, layerValues, layerExtent, layerVersion = 1, 2, 3, 4, 5, 15

	featureID, featureTags, featureType, featureGeometry = 1, 2, 3, 4

	valueText, valueNumber, valueCount = 1, 3, 6

	isPoint, isPolygon = 1, 3

	moveTo, lineTo, closePath = 1, 2, 7
)

// extent is how many steps there are along the side of a tile.
const extent = 4096

// Layer collects the features of a layer of a tile.
type Layer struct {
	keys           []string
	next           int // of keys: features name their properties in the same order
	texts          map[string]uint64
	counts         map[int64]uint64
	numbers        map[float64]uint64
	known          uint64 // values
	head, features []byte
	tags, geometry []byte // of the feature that is being written
	message        []byte
}

// newLayer begins a layer of about so many features.
func newLayer(name string, about int) *Layer {
	l := &Layer{texts: map[string]uint64{}, counts: map[int64]uint64{}, numbers: map[float64]uint64{}}
	l.head, l.features = make([]byte, 0, 64*about), make([]byte, 0, 64*about) // what most take
	l.head = appendNumber(appendText(appendNumber(l.head, layerVersion, 2), layerName, name), layerExtent, extent)
	return l
}

// Text gives the feature a property that many have.
func (l *Layer) Text(name, text string) {
	at, ok := l.texts[text]
	if !ok {
		at = l.value(appendText(l.message[:0], valueText, text))
		l.texts[text] = at
	}
	l.tag(name, at)
}

// Own gives the feature a property that few others have, which is written without a look for the same one.
func (l *Layer) Own(name, text string) {
	l.tag(name, l.value(appendText(l.message[:0], valueText, text)))
}

// Count gives the feature a whole number.
func (l *Layer) Count(name string, n int64) {
	at, ok := l.counts[n]
	if !ok {
		at = l.value(appendNumber(l.message[:0], valueCount, zigzag(n)))
		l.counts[n] = at
	}
	l.tag(name, at)
}

// Number gives the feature a number.
func (l *Layer) Number(name string, x float64) {
	at, ok := l.numbers[x]
	if !ok {
		const eightBytes = 1
		at = l.value(binary.LittleEndian.AppendUint64(append(l.message[:0], valueNumber<<3|eightBytes), math.Float64bits(x)))
		l.numbers[x] = at
	}
	l.tag(name, at)
}

func (l *Layer) tag(name string, value uint64) {
	if l.next >= len(l.keys) || l.keys[l.next] != name {
		if l.next = slices.Index(l.keys, name); l.next < 0 {
			l.next = len(l.keys)
			l.keys = append(l.keys, name)
			l.head = appendText(l.head, layerKeys, name)
		}
	}
	l.tags = binary.AppendUvarint(binary.AppendUvarint(l.tags, uint64(l.next)), value)
	l.next++
}

func (l *Layer) value(message []byte) uint64 {
	l.message = message
	l.head = appendBytes(l.head, layerValues, message)
	l.known++
	return l.known - 1
}

// end writes the feature with the properties that it was given; the geometry is in the steps of the tile.
func (l *Layer) end(id int, g orb.Geometry) {
	of := uint64(isPolygon)
	pen := pen{to: l.geometry[:0]}
	switch g := g.(type) {
	case orb.Point:
		of = isPoint
		pen.draw(moveTo, g)
	case orb.Polygon:
		pen.polygon(g)
	case orb.MultiPolygon:
		for _, p := range g {
			pen.polygon(p)
		}
	}
	l.geometry = pen.to
	m := appendNumber(l.message[:0], featureID, uint64(id))
	m = appendBytes(m, featureTags, l.tags)
	m = appendNumber(m, featureType, of)
	m = appendBytes(m, featureGeometry, l.geometry)
	l.features = appendBytes(l.features, layerFeatures, m)
	l.message, l.tags, l.next = m, l.tags[:0], 0
}

// appendTo writes the layer into a tile.
func (l *Layer) appendTo(tile []byte) []byte {
	const bytesFollow = 2
	tile = append(tile, tileLayers<<3|bytesFollow)
	tile = binary.AppendUvarint(tile, uint64(len(l.head)+len(l.features)))
	return append(append(tile, l.head...), l.features...)
}

// pen writes shapes as steps from one point to the next.
type pen struct {
	x, y int64
	to   []byte
}

func (p *pen) polygon(rings orb.Polygon) {
	for _, ring := range rings {
		if len(ring) > 1 && ring.Closed() {
			ring = ring[:len(ring)-1]
		}
		if len(ring) == 0 {
			continue
		}
		p.draw(moveTo, ring[0])
		p.draw(lineTo, ring[1:]...)
		p.to = append(p.to, 1<<3|closePath)
	}
}

func (p *pen) draw(command uint64, points ...orb.Point) {
	p.to = binary.AppendUvarint(p.to, uint64(len(points))<<3|command)
	for _, at := range points {
		x, y := int64(at[0]), int64(at[1])
		p.to = binary.AppendUvarint(binary.AppendUvarint(p.to, zigzag(x-p.x)), zigzag(y-p.y))
		p.x, p.y = x, y
	}
}

func zigzag(n int64) uint64 { return uint64(n<<1) ^ uint64(n>>63) }

func appendNumber(to []byte, field, n uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(to, field<<3), n)
}

func appendBytes(to []byte, field uint64, content []byte) []byte {
	const bytesFollow = 2
	return append(binary.AppendUvarint(binary.AppendUvarint(to, field<<3|bytesFollow), uint64(len(content))), content...)
}

func appendText(to []byte, field uint64, text string) []byte {
	const bytesFollow = 2
	return append(binary.AppendUvarint(binary.AppendUvarint(to, field<<3|bytesFollow), uint64(len(text))), text...)
}
