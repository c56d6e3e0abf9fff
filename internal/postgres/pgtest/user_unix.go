//go:build unix

package pgtest

import (
	"os"
	"os/exec"
	"syscall"
)

// ours tells whether the file belongs to this user.
func ours(info os.FileInfo) bool { return int(info.Sys().(*syscall.Stat_t).Uid) == os.Geteuid() }

// ownSession keeps the signals of the terminal from cmd.
func ownSession(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
