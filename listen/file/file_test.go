package file_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"lastword"
	"lastword/listen"
	"lastword/listen/file"
)

// noon is the moment of every import in these tests.
var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// A desk is what an import runs on: files by name, and what came of it.
type desk struct {
	files   map[string][]byte
	mu      sync.Mutex
	dropped map[string][]string // reason → places
	events  []lastword.Event
	cursor  string
	batches int
}

func newDesk(name, content string) *desk {
	return &desk{files: map[string][]byte{name: []byte(content)}, dropped: map[string][]string{}}
}

type seeker struct{ io.ReadSeeker }

func (seeker) Close() error { return nil }

func (d *desk) host() listen.Host {
	return listen.Host{
		Now: func() time.Time { return noon },
		Dropped: func(reason, place string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.dropped[reason] = append(d.dropped[reason], place)
		},
		Files: func(name string) (io.ReadSeekCloser, error) {
			content, ok := d.files[name]
			if !ok {
				return nil, fs.ErrNotExist
			}
			return seeker{bytes.NewReader(content)}, nil
		},
	}
}

func (d *desk) hear(_ context.Context, events []lastword.Event, cursor string) error {
	if len(events) > 500 {
		return fmt.Errorf("a batch of %d events", len(events))
	}
	d.events = append(d.events, events...)
	d.cursor = cursor
	d.batches++
	return nil
}

func (d *desk) poll(settings map[string]string, hear listen.Hear) error {
	src, err := file.New().Open(listen.Account{Settings: settings}, d.host())
	if err != nil {
		return err
	}
	return src.Poll(context.Background(), d.cursor, hear)
}

// imported reads one file to its end and returns the posts.
func imported(t *testing.T, name, content string, settings ...string) ([]lastword.Post, *desk) {
	t.Helper()
	d := newDesk(name, content)
	if err := d.poll(with(name, settings...), d.hear); err != nil {
		t.Fatalf("import of %s: %v", name, err)
	}
	p, ok := file.ProgressOf(d.cursor)
	if !ok || !p.Done || p.Fraction() != 1 {
		t.Errorf("after the end: progress %+v, %v", p, ok)
	}
	return posts(d.events), d
}

func with(name string, settings ...string) map[string]string {
	m := map[string]string{"file": name}
	for i := 0; i+1 < len(settings); i += 2 {
		m[settings[i]] = settings[i+1]
	}
	return m
}

func posts(events []lastword.Event) []lastword.Post {
	var out []lastword.Post
	for _, e := range events {
		out = append(out, e.Post)
	}
	return out
}

func TestInfo(t *testing.T) {
	t.Parallel()
	info := file.New().Info()
	if info.Name != "file" || !info.All || !info.Hidden || info.Stream {
		t.Errorf("got %+v", info)
	}
}

func TestOpenNamesTheWrongSetting(t *testing.T) {
	t.Parallel()
	for field, settings := range map[string]map[string]string{
		"file":    {},
		"format":  {"file": "a.csv", "format": "docx"},
		"mapping": {"file": "a.csv", "mapping": "colour=Farbe"},
		"zone":    {"file": "a.csv", "zone": "Europe/Pirmasens"},
		"network": {"file": "a.csv", "network": "!"},
	} {
		_, err := file.New().Open(listen.Account{Settings: settings}, listen.Host{})
		var mistake *lastword.Mistake
		if !errors.As(err, &mistake) || mistake.Field != field || !errors.Is(err, lastword.ErrInvalid) {
			t.Errorf("%v: got %v, want a mistake in %q", settings, err, field)
		}
	}
}

func TestPollSaysWhereAPersonMustAct(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"absent.csv":  "",
		"words.csv":   "a;b\n1;2\n3;4\n",
		"cut.csv.gz":  "\x1f\x8b\x08\x00garbage",
		"cut.csv.zst": "\x28\xb5\x2f\xfdgarbage",
		"broken.xml":  "<?xml version=\"1.0\"?><nothing/>",
	} {
		d := newDesk(name, content)
		if name == "absent.csv" {
			d.files = nil
		}
		if err := d.poll(with(name), d.hear); !errors.Is(err, lastword.ErrDenied) {
			t.Errorf("%s: got %v, want ErrDenied", name, err)
		}
	}
	src, err := file.New().Open(listen.Account{Settings: with("a.csv")}, listen.Host{})
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Poll(t.Context(), "", nil); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("where no files may be read: got %v", err)
	}
}

func TestJSONLines(t *testing.T) {
	t.Parallel()
	got, d := imported(t, "stimmen.jsonl", strings.Join([]string{
		"\ufeff" + `{"id":7,"text":"Gibt es den Stiefel auch in Weiß?","time":"2026-03-02T09:12:00+01:00","author":"@grete","lang":"de","network":"Twitter","url":"https://x.example/7"}`,
		`not a row`,
		``,
		`["neither"]`,
		`{"text":"  "}`,
		`{"body":"Danke &amp; Gruß","created_at":1772438000,"user":{"id":55,"screen_name":"otto","name":"Otto O."},"in_reply_to_id":7,"own":true,"unknown":{"x":[1]}}`,
		`{"text":"<p>Hallo</p><p>Welt</p>","author":"Anonym","time":"neulich"}`,
	}, "\n"))
	if len(got) != 3 {
		t.Fatalf("got %d posts: %+v", len(got), got)
	}
	first := lastword.Post{
		Network: "x", Key: "7", URL: "https://x.example/7", Lang: "de", Text: "Gibt es den Stiefel auch in Weiß?",
		Author: lastword.Author{Key: "grete", Handle: "grete"}, SaidAt: time.Date(2026, 3, 2, 8, 12, 0, 0, time.UTC),
	}
	if !got[0].SaidAt.Equal(first.SaidAt) {
		t.Errorf("said at %v", got[0].SaidAt)
	}
	if first.SaidAt = got[0].SaidAt; got[0] != first {
		t.Errorf("got  %+v\nwant %+v", got[0], first)
	}
	second := got[1]
	if second.Network != "file" || !second.Own || second.Author.Handle != "otto" || second.Author.Name != "Otto O." || second.Parent != "stimmen.jsonl#7" {
		t.Errorf("got %+v", second)
	}
	if !second.SaidAt.Equal(time.Unix(1772438000, 0)) || second.Text != "Danke &amp; Gruß" {
		t.Errorf("got %+v", second)
	}
	if third := got[2]; third.Text != "Hallo\n\nWelt" || third.Author.Key != "" || !third.SaidAt.Equal(noon) {
		t.Errorf("got %+v", third)
	}
	want := map[string][]string{
		file.NotJSON: {"line 2"}, file.NotObject: {"line 4"}, file.NoText: {"line 5"}, file.BadTime: {"line 7"},
	}
	if fmt.Sprint(d.dropped) != fmt.Sprint(want) {
		t.Errorf("dropped %v, want %v", d.dropped, want)
	}
}

func TestTwoFilesDoNotOverwriteEachOther(t *testing.T) {
	t.Parallel()
	row := `{"id":"1","text":"eins","author":"Eva","in_reply_to":"1082171446959443968"}`
	a, _ := imported(t, "exports/a.jsonl", row)
	b, _ := imported(t, "b.jsonl.gz", string(gzipped(t, row)))
	if a[0].Key == b[0].Key || a[0].Author.Key == b[0].Author.Key {
		t.Errorf("same keys: %+v, %+v", a[0], b[0])
	}
	if b[0].Key != "b.jsonl#1" || a[0].Parent != "1082171446959443968" {
		t.Errorf("got %q, %q", b[0].Key, a[0].Parent)
	}
	again, _ := imported(t, "a.jsonl", row)
	if again[0].Key != a[0].Key {
		t.Errorf("the same export again: %q, then %q", a[0].Key, again[0].Key)
	}
}

func TestTimeFromTheId(t *testing.T) {
	t.Parallel()
	got, d := imported(t, "x.jsonl", `{"id":"1082171446959443968","text":"ohne Zeit"}
{"id":"1082171446959443968","text":"mit Zeit","time":"2026-01-05"}
{"id":"1082171446959443968","text":"anderswo","network":"reviews"}
{"id":"4711","text":"kurz","network":"x"}
{"id":"5","text":"morgen","time":"2031-01-05"}`)
	for i, want := range []string{"2019-01-07 07:05:53", "2026-01-05 00:00:00", "2026-06-01 12:00:00", "2026-06-01 12:00:00", "2026-06-01 12:00:00"} {
		if said := got[i].SaidAt.UTC().Format(time.DateTime); said != want {
			t.Errorf("%s: said at %s, want %s", got[i].Text, said, want)
		}
	}
	if len(d.dropped[file.InFuture]) != 1 {
		t.Errorf("counted %v", d.dropped)
	}
}

func TestLongTexts(t *testing.T) {
	t.Parallel()
	got, d := imported(t, "lang.jsonl", fmt.Sprintf("{\"text\":%q}\n{\"text\":%q}\n{\"text\":\"danach\"}\n",
		strings.Repeat("ä", 1<<19), strings.Repeat("b", 5<<20)))
	if len(got) != 2 || len(got[0].Text) != 64<<10 || got[1].Text != "danach" {
		t.Fatalf("got %d posts, the first of %d bytes", len(got), len(got[0].Text))
	}
	if len(d.dropped[file.TextCut]) != 1 || fmt.Sprint(d.dropped[file.LineTooLong]) != "[line 2]" {
		t.Errorf("counted %v", d.dropped)
	}
}

func TestJSONArray(t *testing.T) {
	t.Parallel()
	got, d := imported(t, "liste.json", `[
  {"id": "a}", "text": "eins \"}{\" ",
   "author": {"name": "Ida"}},
  {"text": ""}, 17,
  {"id": "b", "text": "zwei"} ]`)
	if len(got) != 2 || got[0].Text != `eins "}{"` || got[0].Author.Name != "Ida" || got[1].Key != "liste.json#b" {
		t.Errorf("got %+v", got)
	}
	if len(d.dropped[file.NoText]) != 1 {
		t.Errorf("counted %v", d.dropped)
	}
}

func TestFeed(t *testing.T) {
	t.Parallel()
	got, d := imported(t, "blog.xml", `<?xml version="1.0"?><rss version="2.0"><channel><title>B</title><language>de</language>
<item><guid>urn:1</guid><title>Neue Sohle</title><description>&lt;p&gt;Sie &lt;b&gt;hält&lt;/b&gt;.&lt;/p&gt;</description><pubDate>Mon, 02 Mar 2026 09:12:00 +0100</pubDate><link>https://blog.example/1</link></item>
<item><guid>urn:2</guid><link>https://blog.example/2</link></item></channel></rss>`)
	if len(got) != 1 || got[0].Network != "feed" || got[0].Key != "urn:1" || got[0].Text != "Sie hält." || got[0].Title != "Neue Sohle" || got[0].Lang != "de" {
		t.Fatalf("got %+v", got)
	}
	if got[0].SaidAt.UTC().Hour() != 8 || len(d.dropped) != 0 {
		t.Errorf("got %+v, %v", got[0], d.dropped)
	}
}
