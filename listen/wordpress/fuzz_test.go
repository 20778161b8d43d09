package wordpress_test

import (
	"encoding/json"
	"testing"

	"lastword/listen/wordpress"
)

func FuzzComment(f *testing.F) {
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(recorded(f, "comments")), &list); err != nil {
		f.Fatal(err)
	}
	for _, raw := range list {
		f.Add([]byte(raw))
	}
	f.Add([]byte(`{"id":1,"date_gmt":"2026-01-01T00:00:00","_links":{"up":[]},"author":{}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, ok := wordpress.ReadComment(raw)
		if ok && (c.ID <= 0 || c.Date.IsZero() || c.Parent < 0 || len(wordpress.Says(c)) > 64<<10) {
			t.Errorf("%q: %+v", raw, c)
		}
		a, ok := wordpress.ReadArticle(raw)
		if ok && a.ID <= 0 {
			t.Errorf("%q: %+v", raw, a)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(`{"home":"a","top":7,"c":"AAAAAAAAAAcAAAAB"}`)
	f.Fuzz(func(t *testing.T, s string) {
		c, err := wordpress.ParseCursor(s)
		if err != nil {
			return
		}
		if again, err := wordpress.ParseCursor(c.String()); err != nil || again.String() != c.String() {
			t.Errorf("%q: %v, %v", s, again, err)
		}
	})
}
