package picture

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation returns how a camera was held, 1 to 8 (Exif 2.32, tag 0x0112), and
// 1 where a file does not tell.
func orientation(file []byte) int {
	if len(file) < 4 || file[0] != 0xFF || file[1] != 0xD8 {
		return 1
	}
	for at := 2; at+4 <= len(file) && file[at] == 0xFF; { // the segments of a JPEG (ITU-T T.81, B.1.1.4)
		kind, size := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		if kind == 0xDA || size < 2 || at+2+size > len(file) {
			return 1
		}
		if body := file[at+4 : at+2+size]; kind == 0xE1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tagOf(body[6:])
		}
		at += 2 + size
	}
	return 1
}

// tagOf reads the orientation from the first directory of a TIFF header.
func tagOf(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	for n, at := order.Uint16(tiff[at:]), at+2; n > 0 && at+12 <= uint64(len(tiff)); n, at = n-1, at+12 {
		if order.Uint16(tiff[at:]) == 0x0112 {
			if o := int(order.Uint16(tiff[at+8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
	}
	return 1
}

// upright turns an image as it was seen.
func upright(img image.Image, orientation int) image.Image {
	if orientation == 1 {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	size := image.Pt(w, h)
	if orientation >= 5 {
		size = image.Pt(h, w)
	}
	out := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			from := origin(orientation, x, y, w, h)
			out.Set(x, y, img.At(b.Min.X+from.X, b.Min.Y+from.Y))
		}
	}
	return out
}

// origin is the point of the stored image, w by h, that is seen at x, y.
func origin(orientation, x, y, w, h int) image.Point {
	switch orientation {
	case 2:
		return image.Pt(w-1-x, y)
	case 3:
		return image.Pt(w-1-x, h-1-y)
	case 4:
		return image.Pt(x, h-1-y)
	case 5:
		return image.Pt(y, x)
	case 6:
		return image.Pt(y, h-1-x)
	case 7:
		return image.Pt(w-1-y, h-1-x)
	}
	return image.Pt(w-1-y, x)
}
