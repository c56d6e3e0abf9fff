// Package pgtest gives every test a real PostgreSQL database of its own in
// about a tenth of a second, and leaves nothing behind.
//
// A test process starts a private cluster on first use, with no port and no
// promise about crashes, and copies databases inside it from a template. The
// cluster itself is a copy of an image that the first process of this machine
// makes and the others find in the system's temporary directory. Should a test
// process be killed, its cluster ends with it.
package pgtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// Main is for TestMain: it runs the tests, stops what they started and exits.
func Main(m *testing.M) {
	code := m.Run()
	if err := stopAll(); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// URL is the address, for the superuser, of a fresh and empty database, which
// is dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	return fresh(t, "", nil)
}

// FromTemplate is the address, for the superuser, of a fresh copy of a database
// that build made. build runs once for each key on this machine, so the key
// must change with whatever build depends on; it gets the address of an empty
// database and must close its connections. The copy is dropped when the test
// ends.
func FromTemplate(t testing.TB, key string, build func(url string) error) string {
	t.Helper()
	if key == "" || build == nil {
		t.Fatal("pgtest: a template needs a key and a build function")
	}
	return fresh(t, key, build)
}

func fresh(t testing.TB, key string, build func(url string) error) string {
	t.Helper()
	c, err := clusterFor(key, build)
	if err != nil {
		t.Fatalf("pgtest: %v\nmake test installs what is missing where it may", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	name, err := c.clone(ctx)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := c.drop(ctx, name); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return c.server.URL(name)
}

// running are the clusters of this process, one for each key.
var running struct {
	sync.Mutex
	clusters map[string]func() (*cluster, error)
}

func clusterFor(key string, build func(url string) error) (*cluster, error) {
	running.Lock()
	start, ok := running.clusters[key]
	if !ok {
		start = sync.OnceValues(func() (*cluster, error) { return startCluster(key, build) })
		if running.clusters == nil {
			running.clusters = map[string]func() (*cluster, error){}
		}
		running.clusters[key] = start
	}
	running.Unlock()
	return start()
}
