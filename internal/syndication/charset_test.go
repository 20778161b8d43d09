package syndication_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"lastword/internal/syndication"
)

// A feed says the same in whichever character set it is written, and however
// wrongly it declares it.
func TestCharsets(t *testing.T) {
	t.Parallel()
	utf8 := encoding.Nop
	win := charmap.Windows1252
	le := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	be := unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	bare := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	cases := []struct {
		written           encoding.Encoding
		declared, content string
	}{
		{utf8, "", ""}, {utf8, "utf-8", ""}, {utf8, "", "application/rss+xml; charset=UTF-8"},
		{unicode.UTF8BOM, "iso-8859-1", ""},
		{win, "windows-1252", ""}, {win, "iso-8859-1", ""}, {win, "", "text/xml; charset=iso-8859-1"},
		{charmap.ISO8859_15, "ISO-8859-15", ""},
		{le, "utf-16", ""}, {be, "utf-16", ""}, {bare, "utf-16", ""}, {le, "utf-8", "text/xml; charset=utf-8"},
		// declared wrongly
		{win, "utf-8", ""}, {win, "", ""}, {win, "utf-8", "text/xml; charset=utf-8"}, {win, "no-such-set", ""},
		{utf8, "iso-8859-1", ""}, {utf8, "us-ascii", ""}, {utf8, "windows-1252", "text/xml; charset=iso-8859-1"},
		{utf8, "utf-16", ""}, {utf8, "utf8mb4", ""},
	}
	for n, c := range cases {
		rapid.Check(t, func(t *rapid.T) {
			says := strings.TrimSpace("Grüße: " + rapid.StringOf(rapid.RuneFrom([]rune("abc äöüÄÖÜßé "))).Draw(t, "text"))
			decl := ""
			if c.declared != "" {
				decl = `<?xml version="1.0" encoding="` + c.declared + `"?>`
			}
			doc, err := c.written.NewEncoder().Bytes([]byte(decl + `<rss version="2.0"><channel><item><guid>1</guid><description>` + says + `</description></item></channel></rss>`))
			if err != nil {
				t.Fatal(err)
			}
			f, err := syndication.Decode(doc, c.content, nil)
			if err != nil || len(f.Items) != 1 {
				t.Fatalf("case %d: %v", n, err)
			}
			if want := strings.Join(strings.Fields(says), " "); f.Items[0].Text != want {
				t.Fatalf("case %d: %q, want %q", n, f.Items[0].Text, want)
			}
		})
	}
}

func TestCharsetsMixedAndFar(t *testing.T) {
	t.Parallel()
	mixed := "<rss><channel><item><guid>1</guid><description>gr\xfc\xdfe und Grüße \x84so\x93</description></item></channel></rss>"
	if f, err := syndication.Decode([]byte(mixed), "text/xml; charset=utf-8", nil); err != nil || f.Items[0].Text != "grüße und Grüße „so“" {
		t.Errorf("mixed: %+v, %v", f.Items, err)
	}
	sjis, err := japanese.ShiftJIS.NewEncoder().String(`<?xml version="1.0" encoding="Shift_JIS"?><rss><channel><item><guid>1</guid><description>靴が好き</description></item></channel></rss>`)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := syndication.Decode([]byte(sjis), "", nil); err != nil || f.Items[0].Text != "靴が好き" {
		t.Errorf("Shift_JIS: %+v, %v", f.Items, err)
	}
	surrogates, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(`<rss><channel><item><guid>1</guid><description>👢 ok</description></item></channel></rss>`)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := syndication.Decode([]byte(surrogates), "", nil); err != nil || f.Items[0].Text != "👢 ok" {
		t.Errorf("surrogates: %+v, %v", f.Items, err)
	}
}
