package web

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lastword"
	"lastword/internal/markdown"
	"lastword/internal/text"
	"lastword/web/page"
)

// Blogs is how a company's own blog is set up.
type Blogs interface {
	// Address is where a blog of this name is read; empty where nobody reaches this
	// server.
	Address(c lastword.Company, name string) string
	// Save keeps it, with the channel through which it is published to.
	// lastword.ErrConflict: another company has its name.
	Save(ctx context.Context, by lastword.Member, c lastword.Company, b lastword.Blog) error
}

// blogSettings shows how the blog is set up. (GET /settings/blog)
func (s *site) blogSettings(v *visit) error {
	b, err := s.Store.Blog(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	if b.Name == "" {
		b.Name, b.Title = text.Slug(v.company.Name), v.company.Name
	}
	return s.showBlogSettings(v, http.StatusOK, b, nil)
}

func (s *site) showBlogSettings(v *visit, status int, b lastword.Blog, wrong page.Mistakes) error {
	view := page.BlogSettingsView{Blog: b, Address: s.Blogs.Address(v.company, b.Name), Mistakes: wrong}
	view.Base = strings.TrimSuffix(s.Blogs.Address(v.company, "x"), "x")
	f := s.frame(v, page.AtSettings, v.read.T("blog.title"))
	return v.showAs(status, f, page.BlogSettings(f, view))
}

// saveBlog keeps it. A blog without an imprint is not switched on (§ 5 DDG).
// (POST /settings/blog)
func (s *site) saveBlog(v *visit) error {
	b, err := s.Store.Blog(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	b.Title, b.About, b.Name = v.word("title"), v.word("about"), text.Slug(v.word("name"))
	b.Imprint, b.Accent, b.On = text.Clean(v.word("imprint")), strings.ToUpper(v.word("accent")), v.word("on") == "1"
	wrong := checkBlog(b)
	if b.On && s.Blogs.Address(v.company, b.Name) == "" {
		wrong = append(wrong, &lastword.Mistake{Key: "mistake.blog_nowhere", Field: "on"})
	}
	if len(wrong) == 0 {
		err = s.Blogs.Save(v.ctx(), v.member, v.company, b)
		if errors.Is(err, lastword.ErrConflict) {
			wrong = page.Mistakes{{Key: "mistake.blog_taken", Field: "name"}}
		} else if err != nil {
			return err
		}
	}
	if len(wrong) > 0 {
		return s.showBlogSettings(v, http.StatusUnprocessableEntity, b, wrong)
	}
	v.tell(page.Flash{Key: "flash.saved", N: 1})
	return v.redirect("/settings/blog")
}

// reachable is what § 5 (1) no. 2 DDG asks for: an address of electronic mail.
var reachable = regexp.MustCompile(`[^\s@]+@[^\s@]+\.[^\s@]+`)

func checkBlog(b lastword.Blog) (wrong page.Mistakes) {
	wrong = append(wrong, need("title", b.Title, 100)...)
	wrong = append(wrong, need("name", b.Name, 60)...)
	wrong = append(wrong, atMost("about", b.About, 200)...)
	wrong = append(wrong, atMost("imprint", b.Imprint, 5000)...)
	switch {
	case b.On && b.Imprint == "":
		wrong = append(wrong, &lastword.Mistake{Key: "mistake.blog_imprint", Field: "imprint"})
	case b.On && !reachable.MatchString(b.Imprint):
		wrong = append(wrong, &lastword.Mistake{Key: "mistake.blog_imprint_mail", Field: "imprint"})
	}
	if b.Accent == "" {
		return wrong
	}
	light, ok := luminance(b.Accent)
	switch paper, _ := luminance("#FBFAF7"); {
	case !ok:
		wrong = append(wrong, &lastword.Mistake{Key: "mistake.blog_accent", Field: "accent"})
	case (paper+.05)/(light+.05) < 4.5: // WCAG 2.2, 1.4.3
		wrong = append(wrong, &lastword.Mistake{Key: "mistake.blog_contrast", Field: "accent"})
	}
	return wrong
}

// blogFront leads to the only blog, where there is just one. (GET /blog/)
func (s *site) blogFront(v *visit) error {
	names, err := s.Store.Blogs(v.ctx())
	if err != nil {
		return err
	}
	if len(names) != 1 {
		return lastword.ErrNotFound
	}
	return v.redirect(to("blog", names[0]) + "/")
}

// onBlog serves a page of a blog that is switched on: to everybody, to search
// engines too.
func (s *site) onBlog(show func(*visit, lastword.Blog, page.BlogView) error) act {
	return func(v *visit) error {
		b, err := s.Store.BlogNamed(v.ctx(), v.r.PathValue("name"))
		if err != nil {
			return err
		}
		if v.company, err = s.Store.Company(v.ctx(), b.Company); err != nil {
			return err
		}
		v.speak(v.company.Lang, v.company.Zone)
		v.w.Header().Set("Cache-Control", "public, max-age=60")
		v.w.Header().Set("Referrer-Policy", "strict-origin-when-cross-origin")
		err = show(v, b, page.BlogView{Blog: b, Path: to("blog", b.Name), Address: s.Blogs.Address(v.company, b.Name)})
		if err != nil { // what is wrong is told to this visitor, and kept by nobody
			v.company = lastword.Company{}
			v.w.Header().Set("Cache-Control", "no-store")
		}
		return err
	}
}

const blogPage = 20 // posts

// blogHome lists posts. (GET /blog/{name}/)
func (s *site) blogHome(v *visit, b lastword.Blog, view page.BlogView) error {
	posts, err := s.Store.BlogPosts(v.ctx(), b.Company, b.Channel, v.number("before"), blogPage+1)
	if err != nil {
		return err
	}
	if len(posts) > blogPage {
		posts = posts[:blogPage]
		view.Next = view.Path + "/?before=" + strconv.FormatInt(posts[blogPage-1].Sent.UnixMilli(), 10)
	}
	view.Posts = posts
	f := s.frame(v, "", b.Title)
	return v.showBlog(f, view, b.Title, page.BlogFront(f, view))
}

// blogPost shows one post, at its permanent address. (GET /blog/{name}/{post})
func (s *site) blogPost(v *visit, b lastword.Blog, view page.BlogView) error {
	asked := v.r.PathValue("post")
	p, err := s.Store.BlogPost(v.ctx(), b.Company, b.Channel, text.IDOf(asked))
	if err != nil {
		return err
	}
	if is := text.Permanent(p.Title, p.Story); is != asked {
		http.Redirect(v.w, v.r, view.Path+"/"+is, http.StatusMovedPermanently)
		return nil
	}
	if len(p.Pictures) > 0 {
		view.Image = view.Address + "/picture/" + p.Pictures[0].Digest
	}
	view.Posts, view.One, view.Address = []lastword.BlogPost{p}, true, view.Address+"/"+asked
	f := s.frame(v, "", p.Title)
	return v.showBlog(f, view, p.Title+" · "+b.Title, page.BlogOne(f, view))
}

// blogImprint says who answers for it. (GET /blog/{name}/imprint)
func (s *site) blogImprint(v *visit, b lastword.Blog, view page.BlogView) error {
	f := s.frame(v, "", v.read.T("blog.imprint_short"))
	return v.showBlog(f, view, v.read.T("blog.imprint_short")+" · "+b.Title, page.BlogImprint(f, view))
}

func (v *visit) showBlog(f *page.Frame, view page.BlogView, title string, body templ.Component) error {
	f.Company = v.company.Name
	var b bytes.Buffer
	if err := page.BlogSheet(f, view, title, body).Render(v.ctx(), &b); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", f.Lang())
	_, err := b.WriteTo(v.w)
	return err
}

// blogTheme is the one colour of a blog's own, as a style sheet: nothing is written
// into pages. (GET /blog/{name}/theme.css)
func (s *site) blogTheme(v *visit, b lastword.Blog, _ page.BlogView) error {
	v.w.Header().Set("Content-Type", "text/css; charset=utf-8")
	if _, ok := luminance(b.Accent); !ok {
		return nil
	}
	_, err := fmt.Fprintf(v.w, ":root { --leather: %s; }\n@media (prefers-color-scheme: dark) { :root { --leather: color-mix(in srgb, %[1]s 45%%, white); } }\n", b.Accent)
	return err
}

// blogPicture serves a picture of something that the blog shows.
// (GET /blog/{name}/picture/{digest})
func (s *site) blogPicture(v *visit, b lastword.Blog, _ page.BlogView) error {
	digest := v.r.PathValue("digest")
	if len(digest) != 64 || strings.Trim(digest, "0123456789abcdef") != "" {
		return lastword.ErrNotFound
	}
	shown, err := s.Store.InBlog(v.ctx(), b.Company, b.Channel, digest)
	if err != nil {
		return err
	}
	if !shown {
		return lastword.ErrNotFound
	}
	return s.showPicture(v, b.Company, digest, "public, max-age=3600")
}

// luminance is the relative luminance of a colour "#RRGGBB" (WCAG 2.2).
func luminance(colour string) (float64, bool) {
	if len(colour) != 7 || colour[0] != '#' {
		return 0, false
	}
	n, err := strconv.ParseUint(colour[1:], 16, 32)
	if err != nil {
		return 0, false
	}
	linear := func(c uint64) float64 {
		x := float64(c&255) / 255
		if x <= .04045 {
			return x / 12.92
		}
		return math.Pow((x+.055)/1.055, 2.4)
	}
	return .2126*linear(n>>16) + .7152*linear(n>>8) + .0722*linear(n), true
}

// An atomFeed is a feed of RFC 4287.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Sub     string      `xml:"subtitle,omitempty"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	Lang      string     `xml:"xml:lang,attr,omitempty"`
	ID        string     `xml:"id"`
	Title     string     `xml:"title"`
	Updated   string     `xml:"updated"`
	Published string     `xml:"published"`
	Links     []atomLink `xml:"link"`
	Content   struct {
		Type string `xml:"type,attr"`
		Body string `xml:",chardata"`
	} `xml:"content"`
}

// feedPosts are those of both feeds.
func (s *site) feedPosts(v *visit, b lastword.Blog) ([]lastword.BlogPost, error) {
	return s.Store.BlogPosts(v.ctx(), b.Company, b.Channel, 0, blogPage)
}

// inFull is a post as HTML, with its pictures.
func inFull(address string, p lastword.BlogPost) (string, error) {
	body, err := markdown.HTML(strings.Join(p.Parts, "\n\n"))
	for i := len(p.Pictures) - 1; i >= 0; i-- {
		one := p.Pictures[i]
		body = fmt.Sprintf(`<p><img src="%s" alt="%s" width="%d" height="%d"></p>`+"\n",
			templ.EscapeString(address+"/picture/"+one.Digest), templ.EscapeString(one.Alt), one.Width, one.Height) + body
	}
	return body, err
}

// changed is when a post was last changed: a change is released after what it
// replaces was published.
func changed(p lastword.BlogPost) time.Time {
	if p.Released.After(p.Sent) {
		return p.Released
	}
	return p.Sent
}

// blogAtom is the feed of RFC 4287. (GET /blog/{name}/feed.atom)
func (s *site) blogAtom(v *visit, b lastword.Blog, view page.BlogView) error {
	posts, err := s.feedPosts(v, b)
	if err != nil {
		return err
	}
	updated := v.company.Made
	feed := atomFeed{Lang: v.company.Lang, ID: view.Address + "/", Title: b.Title, Sub: b.About, Author: v.company.Name,
		Links: []atomLink{{Rel: "self", Type: "application/atom+xml", Href: view.Address + "/feed.atom"}, {Rel: "alternate", Type: "text/html", Href: view.Address + "/"}}}
	for _, p := range posts {
		if changed(p).After(updated) {
			updated = changed(p)
		}
		e := atomEntry{Lang: p.Lang, ID: view.Address + "/" + text.Permanent("", p.Story), Title: p.Title, Updated: changed(p).Format(time.RFC3339),
			Published: p.Sent.Format(time.RFC3339), Links: []atomLink{{Rel: "alternate", Type: "text/html", Href: view.Address + "/" + text.Permanent(p.Title, p.Story)}}}
		e.Content.Type = "html"
		if e.Content.Body, err = inFull(view.Address, p); err != nil {
			return err
		}
		feed.Entries = append(feed.Entries, e)
	}
	feed.Updated = updated.UTC().Format(time.RFC3339)
	body, err := xml.MarshalIndent(feed, "", "  ")
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	_, err = v.w.Write(append([]byte(xml.Header), append(body, '\n')...))
	return err
}

// blogJSON is the feed of jsonfeed.org, version 1.1. (GET /blog/{name}/feed.json)
func (s *site) blogJSON(v *visit, b lastword.Blog, view page.BlogView) error {
	posts, err := s.feedPosts(v, b)
	if err != nil {
		return err
	}
	items := []map[string]any{}
	for _, p := range posts {
		body, err := inFull(view.Address, p)
		if err != nil {
			return err
		}
		items = append(items, map[string]any{"id": view.Address + "/" + text.Permanent("", p.Story), "url": view.Address + "/" + text.Permanent(p.Title, p.Story),
			"title": p.Title, "content_html": body, "language": p.Lang, "date_published": p.Sent.Format(time.RFC3339), "date_modified": changed(p).Format(time.RFC3339)})
	}
	v.w.Header().Set("Content-Type", "application/feed+json; charset=utf-8")
	out := json.NewEncoder(v.w)
	out.SetEscapeHTML(false)
	return out.Encode(map[string]any{"version": "https://jsonfeed.org/version/1.1", "title": b.Title, "description": b.About, "language": v.company.Lang,
		"home_page_url": view.Address + "/", "feed_url": view.Address + "/feed.json", "authors": []map[string]string{{"name": v.company.Name}}, "items": items})
}
