package api

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// application serves the web application from what the build left.
type application struct {
	files map[string]builtFile // by path without the leading slash
}

// builtFile is one file in the forms that were made at build time.
type builtFile struct {
	kind  string            // Content-Type
	tag   string            // ETag
	forms map[string][]byte // by Content-Encoding; "" is the file as it is
}

// nonceMark stands in index.html where the nonce of an answer belongs.
const nonceMark = "csp-nonce-of-this-answer"

// newApplication reads the application once; it is embedded, so that reading cannot fail later.
func newApplication(dist fs.FS) (*application, error) {
	s := &application{files: map[string]builtFile{}}
	err := fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		text, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		s.add(name, text)
		return nil
	})
	return s, err
}

var encodings = map[string]string{".br": "br", ".gz": "gzip"}

func (s *application) add(name string, text []byte) {
	encoding := encodings[path.Ext(name)]
	if encoding != "" {
		name = strings.TrimSuffix(name, path.Ext(name))
	}
	f, ok := s.files[name]
	if !ok {
		f = builtFile{kind: contentType(name), forms: map[string][]byte{}}
	}
	f.forms[encoding] = text
	if encoding == "" {
		sum := sha256.Sum256(text)
		f.tag = hex.EncodeToString(sum[:12])
	}
	s.files[name] = f
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".webmanifest":
		return "application/manifest+json"
	case ".js":
		return "text/javascript; charset=utf-8"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// serve answers a path that is no operation of the API: a file, or the application, which has pages of its own.
// It reports false for what the application does not have either.
func (s *application) serve(w http.ResponseWriter, r *http.Request) bool {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead, strings.HasPrefix(name, "api/"):
		return false
	case name != "index.html" && s.files[name].forms != nil:
		s.file(w, r, name)
	case name == "" || name == "index.html" || !strings.HasPrefix(name, "assets/") && strings.Contains(r.Header.Get("Accept"), "text/html"):
		s.page(w)
	default:
		return false
	}
	return true
}

func (s *application) file(w http.ResponseWriter, r *http.Request, name string) {
	f, h := s.files[name], w.Header()
	form, encoding := f.form(r.Header.Get("Accept-Encoding"))
	tag := strconv.Quote(f.tag + encoding)
	h.Set("ETag", tag)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; frame-ancestors 'none'")
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable") // their names hold their digest
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.kind)
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	h.Set("Content-Length", strconv.Itoa(len(form)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(form) // who went away misses nothing
}

// form is the smallest form that the browser takes.
func (f builtFile) form(accepted string) ([]byte, string) {
	for _, encoding := range []string{"br", "gzip"} {
		if text, ok := f.forms[encoding]; ok && accepts(accepted, encoding) {
			return text, encoding
		}
	}
	return f.forms[""], ""
}

// accepts reports whether an Accept-Encoding header names an encoding without refusing it.
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) == encoding {
			return weight == "" || strings.Trim(weight, " q=0.") != ""
		}
	}
	return false
}

// page answers the application itself. Its styles carry a nonce of this answer; nothing is loaded from another host.
func (s *application) page(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	text, ok := s.files["index.html"]
	if !ok {
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		_, _ = w.Write([]byte(unbuilt))
		return
	}
	nonce := newNonce()
	h.Set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'nonce-"+nonce+"'; img-src 'self' data: blob:; worker-src 'self' blob:; "+
		"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	_, _ = w.Write(bytes.ReplaceAll(text.forms[""], []byte(nonceMark), []byte(nonce)))
}

func newNonce() string {
	var b [18]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

const unbuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>blangko</title>
<h1>UI not built: make web</h1>
<p>The API runs; see <a href="/docs">its description</a>. The web application needs npm: install Node.js 20 or later, run <code>make web</code>
(or <code>make run</code>, which does it by itself), and start the server again.</p>
</html>
`
