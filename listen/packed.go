package listen

import (
	"bytes"
	"maps"
	"mime/multipart"
	"net/textproto"
	"slices"
	"strings"
)

// Packed is a picture as a form with a file (multipart/form-data, RFC 7578): in the
// given field, called name and what it is, behind fields with other words. kind is
// the form's media type.
func (p Picture) Packed(field, name string, with map[string]string) (body []byte, kind string) {
	var b bytes.Buffer // which takes all that is written
	form := multipart.NewWriter(&b)
	for _, key := range slices.Sorted(maps.Keys(with)) {
		_ = form.WriteField(key, with[key])
	}
	file, _ := form.CreatePart(textproto.MIMEHeader{"Content-Type": {p.Type},
		"Content-Disposition": {`form-data; name="` + field + `"; filename="` + name + `.` + strings.TrimPrefix(p.Type, "image/") + `"`}})
	_, _ = file.Write(p.Bytes)
	_ = form.Close()
	return b.Bytes(), form.FormDataContentType()
}
