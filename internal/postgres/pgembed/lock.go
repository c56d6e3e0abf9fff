//go:build unix

package pgembed

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// fileLock is a kernel lock on an open file. It goes when it is released or
// when the last process that inherited the open file ends, however it ends.
type fileLock struct{ file *os.File }

const (
	shared    = syscall.LOCK_SH
	exclusive = syscall.LOCK_EX
)

// openLock opens the lock file at path, making it when missing. It holds
// nothing yet.
func openLock(path string, own account) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := own.give(file); err != nil {
		file.Close()
		return nil, err
	}
	return &fileLock{file}, nil
}

// try takes the lock, or changes how it is held, without waiting.
func (l *fileLock) try(how int) (bool, error) {
	for {
		err := syscall.Flock(int(l.file.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, &os.PathError{Op: "flock", Path: l.file.Name(), Err: err}
		}
	}
}

// wait takes the lock, asking again until it is free or ctx is done.
func (l *fileLock) wait(ctx context.Context, how int) error {
	for {
		ok, err := l.try(how)
		if ok || err != nil {
			return err
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

// unlock gives the lock up and keeps the file open.
func (l *fileLock) unlock() { _ = syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN) }

// release gives the lock up for every copy of the open file, and closes it.
func (l *fileLock) release() {
	l.unlock()
	l.file.Close()
}

// Lock takes the kernel lock of the file at path, made when missing, and waits
// for it until ctx is done. Any number of processes hold it shared, or one
// alone.
func Lock(ctx context.Context, path string, alone bool) (release func(), err error) {
	lock, err := openLock(path, account{})
	if err != nil {
		return nil, err
	}
	how := shared
	if alone {
		how = exclusive
	}
	if err := lock.wait(ctx, how); err != nil {
		lock.release()
		return nil, err
	}
	return lock.release, nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
