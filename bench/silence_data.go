package bench

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"lastword"
	"lastword/internal/syndication"
)

// silenceStreams are real streams, by the times at which things were said, and
// drawn ones of which it is known that they never fall silent.
func silenceStreams(o SilenceOptions) ([]said, error) {
	transport, err := transportTimes(filepath.Join(o.Data, "sentiment"))
	if err != nil {
		return nil, err
	}
	support, err := supportTimes(filepath.Join(o.Data, "streams", "twcs-excerpt.en.csv"))
	if err != nil {
		return nil, err
	}
	feeds, err := feedStreams(filepath.Join(o.Data, "streams", "feeds"))
	if err != nil {
		return nil, err
	}
	all := []said{saidOf("German transport, Twitter 2015-19", transport), saidOf("customer service, Twitter 2017", support)}
	all = append(all, feeds...)
	for i := range all {
		all[i].real = true
	}
	for _, perDay := range []float64{0.3, 1, 5, 20, 200, 2000} {
		all = append(all, drawnStream(perDay, 104, o.Seed))
	}
	return all, nil
}

func saidOf(name string, times []time.Time) said {
	by := map[int64]int{}
	for _, at := range times {
		by[at.Unix()/3600]++
	}
	s := said{name: name}
	for at, n := range by {
		s.hours = append(s.hours, lastword.Hour{At: at, Voices: n})
	}
	slices.SortFunc(s.hours, func(a, b lastword.Hour) int { return int(a.At - b.At) })
	return s
}

// transportTimes are when people said something to German transport companies, up
// to January 2019, after which the collection has a hole of two years. The ids of
// their posts hold the time.
func transportTimes(folder string) ([]time.Time, error) {
	ids := map[int64]bool{}
	for _, name := range []string{"mobasa-dev.de.jsonl", "mobasa-aspects-train.de.json"} {
		err := eachLine(filepath.Join(folder, name), func(line []byte) {
			var post struct {
				ID json.RawMessage `json:"id"`
			}
			if json.Unmarshal(line, &post) != nil {
				return
			}
			if id, err := strconv.ParseInt(strings.Trim(string(post.ID), `"`), 10, 64); err == nil {
				ids[id] = true
			}
		})
		if err != nil {
			return nil, err
		}
	}
	var times []time.Time
	for id := range ids {
		if at := tweeted(id); at.Before(time.Date(2019, 2, 1, 0, 0, 0, 0, time.UTC)) {
			times = append(times, at)
		}
	}
	return times, nil
}

// tweeted reads the time from the id of a tweet (Snowflake).
func tweeted(id int64) time.Time { return time.UnixMilli(id>>22 + 1_288_834_974_657).UTC() }

func eachLine(path string, do func([]byte)) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		do(lines.Bytes())
	}
	return lines.Err()
}

// supportTimes are when customers wrote to companies, in the two months of which
// the excerpt has more than a handful.
func supportTimes(path string) ([]time.Time, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer f.Close()
	rows := csv.NewReader(f)
	rows.FieldsPerRecord = -1
	head, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("bench: %s: %w", path, err)
	}
	at, in := slices.Index(head, "created_at"), slices.Index(head, "inbound")
	var times []time.Time
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return times, nil
		}
		if err != nil || at < 0 || in < 0 {
			return nil, fmt.Errorf("bench: %s cannot be read: %w", path, err)
		}
		when, err := time.Parse(time.RubyDate, row[min(at, len(row)-1)])
		if err == nil && row[min(in, len(row)-1)] == "True" && when.Year() == 2017 && when.Month() >= time.October {
			times = append(times, when)
		}
	}
}

// feedStreams are the feeds with more than two dozen dated entries.
func feedStreams(folder string) ([]said, error) {
	var all []said
	err := eachFeed(folder, func(name string, body []byte) {
		feed, err := syndication.Decode(body, "", nil)
		if err != nil {
			return
		}
		var times []time.Time
		for _, it := range feed.Items {
			if !it.Published.IsZero() {
				times = append(times, it.Published)
			}
		}
		if s := saidOf("feed "+strings.TrimSuffix(name, filepath.Ext(name)), times); len(times) > 24 {
			all = append(all, s)
		}
	})
	return all, err
}
