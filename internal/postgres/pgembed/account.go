//go:build unix

package pgembed

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account is who PostgreSQL runs as. The zero account is the user of this
// process; PostgreSQL refuses root, so root drops to another.
type account struct {
	name     string
	uid, gid int
	drop     bool
}

// accountFor is the account for the data in dir: this user, or, for root, the
// owner of a directory that is in use already, else postgres, else nobody.
func accountFor(dir string) (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	var found *user.User
	if info, err := os.Stat(dir); err == nil && owner(info) != 0 {
		id := strconv.Itoa(owner(info))
		if found, err = user.LookupId(id); err != nil {
			found = &user.User{Username: "user " + id, Uid: id, Gid: strconv.Itoa(group(info))}
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		if found == nil {
			found, _ = user.Lookup(name)
		}
	}
	if found == nil {
		return account{}, fmt.Errorf("%w: PostgreSQL refuses to run as root and there is no account postgres or nobody to run as: "+
			"install the postgresql package, or run as a normal user", ErrDirectory)
	}
	uid, err := strconv.Atoi(found.Uid)
	if err != nil {
		return account{}, fmt.Errorf("account %s: %w", found.Username, err)
	}
	gid, err := strconv.Atoi(found.Gid)
	if err != nil {
		return account{}, fmt.Errorf("account %s: %w", found.Username, err)
	}
	return account{name: found.Username, uid: uid, gid: gid, drop: true}, nil
}

func owner(info os.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }
func group(info os.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Gid) }

// give makes the account the owner of an open file.
func (a account) give(f *os.File) error {
	if !a.drop {
		return nil
	}
	info, err := f.Stat()
	if err != nil || owner(info) == a.uid {
		return err
	}
	return f.Chown(a.uid, a.gid)
}

// command is a program run as the account, in a session of its own so that
// Ctrl-C does not reach it, in "/", with nothing of our environment.
// It is not bound to a context: that would end PostgreSQL with SIGKILL.
func (a account) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if a.drop {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return cmd
}

// canEnter checks, by trying it, that the account may enter dir and all above.
func (a account) canEnter(dir string) error {
	if !a.drop {
		return nil
	}
	above := []string{dir}
	for d := dir; d != "/"; {
		d = filepath.Dir(d)
		above = append([]string{d}, above...)
	}
	script := `for d; do cd "$d" 2>/dev/null || { printf %s "$d"; exit 1; }; done`
	out, err := a.command("/bin/sh", append([]string{"-c", script, "sh"}, above...)...).Output()
	if err == nil {
		return nil
	}
	if len(out) == 0 {
		return fmt.Errorf("%w: no program can be run as the account %s: %w", ErrDirectory, a.name, err)
	}
	closed := strings.TrimSpace(string(out))
	return fmt.Errorf("%w: the account %s, which PostgreSQL runs as because it refuses root, may not enter %s on the way to %s: "+
		"run chmod a+x %s, or choose a directory with --data, such as /var/lib/blangko", ErrDirectory, a.name, closed, dir, closed)
}
