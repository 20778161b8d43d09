package understand

import (
	"bytes"
	"embed"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"

	"github.com/klauspost/compress/zstd"
)

//go:embed model
var shipped embed.FS

// The files of a model. Each is one zstd frame over plain numbers in little
// endian, tables column by column, because equal columns compress better.
var files = [...]struct{ name, lang string }{{"de.zst", "de"}, {"en.zst", "en"}, {"any.zst", ""}}

const languageFile = "languages.zst"

// Load opens the model that is shipped with the program.
func Load() (*Model, error) {
	files, err := fs.Sub(shipped, "model")
	if err != nil {
		return nil, fmt.Errorf("understand: %w", err)
	}
	return Open(files)
}

// Open opens the model whose files [Train] wrote.
func Open(from fs.FS) (*Model, error) {
	m := &Model{languages: &languages{}, heads: map[string]*head{}}
	for _, f := range files {
		h := &head{}
		if err := unpack(from, f.name, h.decode); err != nil {
			return nil, err
		}
		m.heads[f.lang] = h
	}
	if err := unpack(from, languageFile, m.languages.decode); err != nil {
		return nil, err
	}
	return m, nil
}

func unpack(from fs.FS, name string, decode func(io.Reader) error) error {
	packed, err := fs.ReadFile(from, name)
	if err != nil {
		return fmt.Errorf("understand: %w", err)
	}
	z, err := zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("understand: open %s: %w", name, err)
	}
	defer z.Close()
	if err := decode(z); err != nil {
		return fmt.Errorf("understand: read %s: %w", name, err)
	}
	return nil
}

// encode returns the files of m by name. The same model gives the same bytes.
func (m *Model) encode() (map[string][]byte, error) {
	packed := map[string][]byte{}
	for _, f := range files {
		if err := pack(packed, f.name, m.heads[f.lang].encode); err != nil {
			return nil, err
		}
	}
	return packed, pack(packed, languageFile, m.languages.encode)
}

func pack(packed map[string][]byte, name string, encode func(io.Writer) error) error {
	var out bytes.Buffer
	z, err := zstd.NewWriter(&out, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("understand: pack %s: %w", name, err)
	}
	if err := encode(z); err != nil {
		return fmt.Errorf("understand: pack %s: %w", name, err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("understand: pack %s: %w", name, err)
	}
	packed[name] = out.Bytes()
	return nil
}

func (h *head) encode(w io.Writer) error {
	if err := binary.Write(w, binary.LittleEndian, &h.headNumbers); err != nil {
		return err
	}
	checks := make([]uint16, len(h.rows))
	columns := make([]int8, 0, outputs*len(h.rows))
	for s := range h.rows {
		checks[s] = h.rows[s].Check
	}
	for out := range outputs {
		for s := range h.rows {
			columns = append(columns, h.rows[s].Weights[out])
		}
	}
	return writeAll(w, int32(len(h.rows)), checks, columns)
}

func writeAll(w io.Writer, parts ...any) error {
	for _, part := range parts {
		if err := binary.Write(w, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	return nil
}

func (h *head) decode(r io.Reader) error {
	var rows int32
	if err := readAll(r, &h.headNumbers, &rows); err != nil {
		return err
	}
	if rows != 0 && rows != 1<<tableBits {
		return fmt.Errorf("%d rows", rows)
	}
	checks := make([]uint16, rows)
	columns := make([]int8, outputs*int(rows))
	if err := readAll(r, checks, columns); err != nil {
		return err
	}
	h.rows = make([]row, rows)
	for s := range h.rows {
		h.rows[s].Check = checks[s]
		for out := range outputs {
			h.rows[s].Weights[out] = columns[out*int(rows)+s]
		}
	}
	return nil
}

func readAll(r io.Reader, parts ...any) error {
	for _, part := range parts {
		if err := binary.Read(r, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	return nil
}

func (m *languages) encode(w io.Writer) error {
	columns := make([]uint8, 0, tongues*len(m.weights))
	for k := range tongues {
		for s := range m.weights {
			columns = append(columns, uint8(m.weights[s].get(k)))
		}
	}
	return writeAll(w, &m.languageNumbers, m.checks, columns)
}

func (m *languages) decode(r io.Reader) error {
	const rows = 1 << tongueBits
	m.checks, m.weights = make([]uint8, rows), make([]tongueRow, rows)
	columns := make([]uint8, tongues*rows)
	if err := readAll(r, &m.languageNumbers, m.checks, columns); err != nil {
		return err
	}
	for i := range len(tongueRow{}) {
		var eight [8][]uint8
		for k := range eight {
			eight[k] = columns[(8*i+k)*rows:][:rows]
		}
		for s := range rows {
			w := uint64(0)
			for k := range eight {
				w |= uint64(eight[k][s]) << (8 * k)
			}
			m.weights[s][i] = w ^ tongueZeros
		}
	}
	return nil
}
