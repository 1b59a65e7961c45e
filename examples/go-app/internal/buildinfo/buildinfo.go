// Package buildinfo says what this program was built from, and what it runs on.
package buildinfo

import "runtime"

// Set by the linker: see ldflags in pipeline.toml.
var (
	version  = "dev"
	revision = "unknown"
)

// Info is what GET /version answers.
type Info struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Platform string `json:"platform"`
	Go       string `json:"go"`
}

// Current describes the running program.
func Current() Info {
	return Info{
		Version:  version,
		Revision: revision,
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Go:       runtime.Version(),
	}
}
