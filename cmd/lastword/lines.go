package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// longestLine is the most bytes of a line that a door reads.
const longestLine = 16 << 20

// A line is one JSON object with its fields in their order.
type line struct {
	keys   []string
	values map[string]json.RawMessage
}

// readLine reads a JSON object.
func readLine(b []byte) (line, error) {
	l := line{values: map[string]json.RawMessage{}}
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return l, errors.New("this is no JSON object")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return l, fmt.Errorf("this is no JSON object: %w", err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return l, fmt.Errorf("this is no JSON object: %w", err)
		}
		l.set(key.(string), value)
	}
	if _, err := d.Token(); err != nil {
		return l, fmt.Errorf("this is no JSON object: %w", err)
	}
	return l, nil
}

// set adds a field, or changes it where it stands.
func (l *line) set(key string, value json.RawMessage) {
	if _, ok := l.values[key]; !ok {
		l.keys = append(l.keys, key)
	}
	l.values[key] = value
}

// text returns a field that is a string; "" where it is absent.
func (l *line) text(key string) (string, error) {
	var s string
	if v, ok := l.values[key]; ok && string(v) != "null" {
		if err := json.Unmarshal(v, &s); err != nil {
			return "", fmt.Errorf("%q is no text", key)
		}
	}
	return s, nil
}

// add adds fields, each encoded.
func (l *line) add(key string, value any) error {
	b, err := json.Marshal(value)
	if err == nil {
		l.set(key, b)
	}
	return err
}

// write writes the object on one line.
func (l *line) write(w *bufio.Writer) error {
	for i, key := range l.keys {
		mark := byte(',')
		if i == 0 {
			mark = '{'
		}
		k, err := json.Marshal(key)
		if err != nil {
			return err
		}
		w.WriteByte(mark) // what goes wrong is told by Flush
		w.Write(k)
		w.WriteByte(':')
		w.Write(l.values[key])
	}
	if len(l.keys) == 0 {
		w.WriteByte('{')
	}
	_, err := w.WriteString("}\n")
	return err
}

// eachLine lets do work on every line that comes in, and writes it again in
// its place. A line that cannot be read is told with its number, written as it
// is, and counted; empty ones are left out. Where input pauses, all that is done
// has been written.
func eachLine(s *streams, do func(*line) error) error {
	in, out := bufio.NewReaderSize(s.in, 1<<16), bufio.NewWriterSize(s.out, 1<<16)
	wrong := 0
	for n := 1; ; n++ {
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
		raw, err := readRaw(in)
		if line := bytes.TrimSpace(raw); len(line) > 0 {
			if !work(s, out, n, line, do) {
				wrong++
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if wrong > 0 {
		return fmt.Errorf("%d lines could not be read", wrong)
	}
	return nil
}

// readRaw reads up to the next line feed.
func readRaw(in *bufio.Reader) ([]byte, error) {
	var all []byte
	for {
		part, err := in.ReadSlice('\n')
		if err == nil && all == nil {
			return part, nil
		}
		all = append(all, part...)
		if len(all) > longestLine {
			return nil, fmt.Errorf("a line is longer than %d bytes", longestLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return all, err
		}
	}
}

// work does one line and reports whether it could be read.
func work(s *streams, out *bufio.Writer, n int, raw []byte, do func(*line) error) bool {
	l, err := readLine(raw)
	if err == nil {
		err = do(&l)
	}
	if err != nil {
		fmt.Fprintf(s.err, "line %d: %v\n", n, err)
		out.Write(raw)
		out.WriteByte('\n') // what goes wrong is told by Flush
		return false
	}
	return l.write(out) == nil
}
