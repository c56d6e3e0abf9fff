//go:build unix

package pgembed

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// What stands in a directory. Everything in it belongs to the account.
const (
	changeLock     = "lock"            // held alone while PostgreSQL is started or stopped
	holdersLock    = "holders.lock"    // held shared by everyone who uses it
	serveLock      = "serve.lock"      // held alone by the one serve
	postmasterLock = "postmaster.lock" // inherited by PostgreSQL itself: held while any process of it lives
	passwordFile   = "password"
	dataDir        = "data"
	unfinishedData = "data.init"
	logDir         = "log"
	socketDir      = "socket" // a directory, or a link to a short one in the system's temporary directory
)

// socketFile is the name of the socket. Its number is no port: nothing listens
// on the network.
const (
	socketFile = ".s.PGSQL.5432"
	socketPort = "5432"
	// longestSocket is safe for every system: Linux takes 107 bytes, macOS 103.
	longestSocket = 103
)

// prepare makes dir when it is missing and checks that it is ours to use.
func prepare(dir string, own account) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return refuse(dir, err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return refuse(dir, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return refuse(dir, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%w: %s is not a directory", ErrDirectory, dir)
	}
	if uid := os.Geteuid(); uid != 0 && owner(info) != uid {
		return fmt.Errorf("%w: %s belongs to user %d and this is user %d: run blangko as the same user as before, "+
			"or choose another directory with --data", ErrDirectory, dir, owner(info), uid)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return refuse(dir, err)
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == "lost+found" })
	// Looked up after the listing: another process may just have begun here.
	if _, err := os.Lstat(filepath.Join(dir, changeLock)); err != nil && len(entries) > 0 {
		return fmt.Errorf("%w: %s holds other files: choose an empty directory with --data", ErrDirectory, dir)
	}
	if own.drop && owner(info) != own.uid {
		if err := os.Chown(dir, own.uid, own.gid); err != nil {
			return refuse(dir, err)
		}
	}
	if info.Mode().Perm() != 0o700 {
		if err := os.Chmod(dir, 0o700); err != nil {
			return refuse(dir, err)
		}
	}
	return own.canEnter(dir)
}

// refuse says in words why the system would not let us use dir.
func refuse(dir string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %s: free some space, or choose another directory with --data: %w", ErrFull, dir, err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: %s is on a read-only file system: make it writable, or choose another directory with --data: %w", ErrDirectory, dir, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: this user may not write in %s: change its owner, or choose another directory with --data: %w", ErrDirectory, dir, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrDirectory, dir, err)
}

// password reads the password of the directory, and makes it the first time.
// made tells that the cluster, if there is one, does not know it yet.
func password(dir string, own account) (secret string, made bool, err error) {
	path := filepath.Join(dir, passwordFile)
	text, err := os.ReadFile(path)
	if secret = strings.TrimSpace(string(text)); err == nil && secret != "" {
		return secret, false, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", false, refuse(dir, err)
	}
	random := make([]byte, 24)
	rand.Read(random)
	secret = hex.EncodeToString(random)
	return secret, true, writeSecret(path, secret+"\n", own)
}

// writeSecret replaces the file at path, readable by the account alone, so that
// a crash leaves the old file or the new one.
func writeSecret(path, text string, own account) error {
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return refuse(filepath.Dir(path), err)
	}
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return refuse(filepath.Dir(path), err)
	}
	_, err = file.WriteString(text)
	if err := errors.Join(err, own.give(file), file.Sync(), file.Close()); err != nil {
		return refuse(filepath.Dir(path), err)
	}
	if err := os.Rename(next, path); err != nil {
		return refuse(filepath.Dir(path), err)
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes the names in dir survive a crash of the machine.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// mkdir makes a directory for the account alone; one that exists is fine.
func mkdir(path string, own account) error {
	if err := os.Mkdir(path, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return refuse(filepath.Dir(path), err)
	}
	if own.drop {
		if err := os.Lchown(path, own.uid, own.gid); err != nil {
			return refuse(filepath.Dir(path), err)
		}
	}
	return nil
}

// socketPath is the directory of the socket, or "" when the link to it is
// missing or broken.
func socketPath(dir string) string {
	path := filepath.Join(dir, socketDir)
	if target, err := os.Readlink(path); err == nil {
		path = target
	}
	if info, err := os.Lstat(path); err != nil || !info.IsDir() {
		return ""
	}
	return path
}

// makeSocketPath makes the directory of the socket. The kernel takes about a
// hundred bytes for the path of a socket, so a long dir has its socket in a
// private directory with a short name, and a link to it.
func makeSocketPath(dir string, own account) (string, error) {
	path := filepath.Join(dir, socketDir)
	if len(path)+1+len(socketFile) <= longestSocket {
		return path, mkdir(path, own)
	}
	if short := socketPath(dir); short != "" {
		return short, nil
	}
	// After a restart of the machine the link is there and its target is not:
	// the same name again keeps addresses true.
	short, err := os.Readlink(path)
	if err != nil || os.Mkdir(short, 0o700) != nil {
		if short, err = os.MkdirTemp("/tmp", "blangko-socket-"); err != nil {
			return "", refuse("/tmp", err)
		}
	}
	if own.drop {
		if err := os.Lchown(short, own.uid, own.gid); err != nil {
			return "", refuse("/tmp", err)
		}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", refuse(dir, err)
	}
	if err := os.Symlink(short, path); err != nil {
		return "", refuse(dir, err)
	}
	return short, nil
}

// clearSocket removes the socket of a PostgreSQL that is gone: its lock file
// could name the process of a stranger. withLink removes the short directory,
// too.
func clearSocket(dir string, withLink bool) {
	path := socketPath(dir)
	if path == "" {
		return
	}
	os.Remove(filepath.Join(path, socketFile))
	os.Remove(filepath.Join(path, socketFile+".lock"))
	if withLink && path != filepath.Join(dir, socketDir) {
		os.Remove(path) // only when empty, which is all that a directory of ours can be
		os.Remove(filepath.Join(dir, socketDir))
	}
}
