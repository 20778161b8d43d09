package testserver_test

import (
	"net/http"
	"strconv"
	"testing"

	"lastword/internal/testserver"
)

func TestServerWordPressKeepsWhatIsSaidAndListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	site := testserver.StartWordPress(t, testserver.WordPressOptions{})
	post := site.Post(t, "Neue Leisten", "Ab Herbst gibt es halbe Größen.")
	comment := site.Comment(t, post, 0, "Tom", "Endlich!", "hold")
	var got struct {
		Status  string
		Content struct{ Raw string }
	}
	site.Call(t, "editor", http.MethodGet, "/wp/v2/comments/"+itoa(comment)+"?context=edit", nil, &got)
	if got.Status != "hold" || got.Content.Raw != "Endlich!" {
		t.Errorf("the comment is %+v", got)
	}
	if open := reachableFromOutside(t, site.URL); open != "" {
		t.Errorf("%s answers on %s, want loopback only", site.URL, open)
	}
}

func TestServerWordPressStopsTwice(t *testing.T) {
	t.Parallel()
	site := testserver.StartWordPress(t, testserver.WordPressOptions{Path: "/blog", Plain: true})
	site.Call(t, "author", http.MethodGet, "/wp/v2/users/me", nil, nil)
	site.Stop()
	site.Stop()
	if resp, err := http.Get(site.URL); err == nil {
		t.Errorf("%s still answers after Stop", site.URL)
		if err := resp.Body.Close(); err != nil {
			t.Log(err)
		}
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
