package tidy_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"blangko/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const (
	module = "blangko"
	root   = "../.." // tests run in the folder of their package
)

// source is one Go file.
type source struct {
	path   string // from the root, with slashes
	pkg    string // folder of the package, from the root
	test   bool
	text   []byte
	syntax *ast.File
}

// imports are the paths that the file imports, each with the name it goes by in the file.
func (s source) imports() map[string]string {
	list := map[string]string{}
	for _, i := range s.syntax.Imports {
		target, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			panic(err) // the parser took it
		}
		name := path.Base(target)
		if strings.HasPrefix(name, "v") && strings.Trim(name[1:], "0123456789") == "" {
			name = path.Base(path.Dir(target)) // math/rand/v2 is rand
		}
		if i.Name != nil {
			name = i.Name.Name
		}
		list[target] = name
	}
	return list
}

// uses lists what the file takes from an imported package, such as Now of time.
func (s source) uses(target string) []*ast.SelectorExpr {
	name, ok := s.imports()[target]
	if !ok {
		return nil
	}
	var found []*ast.SelectorExpr
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := selector.X.(*ast.Ident); ok && x.Name == name {
				found = append(found, selector)
			}
		}
		return true
	})
	return found
}

// house is everything that the tests look at.
type house struct {
	texts   map[string][]byte // every file that is text, by its path from the root
	sources []source
}

// read reads the house once for all tests.
var read = sync.OnceValues(func() (house, error) {
	h := house{texts: map[string][]byte{}}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && made[entry.Name()]:
			return filepath.SkipDir
		case !entry.Type().IsRegular():
			return nil
		default:
			return h.add(name)
		}
	})
	return h, err
})

// made are the folders of what is made from the house, fetched for it, or kept beside it.
var made = map[string]bool{".git": true, "bin": true, "node_modules": true, "dist": true}

func (h *house) add(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0 {
		return nil // no text, as git decides it
	}
	relative, err := filepath.Rel(root, name)
	if err != nil {
		return err
	}
	relative = filepath.ToSlash(relative)
	h.texts[relative] = text
	if path.Ext(relative) != ".go" {
		return nil
	}
	syntax, err := parser.ParseFile(token.NewFileSet(), relative, text, parser.ParseComments)
	if err != nil {
		return err
	}
	h.sources = append(h.sources, source{path: relative, pkg: path.Dir(relative), test: strings.HasSuffix(relative, "_test.go"), text: text, syntax: syntax})
	return nil
}

func all(t *testing.T) house {
	t.Helper()
	h, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return h
}
