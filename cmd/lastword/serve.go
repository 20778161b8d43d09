package main

import (
	"context"

	"lastword/app"
)

type serveCmd struct{ app.Config }

// Run serves until it is told to stop.
func (c *serveCmd) Run(ctx context.Context, s *streams) error { return app.Serve(ctx, c.Config, s.out) }

type demoCmd struct {
	Listen string `help:"Address to serve pages on." default:"127.0.0.1:8080" env:"LASTWORD_LISTEN" placeholder:"ADDR"`
}

// Run shows the throw-away company until it is told to stop.
func (c *demoCmd) Run(ctx context.Context, s *streams) error { return app.Demo(ctx, c.Listen, s.out) }
