package file

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path"
	"strings"
	"time"

	"lastword"
	"lastword/listen"
)

// New returns the connector.
func New() listen.Connector { return connector{} }

type connector struct{}

// Settings of an account.
const (
	fieldFile    = "file"    // the name given to Host.Files
	fieldFormat  = "format"  // a Format; empty: told by the content
	fieldMapping = "mapping" // a Mapping; empty: guessed
	fieldNetwork = "network" // of posts that do not say theirs
	fieldLang    = "lang"    // of posts that do not say theirs
	fieldZone    = "zone"    // of times that do not say theirs; IANA name
	fieldOwn     = "own"     // authors that are the company itself, by comma
	fieldPrivate = "private" // "true": nothing in it was public
)

func (connector) Info() listen.Info {
	return listen.Info{
		Name:    "file",
		Network: lastword.Network{Name: "file", Title: "File"},
		Fields: []listen.Field{
			{Name: fieldFile, Required: true},
			{Name: fieldFormat},
			{Name: fieldMapping},
			{Name: fieldNetwork},
			{Name: fieldLang},
			{Name: fieldZone, Default: "UTC"},
			{Name: fieldOwn},
			{Name: fieldPrivate},
		},
		Every:  24 * time.Hour, // a file that grew is read on; nothing else happens to it
		All:    true,
		Hidden: true,
		Once:   true,
	}
}

// Open implements [listen.Connector]. The file is opened by Poll only.
func (connector) Open(acct listen.Account, host listen.Host) (listen.Source, error) {
	name := acct.Settings[fieldFile]
	if strings.TrimSpace(name) == "" {
		return nil, &lastword.Mistake{Key: "connector.file.missing", Field: fieldFile}
	}
	format := Format(acct.Settings[fieldFormat])
	if !format.known() {
		return nil, &lastword.Mistake{Key: "connector.file.unknown_format", Field: fieldFormat, Args: map[string]any{"Format": string(format)}}
	}
	mapping, err := ParseMapping(acct.Settings[fieldMapping])
	if err != nil {
		return nil, err
	}
	f, err := shapeOf(acct.Settings)
	if err != nil {
		return nil, err
	}
	return &source{file: name, format: format, mapping: mapping, shape: f, host: complete(host)}, nil
}

// shapeOf reads the settings that colour every post.
func shapeOf(settings map[string]string) (shape, error) {
	zone, err := time.LoadLocation(settings[fieldZone])
	if err != nil {
		return shape{}, &lastword.Mistake{Key: "connector.file.unknown_zone", Field: fieldZone}
	}
	s := shape{
		file:    baseName(settings[fieldFile]),
		network: networkName(settings[fieldNetwork]),
		lang:    language(settings[fieldLang]),
		private: truth(settings[fieldPrivate]),
		zone:    zone,
		own:     map[string]bool{},
	}
	if s.network == "" && settings[fieldNetwork] != "" {
		return shape{}, &lastword.Mistake{Key: "connector.file.bad_network", Field: fieldNetwork}
	}
	for name := range strings.SplitSeq(settings[fieldOwn], ",") {
		if name = plainName(name); name != "" {
			s.own[name] = true
		}
	}
	return s, nil
}

// baseName is the file's name without its folders and compression.
func baseName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	return strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
}

// complete fills what a host may leave out.
func complete(h listen.Host) listen.Host {
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	if h.Now == nil {
		h.Now = time.Now
	}
	if h.Dropped == nil {
		h.Dropped = func(string, string) {}
	}
	return h
}

type source struct {
	file    string
	format  Format
	mapping Mapping
	shape   shape
	host    listen.Host
}

// batchSize is how many events, and idleSize how many records without any
// event, are read before the cursor is saved.
const (
	batchSize = 500
	idleSize  = 20_000
)

// Poll implements [listen.Source]. It reads the file on from the cursor to its
// end, in the order of the file. A file that changed other than by growing is
// read anew.
func (s *source) Poll(ctx context.Context, cursor string, hear listen.Hear) error {
	if s.host.Files == nil {
		return fmt.Errorf("file: no files may be read here: %w", lastword.ErrDenied)
	}
	f, err := s.host.Files(s.file)
	if err != nil {
		return fmt.Errorf("file: open %s: %w: %w", s.shape.file, lastword.ErrDenied, err)
	}
	err = s.read(ctx, f, cursor, hear)
	if closing := f.Close(); closing != nil && err == nil {
		return fmt.Errorf("file: close %s: %w", s.shape.file, closing)
	}
	return err
}

func (s *source) read(ctx context.Context, f io.ReadSeeker, saved string, hear listen.Hear) error {
	from, err := s.resume(f, saved)
	if err != nil || from.Done {
		return err
	}
	in, err := openAt(ctx, f, from.At)
	if err != nil {
		return fmt.Errorf("file: read %s: %w", s.shape.file, err)
	}
	defer in.close()
	dec, err := s.decoder(in, &from)
	if err != nil {
		return err
	}
	return s.pump(ctx, dec, from, in, hear)
}

// pump reads record after record and hands them over in batches. Whatever was
// read before a failure is handed over first.
func (s *source) pump(ctx context.Context, dec decoder, cur cursor, in *input, hear listen.Hear) error {
	var events []lastword.Event
	for idle := 0; ; idle++ {
		rec, err := dec.next()
		if err == nil {
			events = s.keep(rec, events)
		}
		full := len(events) >= batchSize || idle >= idleSize
		if err == nil && !full {
			continue
		}
		if ended := ctx.Err(); ended != nil {
			return ended
		}
		cur.move(dec.position(), in, err)
		if said := hear(ctx, events, cur.String()); said != nil {
			return said
		}
		events, idle = nil, 0
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("file: read %s near line %d: %w", s.shape.file, cur.Line, err)
		}
	}
}

// keep counts what is wrong with a record and adds its post, if it has one.
func (s *source) keep(rec record, events []lastword.Event) []lastword.Event {
	for _, reason := range rec.reasons {
		s.host.Dropped(reason, rec.place)
	}
	if !rec.ok {
		return events
	}
	return append(events, lastword.Event{Op: lastword.Said, Post: rec.post})
}
