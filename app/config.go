package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"lastword"
	"lastword/store"
)

// Config is everything an operator may set: by flag, by environment variable,
// or in the file that --config names (TOML, the flags' names without dashes in
// front). What a company changes often is set in its pages, not here.
type Config struct {
	Data     string   `help:"Folder for the database, the key of the credentials and the lock." default:"lastword-data" env:"LASTWORD_DATA" placeholder:"DIR"`
	Listen   string   `help:"Address to serve pages on. Anything but loopback belongs behind TLS." default:"127.0.0.1:8080" env:"LASTWORD_LISTEN" placeholder:"ADDR"`
	Database string   `help:"PostgreSQL to keep everything in (postgres://…) instead of SQLite in the data folder." env:"LASTWORD_DATABASE" placeholder:"URL"`
	Public   string   `help:"Address under which customers reach this server, such as https://dialog.example.org; answers then carry a link." env:"LASTWORD_PUBLIC" placeholder:"URL"`
	Imprint  string   `help:"Address of the imprint that public pages link to." env:"LASTWORD_IMPRINT" placeholder:"URL"`
	Proxy    bool     `help:"Believe X-Forwarded-For and X-Forwarded-Proto: a reverse proxy stands in front." env:"LASTWORD_PROXY"`
	Origin   []string `help:"Further origins from which forms may be sent." env:"LASTWORD_ORIGIN" placeholder:"URL"`
	Inner    []string `help:"Hosts of the inner network that channels and endpoints of models may reach, as host or host:port." env:"LASTWORD_INNER" placeholder:"HOST"`
	Log      string   `help:"What to log: debug, info, warn or error." default:"info" enum:"debug,info,warn,error" env:"LASTWORD_LOG"`
}

// Validate says what cannot be as it is set.
func (c Config) Validate() error {
	for name, address := range map[string]string{"public": c.Public, "imprint": c.Imprint} {
		u, err := url.Parse(address)
		if address != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			return fmt.Errorf("--%s: %q is no web address: give one such as https://dialog.example.org: %w", name, address, lastword.ErrInvalid)
		}
	}
	if c.Database != "" && !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") {
		return fmt.Errorf("--database: only postgres://… addresses are known; leave it out for SQLite: %w", lastword.ErrInvalid)
	}
	return nil
}

// Write prints what holds, in the form of the configuration file, without
// secrets.
func (c Config) Write(w io.Writer) error {
	database := c.Database
	if u, err := url.Parse(c.Database); err == nil && database != "" {
		database = u.Redacted()
	}
	_, err := fmt.Fprintf(w, "data = %q\nlisten = %q\ndatabase = %q\npublic = %q\nimprint = %q\nproxy = %t\norigin = %q\ninner = %q\nlog = %q\n",
		c.Data, c.Listen, database, c.Public, c.Imprint, c.Proxy, list(c.Origin), list(c.Inner), c.Log)
	return err
}

// list prints as TOML does an array of strings.
type list []string

// Format writes ["a", "b"].
func (l list) Format(s fmt.State, _ rune) {
	quoted := make([]string, len(l))
	for i, v := range l {
		quoted[i] = fmt.Sprintf("%q", v)
	}
	fmt.Fprint(s, "["+strings.Join(quoted, ", ")+"]")
}

// logger writes to standard error.
func (c Config) logger() *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

// loopback reports whether the pages are served to this machine alone.
func (c Config) loopback() bool {
	a, err := netip.ParseAddrPort(c.Listen)
	return err == nil && a.Addr().IsLoopback() || strings.HasPrefix(c.Listen, "localhost:")
}

// storeOptions say where the store is.
func (c Config) storeOptions(log *slog.Logger) store.Options {
	return store.Options{Folder: c.Data, Postgres: c.Database, Log: log, Gone: gone}
}

// OpenStore opens the store alone, beside a server that may run, for commands
// that need no more.
func (c Config) OpenStore(ctx context.Context) (*store.DB, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	o := c.storeOptions(c.logger())
	o.Join = true
	return store.Open(ctx, o)
}

// Restore fills an empty store from a backup.
func (c Config) Restore(ctx context.Context, r io.Reader) error {
	if err := c.Validate(); err != nil {
		return err
	}
	return store.Restore(ctx, c.storeOptions(c.logger()), r)
}
