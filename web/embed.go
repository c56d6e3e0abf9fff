// Package web holds the web application as it was built: a client of the same JSON API that other programs use.
// A checkout in which it was not built yet has an empty folder here, and the API runs all the same.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist is the built application: index.html, sw.js, assets/, each beside its .br and .gz. It holds no index.html
// where the application was not built.
func Dist() fs.FS {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return built
}
