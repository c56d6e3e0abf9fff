package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keys are kept in a directory of their own, not in the database: whoever can write to the database alone can then neither
// make a link of custody nor sign a checkpoint. Replicas of one database share the directory.
type keys string

// What stands in the directory.
const (
	custodyFile    = "custody.key"        // 32 bytes, hexadecimal
	checkpointFile = "checkpoint.pem"     // private key, Ed25519
	publicFile     = "checkpoint.pub.pem" // for whoever verifies
	checkpointsDir = "checkpoints"        // one file a day
)

// keysOf is the directory that the configuration names: beside the private PostgreSQL, unless said otherwise.
func keysOf(c config) keys {
	switch {
	case c.Keys != "":
		return keys(c.Keys)
	case c.DatabaseURL != "":
		return keys(c.Data + "-keys") // the directory of the private PostgreSQL holds nothing else
	}
	return keys(filepath.Join(c.Data, "keys"))
}

// custody reads the key of the chain of custody, or makes it.
func (k keys) custody() ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(string(k), custodyFile))
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return nil, fmt.Errorf("make key of custody: %w", err)
		}
		err := k.add(custodyFile, []byte(hex.EncodeToString(key)+"\n"), 0o600)
		if errors.Is(err, fs.ErrExist) { // another replica was first
			return k.custody()
		}
		return key, err
	}
	if err != nil {
		return nil, fmt.Errorf("read key of custody: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s holds no key: 64 hexadecimal digits are wanted; bring the file back from where it is kept safe", filepath.Join(string(k), custodyFile))
	}
	return key, nil
}

// signing reads the key that signs checkpoints, or makes it, with its public half beside it.
func (k keys) signing() (ed25519.PrivateKey, error) {
	if err := os.MkdirAll(string(k), 0o700); err != nil {
		return nil, k.refuse(err)
	}
	key, err := signingKey(filepath.Join(string(k), checkpointFile))
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	err = k.add(publicFile, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o644)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return key, nil
}

// add writes a file whole or not at all, unless there is one of that name.
func (k keys) add(name string, text []byte, mode fs.FileMode) error {
	file := filepath.Join(string(k), name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return k.refuse(err)
	}
	half, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(name)+"-*")
	if err != nil {
		return k.refuse(err)
	}
	_, err = half.Write(text)
	err = errors.Join(err, half.Chmod(mode), half.Sync(), half.Close())
	if err == nil {
		err = os.Link(half.Name(), file) // fails when there is one
	}
	return errors.Join(err, os.Remove(half.Name()))
}

func (k keys) refuse(err error) error {
	return fmt.Errorf("keys cannot be kept in %s: %w; name another directory with BLANGKO_KEYS", string(k), err)
}

// checkpoints are the files of the days on which one was signed.
func (k keys) checkpoints() ([]string, error) {
	return filepath.Glob(filepath.Join(string(k), checkpointsDir, "*.json"))
}
