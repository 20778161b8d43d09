package file

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"lastword"
)

// headSize is how much of a file tells it from another, and tells its format.
const headSize = 64 << 10

// A cursor is where reading stands. It is saved with every batch.
type cursor struct {
	Format  Format `json:"format,omitempty"`
	At      int64  `json:"at"`              // offset of the next record, decompressed
	Line    int    `json:"line"`            // lines before it
	Plain   int64  `json:"plain,omitempty"` // up to here quotes do not reach over lines
	Mapping string `json:"mapping,omitempty"`
	Read    int64  `json:"read"` // bytes of the file itself
	Size    int64  `json:"size"` // of the file itself
	Head    int    `json:"head"` // how many of its first bytes Digest is over
	Digest  string `json:"digest"`
	Done    bool   `json:"done,omitempty"`
}

// String returns the cursor as it is saved.
func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil { // cannot happen: numbers and strings only
		return ""
	}
	return string(b)
}

// move sets c to where the decoder stands; the file is done when the reading
// ended with io.EOF.
func (c *cursor) move(p position, in *input, ended error) {
	c.At, c.Line, c.Plain = p.at, p.line, p.plain
	c.Read = in.consumed(p.at)
	if c.Done = ended == io.EOF; c.Done {
		c.Read = c.Size
	}
}

// resume returns the saved cursor if the file is the one it was made for, or
// that one with something added at its end; else one for the beginning.
func (s *source) resume(f io.ReadSeeker, saved string) (cursor, error) {
	size, head, err := fingerprint(f)
	if err != nil {
		return cursor{}, fmt.Errorf("file: read %s: %w: %w", s.shape.file, lastword.ErrDenied, err)
	}
	fresh := cursor{Size: size, Head: len(head), Digest: digest(head), Mapping: s.mapping.String(), Format: s.format}
	if saved == "" {
		return fresh, nil
	}
	var old cursor
	if err := json.Unmarshal([]byte(saved), &old); err != nil || !old.fits(size, head) || !old.agrees(fresh) {
		s.host.Log.Info("file read anew: it or its mapping changed", "file", s.shape.file)
		return fresh, nil
	}
	old.Done = old.Done && old.Size == size
	old.Size, old.Head, old.Digest = size, len(head), digest(head)
	return old, nil
}

// fits reports whether a file of this size and beginning continues the one the
// cursor was made for.
func (c cursor) fits(size int64, head []byte) bool {
	return c.At >= 0 && c.Line >= 0 && c.Head >= 0 && size >= c.Size && c.Head <= len(head) && digest(head[:c.Head]) == c.Digest
}

// agrees reports whether nobody asked for another mapping or format since. A
// feed grows at its beginning, so that its entries are counted anew.
func (c cursor) agrees(asked cursor) bool {
	if c.Format == Feed && (c.Size != asked.Size || c.Digest != asked.Digest) {
		return false
	}
	return (asked.Mapping == "" || asked.Mapping == c.Mapping) && (asked.Format == "" || asked.Format == c.Format)
}

func fingerprint(f io.ReadSeeker) (size int64, head []byte, err error) {
	if size, err = f.Seek(0, io.SeekEnd); err != nil {
		return 0, nil, err
	}
	if _, err = f.Seek(0, io.SeekStart); err != nil {
		return 0, nil, err
	}
	head, err = io.ReadAll(io.LimitReader(f, headSize))
	return size, head, err
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// A Progress says how far the reading of a file has come.
type Progress struct {
	Read, Size int64 // bytes of the file itself; read exactly if it is not compressed
	Line       int   // lines read
	Done       bool
}

// ProgressOf reads a cursor of this connector; ok is false if it is none.
func ProgressOf(saved string) (p Progress, ok bool) {
	var c cursor
	if json.Unmarshal([]byte(saved), &c) != nil || c.Digest == "" {
		return Progress{}, false
	}
	return Progress{Read: c.Read, Size: c.Size, Line: c.Line, Done: c.Done}, true
}

// Fraction returns the share of the file that was read, 0…1.
func (p Progress) Fraction() float64 {
	if p.Done || p.Size <= 0 {
		return 1
	}
	return min(1, float64(p.Read)/float64(p.Size))
}
