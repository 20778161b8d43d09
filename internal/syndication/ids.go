package syndication

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// finish gives every item an id of its own and the feed's language, and leaves
// out what says nothing.
func finish(f *Feed) {
	kept := f.Items[:0]
	for _, item := range f.Items {
		if item.Text == "" && item.Title == "" {
			continue
		}
		if item.Text == "" {
			// A headline alone is what was said.
			item.Text, item.Title = item.Title, ""
		}
		if item.Lang == "" {
			item.Lang = f.Lang
		}
		item.ID = firstOf(item.ID, item.Link, digestOf(item))
		kept = append(kept, item)
	}
	f.Items = single(kept)
}

// single makes ids unique. Entries with one id and one link are states of the
// same entry: the newest stays (RFC 4287 §4.1.1). With other links they are
// different entries of a feed that gives the same id to all; the oldest, which
// stands last, keeps it.
func single(items []Item) []Item {
	newest := map[[2]string]int{}
	for i, item := range items {
		k := [2]string{item.ID, item.Link}
		if at, twice := newest[k]; !twice || item.touched().After(items[at].touched()) {
			newest[k] = i
		}
	}
	last := map[string]int{}
	for i, item := range items {
		if newest[[2]string{item.ID, item.Link}] == i {
			last[item.ID] = i
		}
	}
	kept := items[:0:0]
	for i, item := range items {
		if newest[[2]string{item.ID, item.Link}] != i {
			continue
		}
		if last[item.ID] != i {
			item.ID += " " + item.Link
		}
		kept = append(kept, item)
	}
	return kept
}

func (i Item) touched() time.Time {
	if i.Updated.After(i.Published) {
		return i.Updated
	}
	return i.Published
}

func digestOf(i Item) string {
	day := ""
	if !i.Published.IsZero() {
		day = i.Published.UTC().Format(time.RFC3339)
	}
	return digest(strings.Join([]string{i.Title, day, i.Text}, "\x00"))
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256:" + hex.EncodeToString(sum[:16])
}

func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}
