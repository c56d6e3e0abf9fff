package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// longest is how much may stand between two tags, or inside one.
const longest = 1 << 20

var errXML = errors.New("the XML is malformed")

// markup reads the tags and texts of an XML part one by one. It knows what spreadsheets write and no more: no
// declarations of entities, no other encoding than UTF-8. The decoder of the standard library takes ten times as long
// for a large sheet.
type markup struct {
	r    *bufio.Reader
	name string // of the tag, without its prefix
	rest []byte // its attributes, until the next tag
	end  bool   // </name>
	bare bool   // <name/>
	text []byte // what stood before the tag, as it was written
}

func newMarkup(r io.Reader) *markup { return &markup{r: bufio.NewReaderSize(r, longest)} }

// next goes to the next tag; io.EOF after the last one.
func (m *markup) next() error {
	m.text = m.text[:0]
	for {
		text, err := m.r.ReadSlice('<')
		if err != nil {
			if errors.Is(err, io.EOF) && len(bytes.TrimSpace(text)) == 0 {
				return io.EOF
			}
			return errors.Join(errXML, err)
		}
		if m.text = append(m.text, text[:len(text)-1]...); len(m.text) > longest {
			return errXML
		}
		first, err := m.r.Peek(1)
		if err != nil {
			return errors.Join(errXML, err)
		}
		switch first[0] {
		case '?':
			_, err = m.until("?>")
		case '!':
			err = m.aside()
		default:
			return m.tag()
		}
		if err != nil {
			return err
		}
	}
}

// aside passes over a comment and takes a CDATA section for text. Anything else could declare entities.
func (m *markup) aside() error {
	if head, err := m.r.Peek(3); err == nil && string(head) == "!--" {
		_, err := m.until("-->")
		return err
	}
	const cdata = "![CDATA["
	if head, err := m.r.Peek(len(cdata)); err != nil || string(head) != cdata {
		return errXML
	}
	text, err := m.until("]]>")
	if err != nil {
		return err
	}
	escaped := bytes.ReplaceAll(text[len(cdata):len(text)-len("]]>")], []byte("&"), []byte("&amp;"))
	m.text = append(m.text, escaped...)
	return nil
}

// until reads up to and with the closing text.
func (m *markup) until(closing string) (read []byte, err error) {
	for !bytes.HasSuffix(read, []byte(closing)) {
		part, err := m.r.ReadSlice(closing[len(closing)-1])
		if err != nil {
			return nil, errors.Join(errXML, err)
		}
		if read = append(read, part...); len(read) > longest {
			return nil, errXML
		}
	}
	return read, nil
}

func (m *markup) tag() error {
	tag, err := m.r.ReadSlice('>')
	if err != nil {
		return errors.Join(errXML, err)
	}
	for bytes.Count(tag, []byte(`"`))%2 == 1 { // a '>' inside an attribute
		more, err := m.r.ReadSlice('>')
		if err != nil || len(tag)+len(more) > longest {
			return errors.Join(errXML, err)
		}
		tag = append(bytes.Clone(tag), more...)
	}
	tag = tag[:len(tag)-1]
	if m.end = bytes.HasPrefix(tag, []byte("/")); m.end {
		tag = tag[1:]
	}
	if m.bare = bytes.HasSuffix(tag, []byte("/")); m.bare {
		tag = tag[:len(tag)-1]
	}
	name := tag
	if i := bytes.IndexAny(tag, " \t\r\n"); i >= 0 {
		name, m.rest = tag[:i], tag[i:]
	} else {
		m.rest = nil
	}
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	if string(name) != m.name {
		m.name = string(name)
	}
	return nil
}

// attribute returns the value of an attribute by its name, prefix and all, "" when there is none.
func (m *markup) attribute(name string) string {
	rest := m.rest
	for {
		i := bytes.IndexByte(rest, '=')
		if i < 0 {
			return ""
		}
		key := bytes.TrimSpace(rest[:i])
		rest = bytes.TrimLeft(rest[i+1:], " \t\r\n")
		if len(rest) == 0 {
			return ""
		}
		j := bytes.IndexByte(rest[1:], rest[0]) // either quote
		if j < 0 {
			return ""
		}
		if string(key) == name {
			return unescape(rest[1 : j+1])
		}
		rest = rest[j+2:]
	}
}

// underscored is how a sheet writes a character that XML cannot hold: _x000D_.
var underscored = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

func unescape(text []byte) string {
	s := string(text)
	if strings.IndexByte(s, '&') >= 0 {
		s = entities(s)
	}
	if strings.Contains(s, "_x") {
		s = underscored.ReplaceAllStringFunc(s, func(u string) string {
			n, err := strconv.ParseUint(u[2:6], 16, 32)
			if err != nil || n == 0 || !utf8.ValidRune(rune(n)) {
				return u
			}
			return string(rune(n))
		})
	}
	return s
}

var named = map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": `"`, "apos": "'"}

func entities(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "&")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, ";")
		if to, ok := named[name]; ok && closed {
			b.WriteString(to)
			s = after
			continue
		}
		if n, ok := numbered(name); ok && closed {
			b.WriteRune(n)
			s = after
			continue
		}
		b.WriteByte('&')
		s = rest
	}
}

func numbered(name string) (rune, bool) {
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(n), err == nil && n > 0 && n <= utf8.MaxRune && utf8.ValidRune(rune(n))
}
