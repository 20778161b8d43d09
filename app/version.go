package app

import (
	"runtime/debug"
	"strings"
)

// Version is the release that this binary was built from, or the commit.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := strings.Trim(info.Main.Version, "()")
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && version == "devel" {
			version += " " + s.Value[:min(12, len(s.Value))]
		}
	}
	return version
}
