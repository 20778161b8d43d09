package file

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// maxLine is the longest line, and maxCell the longest cell, that is read.
const (
	maxLine = 4 << 20
	maxCell = 1 << 20
)

// A position is where a decoder stands: before the next record.
type position struct {
	at    int64
	line  int
	plain int64
}

// lines reads a file line by line, in bounded memory.
type lines struct {
	r    *bufio.Reader
	at   int64 // offset after the line read last
	line int   // its number, from 1
	buf  []byte
}

// next returns the next line with its line break, valid until the next call.
// whole is false if only its beginning, of limit bytes, is returned.
func (l *lines) next(limit int) (line []byte, whole bool, err error) {
	l.buf, whole = l.buf[:0], true
	for {
		part, err := l.r.ReadSlice('\n')
		l.at += int64(len(part))
		room := limit - len(l.buf)
		whole = whole && len(part) <= room
		l.buf = append(l.buf, part[:min(room, len(part))]...)
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil && (err != io.EOF || l.at == 0 || len(part) == 0 && len(l.buf) == 0) {
			return nil, false, lineError(err)
		}
		l.line++
		return l.text(), whole, nil
	}
}

func lineError(err error) error {
	if err == io.EOF {
		return err
	}
	return broken(err)
}

// text is the line without the byte-order mark of the first one.
func (l *lines) text() []byte {
	if l.line == 1 {
		return bytes.TrimPrefix(l.buf, bom)
	}
	return l.buf
}

func (l *lines) position() position { return position{at: l.at, line: l.line} }

func lineOf(n int) string { return fmt.Sprintf("line %d", n) }
