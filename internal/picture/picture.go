// Package picture takes the images that people bring and makes of each one that
// every place takes: upright, at most 2,000 pixels a side and a million bytes,
// without anything that a camera or a program wrote beside it, such as where and
// by whom it was taken.
package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"

	scale "golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // one of the kinds that are taken

	"lastword"
)

// What is taken, and what is made of it.
const (
	MaxUpload = 20 << 20   // bytes
	MaxPixels = 60_000_000 // of an image that is brought
	Side      = 2000       // pixels of the longer side that is kept
	MaxBytes  = 1_000_000  // that are kept: Bluesky takes no larger thumbnail (app.bsky.embed.external)
)

func mistake(key string) error {
	return &lastword.Mistake{Key: key, Field: "picture", Args: map[string]any{"MB": MaxUpload >> 20, "MP": MaxPixels / 1_000_000}}
}

// Take makes of a JPEG, PNG, WebP or GIF file the picture that is kept, and its
// bytes: a PNG where it was one and is small enough, otherwise a JPEG. What is no
// such file, too large, or moves, is a *lastword.Mistake of the field "picture".
func Take(file []byte) (lastword.Picture, []byte, error) {
	if len(file) > MaxUpload {
		return lastword.Picture{}, nil, mistake("mistake.picture_large")
	}
	set, kind, err := image.DecodeConfig(bytes.NewReader(file))
	switch {
	case err != nil:
		return lastword.Picture{}, nil, mistake("mistake.picture_kind")
	case set.Width <= 0 || set.Height <= 0 || set.Width > MaxPixels/set.Height:
		return lastword.Picture{}, nil, mistake("mistake.picture_pixels")
	case kind == "gif" && moves(file):
		return lastword.Picture{}, nil, mistake("mistake.picture_moves")
	}
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return lastword.Picture{}, nil, mistake("mistake.picture_broken")
	}
	img = upright(within(img, Side), orientation(file))
	body, kind := pack(img, kind == "png" || kind == "gif")
	sum := sha256.Sum256(body)
	size := img.Bounds().Size()
	if kind == "image/jpeg" {
		if set, _, err := image.DecodeConfig(bytes.NewReader(body)); err == nil {
			size = image.Pt(set.Width, set.Height) // it may have been made smaller to fit
		}
	}
	return lastword.Picture{Digest: hex.EncodeToString(sum[:]), Type: kind, Width: size.X, Height: size.Y}, body, nil
}

// moves reports whether a GIF has more than one image.
func moves(file []byte) bool {
	all, err := gif.DecodeAll(bytes.NewReader(file))
	return err == nil && len(all.Image) > 1
}

// within makes an image smaller that is longer than most on a side.
func within(img image.Image, most int) image.Image {
	size := img.Bounds().Size()
	long := max(size.X, size.Y)
	if long <= most {
		return img
	}
	small := image.NewRGBA(image.Rect(0, 0, max(size.X*most/long, 1), max(size.Y*most/long, 1)))
	scale.CatmullRom.Scale(small, small.Bounds(), img, img.Bounds(), draw.Src, nil)
	return small
}

// pack encodes an image within MaxBytes: lines and letters as a PNG, where that is
// small enough, all else as a JPEG, at the best quality and size that fit.
func pack(img image.Image, drawn bool) (body []byte, kind string) {
	var b bytes.Buffer
	if drawn {
		if err := png.Encode(&b, img); err == nil && b.Len() <= MaxBytes {
			return b.Bytes(), "image/png"
		}
	}
	img = onWhite(img)
	for side := Side; ; side = side * 3 / 4 {
		smaller := within(img, side)
		for _, quality := range []int{90, 82, 74, 66} {
			b.Reset()
			if err := jpeg.Encode(&b, smaller, &jpeg.Options{Quality: quality}); err == nil && b.Len() <= MaxBytes {
				return bytes.Clone(b.Bytes()), "image/jpeg"
			}
		}
	}
}

// onWhite puts what shines through on white: a JPEG knows no other ground.
func onWhite(img image.Image) image.Image {
	if o, ok := img.(interface{ Opaque() bool }); ok && o.Opaque() {
		return img
	}
	on := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(on, on.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(on, on.Bounds(), img, img.Bounds().Min, draw.Over)
	return on
}

// JPEG sets a kept picture as a JPEG within MaxBytes, for places that read no other.
func JPEG(file []byte) ([]byte, error) {
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, mistake("mistake.picture_broken")
	}
	body, _ := pack(img, false)
	return body, nil
}
