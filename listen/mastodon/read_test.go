package mastodon_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"lastword"
	"lastword/listen"
	"lastword/listen/mastodon"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, content, want string }{
		{"paragraphs and lines", `<p>Eins<br>zwei</p><p>drei &amp; &quot;vier&quot;</p>`, "Eins\nzwei\n\ndrei & \"vier\""},
		{"a shortened address", `<p>Seht <a href="https://www.firma.example/lang/weg/zum/hobel" rel="nofollow"><span class="invisible">https://www.</span><span class="ellipsis">firma.example/lang/weg</span><span class="invisible">/zum/hobel</span></a>.</p>`,
			"Seht https://www.firma.example/lang/weg/zum/hobel."},
		{"an address cut for good", `<a href="https://firma.example/lang/weg">firma.example/lang…</a>`, "https://firma.example/lang/weg"},
		{"a link that says something", `<p>Mehr <a href="https://firma.example/x">dazu hier</a></p>`, "Mehr dazu hier (https://firma.example/x)"},
		{"a mention", `<p><span class="h-card" translate="no"><a href="https://x.example/@firma" class="u-url mention">@<span>firma</span></a></span> Danke</p>`, "@firma Danke"},
		{"a mention without a class", `<p><a href="https://x.example/@firma">@firma@x.example</a> Danke</p>`, "@firma@x.example Danke"},
		{"a hashtag", `<p><a href="https://x.example/tags/schuhe" class="mention hashtag" rel="tag">#<span>schuhe</span></a></p>`, "#schuhe"},
		{"a quoted post", `<p class="quote-inline">RE: <a href="https://x.example/@mia/1">https://x.example/@mia/1</a></p><p>Sehe ich auch so.</p>`, "Sehe ich auch so."},
		{"a list", `<ul><li>eins</li><li>zwei</li></ul>`, "- eins\n- zwei"},
		{"a script", `<p>Hallo<script>alert("<a href='https://x.example'>x</a>")</script></p>`, "Hallo"},
		{"a link that runs a script", `<a href="javascript:alert(1)">Klick</a>`, "Klick"},
		{"a link that never ends", `<a href="https://firma.example/">Firma`, "Firma (https://firma.example/)"},
		{"text alone", `1 < 2 & so`, "1 < 2 & so"},
		{"direction marks", "<p>a\u202eb\u200bc</p>", "abc"},
	} {
		if got := mastodon.Plain(c.content); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := mastodon.Plain(strings.Repeat("<p>Wort</p>", 1e5)); len(got) > 32<<10 {
		t.Errorf("%d bytes are kept", len(got))
	}
}

// As Mastodon counts (validators of its posts), and the longest of what others
// count.
func TestCount(t *testing.T) {
	t.Parallel()
	const family = "👨‍👩‍👧‍👦"
	for _, c := range []struct {
		version, text string
		want          int
	}{
		{"4.5.2", "Größe", 5},
		{"4.5.2", family, 1},
		{"4.5.2", "https://a.de", 23},
		{"4.5.2", "(https://firma.example/" + strings.Repeat("x", 200) + ").", 23 + 3},
		{"4.5.2", "@mia@lang.example.org ja", len("@mia ja")},
		{"4.5.2", "post@firma.example", 18},
		{"4.3.0+glitch", "@mia@x.example", 4},
		{"0.20.1", "https://a.de", 23},
		{"0.20.1", "https://firma.example/" + strings.Repeat("x", 78), 100},
		{"0.20.1", "@mia@x.example", 14},
		{"2.7.2 (compatible; Pleroma 2.9.1)", family, 7},
	} {
		if got := mastodon.Count(c.version, c.text); got != c.want {
			t.Errorf("%s counts %q as %d, want %d", c.version, c.text, got, c.want)
		}
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typed, want string }{
		{"mastodon.social", "https://mastodon.social"},
		{" https://Mastodon.Social/@firma ", "https://mastodon.social"},
		{"@firma@mastodon.social", "https://mastodon.social"},
		{"firma@mastodon.social", "https://mastodon.social"},
		{"social.firma.example:8443", "https://social.firma.example:8443"},
		{"http://127.0.0.1:4000", "http://127.0.0.1:4000"},
		{"http://mastodon.social", ""},
		{"https://user:pass@mastodon.social", ""},
		{"ftp://mastodon.social", ""},
		{"mastodon", ""},
		{"://", ""},
		{"javascript:alert(1)", ""},
	} {
		if got, err := mastodon.BaseURL(c.typed); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q leads to %q (%v), want %q", c.typed, got, err, c.want)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	m := mastodon.New()
	many := strings.Repeat("a b c d e f g h i j k l ", 1)
	for _, c := range []struct {
		of    listen.Connector
		set   string // name=value, separated by |
		field string
		what  string
	}{
		{m.Account(), "instance=nirgends|token=x", "instance", "instance"},
		{m.Account(), "token=x", "instance", "instance-missing"},
		{m.Account(), "instance=a.example", "token", "token-missing"},
		{m.Account(), "instance=a.example|token=zwei Wörter", "token", "token"},
		{m.Account(), "instance=a.example|token=x|tags=mit-strich", "tags", "tag"},
		{m.Account(), "instance=a.example|token=x|tags=123", "tags", "tag"},
		{m.Account(), "instance=a.example|token=x|tags=" + many, "tags", "too-many"},
		{m.Account(), "instance=a.example|token=x|back=91", "back", "back"},
		{m.Open(), "instance=a.example", "tags", "nothing"},
		{m.Open(), "instance=a.example|timeline=alles", "timeline", "timeline"},
		{m.Open(), "instance=a.example|search=Hobel", "search", "search-token"},
		{m.Open(), "instance=a.example|token=x|search=" + strings.ReplaceAll(many, " ", ","), "search", "too-many"},
	} {
		settings := map[string]string{}
		for _, pair := range strings.Split(c.set, "|") {
			name, value, _ := strings.Cut(pair, "=")
			settings[name] = value
		}
		_, err := c.of.Open(listen.Account{Settings: settings}, newHost(t).Host)
		wantMistake(t, err, c.what)
		var mistake *lastword.Mistake
		if errors.As(err, &mistake) && mistake.Field != c.field {
			t.Errorf("%s: the field is %q, want %q", c.set, mistake.Field, c.field)
		}
	}
}

// What other servers answer, in the shapes that their documentation gives.
func TestOtherServers(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/status-*.json")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d answers are recorded: %v", len(files), err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, ok := mastodon.DecodePost(raw)
		if !ok || p.Text == "" || p.Key == "" || p.Author.Key == "" || p.SaidAt.IsZero() || p.URL == "" {
			t.Errorf("%s: %+v", name, p)
		}
		if !strings.HasPrefix(p.Key, "werkstatt.example/") || strings.ContainsAny(p.Text, "<>") {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestInstances(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, raw, domain, streaming string
		most, perURL, api            int
	}{
		{"Mastodon", `{"domain":"werkstatt.example","version":"4.5.2","configuration":{"urls":{"streaming":"wss://strom.werkstatt.example"},"statuses":{"max_characters":700,"characters_reserved_per_url":23}},"api_versions":{"mastodon":7}}`,
			"werkstatt.example", "https://strom.werkstatt.example", 700, 23, 7},
		{"Friendica, with what PHP makes of empty objects", `{"uri":"https://fr.example/","version":"2.8.0 (compatible; Friendica 2025.07)","urls":[],"configuration":[],"max_toot_chars":"200000","api_versions":[]}`,
			"fr.example", "https://werkstatt.example", 200000, 23, 0},
		{"Pleroma", `{"uri":"https://pl.example","version":"2.7.2 (compatible; Pleroma 2.9.1)","urls":{"streaming_api":"wss://pl.example"},"max_toot_chars":5000}`,
			"pl.example", "https://pl.example", 5000, 23, 0},
		{"one that would have the token in the open", `{"domain":"a.example","version":"4.0.0","configuration":{"urls":{"streaming":"ws://strom.example"}}}`,
			"a.example", "https://werkstatt.example", 500, 23, 0},
		{"one with a strange name", `{"domain":"a.example/b@c","version":"4.0.0"}`, "werkstatt.example", "https://werkstatt.example", 500, 23, 0},
	} {
		domain, streaming, most, perURL, api, err := mastodon.DecodeInstance([]byte(c.raw))
		if err != nil || domain != c.domain || streaming != c.streaming || most != c.most || perURL != c.perURL || api != c.api {
			t.Errorf("%s: %s %s %d %d %d, %v", c.name, domain, streaming, most, perURL, api, err)
		}
	}
}

func FuzzInstance(f *testing.F) {
	f.Add([]byte(`{"domain":"a.example","version":"4","configuration":{"urls":{"streaming":"wss://b.example"}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		domain, streaming, most, perURL, _, err := mastodon.DecodeInstance(raw)
		if err == nil && (domain == "" || !strings.HasPrefix(streaming, "https://") || most <= 0 || perURL <= 0) {
			t.Errorf("%q %q %d %d", domain, streaming, most, perURL)
		}
	})
}

func seeds(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
}

func FuzzStatus(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		mastodon.DecodeNotification(raw)
		p, ok := mastodon.DecodePost(raw)
		if !ok {
			return
		}
		if p.Key == "" || strings.Count(p.Key, "/") != 1 || p.Author.Key == "" || p.SaidAt.IsZero() {
			t.Errorf("a post without key, author or time: %+v", p)
		}
		if !utf8.ValidString(p.Text) || len(p.Text) > 32<<10 || p.URL != "" && !strings.HasPrefix(p.URL, "http") {
			t.Errorf("a post that is not fit to be kept: %+v", p)
		}
	})
}

func FuzzPlain(f *testing.F) {
	f.Add(`<p>Seht <a href="https://firma.example/x">hier</a>, <a>da`)
	f.Add(`<p class="quote-inline">RE: <script><a href=http://x>`)
	f.Fuzz(func(t *testing.T, content string) {
		if got := mastodon.Plain(content); !utf8.ValidString(got) || len(got) > 32<<10 {
			t.Errorf("%q becomes %q", content, got)
		}
	})
}

func FuzzEvents(f *testing.F) {
	f.Add(":thump\n\nevent: update\ndata: {\"id\":\"1\"}\n\nevent: delete\ndata: 1\n\n")
	f.Add("data: a\r\ndata: b\r\n\r\nevent:x\n\n")
	f.Fuzz(func(t *testing.T, body string) {
		events, dropped := mastodon.DecodeEvents(strings.NewReader(body))
		if lines := strings.Count(body, "\n"); events+dropped > lines {
			t.Errorf("%d events of %d lines", events+dropped, lines)
		}
	})
}

func FuzzSocketFrame(f *testing.F) {
	f.Add([]byte(`{"stream":["user"],"event":"delete","payload":"17"}`))
	f.Add([]byte(`{"event":"update","payload":{"id":1}}`))
	f.Add([]byte(`{"error":"Unknown stream type","status":400}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, payload := mastodon.DecodeSocketFrame(raw); len(payload) > 3*len(raw)+3 {
			t.Errorf("%d bytes of %d", len(payload), len(raw))
		}
	})
}
