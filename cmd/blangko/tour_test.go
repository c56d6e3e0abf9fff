package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every command of docs/tour.md does what it says, one after the other in one shell, against a running server.
func TestTheTour(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the tour needs %s: %v", tool, err)
		}
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "tour.md"))
	if err != nil {
		t.Fatal(err)
	}
	h := furnish(t, 100)
	h.start()
	const address = "http://127.0.0.1:8080"
	script := "set -euo pipefail\n"
	blocks := regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(string(text), -1)
	for _, b := range blocks {
		script += b[1]
	}
	if len(blocks) < 8 || !strings.Contains(script, address) {
		t.Fatalf("%d blocks of commands, want the whole tour against %s", len(blocks), address)
	}
	bash := exec.CommandContext(t.Context(), "bash", "-x")
	bash.Dir, bash.Stdin = t.TempDir(), strings.NewReader(strings.ReplaceAll(script, address, h.url))
	out, err := bash.CombinedOutput()
	if err != nil {
		t.Fatalf("the tour stops: %v\n%s", err, out)
	}
	for _, want := range []string{`"approved":400`, `"state":"resolved"`, `"parts-do-not-add-up"`, `"standing":"kept"`, `"FeatureCollection"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the tour does not show %s", want)
		}
	}
	h.stop()
}
