package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"lastword"
	"lastword/app"
)

// PagesOptions say what Pages measures.
type PagesOptions struct {
	Data   string // folder of the shared data; its posts fill the store, and are never kept elsewhere
	Voices int
	Folder string // a filled store to use again, or to fill and keep; temporary where empty
	Rounds int    // how often each page is asked for; 200 where 0
	Binary string // the program to start for start-up and memory; this one where empty
}

// A PagesReport says how long pages take to make with a large store, and what
// the program needs to start.
type PagesReport struct {
	Voices   int       `json:"voices"`
	Themes   int       `json:"themes"`
	StoreMB  int64     `json:"store_mb"`
	FillS    float64   `json:"fill_s,omitempty"` // 0 where the store was there
	Pages    []PageRow `json:"pages"`
	StartMS  float64   `json:"start_ms"`  // from the start of the process to the first answer
	MemoryMB float64   `json:"memory_mb"` // resident, after every page was asked for once by HTTP
}

// A PageRow is one page, asked for again and again with other arguments.
type PageRow struct {
	Page  string  `json:"page"`
	P50MS float64 `json:"p50_ms"`
	P99MS float64 `json:"p99_ms"`
	Bytes int     `json:"bytes"` // of the last one
}

// String returns the report as a table.
func (r PagesReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d voices in %d themes, SQLite of %d MB, filled in %.0f s\n", r.Voices, r.Themes, r.StoreMB, r.FillS)
	fmt.Fprintf(&b, "%-28s %9s %9s %9s\n", "page", "p50 ms", "p99 ms", "bytes")
	for _, p := range r.Pages {
		fmt.Fprintf(&b, "%-28s %9.1f %9.1f %9d\n", p.Page, p.P50MS, p.P99MS, p.Bytes)
	}
	fmt.Fprintf(&b, "start-up %.0f ms, resident memory %.0f MB\n", r.StartMS, r.MemoryMB)
	return b.String()
}

// Pages measures the pages on a store with many voices.
func Pages(ctx context.Context, o PagesOptions) (PagesReport, error) {
	if o.Rounds == 0 {
		o.Rounds = 200
	}
	if o.Folder == "" {
		var r PagesReport
		err := inFolder(func(folder string) (err error) {
			o.Folder = folder
			r, err = pages(ctx, o)
			return err
		})
		return r, err
	}
	return pages(ctx, o)
}

func pages(ctx context.Context, o PagesOptions) (PagesReport, error) {
	r := PagesReport{Voices: o.Voices}
	if _, err := os.Stat(filepath.Join(o.Folder, "lastword.db")); err != nil {
		start := time.Now()
		if err := fillStore(ctx, o); err != nil {
			return r, err
		}
		r.FillS = time.Since(start).Seconds()
	}
	if info, err := os.Stat(filepath.Join(o.Folder, "lastword.db")); err == nil {
		r.StoreMB = info.Size() >> 20
	}
	if err := r.measure(ctx, o); err != nil {
		return r, err
	}
	return r, r.startUp(ctx, o)
}

// A visitor is a director who is signed in.
type visitor struct {
	company lastword.Company
	link    string // signs in once
	themes  []lastword.Theme
}

// visit makes a link that signs the director in, with a store that nobody else
// has open.
func visit(ctx context.Context, folder string) (visitor, error) {
	v := visitor{}
	c := app.Config{Data: folder, Listen: "127.0.0.1:0", Log: "error"}
	db, err := c.OpenStore(ctx)
	if err != nil {
		return v, err
	}
	companies, err := db.Companies(ctx)
	if err == nil && len(companies) == 0 {
		err = errors.New("the store holds no company")
	}
	if err == nil {
		v.company = companies[0]
		v.link, err = app.SignInLink(ctx, db, c, v.company.ID, "", time.Hour)
	}
	if err == nil {
		v.themes, err = db.Themes(ctx, v.company.ID, lastword.ThemeFilter{Order: lastword.BySize, Limit: 100})
	}
	return v, errors.Join(err, db.Close())
}

// paths are the pages, each with a way to vary what is asked for.
func (v visitor) paths(random *rand.Rand) map[string]func() string {
	words := []string{"bahn", "aufzug", "danke", "bitte", "verspätung", "wagen", "morgen", "heute", "app", "ticket", "kaputt*", "\"wird repariert\""}
	word := func() string { return url.QueryEscape(words[random.IntN(len(words))]) }
	return map[string]func() string{
		"Today":                 func() string { return "/" },
		"Themes":                func() string { return "/themes" },
		"one theme":             func() string { return fmt.Sprint("/themes/", v.themes[random.IntN(len(v.themes))].ID) },
		"Voices":                func() string { return "/voices" },
		"Voices search":         func() string { return "/voices?q=" + word() },
		"Voices search, wishes": func() string { return "/voices?kind=wish&q=" + word() },
		"Voices, wishes":        func() string { return "/voices?kind=wish" },
		"palette search":        func() string { return "/search?q=" + word() },
	}
}

// measure asks for each page in this process, without a network between.
func (r *PagesReport) measure(ctx context.Context, o PagesOptions) error {
	v, err := visit(ctx, o.Folder)
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, app.Config{Data: o.Folder, Listen: "127.0.0.1:0", Log: "error"})
	if err != nil {
		return err
	}
	pages, err := a.Handler()
	if err == nil {
		err = r.ask(pages, v, o.Rounds)
	}
	if all, countErr := a.DB.Themes(ctx, v.company.ID, lastword.ThemeFilter{Limit: 10_000}); countErr == nil {
		r.Themes = len(all)
	}
	return errors.Join(err, a.Close())
}

func (r *PagesReport) ask(pages http.Handler, v visitor, rounds int) error {
	link, err := url.Parse(v.link)
	if err != nil {
		return err
	}
	in := httptest.NewRecorder()
	pages.ServeHTTP(in, httptest.NewRequest(http.MethodPost, link.Path, nil))
	cookies := in.Result().Cookies()
	if len(cookies) == 0 {
		return fmt.Errorf("the link did not sign in: %d", in.Code)
	}
	random := rand.New(rand.NewPCG(2, 2))
	paths := v.paths(random)
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for n := range paths {
			if !yield(n) {
				return
			}
		}
	}) {
		var took []float64
		row := PageRow{Page: name}
		for range rounds {
			req := httptest.NewRequest(http.MethodGet, paths[name](), nil)
			req.Header.Set("Accept-Language", "de")
			for _, c := range cookies {
				req.AddCookie(c)
			}
			w := httptest.NewRecorder()
			start := time.Now()
			pages.ServeHTTP(w, req)
			took = append(took, float64(time.Since(start).Microseconds())/1000)
			if row.Bytes = w.Body.Len(); w.Code != http.StatusOK {
				return fmt.Errorf("%s answered %d", req.URL, w.Code)
			}
		}
		slices.Sort(took)
		row.P50MS, row.P99MS = took[len(took)/2], took[len(took)*99/100]
		r.Pages = append(r.Pages, row)
	}
	return nil
}

// startUp starts the program on the store, and looks at its memory after every
// page was asked for.
func (r *PagesReport) startUp(ctx context.Context, o PagesOptions) error {
	v, err := visit(ctx, o.Folder)
	if err != nil {
		return err
	}
	if o.Binary == "" {
		if o.Binary, err = os.Executable(); err != nil {
			return err
		}
	}
	start := time.Now()
	cmd := exec.CommandContext(ctx, o.Binary, "serve", "--data", o.Folder, "--listen", "127.0.0.1:0", "--log", "error")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = r.walk(out, start, cmd.Process.Pid, v)
	err = errors.Join(err, cmd.Process.Signal(syscall.SIGTERM))
	if waited := cmd.Wait(); waited != nil && err == nil {
		err = waited
	}
	return err
}

func (r *PagesReport) walk(out interface{ Read([]byte) (int, error) }, start time.Time, pid int, v visitor) error {
	line, err := bufio.NewReader(out).ReadString('\n')
	base, ok := strings.CutPrefix(strings.TrimSpace(line), "Lastword is at ")
	if err != nil || !ok {
		return fmt.Errorf("the program said %q: %w", line, err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := &http.Client{Jar: jar, Timeout: time.Minute}
	if err := get(client, base+"/healthz"); err != nil {
		return err
	}
	r.StartMS = float64(time.Since(start).Milliseconds())
	link, err := url.Parse(v.link)
	if err != nil {
		return err
	}
	resp, err := client.Post(base+link.Path, "application/x-www-form-urlencoded", nil)
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	for range 20 {
		for _, path := range v.paths(rand.New(rand.NewPCG(3, 3))) {
			if err := get(client, base+path()); err != nil {
				return err
			}
		}
	}
	r.MemoryMB, err = resident(pid)
	return err
}

func get(client *http.Client, address string) error {
	resp, err := client.Get(address)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", address, resp.Status)
	}
	return errors.Join(err, resp.Body.Close())
}

// resident reads how much memory a process holds, in MB.
func resident(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, after, ok := strings.Cut(string(status), "VmRSS:")
	if !ok {
		return 0, errors.New("no VmRSS")
	}
	kb, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	return kb / 1024, err
}
