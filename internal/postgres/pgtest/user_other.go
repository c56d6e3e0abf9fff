//go:build !unix

package pgtest

import (
	"os"
	"os/exec"
)

// ours and ownSession are never reached: pgembed has no PostgreSQL to offer here.
func ours(os.FileInfo) bool { return false }

func ownSession(*exec.Cmd) {}
