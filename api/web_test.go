package api

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"blangko/internal/fault"
)

var built = fstest.MapFS{
	"index.html":           {Data: []byte(`<html><style nonce="` + nonceMark + `"></style></html>`)},
	"sw.js":                {Data: []byte("worker")},
	"sw.js.br":             {Data: []byte("br")},
	"assets/a-1234.js":     {Data: []byte("a long script")},
	"assets/a-1234.js.br":  {Data: []byte("br")},
	"assets/a-1234.js.gz":  {Data: []byte("gz")},
	"manifest.webmanifest": {Data: []byte("{}")},
	".keep":                {Data: nil},
}

func askPages(t *testing.T, dist fstest.MapFS, method, path string, headers ...string) (*httptest.ResponseRecorder, bool) {
	t.Helper()
	s, err := newApplication(dist)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	return w, s.serve(w, r)
}

func TestTheApplicationIsServedForEveryPageOfIt(t *testing.T) {
	t.Parallel()
	nonces := map[string]bool{}
	for _, path := range []string{"/", "/requests/12", "/regions/12.71"} {
		w, ok := askPages(t, built, "GET", path, "Accept", "text/html,*/*")
		if !ok || w.Code != http.StatusOK {
			t.Fatalf("%s answers %d", path, w.Code)
		}
		policy := w.Header().Get("Content-Security-Policy")
		nonce := regexp.MustCompile(`'nonce-([^']{20,})'`).FindStringSubmatch(policy)
		if nonce == nil || !strings.Contains(w.Body.String(), `nonce="`+nonce[1]+`"`) {
			t.Errorf("%s: the nonce of %q is not that of %q", path, policy, w.Body)
		} else {
			nonces[nonce[1]] = true
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s: the policy %q lets strangers in", path, policy)
		}
	}
	if len(nonces) != 3 {
		t.Errorf("three answers have %d nonces", len(nonces))
	}
}

func TestWhatTheApplicationDoesNotHaveIsNotFound(t *testing.T) {
	t.Parallel()
	for _, c := range [][]string{{"GET", "/api/v1/nothing", "text/html"}, {"GET", "/assets/gone.js", "text/html"}, {"GET", "/nothing", "application/json"}, {"POST", "/", "text/html"}, {"GET", "/.keep", "*/*"}} {
		if _, ok := askPages(t, built, c[0], c[1], "Accept", c[2]); ok {
			t.Errorf("%s %s is answered", c[0], c[1])
		}
	}
}

func TestFilesComeInTheFormThatTheBrowserTakes(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{"gzip, deflate, br": "br", "gzip": "gz", "br;q=0, gzip;q=0.5": "gz", "identity": "a long script", "": "a long script", "brotli": "a long script"} {
		w, _ := askPages(t, built, "GET", "/assets/a-1234.js", "Accept-Encoding", accept)
		if w.Body.String() != want || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") {
			t.Errorf("Accept-Encoding %q: %q %v", accept, w.Body, w.Header())
		}
	}
	w, _ := askPages(t, built, "GET", "/sw.js", "Accept-Encoding", "br")
	if w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("the service worker is kept: %v", w.Header())
	}
	tag := w.Header().Get("ETag")
	if w, _ = askPages(t, built, "GET", "/sw.js", "Accept-Encoding", "br", "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("%s again: %d %q", tag, w.Code, w.Body)
	}
}

func TestWithoutABuildThePageSaysHowToMakeOne(t *testing.T) {
	t.Parallel()
	w, ok := askPages(t, fstest.MapFS{".keep": {}}, "GET", "/")
	if !ok || !strings.Contains(w.Body.String(), "UI not built: make web") {
		t.Errorf("got %q", w.Body)
	}
}

func TestEveryFaultHasWordsInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"id", "en"} {
		text, err := os.ReadFile("../web/src/locales/" + language + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var words struct{ Fault, Field map[string]string }
		if err := json.Unmarshal(text, &words); err != nil {
			t.Fatal(err)
		}
		for _, code := range fault.Codes() {
			if words.Fault[code] == "" {
				t.Errorf("web/src/locales/%s.json has no words for fault.%s", language, code)
			}
		}
		for _, f := range fieldCodes {
			if words.Field[f.code] == "" {
				t.Errorf("web/src/locales/%s.json has no words for field.%s", language, f.code)
			}
		}
		for code, at := range codesInSource(t) {
			if words.Field[code] == "" {
				t.Errorf("web/src/locales/%s.json has no words for field.%s of %s", language, code, at)
			}
		}
	}
}

// codesInSource are the codes that the program gives to fields, to columns and to cells of sheets, and where.
func codesInSource(t *testing.T) map[string]string {
	t.Helper()
	codes := map[string]string{}
	files := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "web" {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			code, literal := call.Args[1].(*ast.BasicLit)
			if !ok || !literal || code.Kind != token.STRING || !slices.Contains([]string{"Add", "At", "Wrong"}, method.Sel.Name) {
				return true
			}
			if text := strings.Trim(code.Value, `"`); codeForm.MatchString(text) {
				codes[text] = files.Position(code.Pos()).String()
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(codes) < 50 {
		t.Fatalf("only %d codes found in the source", len(codes))
	}
	return codes
}

var codeForm = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
