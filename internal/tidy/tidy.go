// Package tidy holds the house rules as tests of the code itself: who may import whom, what a pure package must not
// touch, which tables stand behind row-level security. Ask `go test ./internal/tidy` before you ask a person.
//
// The table of imports stands in imports_test.go. A package without a row in it fails: adding a package means saying
// what it may know.
package tidy
