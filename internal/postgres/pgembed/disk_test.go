//go:build unix

package pgembed_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"blangko/internal/postgres/pgembed"
)

// disk is a file system of its own in memory, of the given size.
func disk(t *testing.T, size string) string {
	t.Helper()
	asRoot(t)
	parent := newParent(t)
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "mode=0755,size="+size, "tmpfs", parent).CombinedOutput(); err != nil {
		os.RemoveAll(parent)
		t.Skipf("file systems cannot be mounted here: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", parent).CombinedOutput(); err != nil {
			t.Errorf("umount: %s", out)
		}
		os.RemoveAll(parent)
	})
	return parent
}

func TestAFullDisk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, size string }{
		{"too small for the data", "16M"},
		{"too small for anything", "16k"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(disk(t, c.size), "data")
			_, err := pgembed.Join(t.Context(), pgembed.Options{Dir: dir})
			if !errors.Is(err, pgembed.ErrFull) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "free some space") {
				t.Errorf("%v, want ErrFull that names %s", err, dir)
			}
			if exists(dir, "data") || exists(dir, "data.init") {
				t.Error("something half-made is left")
			}
		})
	}
}

func TestADiskThatFillsUp(t *testing.T) {
	t.Parallel()
	parent := disk(t, "200M")
	if out, err := exec.Command("cp", "-a", filepath.Dir(madePlace(t))+"/.", parent).CombinedOutput(); err != nil {
		t.Fatalf("cp: %s", out)
	}
	dir := filepath.Join(parent, "data directory")
	s := join(t, dir)
	leave(t, s)
	filler := filepath.Join(parent, "filler")
	_ = exec.Command("dd", "if=/dev/zero", "of="+filler, "bs=64k").Run() // ends with the disk full, as it should
	_, err := pgembed.Join(t.Context(), pgembed.Options{Dir: dir})
	if !errors.Is(err, pgembed.ErrFull) || !strings.Contains(err.Error(), dir) {
		t.Errorf("%v, want ErrFull that names %s", err, dir)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	leave(t, join(t, dir))
}

func TestAReadOnlyDisk(t *testing.T) {
	t.Parallel()
	parent := disk(t, "200M")
	if out, err := exec.Command("cp", "-a", filepath.Dir(madePlace(t))+"/.", parent).CombinedOutput(); err != nil {
		t.Fatalf("cp: %s", out)
	}
	if out, err := exec.Command("mount", "-o", "remount,ro", parent).CombinedOutput(); err != nil {
		t.Fatalf("remount: %s", out)
	}
	for _, dir := range []string{filepath.Join(parent, "data directory"), filepath.Join(parent, "new")} {
		_, err := pgembed.Join(t.Context(), pgembed.Options{Dir: dir})
		if !errors.Is(err, pgembed.ErrDirectory) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "read-only") {
			t.Errorf("%v, want ErrDirectory that says read-only and names %s", err, dir)
		}
	}
}

// A directory of another user, or one that may not be written, is refused in
// words. Root may write everywhere, so another user tries it.
func TestADirectoryThatMayNotBeWritten(t *testing.T) {
	t.Parallel()
	asRoot(t)
	nobody := &syscall.Credential{Uid: 65534, Gid: 65534}
	dir := madePlace(t)
	if line := begin(t, "hold", dir, nobody).line(); !strings.Contains(line, "belongs to user") || !strings.Contains(line, dir) {
		t.Errorf("a directory of another user: %q", line)
	}
	if line := begin(t, "hold", filepath.Dir(dir)+"/new", nobody).line(); !strings.Contains(line, "may not write") {
		t.Errorf("a parent of another user: %q", line)
	}
	locked := filepath.Join(filepath.Dir(dir), "locked")
	if err := os.Mkdir(locked, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(locked, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	// Its own empty directory is fine, and root joins what runs there.
	other := begin(t, "hold", locked, nobody).joined()
	s := join(t, locked)
	if got := ask(t, s, `SELECT 'root is here'`); got != "root is here" {
		t.Error(got)
	}
	if err := other.end(); err != nil {
		t.Error(err)
	}
	leave(t, s)
	// Nothing of root's is left in it: the user starts it again.
	if err := begin(t, "hold", locked, nobody).joined().end(); err != nil {
		t.Error(err)
	}
}
