package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// An XLSX file is a zip of XML. These bounds hold whatever the zip says of itself.
const (
	largestUnzipped = 256 << 20 // bytes of all parts together
	largestInMemory = 16 << 20  // bytes of one part; larger ones go to a temporary file
	longestTag      = 1 << 20   // bytes up to the next '>'
	mostParts       = 2000
)

// inspect unzips every part once without keeping it, refuses what is too large, and returns the merged areas of each
// sheet by its name.
func inspect(archive *zip.Reader) (map[string][]merged, error) {
	if len(archive.File) > mostParts {
		return nil, ErrTooLarge.With("parts", len(archive.File), "most", mostParts)
	}
	areas := map[string][]merged{} // by path
	left := int64(largestUnzipped)
	for _, part := range archive.File {
		var err error
		if areas[part.Name], err = inspectPart(part, &left); err != nil {
			return nil, err
		}
	}
	paths, err := sheetPaths(archive)
	if err != nil {
		return nil, ErrNoFile.Because(err)
	}
	sheets := map[string][]merged{}
	for name, p := range paths {
		sheets[name] = areas[p]
	}
	return sheets, nil
}

func inspectPart(part *zip.File, left *int64) (areas []merged, err error) {
	r, err := part.Open()
	if err != nil {
		return nil, ErrNoFile.Because(err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	limited := &io.LimitedReader{R: r, N: *left + 1}
	if strings.HasPrefix(part.Name, "xl/worksheets/") && strings.HasSuffix(part.Name, ".xml") {
		areas, err = mergedAreas(limited)
	} else {
		_, err = io.Copy(io.Discard, limited)
	}
	if limited.N == 0 {
		return nil, ErrTooLarge.With("unzipped", largestUnzipped)
	}
	*left = limited.N - 1
	if err != nil {
		return nil, ErrNoFile.Because(err)
	}
	return areas, nil
}

// mergedAreas reads the tags of a sheet one by one; the XML decoder would take ten times as long for a large one.
func mergedAreas(r io.Reader) ([]merged, error) {
	var areas []merged
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), longestTag)
	s.Split(func(data []byte, atEnd bool) (int, []byte, error) {
		if i := bytes.IndexByte(data, '>'); i >= 0 {
			return i + 1, data[:i], nil
		}
		if atEnd && len(data) > 0 {
			return len(data), data, nil
		}
		return 0, nil, nil
	})
	for s.Scan() {
		tag := s.Bytes()
		i := bytes.LastIndexByte(tag, '<')
		if i < 0 {
			continue
		}
		name, attributes, _ := bytes.Cut(tag[i+1:], []byte(" "))
		if _, local, ok := bytes.Cut(name, []byte(":")); ok {
			name = local
		}
		if string(name) != "mergeCell" {
			continue
		}
		_, ref, ok := bytes.Cut(attributes, []byte(`ref="`))
		if !ok {
			continue
		}
		ref, _, _ = bytes.Cut(ref, []byte(`"`))
		area, err := mergedArea(string(ref))
		if err != nil {
			return nil, err
		}
		areas = append(areas, area)
	}
	return areas, s.Err()
}

// sheetPaths maps the names of the sheets to their parts.
func sheetPaths(archive *zip.Reader) (map[string]string, error) {
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var relations struct {
		List []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := decodePart(archive, "xl/workbook.xml", &book); err != nil {
		return nil, err
	}
	if err := decodePart(archive, "xl/_rels/workbook.xml.rels", &relations); err != nil {
		return nil, err
	}
	target := map[string]string{}
	for _, r := range relations.List {
		if strings.HasPrefix(r.Target, "/") {
			target[r.ID] = strings.TrimPrefix(r.Target, "/")
		} else {
			target[r.ID] = path.Join("xl", r.Target)
		}
	}
	paths := map[string]string{}
	for _, s := range book.Sheets {
		paths[s.Name] = target[s.ID]
	}
	return paths, nil
}

func decodePart(archive *zip.Reader, name string, into any) (err error) {
	part, err := archive.Open(name)
	if err != nil {
		return fmt.Errorf("open %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, part.Close()) }()
	if err := xml.NewDecoder(io.LimitReader(part, largestInMemory)).Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}
