package bench

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"lastword"
	"lastword/match"
)

// maxShort is where longer posts are cut, in bytes, as the places cut them that
// they are from.
const maxShort = 240

// matchPosts reads real short posts: tweets, reviews, questions, in German and
// English, each text once.
func matchPosts(data string) ([]lastword.Post, error) {
	var files []string
	for _, pattern := range []string{"sentiment/*.jsonl", "kinds/*.jsonl", "moderation/*.jsonl", "themes/banking*.jsonl"} {
		found, err := filepath.Glob(filepath.Join(data, pattern))
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	seen := make(map[string]bool)
	for _, name := range files {
		if err := readPostLines(name, seen); err != nil {
			return nil, err
		}
	}
	if err := readPostTable(filepath.Join(data, "streams", "twcs-excerpt.en.csv"), seen); err != nil {
		return nil, err
	}
	if len(seen) == 0 {
		return nil, errors.New("no posts in " + filepath.Base(data))
	}
	return asPosts(seen), nil
}

// asPosts makes posts of texts, in an order that is always the same.
func asPosts(texts map[string]bool) []lastword.Post {
	posts := make([]lastword.Post, 0, len(texts))
	for text := range texts {
		posts = append(posts, lastword.Post{Network: "file", Text: text})
	}
	slices.SortFunc(posts, func(a, b lastword.Post) int { return strings.Compare(a.Text, b.Text) })
	return posts
}

// asStream lays the texts side by side in memory, in the order of the posts: a
// stream's decoder has just written what is matched.
func asStream(posts []lastword.Post) {
	var b strings.Builder
	for _, p := range posts {
		b.WriteString(p.Text)
	}
	all := b.String()
	for i := range posts {
		n := len(posts[i].Text)
		posts[i].Text, all = all[:n], all[n:]
	}
}

// readPostLines adds the texts of a file with one JSON object a line.
func readPostLines(name string, seen map[string]bool) (err error) {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row struct {
			Text string `json:"text"`
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
		addPost(seen, row.Text)
	}
	return lines.Err()
}

// readPostTable adds the texts of a CSV file with a column "text".
func readPostTable(name string, seen map[string]bool) (err error) {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	rows := csv.NewReader(f)
	head, err := rows.Read()
	if err != nil {
		return err
	}
	column := slices.Index(head, "text")
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil || column < 0 {
			return fmt.Errorf("%s: column text: %w", filepath.Base(name), errors.Join(err, lastword.ErrInvalid))
		}
		addPost(seen, row[column])
	}
}

func addPost(seen map[string]bool, text string) {
	text = strings.TrimSpace(text)
	if len(text) > maxShort {
		n := maxShort
		for !utf8.RuneStart(text[n]) {
			n--
		}
		text = text[:n]
	}
	if text != "" {
		seen[text] = true
	}
}

func meanBytes(posts []lastword.Post) float64 {
	n := 0
	for _, p := range posts {
		n += len(p.Text)
	}
	return float64(n) / float64(len(posts))
}

// A matchKind says how rare the terms are that a query needs, in posts of
// 200,000.
type matchKind struct {
	name     string
	from, to float64
}

var (
	selective = matchKind{"selective", 2, 200}
	broad     = matchKind{"broad", 200, 5000}
	besides   = matchKind{"context", 200, 20_000}
)

// vocabulary is what queries are made of: words and pairs of neighbours, with
// the number of posts that have them.
type vocabulary struct {
	posts        int
	words, pairs []tallied
}

type tallied struct {
	text string
	n    int
}

func newVocabulary(posts []lastword.Post) vocabulary {
	words, pairs := make(map[string]int), make(map[string]int)
	for _, p := range posts {
		hereWords, herePairs := make(map[string]bool), make(map[string]bool)
		last := ""
		for _, w := range lowerWords(p.Text) {
			hereWords[w] = true
			if last != "" {
				herePairs[`"`+last+" "+w+`"`] = true
			}
			last = w
		}
		tallyPosts(words, hereWords)
		tallyPosts(pairs, herePairs)
	}
	return vocabulary{len(posts), inTextOrder(words), inTextOrder(pairs)}
}

func lowerWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func tallyPosts(all map[string]int, here map[string]bool) {
	for w := range here {
		all[w]++
	}
}

func inTextOrder(all map[string]int) []tallied {
	var list []tallied
	for text, n := range all {
		list = append(list, tallied{text, n})
	}
	slices.SortFunc(list, func(a, b tallied) int { return strings.Compare(a.text, b.text) })
	return list
}

// within returns those seen as often as the kind asks, scaled to the posts there
// are. With fewer than 100,000 that lets in what was seen once.
func (v vocabulary) within(all []tallied, kind matchKind) []string {
	scale := float64(v.posts) / 200_000
	var out []string
	for _, c := range all {
		if n := float64(c.n); n >= kind.from*scale && n <= kind.to*scale {
			out = append(out, c.text)
		}
	}
	return out
}

// queries writes random queries: one to three brand terms, one in four a phrase;
// for 70 % three to eight words beside them; for 30 % one or two that must be
// absent.
func (v vocabulary) queries(random *rand.Rand, kind matchKind, n int) ([]match.Numbered, error) {
	words, pairs, others := v.within(v.words, kind), v.within(v.pairs, kind), v.within(v.words, besides)
	if len(words) == 0 || len(pairs) == 0 || len(others) == 0 {
		return nil, errors.New("bench: too few posts to make queries of")
	}
	queries := make([]match.Numbered, n)
	for i := range queries {
		text := writeQuery(random, words, pairs, others)
		q, err := match.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("bench: %s: %w", text, err)
		}
		queries[i] = match.Numbered{ID: int64(i), Query: q}
	}
	return queries, nil
}

func writeQuery(random *rand.Rand, words, pairs, others []string) string {
	brands := make([]string, 1+random.IntN(3))
	for i := range brands {
		brands[i] = pickOne(random, words)
		if random.IntN(4) == 0 {
			brands[i] = pickOne(random, pairs)
		}
	}
	text := "(" + strings.Join(brands, " OR ") + ")"
	if random.Float64() < 0.7 {
		beside := make([]string, 3+random.IntN(6))
		for i := range beside {
			beside[i] = pickOne(random, others)
		}
		text += " (" + strings.Join(beside, " OR ") + ")"
	}
	if random.Float64() < 0.3 {
		for range 1 + random.IntN(2) {
			text += " -" + pickOne(random, others)
		}
	}
	return text
}

func pickOne(random *rand.Rand, from []string) string { return from[random.IntN(len(from))] }
