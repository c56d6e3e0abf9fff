package demo_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"blangko/cmd/blangko/demo"
	"blangko/internal/postgres/pgembed"
	"blangko/migrations"
)

// BenchmarkLoad measures the whole demo as `blangko serve --demo` loads it: on a durable PostgreSQL of its own, with
// the size of its data directory afterwards.
func BenchmarkLoad(b *testing.B) {
	for range b.N {
		b.StopTimer()
		dir, err := os.MkdirTemp("", "blangko-demo-")
		if err != nil {
			b.Fatal(err)
		}
		defer os.RemoveAll(dir)
		if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL may run as another account
			b.Fatal(err)
		}
		data := filepath.Join(dir, "data")
		server, err := pgembed.Join(b.Context(), pgembed.Options{Dir: data})
		if err != nil {
			b.Fatal(err)
		}
		if err := server.Create(b.Context(), "blangko"); err != nil {
			b.Fatal(err)
		}
		if err := migrations.Up(b.Context(), server.URL("blangko"), "benchmark"); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if err := demo.Load(b.Context(), server.URL("blangko"), demo.Options{End: end}, nil); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		b.ReportMetric(float64(size(b, data))/1e6, "MB")
		if err := server.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// size is how many bytes the files of a directory hold.
func size(b *testing.B, dir string) (sum int64) {
	b.Helper()
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil // a file that PostgreSQL removed meanwhile
		}
		if info, err := entry.Info(); err == nil {
			sum += info.Size()
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return sum
}
