package match

import (
	_ "embed"
	"strings"
	"sync"

	"lastword"
)

// everydayPosts are what people write when they write of nothing in particular:
// a line each, its language first.
//
//go:embed everyday.txt
var everydayPosts string

var everyday = sync.OnceValue(func() []lastword.Post {
	var posts []lastword.Post
	for line := range strings.Lines(everydayPosts) {
		lang, said, _ := strings.Cut(strings.TrimSpace(line), " ")
		posts = append(posts, lastword.Post{Network: "bluesky", Lang: lang, Text: said})
	}
	return posts
})

// Everyday tries the query on a few dozen everyday posts that are about nothing
// in particular, and returns how many it wants, and of how many. One that wants
// some of them hears much that is not meant for anybody who saved it.
func (q *Query) Everyday() (wanted, of int) {
	posts := everyday()
	for i := range posts {
		if q.Matches(&posts[i]) {
			wanted++
		}
	}
	return wanted, len(posts)
}
