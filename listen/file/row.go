package file

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/text"
)

// fields are a row's values by what they mean.
type fields map[Role]string

// shape is what colours every post of a file.
type shape struct {
	file       string // goes before ids that are not unique by themselves
	network    string
	lang       string
	private    bool
	own        map[string]bool // plain names of authors that are the company
	zone       *time.Location
	monthFirst bool
	now        time.Time
}

// What is kept of a post, in bytes.
const (
	maxText  = 64 << 10
	maxTitle = 1 << 10
	maxName  = 256
)

// record makes a post of a row.
func (s shape) record(row fields, place string) record {
	rec := record{place: place}
	p := &rec.post
	p.Network = networkName(row[Network])
	if p.Network == "" {
		p.Network = s.network
	}
	named := p.Network != ""
	if !named {
		p.Network = "file"
	}
	if reason := fill(p, row[Title], row[Text]); reason != "" {
		rec.reasons = append(rec.reasons, reason)
	}
	if p.Text == "" {
		return rec
	}
	id := plainID(row[ID])
	said, reason := s.saidAt(row[Time], id, p.Network)
	if reason != "" {
		rec.reasons = append(rec.reasons, reason)
	}
	p.Author = s.author(row, named)
	s.place(p, row, id, said, named)
	if p.SaidAt = said; said.IsZero() {
		p.SaidAt = s.now
	}
	rec.ok = true
	return rec
}

// fill sets headline and text. A review that is only a headline has that as its
// text.
func fill(p *lastword.Post, title, body string) (reason string) {
	body, cut := plainText(body, p.Network == "x")
	p.Title, p.Text = text.CleanTo(title, maxTitle), body
	if p.Text == "" {
		p.Title, p.Text = "", p.Title
	}
	switch {
	case p.Text == "":
		return NoText
	case cut:
		return TextCut
	}
	return ""
}

var htmlStart = regexp.MustCompile(`(?i)^\s*<(p|div|span|br|html|body|ul|ol|blockquote|h[1-6]|a)\b[^>]*>`)

// plainText returns what a reader sees, at most maxText bytes of it. X escapes
// three characters in every text it hands out.
func plainText(s string, escaped bool) (plain string, cut bool) {
	if htmlStart.MatchString(s) {
		s = text.PlainHTML(s)
	} else if escaped {
		s = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
	}
	plain = text.CleanTo(s, maxText)
	return plain, len(s) > maxText && len(text.Clean(s)) > len(plain)
}

// place sets all that names the post and its thread.
func (s shape) place(p *lastword.Post, row fields, id string, said time.Time, named bool) {
	p.Key = s.key(id, named)
	if p.Key == "" {
		p.Key = hashOf(p.Author.Key, said, p.Title, p.Text)
	}
	if parent := plainID(row[Parent]); parent != "0" { // 0 is nobody's answer
		p.Parent = s.key(parent, named)
	}
	p.Root = s.key(plainID(row[Thread]), named)
	p.URL, p.Ref = webAddress(row[URL]), row[Ref]
	if p.Lang = language(row[Lang]); p.Lang == "" {
		p.Lang = s.lang
	}
	p.Private = s.private || truth(row[Private])
	p.Own = truth(row[Own]) || denied(row[Inbound]) || s.ours(p.Author)
}

// hashOf is the key of a post that has no id.
func hashOf(author string, said time.Time, parts ...string) string {
	stamp := "-"
	if !said.IsZero() {
		stamp = strconv.FormatInt(said.UnixMilli(), 10)
	}
	sum := sha256.Sum256([]byte(author + "\x00" + stamp + "\x00" + strings.Join(parts, "\x00")))
	return "sha256:" + hex.EncodeToString(sum[:16])
}

// key makes an id unique in the network. Ids of a file whose network nobody
// named need the file's name, unless they are unique in the world.
func (s shape) key(id string, named bool) string {
	if id == "" || named || worldwide.MatchString(id) {
		return id
	}
	return s.file + "#" + id
}

// worldwide are ids that nobody gives twice: addresses of any kind, UUIDs and
// the long numbers of networks.
var worldwide = regexp.MustCompile(`^([a-z][a-z0-9+.-]*:.+|[^@\s]+@[^@\s]+\.[^@\s]+|\d{15,}|[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})$`)

var (
	pointZero = regexp.MustCompile(`^-?\d+\.0+$`)
	nothing   = regexp.MustCompile(`(?i)^(null|none|nan|nil|n/a|-)?$`)
)

// plainID undoes what table programs do to ids: "3.0" is 3, "nan" is none.
func plainID(id string) string {
	id = text.CleanTo(id, 1<<10)
	if nothing.MatchString(id) {
		return ""
	}
	if pointZero.MatchString(id) {
		id, _, _ = strings.Cut(id, ".")
	}
	return id
}

// author reads who said it. Somebody who only has a name is known by it, but
// for the names of nobody.
func (s shape) author(row fields, named bool) lastword.Author {
	a := lastword.Author{
		Handle: strings.TrimPrefix(text.CleanTo(row[AuthorHandle], maxName), "@"),
		Name:   text.CleanTo(row[AuthorName], maxName),
		URL:    webAddress(row[AuthorURL]),
	}
	said := text.CleanTo(row[Author], maxName)
	switch handle, isHandle := strings.CutPrefix(said, "@"); {
	case isHandle && a.Handle == "":
		a.Handle = handle
	case !isHandle && a.Name == "":
		a.Name = said
	}
	id := plainID(row[AuthorID])
	for _, other := range []string{a.Handle, a.Name} {
		if id == "" && !nobody.MatchString(other) {
			id = strings.ToLower(other)
		}
	}
	a.Key = s.key(id, named)
	return a
}

var nobody = regexp.MustCompile(`(?i)^(anonym(er|e|ous)?( \w+)?|gast|guest|kund(e|in)|customer|user|nutzer(in)?|unbekannt|unknown|n/?a|none|null|nan|-+|\?+)?$`)

// ours reports whether the settings name the author as the company's own.
func (s shape) ours(a lastword.Author) bool {
	if len(s.own) == 0 {
		return false
	}
	key := strings.TrimPrefix(a.Key, s.file+"#")
	return s.own[plainName(key)] || s.own[plainName(a.Handle)] || s.own[plainName(a.Name)]
}

func plainName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(name), "@"))
}

var networkWord = regexp.MustCompile(`^[a-z][a-z0-9]{0,31}$`)

// networkName returns a network as we call it, or nothing.
func networkName(s string) string {
	switch s = fold(s); s {
	case "twitter":
		return "x"
	case "email", "emails":
		return "mail"
	case "fediverse", "activitypub":
		return "mastodon"
	case "bsky":
		return "bluesky"
	}
	if !networkWord.MatchString(s) {
		return ""
	}
	return s
}

var langTag = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$`)

// language returns a BCP 47 tag, or nothing ("und" says nothing either).
func language(s string) string {
	s = strings.TrimSpace(s)
	if !langTag.MatchString(s) || strings.EqualFold(s, "und") || strings.EqualFold(s, "nan") {
		return ""
	}
	return strings.ReplaceAll(s, "_", "-")
}

// webAddress returns s if a browser may follow it.
func webAddress(s string) string {
	s = strings.TrimSpace(s)
	if strings.ContainsAny(s, " \t\r\n\"<>") || len(s) > 2048 || !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
		return ""
	}
	return s
}

func truth(s string) bool {
	switch fold(s) {
	case "true", "1", "10", "yes", "y", "ja", "j", "wahr", "x":
		return true
	}
	return false
}

func denied(s string) bool {
	switch fold(s) {
	case "false", "0", "00", "no", "n", "nein", "falsch", "outbound", "ausgehend":
		return true
	}
	return false
}
