package file

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"lastword"
)

// An input is a file opened for reading at some record: decompressed, and in
// UTF-8 if it was UTF-16.
type input struct {
	head    []byte // the decompressed beginning of the file, at most headSize
	charset string // "utf-8", "windows-1252", "utf-16le", "utf-16be"
	old     bool   // lines end with a lone carriage return
	packed  string // "", "gzip" or "zstd"
	r       *bufio.Reader
	raw     *counter // counts bytes of the file itself
	direct  bool     // offsets are those of the file itself
	free    func()
}

// close gives back what decompression holds; the file itself is the caller's.
func (in *input) close() { in.free() }

// consumed returns how many bytes of the file itself lie before the offset.
func (in *input) consumed(at int64) int64 {
	if in.direct {
		return at
	}
	return in.raw.n
}

// openAt opens f with the decompressed offset at as its first byte.
func openAt(ctx context.Context, f io.ReadSeeker, at int64) (*input, error) {
	head, charset, err := beginning(ctx, f)
	if err != nil {
		return nil, err
	}
	in, err := decompressed(ctx, f)
	if err != nil {
		return nil, err
	}
	in.charset, in.old = charset, oldLines(head)
	if in.head = head; in.old {
		in.head = bytes.ReplaceAll(head, []byte{'\r'}, []byte{'\n'})
	}
	in.direct = in.packed == "" && !wide(charset)
	if err := in.skip(f, at); err != nil {
		in.close()
		return nil, err
	}
	return in, nil
}

// beginning reads the head, decoded, and tells its charset.
func beginning(ctx context.Context, f io.ReadSeeker) (head []byte, charset string, err error) {
	in, err := decompressed(ctx, f)
	if err != nil {
		return nil, "", err
	}
	defer in.close()
	head, err = io.ReadAll(io.LimitReader(in.r, headSize))
	if err != nil && len(head) == 0 {
		return nil, "", broken(err)
	}
	charset = charsetOf(head)
	if wide(charset) {
		head, _, err = transform.Bytes(decoderOf(charset), head[:len(head)&^1])
		if err != nil {
			return nil, "", broken(err)
		}
	}
	return bytes.TrimPrefix(head, bom), charset, nil
}

func (in *input) skip(f io.ReadSeeker, at int64) error {
	if in.direct {
		if _, err := f.Seek(at, io.SeekStart); err != nil {
			return err
		}
		in.r.Reset(in.raw)
	} else if wide(in.charset) {
		in.r = bufio.NewReaderSize(transform.NewReader(in.r, decoderOf(in.charset)), headSize)
	}
	if in.old {
		in.r = bufio.NewReaderSize(&lineFeeds{in.r}, headSize)
	}
	if !in.direct {
		if _, err := io.CopyN(io.Discard, in.r, at); err != nil {
			return broken(err)
		}
	}
	return nil
}

// decompressed opens f from its start.
func decompressed(ctx context.Context, f io.ReadSeeker) (*input, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	in := &input{raw: &counter{ctx: ctx, r: f}, free: func() {}}
	in.r = bufio.NewReaderSize(in.raw, headSize)
	magic, err := in.r.Peek(4)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}): // RFC 1952 §2.3.1
		return in.gunzip()
	case bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}): // RFC 8878 §3.1.1
		return in.unzstd()
	}
	return in, nil
}

func (in *input) gunzip() (*input, error) {
	z, err := gzip.NewReader(in.r)
	if err != nil {
		return nil, broken(err)
	}
	in.packed = "gzip"
	in.r = bufio.NewReaderSize(&bounded{r: z, raw: in.raw}, headSize)
	return in, nil
}

// zstdWindow bounds the memory that a frame may ask for (RFC 8878 §3.1.1.1.2
// recommends at least 8 MB; --long=27 asks for 128 MB).
const zstdWindow = 128 << 20

func (in *input) unzstd() (*input, error) {
	z, err := zstd.NewReader(in.r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
	if err != nil {
		return nil, broken(err)
	}
	in.packed, in.free = "zstd", z.Close
	in.r = bufio.NewReaderSize(&bounded{r: z, raw: in.raw}, headSize)
	return in, nil
}

// broken says that a person must look at the file.
func broken(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, lastword.ErrDenied) {
		return err
	}
	return fmt.Errorf("the file is damaged: %w: %w", lastword.ErrDenied, err)
}

// A counter counts what was read of the file itself, and ends with its context.
type counter struct {
	ctx context.Context
	r   io.Reader
	n   int64
}

func (c *counter) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// No text shrinks so far; what does was made to fill a disk.
const (
	maxRatio = 1000
	freeSize = 256 << 20
)

var errBomb = fmt.Errorf("it grows more than %d-fold: %w", maxRatio, lastword.ErrDenied)

// bounded ends a decompression that grows beyond all measure.
type bounded struct {
	r   io.Reader
	raw *counter
	n   int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.raw.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.r.Read(p)
	b.n += int64(n)
	if b.n > freeSize && b.n > maxRatio*b.raw.n {
		return 0, errBomb
	}
	return n, err
}

var bom = []byte("\xef\xbb\xbf")

// charsetOf tells the charset by byte-order mark, then by zero bytes, then by
// whether it is valid UTF-8.
func charsetOf(head []byte) string {
	switch {
	case bytes.HasPrefix(head, bom):
		return "utf-8"
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), zeros(head, 1) > 4*zeros(head, 0)+len(head)/8:
		return "utf-16le"
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}), zeros(head, 0) > 4*zeros(head, 1)+len(head)/8:
		return "utf-16be"
	case validStart(head):
		return "utf-8"
	}
	return "windows-1252"
}

func wide(charset string) bool { return charset == "utf-16le" || charset == "utf-16be" }

func decoderOf(charset string) transform.Transformer {
	order := unicode.LittleEndian
	if charset == "utf-16be" {
		order = unicode.BigEndian
	}
	return unicode.UTF16(order, unicode.UseBOM).NewDecoder()
}

// zeros counts the zero bytes at even (0) or odd (1) places.
func zeros(b []byte, from int) (n int) {
	for i := from; i < len(b); i += 2 {
		if b[i] == 0 {
			n++
		}
	}
	return n
}

// validStart reports whether b is UTF-8, but for a rune cut at its end.
func validStart(b []byte) bool {
	for cut := 0; cut < utf8.UTFMax && cut <= len(b); cut++ {
		if utf8.Valid(b[:len(b)-cut]) {
			return true
		}
	}
	return false
}

// oldLines reports whether lines end with a lone carriage return, as some
// spreadsheets still write them.
func oldLines(head []byte) bool {
	return bytes.IndexByte(head, '\r') >= 0 && bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') < len(head)-1
}

// lineFeeds turns carriage returns into line feeds.
type lineFeeds struct{ r io.Reader }

func (l *lineFeeds) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
