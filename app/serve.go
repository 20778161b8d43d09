package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
)

// Serve runs the program as the configuration says until ctx ends, and tells
// out where it can be reached.
func Serve(ctx context.Context, c Config, out io.Writer) error {
	a, err := Open(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(a.serve(ctx, out), a.Close())
}

func (a *App) serve(ctx context.Context, out io.Writer) error {
	l, err := listener(ctx, a.Config.Listen)
	if err != nil {
		return err
	}
	a.Config.Listen = l.Addr().String()
	link, err := invite(ctx, a.DB, a.Config)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if err := greet(out, a.Config, link); err != nil {
		return errors.Join(err, l.Close())
	}
	return a.Serve(ctx, l)
}

// greet says where the pages are, and how the first director gets in.
func greet(out io.Writer, c Config, link string) error {
	if link == "" {
		_, err := fmt.Fprintf(out, "Lastword is at %s\n", c.address())
		return err
	}
	_, err := fmt.Fprintf(out, "Lastword is at %s\n\nThis link makes the first director. It works once, within 24 hours:\n\n  %s\n\n", c.address(), link)
	return err
}

func listener(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("pages cannot be served on %s: %w: choose another address with --listen", address, err)
	}
	return l, nil
}
