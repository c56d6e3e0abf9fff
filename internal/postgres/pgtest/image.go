package pgtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"blangko/internal/postgres/pgembed"
)

const (
	templateName = "pgtest_template"
	// The cache is bounded in number and age: an image is some 50 MB, and every
	// change of the migrations makes a new one.
	keepImages = 8
	keepFor    = 48 * time.Hour
)

// cache is the directory that the test processes of one user share. Processes
// that use it hold its lock shared, the one that changes it holds it alone.
type cache struct{ dir, version string }

func openCache() (cache, error) {
	version, err := pgembed.Version(pgembed.Options{})
	if err != nil {
		return cache{}, err
	}
	major, _, _ := strings.Cut(version, ".")
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("blangko-pgtest-%d-%s", os.Getuid(), major))
	// Others may enter and not look: as root PostgreSQL runs as another account.
	if err := os.Mkdir(dir, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return cache{}, err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return cache{}, err
	}
	if !info.IsDir() || !ours(info) {
		return cache{}, fmt.Errorf("%s is not a directory of this user: remove it, or set TMPDIR", dir)
	}
	return cache{dir, version}, nil
}

func (c cache) path(name string) string { return filepath.Join(c.dir, name) }

func (c cache) lock(ctx context.Context, alone bool) (release func(), err error) {
	return pgembed.Lock(ctx, c.path("lock"), alone)
}

// image is where the stopped cluster with the template of key is kept.
func (c cache) image(key string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%v\x00%s", c.version, options("").Settings, key))
	return c.path(fmt.Sprintf("image-%x", sum[:12]))
}

// startCluster copies the image of key, made first when missing, and starts it.
func startCluster(key string, build func(url string) error) (*cluster, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	c, err := openCache()
	if err != nil {
		return nil, err
	}
	if err := c.sweepIfIdle(ctx); err != nil {
		return nil, err
	}
	for {
		release, err := c.lock(ctx, false)
		if err != nil {
			return nil, err
		}
		now := time.Now()
		err = os.Chtimes(c.image(key), now, now) // says: in use
		if err == nil {
			started, err := c.start(ctx, key)
			release()
			return started, err
		}
		release()
		if !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		if err := c.make(ctx, key, build); err != nil {
			return nil, err
		}
	}
}

// start starts a copy of the image, with the lock held.
func (c cache) start(ctx context.Context, key string) (_ *cluster, err error) {
	dir, err := os.MkdirTemp(c.dir, fmt.Sprintf("run-%d-", os.Getpid()))
	if err != nil {
		return nil, err
	}
	dog, err := watchOver(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, pgembed.Remove(ctx, dir), dog.dismiss())
		}
	}()
	if err := copyInto(dir, c.image(key)); err != nil {
		return nil, err
	}
	server, err := pgembed.Join(ctx, options(dir))
	if err != nil {
		return nil, err
	}
	admin, err := sql.Open("postgres", server.URL("postgres"))
	if err != nil {
		return nil, errors.Join(err, server.Close(ctx))
	}
	template := templateName
	if key == "" {
		template = "template0"
	}
	return &cluster{dir: dir, server: server, admin: admin, template: template, watchdog: dog}, nil
}

// make makes the image of key, unless another process was first.
func (c cache) make(ctx context.Context, key string, build func(url string) error) error {
	release, err := c.lock(ctx, true)
	if err != nil {
		return err
	}
	defer release()
	if err := c.makeOne(ctx, "", nil); err != nil || key == "" {
		return err
	}
	return c.makeOne(ctx, key, build)
}

// makeOne makes one image under another name first, so that a death in the
// middle leaves none.
func (c cache) makeOne(ctx context.Context, key string, build func(url string) error) (err error) {
	if _, err := os.Stat(c.image(key)); err == nil {
		return nil
	}
	dir, err := os.MkdirTemp(c.dir, fmt.Sprintf("run-%d-", os.Getpid()))
	if err != nil {
		return err
	}
	dog, err := watchOver(dir)
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	defer func() { err = errors.Join(err, dog.dismiss()) }()
	if key != "" {
		if err := copyInto(dir, c.image("")); err != nil {
			return err
		}
	}
	if err := buildIn(ctx, dir, build); err != nil {
		return errors.Join(err, pgembed.Remove(ctx, dir))
	}
	for _, name := range []string{"log", "postmaster.lock", "holders.lock"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return os.Rename(dir, c.image(key))
}

// buildIn starts the cluster in dir, builds the template in it, if there is
// one to build, and stops it cleanly.
func buildIn(ctx context.Context, dir string, build func(url string) error) (err error) {
	server, err := pgembed.Join(ctx, options(dir))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close(ctx)) }()
	if build == nil {
		return nil
	}
	if err := server.Create(ctx, templateName); err != nil {
		return err
	}
	if err := build(server.URL(templateName)); err != nil {
		return fmt.Errorf("build the template: %w", err)
	}
	return nil
}

// sweepIfIdle sweeps unless another process uses the cache just now.
func (c cache) sweepIfIdle(ctx context.Context) error {
	once, cancel := context.WithCancel(ctx)
	cancel() // the lock is asked for once, not waited for
	release, err := c.lock(once, true)
	if errors.Is(err, context.Canceled) {
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	defer release()
	return c.sweep(ctx)
}

// sweep removes what killed processes left and images that nobody used for
// long, with the lock held alone. A process that runs holds its directory.
func (c cache) sweep(ctx context.Context) error {
	left, err := filepath.Glob(c.path("run-*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		err := pgembed.Remove(ctx, dir)
		if errors.Is(err, pgembed.ErrDirectory) { // died while copying: nothing ever ran there
			err = os.RemoveAll(dir)
		}
		if err != nil && !errors.Is(err, pgembed.ErrHeld) {
			return err
		}
	}
	images, err := filepath.Glob(c.path("image-*"))
	if err != nil {
		return err
	}
	slices.SortFunc(images, func(a, b string) int { return modified(b).Compare(modified(a)) })
	for i, image := range images {
		if i < keepImages && time.Since(modified(image)) < keepFor {
			continue
		}
		if err := os.RemoveAll(image); err != nil {
			return err
		}
	}
	return nil
}

// modified is when the file was last changed or, for an image, used.
func modified(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// copyInto copies what stands in the directory from into dir, with owners and
// modes, and without copying the bytes where the file system can do so.
func copyInto(dir, from string) error {
	out, err := exec.Command("cp", "-a", from+"/.", dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("copy the image: %w: %s", err, out)
	}
	return nil
}
