package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheSigningKeyIsMadeOnceAndForItsOwner(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key.pem")
	made, err := signingKey(file)
	if err != nil {
		t.Fatal(err)
	}
	again, err := signingKey(file)
	if err != nil || !made.Equal(again) {
		t.Errorf("the key read again differs: %v", err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file has mode %v: %v", info.Mode(), err)
	}
	if err := os.WriteFile(file, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := signingKey(file); err == nil {
		t.Error("a file without a key was taken for one")
	}
}
