package meta_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"lastword"
	"lastword/internal/meta"
	"lastword/internal/seen"
)

// Lists are read side by side, page by page; one that may not be read is left out and
// told, one without which nothing is to be heard is not; what is too much at once is
// asked for in less.
func TestLists(t *testing.T) {
	t.Parallel()
	var asked, refused []string
	refusal := func(code int) error { return &meta.Error{Code: code} }
	fail := map[string]error{"tags": fmt.Errorf("%w: %w", refusal(10), lastword.ErrDenied), "words": refusal(100)}
	l := &meta.Lists{
		Refused: func(name string) { refused = append(refused, name) },
		Ask: func(_ context.Context, path string, q url.Values, after string) ([]json.RawMessage, string, error) {
			asked = append(asked, path+after+"/"+q.Get("limit"))
			switch {
			case path == "media" && q.Get("limit") == "25":
				return nil, "", refusal(1)
			case path == "media" && after == "":
				return []json.RawMessage{[]byte(`"a"`), []byte(`"b"`)}, "-2", nil
			case path == "media":
				return []json.RawMessage{[]byte(`"c"`)}, "", nil
			}
			return nil, "", fail[path]
		},
	}
	take := func(_ context.Context, raw []byte) ([]seen.Entry, error) {
		return []seen.Entry{{Post: lastword.Post{Key: string(raw)}}}, nil
	}
	for _, name := range []string{"media", "tags", "words"} {
		l.All = append(l.All, &meta.List{Name: name, Path: name, Query: url.Values{"limit": {"25"}}, Take: take, Few: name == "media", Must: name == "media"})
	}
	var keys []string
	for n, more := 1, true; more; n++ {
		some, again, err := l.Page(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range some {
			keys = append(keys, e.Post.Key)
		}
		more = again
	}
	if got := strings.Join(keys, ""); got != `"a""b""c"` || strings.Join(asked, " ") != "media/25 media/5 tags/25 words/25 media-2/5" || strings.Join(refused, " ") != "tags words" || !l.Blind {
		t.Errorf("heard %s; asked %v; refused %v, blind %v", got, asked, refused, l.Blind)
	}
	for _, c := range []struct {
		list string
		err  error
	}{{"media", refusal(10)}, {"tags", lastword.ErrUnavailable}} {
		l.Ask = func(_ context.Context, path string, _ url.Values, _ string) ([]json.RawMessage, string, error) {
			if path == c.list {
				return nil, "", c.err
			}
			return nil, "", nil
		}
		if _, _, err := l.Page(t.Context(), 1); !errors.Is(err, c.err) {
			t.Errorf("%s fails: %v", c.list, err)
		}
	}
}
