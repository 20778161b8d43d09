package file_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"lastword"
	"lastword/listen"
	"lastword/listen/file"
)

func account(name string, settings ...string) listen.Account {
	return listen.Account{Settings: with(name, settings...)}
}

func TestTables(t *testing.T) {
	t.Parallel()
	german := "Datum;Verfasser;Bewertung;Rezension\n31.10.2025 22:10;Anna B.;5;\"Passt; wie angegossen\"\n1.11.2025;Gast;1;Sohle löst sich\n"
	windows, err := charmap.Windows1252.NewEncoder().String(german)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content  string
		settings []string
		want     []string // author | time | text
	}{
		"german.csv":  {german, nil, []string{"Anna B.|2025-10-31 22:10|Passt; wie angegossen", "Gast|2025-11-01 00:00|Sohle löst sich"}},
		"windows.csv": {windows, nil, []string{"Anna B.|2025-10-31 22:10|Passt; wie angegossen", "Gast|2025-11-01 00:00|Sohle löst sich"}},
		"wide.csv":    {string(utf16le(german)), nil, []string{"Anna B.|2025-10-31 22:10|Passt; wie angegossen", "Gast|2025-11-01 00:00|Sohle löst sich"}},
		"bom.tsv":     {"\ufeffmessage\tuser\tdate\nhello there\tBob\t3/31/2025 9:05 PM\n", nil, []string{"Bob|2025-03-31 21:05|hello there"}},
		"mac.csv":     {"text,author\reins,A\rzwei,B\r", nil, []string{"A|2026-06-01 12:00|eins", "B|2026-06-01 12:00|zwei"}},
		"bare.csv":    {"17|2025-03-02|der Schuh drückt leider vorne\n18|2025-03-03|bin sehr zufrieden damit\n", nil, []string{"|2025-03-02 00:00|der Schuh drückt leider vorne", "|2025-03-03 00:00|bin sehr zufrieden damit"}},
		"told.csv":    {"a,b,c\nx,ja wirklich gut,2025-03-02\n", []string{"mapping", "text=b,author=#1,time=c"}, []string{"x|2025-03-02 00:00|ja wirklich gut"}},
		"quotes.csv":  {"id,text\n1,\"a \"\"b\"\"\nc\"\n2,say \"hi\" now\n3,\"closed\" early\n", nil, []string{"|2026-06-01 12:00|a \"b\"\nc", "|2026-06-01 12:00|say \"hi\" now", "|2026-06-01 12:00|closed early"}},
		"zone.csv":    {"text,date\nSommer,1.7.2025 12:00\n", []string{"zone", "Europe/Berlin"}, []string{"|2025-07-01 10:00|Sommer"}},
		"blank.csv":   {"\n\ntext,author\n\nda,A\n", nil, []string{"A|2026-06-01 12:00|da"}},
		"nul.csv":     {"text,author\nda\x00zu,A\n", nil, []string{"A|2026-06-01 12:00|dazu"}},
	} {
		got, _ := imported(t, name, c.content, c.settings...)
		var lines []string
		for _, p := range got {
			lines = append(lines, p.Author.Name+"|"+p.SaidAt.UTC().Format("2006-01-02 15:04")+"|"+p.Text)
		}
		if fmt.Sprintf("%q", lines) != fmt.Sprintf("%q", c.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", name, lines, c.want)
		}
	}
}

func TestSupportDesk(t *testing.T) {
	t.Parallel()
	got, _ := imported(t, "desk.csv", `,tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id
0,1,schuhhilfe,False,Tue Oct 31 22:10:47 +0000 2017,"@115 Das tut uns leid, welche Größe?",2,3.0
1,3,115,True,Tue Oct 31 22:08:27 +0000 2017,@schuhhilfe passt nicht &amp; drückt,1,
`, "network", "x")
	if len(got) != 2 {
		t.Fatalf("got %+v", got)
	}
	if !got[0].Own || got[0].Parent != "3" || got[0].Key != "1" || got[1].Own || got[1].Parent != "" {
		t.Errorf("got %+v", got)
	}
	if got[1].Text != "@schuhhilfe passt nicht & drückt" || got[1].SaidAt.Unix() != 1509487707 {
		t.Errorf("got %+v", got[1])
	}
}

func TestOwnByName(t *testing.T) {
	t.Parallel()
	got, _ := imported(t, "fb.csv", "Kommentar,Absender\nwann kommt er?,Eva\nbald,Muster GmbH\n", "own", "@x, muster gmbh")
	if got[0].Own || !got[1].Own {
		t.Errorf("got %+v", got)
	}
}

func TestBrokenRows(t *testing.T) {
	t.Parallel()
	got, d := imported(t, "kaputt.csv", "id,text,author\n"+
		"1,kurz\n"+
		"2,lang,A,B,C\n"+
		"3,,A\n"+
		"4,\""+strings.Repeat("x", 1<<20+1)+"\",A\n"+
		"5,\"nie zu,A\n"+
		"6,gut,A\n"+
		"7,auch gut,B")
	var texts []string
	for _, p := range got {
		texts = append(texts, p.Text)
	}
	if fmt.Sprint(texts) != "[kurz lang gut auch gut]" {
		t.Errorf("got %q", texts)
	}
	want := map[string][]string{
		file.Ragged: {"line 2", "line 3"}, file.NoText: {"line 4"}, file.CellTooLong: {"line 5"}, file.OpenQuote: {"line 6"},
	}
	if fmt.Sprint(d.dropped) != fmt.Sprint(want) {
		t.Errorf("dropped %v, want %v", d.dropped, want)
	}
}

// TestOpenQuotesStayLinear is a table in which every line leaves a quote open
// when it is read by itself, so that each looks for its end through megabytes.
// To look anew for each would mean 270 GB of reading.
func TestOpenQuotesStayLinear(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	d := newDesk("boese.csv", "id,text\n"+strings.Repeat(strings.Repeat("a", 50)+"\",\"b\n", 80_000))
	src, err := file.New().Open(account("boese.csv", "mapping", "text=text"), d.host())
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Poll(ctx, "", d.hear); err != nil {
		t.Error(err)
	}
	if got := len(d.dropped[file.OpenQuote]); got == 0 || got > 10 {
		t.Errorf("%d lines refused", got)
	}
}

func TestGuessListsWhatItFound(t *testing.T) {
	t.Parallel()
	g := file.Guess([]byte("Nr,Datum,Kunde,Bewertung,Kommentar\n1,2025-03-02,Anna,5,sehr bequeme Schuhe\n2,2025-03-04,Bert,1,drücken am Ballen\n"))
	if got, want := g.Mapping.String(), "text=Kommentar,time=Datum,author=Kunde,id=Nr"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !g.Header || g.Delimiter != ',' || g.Confidence[file.Time] < 0.9 || g.Confidence[file.Text] < 0.9 {
		t.Errorf("got %+v", g)
	}
	for _, want := range []string{"text ", "Kommentar", "100 %", "sehr bequeme Schuhe", "-               Bewertung"} {
		if !strings.Contains(g.String(), want) {
			t.Errorf("no %q in\n%s", want, g)
		}
	}
}

func TestMappingRoundTrips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := file.Mapping{}
		for _, known := range file.Roles() {
			if rapid.Bool().Draw(t, "given") {
				m[known.Role] = rapid.StringN(1, 12, -1).Draw(t, "column")
			}
		}
		got, err := file.ParseMapping(m.String())
		if err != nil || fmt.Sprint(got) != fmt.Sprint(m) {
			t.Fatalf("%q: got %q, %v", m.String(), got, err)
		}
	})
}

func TestMappingMistakes(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"text", "text=", "=a", "text=a,text=b", "farbe=rot", `text="a`, `text="a"b`} {
		_, err := file.ParseMapping(s)
		var mistake *lastword.Mistake
		if !errors.As(err, &mistake) || mistake.Field != "mapping" {
			t.Errorf("%s: got %v", s, err)
		}
	}
	d := newDesk("a.csv", "a,b\n1,x\n")
	if err := d.poll(with("a.csv", "mapping", "text=Kommentar"), d.hear); !errors.Is(err, lastword.ErrDenied) {
		t.Errorf("an unknown column: got %v", err)
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[string]string{
		"2026-03-02T09:12:00+01:00":       "2026-03-02 08:12:00",
		"2026-03-02T09:12:00.123Z":        "2026-03-02 09:12:00",
		"Tue Oct 31 22:10:47 +0000 2017":  "2017-10-31 22:10:47",
		"2017-10-31 22:10:47":             "2017-10-31 21:10:47",
		"31.10.2017 22:10":                "2017-10-31 21:10:00",
		"31.10.2017, 22:10 Uhr":           "2017-10-31 21:10:00",
		"31.10.17":                        "2017-10-30 23:00:00",
		"3. März 2026 um 14:02 Uhr":       "2026-03-03 13:02:00",
		"3. Okt. 2025":                    "2025-10-02 22:00:00",
		"Mon, 02 Mar 2026 09:12:00 +0100": "2026-03-02 08:12:00",
		"3/4/2026 10:00":                  "2026-04-03 08:00:00",
		"3/31/2026 10:00":                 "2026-03-31 08:00:00",
		"1509487847":                      "2017-10-31 22:10:47",
		"1509487847.5":                    "2017-10-31 22:10:47",
		"1509487847000":                   "2017-10-31 22:10:47",
		"1509487847000000":                "2017-10-31 22:10:47",
	} {
		got, ok := file.ParseTime(s, berlin, false)
		if !ok || got.UTC().Format(time.DateTime) != want {
			t.Errorf("%s: got %v, %v, want %s", s, got.UTC(), ok, want)
		}
	}
	for _, s := range []string{"", "gestern", "17", "99.99.2020", "1200-01-01", "NaN", "Inf", "5 Sterne"} {
		if got, ok := file.ParseTime(s, berlin, false); ok {
			t.Errorf("%q is %v", s, got)
		}
	}
}
