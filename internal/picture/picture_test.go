package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"

	"lastword"
	"lastword/internal/picture"
)

// photo is a JPEG, w by h, red in its upper left corner, with what a camera writes:
// how it was held, and where.
func photo(t testing.TB, w, h, orientation int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{250, 250, 250, 255}
			if x < w/2 && y < h/2 {
				c = color.RGBA{200, 0, 0, 255}
			}
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00GPS 50.9N 6.9E")
	binary.BigEndian.PutUint16(tiff[18:], uint16(orientation))
	exif := append([]byte("Exif\x00\x00"), tiff...)
	head := append([]byte{0xFF, 0xD8, 0xFF, 0xE1}, binary.BigEndian.AppendUint16(nil, uint16(len(exif)+2))...)
	return append(append(head, exif...), b.Bytes()[2:]...)
}

func TestUprightAndBare(t *testing.T) {
	t.Parallel()
	corners := map[int]image.Point{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}}
	for orientation, corner := range corners {
		p, body, err := picture.Take(photo(t, 80, 40, orientation))
		if err != nil {
			t.Fatal(err)
		}
		if w, h := 80, 40; orientation >= 5 && (p.Width != h || p.Height != w) || orientation < 5 && (p.Width != w || p.Height != h) {
			t.Errorf("%d: %d by %d", orientation, p.Width, p.Height)
		}
		if bytes.Contains(body, []byte("Exif")) || bytes.Contains(body, []byte("GPS")) {
			t.Errorf("%d: what the camera wrote is still there", orientation)
		}
		img, err := jpeg.Decode(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		at := image.Pt(p.Width/4+corner.X*p.Width/2, p.Height/4+corner.Y*p.Height/2)
		if r, g, _, _ := img.At(at.X, at.Y).RGBA(); r < 0x9000 || g > 0x5000 {
			t.Errorf("%d: the red corner is not at %v", orientation, corner)
		}
	}
}

func TestFitsEverywhere(t *testing.T) {
	t.Parallel()
	noise := image.NewRGBA(image.Rect(0, 0, 2200, 600))
	chance := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = byte(chance.Uint32())
	}
	var b bytes.Buffer
	if err := png.Encode(&b, noise); err != nil {
		t.Fatal(err)
	}
	p, body, err := picture.Take(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(body) > picture.MaxBytes || p.Type != "image/jpeg" || max(p.Width, p.Height) > picture.Side {
		t.Errorf("%+v in %d bytes", p, len(body))
	}
	set, _, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil || set.Width != p.Width || set.Height != p.Height {
		t.Errorf("it says %d by %d, and is %d by %d: %v", p.Width, p.Height, set.Width, set.Height, err)
	}
}

func TestNotTaken(t *testing.T) {
	t.Parallel()
	frame := image.NewPaletted(image.Rect(0, 0, 2, 2), palette.WebSafe)
	var moving bytes.Buffer
	if err := gif.EncodeAll(&moving, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	bomb := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x00\x00\x00\x01\x00\x00\x08\x02\x00\x00\x00")
	bomb = append(bomb, 0xef, 0x5f, 0x1a, 0xbe)
	for want, file := range map[string][]byte{
		"mistake.picture_kind":   []byte("<svg onload=alert(1)>"),
		"mistake.picture_large":  make([]byte, picture.MaxUpload+1),
		"mistake.picture_moves":  moving.Bytes(),
		"mistake.picture_broken": photo(t, 400, 400, 1)[:1500],
	} {
		_, _, err := picture.Take(file)
		var m *lastword.Mistake
		if !errors.As(err, &m) || m.Key != want || m.Field != "picture" {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, _, err := picture.Take(bomb); err == nil {
		t.Error("65,536 by 65,536 pixels are taken")
	}
}

// Whatever is brought: an answer, never a crash, and nothing over the bounds.
func FuzzTake(f *testing.F) {
	f.Add(photo(f, 8, 4, 6))
	f.Add([]byte("GIF89a"))
	f.Add([]byte("RIFF\x00\x00\x00\x00WEBPVP8 "))
	f.Fuzz(func(t *testing.T, file []byte) {
		if set, _, err := image.DecodeConfig(bytes.NewReader(file)); err == nil && set.Width*set.Height > 1<<20 {
			return // right, and slow
		}
		p, body, err := picture.Take(file)
		if err == nil && (len(body) > picture.MaxBytes || p.Width <= 0 || p.Height <= 0) {
			t.Fatalf("%+v in %d bytes", p, len(body))
		}
	})
}
