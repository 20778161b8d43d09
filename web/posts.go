package web

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"time"

	"lastword"
	"lastword/internal/length"
	"lastword/internal/picture"
	"lastword/represent"
	"lastword/web/page"
)

// Stories is what people do to the company's own posts; see represent.Step for the
// promises.
type Stories interface {
	Begin(ctx context.Context, m lastword.Member) (int64, error)
	Save(ctx context.Context, m lastword.Member, id int64, d represent.Draft) error
	AddPicture(ctx context.Context, m lastword.Member, story int64, file []byte, alt string) error
	Versions(ctx context.Context, row lastword.StoryRow, channels []int64) ([]lastword.Version, error)
	EditVersion(ctx context.Context, m lastword.Member, id int64, title, words string) error
	Follow(ctx context.Context, m lastword.Member, id int64) error
	Delete(ctx context.Context, m lastword.Member, id int64) error
	Release(ctx context.Context, m lastword.Member, story int64, consents []represent.Consent) (lastword.Outcome, error)
	TakeBack(ctx context.Context, m lastword.Member, story int64) error
	Move(ctx context.Context, m lastword.Member, story int64, due time.Time) (lastword.Outcome, error)
	Retry(ctx context.Context, m lastword.Member, story int64) (lastword.Outcome, error)
	Amend(ctx context.Context, m lastword.Member, id int64) (int64, error)
	TakeDown(ctx context.Context, m lastword.Member, id int64) error
}

// posts lists the company's own posts. (GET /posts)
func (s *site) posts(v *visit) error {
	q := v.r.URL.Query()
	list, err := s.Store.Stories(v.ctx(), v.company.ID, lastword.StoryFilter{Before: number(q.Get("before")), Limit: rows + 1})
	if err != nil {
		return err
	}
	outlets, err := s.Outlets(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	blog, err := s.Store.Blog(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	view := page.PostsView{Outlets: len(outlets), Blog: blog.On || blog.Name != ""}
	list, view.Next, view.Start = paging(list, "/posts", q, func(r lastword.StoryRow) int64 { return r.ID })
	for _, r := range list {
		switch {
		case has(r, lastword.Draft, lastword.Failed) || len(r.Versions) == 0:
			view.Drafts = append(view.Drafts, r)
		case has(r, lastword.Released):
			view.Planned = append(view.Planned, r)
		default:
			view.Out = append(view.Out, r)
		}
	}
	f := s.frame(v, page.AtPosts, v.read.T("nav.posts"))
	return v.showAs(http.StatusOK, f, page.Posts(f, view))
}

func has(r lastword.StoryRow, states ...lastword.AnswerState) bool {
	return slices.ContainsFunc(r.Versions, func(v lastword.Version) bool { return slices.Contains(states, v.State) })
}

// newPost begins a story. (POST /posts)
func (s *site) newPost(v *visit) error {
	id, err := s.Stories.Begin(v.ctx(), v.member)
	if err != nil {
		return err
	}
	return v.redirect(to("posts", id))
}

// post shows the composer of one story. (GET /posts/{id})
func (s *site) post(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	row, err := s.Store.Story(v.ctx(), v.company.ID, id)
	if err != nil {
		return err
	}
	view, err := s.postView(v, row)
	if err != nil {
		return err
	}
	return s.showPost(v, http.StatusOK, view)
}

func (s *site) showPost(v *visit, status int, view page.PostView) error {
	f := s.frame(v, page.AtPosts, v.read.T("nav.posts"))
	return v.showAs(status, f, page.PostPage(f, view))
}

// postView reads what the composer shows of a story as it is kept.
func (s *site) postView(v *visit, row lastword.StoryRow) (page.PostView, error) {
	view := page.PostView{Row: row, Title: row.Title, Text: row.Text, Lang: row.Lang, Zone: v.company.Zone}
	if !row.Due.IsZero() {
		view.Date, view.Time = row.Due.In(v.read.Zone).Format(time.DateOnly), row.Due.In(v.read.Zone).Format("15:04")
	}
	view.Locked, view.Failed = has(row, lastword.Released, lastword.Taken), has(row, lastword.Failed)
	view.Untried = has(row, lastword.Released)
	view.Said = has(row, lastword.Sent) && !has(row, lastword.Draft, lastword.Failed)
	view.Fresh = !has(row, lastword.Released, lastword.Sent, lastword.Taken, lastword.Removed)
	outlets, err := s.Outlets(v.ctx(), v.company.ID)
	if err != nil {
		return view, err
	}
	s.fill(v, &view, outlets, row.Versions)
	if err := s.consented(v, &view, row.Versions); err != nil {
		return view, err
	}
	view.Replies, err = s.Store.RepliesTo(v.ctx(), v.company.ID, row.ID, 100)
	return view, err
}

// fill tells where a story may go, and how each version looks there.
func (s *site) fill(v *visit, view *page.PostView, outlets []lastword.Outlet, versions []lastword.Version) {
	manners, names := map[int64]lastword.Manner{}, map[int64]string{}
	for _, o := range outlets {
		manners[o.Channel.ID], names[o.Channel.ID] = o.Manner, o.Channel.Name
		one := page.OutletView{Outlet: o}
		for _, ver := range versions {
			if ver.Channel == o.Channel.ID && ver.Replaces == 0 {
				one.On = true
				one.Done = ver.State != lastword.Draft && ver.State != lastword.Failed
			}
		}
		view.Outlets = append(view.Outlets, one)
	}
	var consents []represent.Consent
	for _, ver := range versions {
		if ver.State == lastword.Removed {
			continue
		}
		m, known := manners[ver.Channel]
		one := page.VersionView{Version: ver, Manner: m, Channel: names[ver.Channel], Words: represent.Joined(ver.Parts)}
		if card := view.Row.Card; m.Unfurls && len(ver.Parts) > 0 && len(ver.Pictures) == 0 && card.Title != "" && length.First(ver.Parts[0]) == card.URL {
			one.Version.Card = card // the place will make one; to look at, not to send
		}
		for _, part := range ver.Parts {
			l := length.Measure(m.Holding(ver.Content), part)
			one.Rulers = append(one.Rulers, page.Ruler{Used: l.Used, Limit: l.Limit, Unit: l.Unit, Over: l.Over})
		}
		if ver.State == lastword.Draft {
			consents = append(consents, represent.Consent{ID: ver.ID, Digest: ver.Digest()})
			one.LeftOut = represent.LeftOut(m, view.Row.Story)
			if known {
				one.Wrong = represent.WrongOf(m, ver, versions)
			} else {
				one.Wrong = []*lastword.Mistake{{Key: "mistake.story_channel"}}
			}
		}
		view.Versions = append(view.Versions, one)
	}
	view.Drafts, view.Set = len(consents), represent.DigestAll(consents)
}

// consented tells whose release of what is drafted is missing.
func (s *site) consented(v *visit, view *page.PostView, versions []lastword.Version) error {
	mine := true
	for _, ver := range versions {
		if ver.State != lastword.Draft {
			continue
		}
		given, err := s.Store.Consents(v.ctx(), v.company.ID, lastword.OfVersion, ver.ID, ver.Digest())
		if err != nil {
			return err
		}
		waits, did, err := s.missing(v, given)
		if err != nil {
			return err
		}
		mine = mine && did
		view.Waits = waits
	}
	view.Mine = mine && view.Drafts > 0
	return nil
}

// typed reads the composer's form.
func (v *visit) typed(row lastword.StoryRow) (represent.Draft, error) {
	d := represent.Draft{Title: v.word("title"), Text: v.r.PostFormValue("text"), Channels: idsOf(v.r.PostForm["channel"])}
	for _, ver := range row.Versions { // what is done already cannot be ticked
		if ver.Replaces == 0 && ver.State != lastword.Draft && ver.State != lastword.Failed {
			d.Channels = append(d.Channels, ver.Channel)
		}
	}
	for _, digest := range v.r.PostForm["picture"] {
		if !slices.Contains(v.r.PostForm["drop"], digest) {
			d.Pictures = append(d.Pictures, lastword.Picture{Digest: digest, Alt: v.r.PostFormValue("alt-" + digest)})
		}
	}
	d.Pictures = forward(d.Pictures, v.word("forward"))
	if at := v.number("changed"); at > 0 {
		d.Changed = time.UnixMilli(at)
	}
	due, err := v.due(row.Due)
	d.Due = due
	return d, err
}

// forward puts a picture before the one before it.
func forward(all []lastword.Picture, digest string) []lastword.Picture {
	i := slices.IndexFunc(all, func(p lastword.Picture) bool { return p.Digest == digest })
	if i > 0 {
		all[i-1], all[i] = all[i], all[i-1]
	}
	return all
}

// due reads a day and a time by the company's clock; a day without a time is nine in
// the morning, none is the zero time. What shows as it was is as it was.
func (v *visit) due(was time.Time) (time.Time, error) {
	date, clock := v.word("date"), v.word("time")
	if date == "" {
		return time.Time{}, nil
	}
	if clock == "" {
		clock = "09:00"
	}
	if !was.IsZero() && was.In(v.read.Zone).Format("2006-01-02 15:04") == date+" "+clock {
		return was, nil
	}
	t, err := time.Parse("2006-01-02 15:04", date+" "+clock[:min(len(clock), 5)])
	if err != nil {
		return time.Time{}, &lastword.Mistake{Key: "mistake.story_date", Field: "due"}
	}
	return represent.At(v.read.Zone, t, t.Hour(), t.Minute()), nil
}

// savePost keeps a draft with the pictures that were brought, and releases it where
// that was pressed and what comes of it is what was shown. (POST /posts/{id})
func (s *site) savePost(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	row, err := s.Store.Story(v.ctx(), v.company.ID, id)
	if err != nil {
		return err
	}
	if err := v.readParts(); err != nil {
		return err
	}
	draft, err := v.typed(row)
	if err == nil {
		err = s.Stories.Save(v.ctx(), v.member, id, draft)
	}
	if err == nil {
		err = s.takePictures(v, id)
	}
	if wrong, ok := asMistakes(err); ok {
		return s.retype(v, http.StatusUnprocessableEntity, id, draft, wrong)
	}
	if errors.Is(err, lastword.ErrConflict) { // nothing that was typed is lost
		return s.retype(v, http.StatusConflict, id, draft, page.Mistakes{{Key: "mistake.story_changed"}})
	}
	if err != nil {
		return err
	}
	if v.word("do") == "release" {
		return s.releasePost(v, id)
	}
	v.tell(page.Flash{Key: "flash.saved", N: 1})
	if v.word("forward") != "" {
		return v.redirect(to("posts", id) + "#pictures")
	}
	return v.redirect(to("posts", id))
}

// inMemory is how much of a form with files is held there; the rest waits on disk.
const inMemory = 8 << 20

// readParts reads a form that may bring files, once it is known who sends it.
func (v *visit) readParts() error {
	err := v.r.ParseMultipartForm(inMemory)
	var large *http.MaxBytesError
	switch {
	case err == nil, errors.Is(err, http.ErrNotMultipart):
		return nil
	case errors.As(err, &large):
		return err
	}
	return &lastword.Mistake{Key: "mistake.form"}
}

// takePictures adds the pictures that came with the form.
func (s *site) takePictures(v *visit, id int64) error {
	if v.r.MultipartForm == nil {
		return nil
	}
	for _, h := range v.r.MultipartForm.File["file"] {
		body, err := readPart(h)
		if err != nil {
			return err
		}
		if err := s.Stories.AddPicture(v.ctx(), v.member, id, body, ""); err != nil {
			return err
		}
	}
	return nil
}

func readPart(h *multipart.FileHeader) ([]byte, error) {
	in, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, picture.MaxUpload+1))
}

// retype shows what was typed, with what is wrong in it.
func (s *site) retype(v *visit, status int, id int64, d represent.Draft, wrong page.Mistakes) error {
	row, err := s.Store.Story(v.ctx(), v.company.ID, id)
	if err != nil {
		return err
	}
	view, err := s.postView(v, row)
	if err != nil {
		return err
	}
	view.Title, view.Text, view.Date, view.Time, view.Mistakes = d.Title, d.Text, v.word("date"), v.word("time"), wrong
	for i, o := range view.Outlets {
		view.Outlets[i].On = slices.Contains(d.Channels, o.Channel.ID)
	}
	return s.showPost(v, status, view)
}

// previewPost says what a draft would become, and keeps nothing.
// (POST /posts/{id}/preview)
func (s *site) previewPost(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	row, err := s.Store.Story(v.ctx(), v.company.ID, id)
	if err != nil {
		return err
	}
	if err := v.readParts(); err != nil {
		return err
	}
	draft, err := v.typed(row)
	if err != nil {
		draft.Due = row.Due // what is wrong with it is told on saving
	}
	row.Title, row.Text, row.Due = draft.Title, represent.Untracked(draft.Text), draft.Due
	for i, p := range row.Pictures {
		for _, typed := range draft.Pictures {
			if typed.Digest == p.Digest {
				row.Pictures[i].Alt = typed.Alt
			}
		}
	}
	row.Pictures = slices.DeleteFunc(row.Pictures, func(p lastword.Picture) bool { return slices.Contains(v.r.PostForm["drop"], p.Digest) })
	versions, err := s.Stories.Versions(v.ctx(), row, draft.Channels)
	if err != nil {
		return err
	}
	for i := range versions {
		if versions[i].State == "" {
			versions[i].State = lastword.Draft
		}
	}
	outlets, err := s.Outlets(v.ctx(), v.company.ID)
	if err != nil {
		return err
	}
	view := page.PostView{Row: row, Locked: true} // nothing is pressed in a preview
	s.fill(v, &view, outlets, versions)
	f := s.frame(v, page.AtPosts, "")
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	return page.PostPreview(f, view).Render(v.ctx(), v.w)
}

// releasePost is the director's last word on what was shown of a story.
func (s *site) releasePost(v *visit, id int64) error {
	if !v.member.MayRelease() {
		return lastword.ErrForbidden
	}
	row, err := s.Store.Story(v.ctx(), v.company.ID, id)
	if err != nil {
		return err
	}
	consents := represent.Consents(row.Versions)
	if represent.DigestAll(consents) != v.word("set") {
		v.tell(page.Flash{Key: "flash.look_again", N: 1, Warn: true})
		return v.redirect(to("posts", id) + "#versions")
	}
	done, err := s.Stories.Release(v.ctx(), v.member, id, consents)
	if wrong, ok := asMistakes(err); ok {
		view, err := s.postView(v, row)
		if err != nil {
			return err
		}
		view.Mistakes = append(wrong, &lastword.Mistake{Key: wrong[0].Key, Args: wrong[0].Args})
		return s.showPost(v, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	v.tell(postReleased(done, row.Due.After(v.now), to("posts", id, "undo")))
	return v.redirect(to("posts", id))
}

// postReleased tells what became of a release.
func postReleased(o lastword.Outcome, planned bool, undo string) page.Flash {
	switch {
	case o.Changed > 0:
		return page.Flash{Key: "flash.look_again", N: o.Changed, Warn: true}
	case o.Waiting > 0:
		return page.Flash{Key: "flash.post_waits", N: o.Waiting}
	case planned:
		return page.Flash{Key: "flash.post_planned", N: o.Released, Undo: undo}
	}
	return page.Flash{Key: "flash.post_released", N: o.Released, Undo: undo}
}
