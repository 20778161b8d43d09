package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"lastword/app"
)

// settings reads the configuration file: the flags' names, and nothing else.
func settings(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	if _, err := toml.NewDecoder(r).Decode(&values); err != nil {
		return nil, fmt.Errorf("the configuration file: %w", err)
	}
	return file(values), nil
}

type file map[string]any

// Validate refuses keys that no command knows.
func (f file) Validate(a *kong.Application) error {
	known := map[string]bool{}
	var walk func(*kong.Node)
	walk = func(n *kong.Node) {
		for _, flag := range n.Flags {
			known[flag.Name] = true
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(a.Node)
	for key := range f {
		if !known[key] {
			return fmt.Errorf("the configuration file: nothing is called %q", key)
		}
	}
	return nil
}

// Resolve gives a flag its value from the file.
func (f file) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	v, ok := f[flag.Name]
	if !ok {
		return nil, nil
	}
	if many, ok := v.([]any); ok {
		parts := make([]string, len(many))
		for i, p := range many {
			parts[i] = fmt.Sprint(p)
		}
		return strings.Join(parts, ","), nil
	}
	return fmt.Sprint(v), nil
}

type configCmd struct{ app.Config }

// Run prints the settings that hold.
func (c *configCmd) Run(s *streams) error { return c.Write(s.out) }

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s *streams) error {
	_, err := fmt.Fprintln(s.out, "lastword", app.Version())
	return err
}
