package main

import (
	"os"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
)

// progress draws a bar on a terminal and keeps quiet elsewhere.
func progress(what string) func(done, total int) {
	if !isatty.IsTerminal(os.Stderr.Fd()) {
		return func(int, int) {}
	}
	bar := progressbar.NewOptions(-1, progressbar.OptionSetDescription(what), progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionClearOnFinish(), progressbar.OptionShowCount())
	return func(done, total int) {
		bar.ChangeMax(total)
		// A bar that cannot be drawn is no reason to stop the work.
		_ = bar.Set(done)
	}
}
