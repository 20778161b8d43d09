package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"lastword"
)

// story keeps a story with one version for each channel, going out at due.
func (f *fixture) story(text string, due time.Time, channels ...int64) lastword.StoryRow {
	f.Helper()
	s := lastword.Story{ID: f.db.NewID(), Company: f.company.ID, Title: "Neue Leisten", Text: text, Lang: "de", By: f.adviser.ID, Due: due}
	f.must(f.db.AddStory(f.Context(), s, f.entry("story.begun")))
	s = f.storyRow(s.ID).Story
	var vs []lastword.Version
	for _, c := range channels {
		vs = append(vs, lastword.Version{ID: f.db.NewID(), Channel: c, Network: "bluesky", Content: lastword.Content{Parts: []string{text}, Lang: "de", Due: due}})
	}
	f.must(f.db.SaveStory(f.Context(), s, vs))
	return f.storyRow(s.ID)
}

func (f *fixture) storyRow(id int64) lastword.StoryRow {
	f.Helper()
	s, err := f.db.Story(f.Context(), f.company.ID, id)
	f.must(err)
	return s
}

// releaseStory releases all versions of a story as they are, by a director.
func (f *fixture) releaseStory(by lastword.Member, s lastword.StoryRow) lastword.Outcome {
	f.Helper()
	var rs []lastword.Release
	for _, v := range s.Versions {
		rs = append(rs, f.consent(lastword.OfVersion, v.ID, v.Digest(), by))
	}
	o, err := f.db.ReleaseVersions(f.Context(), f.company.ID, rs, f.entry("versions.released"))
	f.must(err)
	return o
}

func testStories(t *testing.T, f *fixture) {
	due := f.clock.Now().Add(48 * time.Hour)
	s := f.story("Wir machen jetzt Weite H.", due, f.channel.ID)
	equal(t, "title", s.Title, "Neue Leisten")
	equal(t, "due", s.Due, due)
	equal(t, "versions", len(s.Versions), 1)
	equal(t, "the version's due", s.Versions[0].Due, due)
	stale := s.Story
	s.Text, s.Pictures = "Wir machen Weite H und J.", []lastword.Picture{{Digest: "abc", Type: "image/jpeg", Width: 3, Height: 2, Alt: "ein Leisten"}}
	v := s.Versions[0]
	v.Parts = []string{s.Text}
	f.must(f.db.SaveStory(t.Context(), s.Story, []lastword.Version{v}))
	s = f.storyRow(s.ID)
	equal(t, "the version follows", s.Versions[0].Parts[0], s.Text)
	equal(t, "alt", s.Pictures[0].Alt, "ein Leisten")
	if err := f.db.SaveStory(t.Context(), stale, nil); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("saved over somebody else's change: %v", err)
	}
	other := f.addChannel("mastodon", true)
	second := lastword.Version{ID: f.db.NewID(), Channel: other.ID, Network: "mastodon", Content: lastword.Content{Parts: []string{"kurz"}}}
	f.must(f.db.SaveStory(t.Context(), s.Story, []lastword.Version{second}))
	s = f.storyRow(s.ID)
	if len(s.Versions) != 1 || s.Versions[0].Channel != other.ID {
		t.Errorf("versions after another channel was chosen: %+v", s.Versions)
	}
	list, err := f.db.Stories(t.Context(), f.company.ID, lastword.StoryFilter{From: due.Add(-time.Hour), Until: due.Add(time.Hour)})
	f.must(err)
	equal(t, "in that hour", len(list), 1)
	list, err = f.db.Stories(t.Context(), f.company.ID, lastword.StoryFilter{From: due.Add(time.Hour)})
	f.must(err)
	equal(t, "later", len(list), 0)
	f.must(f.db.DeleteStory(t.Context(), f.company.ID, s.ID, f.entry("story.deleted")))
	if _, err := f.db.Story(t.Context(), f.company.ID, s.ID); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("a deleted story: %v", err)
	}
}

func testStoryRelease(t *testing.T, f *fixture) {
	f.company.Rule = lastword.AllDirectors
	f.must(f.db.SaveCompany(t.Context(), f.director, f.company))
	s := f.story("Wir machen jetzt Weite H.", time.Time{}, f.channel.ID)
	v := s.Versions[0]
	equal(t, "an adviser", f.releaseStory(f.adviser, s), lastword.Outcome{Waiting: 1})
	equal(t, "one director of two", f.releaseStory(f.director, s), lastword.Outcome{Waiting: 1})
	if _, err := f.db.OutgoingVersion(t.Context(), f.company.ID, v.ID); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("in the outbox after one of two: %v", err)
	}
	shown := s
	v.Parts = []string{"Wir machen jetzt Weite J."}
	f.must(f.db.SaveStory(t.Context(), s.Story, []lastword.Version{v}))
	s = f.storyRow(s.ID)
	equal(t, "released as shown before the edit", f.releaseStory(f.second, shown), lastword.Outcome{Changed: 1})
	equal(t, "the other director, to another text", f.releaseStory(f.second, s), lastword.Outcome{Waiting: 1})
	equal(t, "the first, to that text", f.releaseStory(f.director, s), lastword.Outcome{Released: 1})
	out, err := f.db.OutgoingVersion(t.Context(), f.company.ID, v.ID)
	f.must(err)
	cleared, ok := out.Cleared.Version()
	equal(t, "cleared", ok, true)
	equal(t, "text", cleared.Parts[0], "Wir machen jetzt Weite J.")
	if err := f.db.SaveStory(t.Context(), f.storyRow(s.ID).Story, nil); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("edited after the release: %v", err)
	}
	n, err := f.db.TakeBackStory(t.Context(), f.company.ID, s.ID, f.entry("story.taken_back"))
	f.must(err)
	equal(t, "taken back", n, 1)
	if _, err := f.db.OutgoingVersion(t.Context(), f.company.ID, v.ID); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("in the outbox after it was taken back: %v", err)
	}
	equal(t, "one of two again: former consents are forgotten", f.releaseStory(f.director, s), lastword.Outcome{Waiting: 1})
	_, _, err = f.db.VerifyAudit(t.Context(), f.company.ID)
	f.must(err)
}

func testStoryMove(t *testing.T, f *fixture) {
	due := f.clock.Now().Add(24 * time.Hour)
	s := f.story("Morgen neu.", due, f.channel.ID)
	equal(t, "released", f.releaseStory(f.director, s), lastword.Outcome{Released: 1})
	f.must(f.db.MoveStory(t.Context(), f.company.ID, s.ID, due.Add(24*time.Hour), f.entry("story.moved")))
	moved := f.storyRow(s.ID)
	equal(t, "state", moved.Versions[0].State, lastword.Draft)
	equal(t, "due", moved.Versions[0].Due, due.Add(24*time.Hour))
	equal(t, "the former release", f.releaseStory(f.director, s), lastword.Outcome{Changed: 1})
	equal(t, "a new one", f.releaseStory(f.director, moved), lastword.Outcome{Released: 1})
	f.must(f.db.ClaimVersion(t.Context(), f.company.ID, moved.Versions[0].ID, 0, f.clock.Now(), f.clock.Now().Add(time.Minute)))
	if err := f.db.MoveStory(t.Context(), f.company.ID, s.ID, due, f.entry("story.moved")); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("moved while it is on its way: %v", err)
	}
	equal(t, "still", f.storyRow(s.ID).Versions[0].State, lastword.Released)
}

func testPublishing(t *testing.T, f *fixture) {
	s := f.story("Wir machen jetzt Weite H.", time.Time{}, f.channel.ID)
	v := s.Versions[0]
	f.releaseStory(f.director, s)
	now := f.clock.Now()
	claim := func(attempts int) error {
		return f.db.ClaimVersion(t.Context(), f.company.ID, v.ID, attempts, f.clock.Now(), f.clock.Now().Add(10*time.Minute))
	}
	f.must(claim(0))
	for _, attempts := range []int{0, 1} {
		if err := claim(attempts); !errors.Is(err, lastword.ErrConflict) {
			t.Errorf("a second attempt beside the first, knowing of %d: %v", attempts, err)
		}
	}
	f.must(f.db.EndAttempt(t.Context(), f.company.ID, v.ID, []lastword.Placed{{Key: "at://1", URL: "https://net.example/1"}}))
	f.must(claim(1))
	f.clock.Add(11 * time.Minute)
	f.must(claim(2)) // whoever made the second attempt is dead
	f.must(f.db.Unpublished(t.Context(), f.company.ID, v.ID, "why.denied", nil))
	equal(t, "failed", f.storyRow(s.ID).Versions[0].State, lastword.Failed)
	if err := f.db.DeleteStory(t.Context(), f.company.ID, s.ID, f.entry("story.deleted")); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("forgotten though an attempt was made: %v", err)
	}
	n, err := f.db.DraftAgain(t.Context(), f.company.ID, s.ID, f.entry("story.retried"))
	f.must(err)
	equal(t, "drafts again", n, 1)
	equal(t, "released again", f.releaseStory(f.director, f.storyRow(s.ID)), lastword.Outcome{Released: 1})
	out, err := f.db.OutgoingVersion(t.Context(), f.company.ID, v.ID)
	f.must(err)
	equal(t, "attempts remembered", out.Attempts, 3)
	equal(t, "and the part that is there", len(out.Placed), 1)
	got := []lastword.Placed{{Key: "at://1", URL: "https://net.example/1"}, {Key: "at://2", URL: "https://net.example/2"}}
	for range 2 { // told twice, done once
		f.must(f.db.Published(t.Context(), f.company.ID, v.ID, got, now))
	}
	sent := f.storyRow(s.ID).Versions[0]
	equal(t, "sent", sent.State, lastword.Sent)
	equal(t, "url", sent.URL, "https://net.example/1")
	f.replies(s.ID)
}

// replies hears replies to the two parts of a published story.
func (f *fixture) replies(story int64) {
	f.Helper()
	first, deep, other := f.post("mia", "Endlich!"), f.post("tom", "Sehe ich auch so"), f.post("eva", "Etwas anderes")
	first.Parent, first.Root = "at://2", "at://1"
	deep.Parent, deep.Root = first.Key, "at://1"
	own := f.post("lind", "Danke!")
	own.Parent, own.Own = "at://1", true
	f.say(first, deep, other, own)
	heard, err := f.db.RepliesTo(f.Context(), f.company.ID, story, 10)
	f.must(err)
	var texts []string
	for _, v := range heard {
		texts = append(texts, v.Text)
	}
	if !slices.Equal(texts, []string{"Endlich!", "Sehe ich auch so"}) {
		f.Errorf("replies heard: %q", texts)
	}
	list, err := f.db.Stories(f.Context(), f.company.ID, lastword.StoryFilter{})
	f.must(err)
	equal(f.T, "counted", list[0].Replies, 2)
}

// testReleasedByWhoLeft lets the director leave before the time has come.
func testReleasedByWhoLeft(t *testing.T, f *fixture) {
	s := f.story("Geplant.", f.clock.Now().Add(time.Hour), f.channel.ID)
	f.releaseStory(f.director, s)
	f.director.Left = f.clock.Now()
	_, err := f.db.SaveMember(t.Context(), f.second, f.director)
	f.must(err)
	if _, err := f.db.OutgoingVersion(t.Context(), f.company.ID, s.Versions[0].ID); !errors.Is(err, lastword.ErrForbidden) {
		t.Errorf("released by a director who left before it went out: %v", err)
	}
}

func testAmend(t *testing.T, f *fixture) {
	s := f.story("Wir machen jetzt Weite H.", time.Time{}, f.channel.ID)
	old := s.Versions[0]
	f.releaseStory(f.director, s)
	change := lastword.Version{ID: f.db.NewID(), Company: f.company.ID, Story: s.ID, Channel: old.Channel, Network: old.Network, Replaces: old.ID,
		Content: lastword.Content{Parts: []string{"Wir machen jetzt Weite H und J."}}}
	if err := f.db.AddVersion(t.Context(), change); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("changed before it was published: %v", err)
	}
	f.must(f.db.Published(t.Context(), f.company.ID, old.ID, []lastword.Placed{{Key: "k", URL: "https://net.example/1"}}, f.clock.Now()))
	f.must(f.db.AddVersion(t.Context(), change))
	again := change
	again.ID = f.db.NewID()
	if err := f.db.AddVersion(t.Context(), again); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("two changes at a time: %v", err)
	}
	s = f.storyRow(s.ID)
	s.Versions = s.Versions[1:]
	equal(t, "released", f.releaseStory(f.director, s), lastword.Outcome{Released: 1})
	out, err := f.db.OutgoingVersion(t.Context(), f.company.ID, change.ID)
	f.must(err)
	equal(t, "where what it replaces stands", out.Placed[0].Key, "k")
	first := f.clock.Now()
	f.clock.Add(time.Hour)
	f.must(f.db.Published(t.Context(), f.company.ID, change.ID, out.Placed, f.clock.Now()))
	vs := f.storyRow(s.ID).Versions
	equal(t, "the old one", vs[0].State, lastword.Removed)
	equal(t, "the new one", vs[1].State, lastword.Sent)
	equal(t, "published when it first was", vs[1].Sent, first)
	f.must(f.db.TakeDown(t.Context(), f.company.ID, change.ID, f.entry("version.taken_down")))
	f.must(f.db.TakenDown(t.Context(), f.company.ID, change.ID, "why.unreachable"))
	equal(t, "where it could not be removed", f.storyRow(s.ID).Versions[1].State, lastword.Sent)
	f.must(f.db.TakeDown(t.Context(), f.company.ID, change.ID, f.entry("version.taken_down")))
	f.must(f.db.TakenDown(t.Context(), f.company.ID, change.ID, ""))
	equal(t, "removed", f.storyRow(s.ID).Versions[1].State, lastword.Removed)
}

func testPictures(t *testing.T, f *fixture) {
	kept := lastword.Picture{Digest: "aaaa", Type: "image/jpeg", Width: 4, Height: 3}
	left := lastword.Picture{Digest: "bbbb", Type: "image/png", Width: 1, Height: 1}
	f.must(f.db.SavePicture(t.Context(), f.company.ID, kept, []byte{1, 0, 2}))
	f.must(f.db.SavePicture(t.Context(), f.company.ID, left, []byte{3}))
	s := f.story("Bild", time.Time{}, f.channel.ID)
	s.Pictures = []lastword.Picture{kept}
	f.must(f.db.SaveStory(t.Context(), s.Story, s.Versions))
	p, bytes, err := f.db.Picture(t.Context(), f.company.ID, "aaaa")
	f.must(err)
	equal(t, "picture", p, kept)
	equal(t, "bytes", string(bytes), "\x01\x00\x02")
	f.clock.Add(25 * time.Hour)
	f.must(f.db.SaveStory(t.Context(), f.storyRow(s.ID).Story, s.Versions))
	if _, _, err := f.db.Picture(t.Context(), f.company.ID, "bbbb"); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("a picture that stands nowhere: %v", err)
	}
	_, _, err = f.db.Picture(t.Context(), f.company.ID, "aaaa")
	f.must(err)
}

func testBlog(t *testing.T, f *fixture) {
	b, err := f.db.Blog(t.Context(), f.company.ID)
	f.must(err)
	equal(t, "none yet", b, lastword.Blog{Company: f.company.ID})
	b = lastword.Blog{Company: f.company.ID, Name: "lind-" + f.director.Name, Title: "Aus der Werkstatt", On: true, Channel: f.channel.ID}
	f.must(f.db.SaveBlog(t.Context(), f.director, b))
	if _, err := f.db.BlogNamed(t.Context(), b.Name); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("a blog without an imprint is shown: %v", err)
	}
	b.Imprint = "Schuhwerk Lind GmbH, Gasse 1"
	f.must(f.db.SaveBlog(t.Context(), f.director, b))
	got, err := f.db.BlogNamed(t.Context(), b.Name)
	f.must(err)
	equal(t, "blog", got, b)
	s := f.story("Im Blog", time.Time{}, f.channel.ID, f.addChannel("bluesky", true).ID)
	s.Versions[0].Pictures = []lastword.Picture{{Digest: "cafe", Type: "image/png", Width: 1, Height: 1, Alt: "x"}}
	f.must(f.db.SaveStory(t.Context(), s.Story, s.Versions))
	s = f.storyRow(s.ID)
	posts := func() []lastword.BlogPost {
		ps, err := f.db.BlogPosts(t.Context(), f.company.ID, f.channel.ID, 0, 10)
		f.must(err)
		return ps
	}
	f.releaseStory(f.director, s)
	equal(t, "before it is published", len(posts()), 0)
	shown, err := f.db.InBlog(t.Context(), f.company.ID, f.channel.ID, "cafe")
	f.must(err)
	equal(t, "a picture of what is not published", shown, false)
	for _, v := range s.Versions {
		f.must(f.db.Published(t.Context(), f.company.ID, v.ID, []lastword.Placed{{Key: "k", URL: "https://net.example/1"}}, f.clock.Now()))
	}
	equal(t, "published", len(posts()), 1)
	equal(t, "elsewhere", len(posts()[0].Elsewhere), 1)
	shown, err = f.db.InBlog(t.Context(), f.company.ID, f.channel.ID, "cafe")
	f.must(err)
	equal(t, "its picture", shown, true)
	f.addCompany("Andere AG")
	taken := lastword.Blog{Company: f.company.ID, Name: b.Name, Title: "Fremd", Imprint: "x", On: true}
	if err := f.db.SaveBlog(t.Context(), f.director, taken); !errors.Is(err, lastword.ErrConflict) {
		t.Errorf("another company's name: %v", err)
	}
	if _, err := f.db.Story(t.Context(), f.company.ID, s.ID); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("another company's story: %v", err)
	}
}
