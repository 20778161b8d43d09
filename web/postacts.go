package web

import (
	"net/http"
	"time"

	"lastword"
	"lastword/web/page"
)

// onPost serves acts on one story that need nothing but its id.
func (s *site) onPost(key string, do func(*visit, int64) error) act {
	return func(v *visit) error {
		id, err := v.id("id")
		if err != nil {
			return err
		}
		err = do(v, id)
		if wrong, ok := asMistakes(err); ok {
			row, err := s.Store.Story(v.ctx(), v.company.ID, id)
			if err != nil {
				return err
			}
			view, err := s.postView(v, row)
			if err != nil {
				return err
			}
			view.Mistakes = wrong
			return s.showPost(v, http.StatusUnprocessableEntity, view)
		}
		if err != nil {
			return err
		}
		v.tell(page.Flash{Key: key, N: 1})
		return v.back(to("posts", id))
	}
}

func (s *site) takeBackPost(v *visit, id int64) error {
	return s.Stories.TakeBack(v.ctx(), v.member, id)
}

func (s *site) retryPost(v *visit, id int64) error {
	_, err := s.Stories.Retry(v.ctx(), v.member, id)
	return err
}

// deletePost forgets a story of which nothing has left the house.
// (POST /posts/{id}/delete)
func (s *site) deletePost(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := s.Stories.Delete(v.ctx(), v.member, id); err != nil {
		return err
	}
	v.tell(page.Flash{Key: "flash.post_deleted", N: 1})
	return v.redirect("/posts")
}

// movePost sets when a story goes out. (POST /posts/{id}/move)
func (s *site) movePost(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	row, err := s.Store.Story(v.ctx(), v.company.ID, id)
	if err != nil {
		return err
	}
	if v.word("time") == "" && !row.Due.IsZero() { // dragged: another day at the same time by the clock
		v.r.PostForm.Set("time", row.Due.In(v.read.Zone).Format("15:04"))
	}
	due, err := v.due(row.Due)
	if err != nil {
		return err
	}
	wasReleased := has(row, lastword.Released)
	done, err := s.Stories.Move(v.ctx(), v.member, id, due)
	if err != nil {
		return err
	}
	flash := page.Flash{Key: "flash.post_moved", N: 1, Name: v.moment(due)}
	if wasReleased && done.Released == 0 {
		flash = page.Flash{Key: "flash.post_moved_draft", N: 1, Name: v.moment(due), Warn: true}
	}
	v.tell(flash)
	return v.back(to("posts", id))
}

// moment is a day and a time by the company's clock.
func (v *visit) moment(t time.Time) string {
	return v.read.Short(t) + ", " + t.In(v.read.Zone).Format("15:04")
}

// onVersion serves acts on one version.
func (s *site) onVersion(key string, do func(*visit, int64) error) act {
	return func(v *visit) error {
		id, err := v.id("id")
		if err != nil {
			return err
		}
		ver, err := s.Store.Version(v.ctx(), v.company.ID, id)
		if err != nil {
			return err
		}
		if err := do(v, id); err != nil {
			return err
		}
		v.tell(page.Flash{Key: key, N: 1})
		return v.redirect(to("posts", ver.Story) + "#versions")
	}
}

func (s *site) wordVersion(v *visit, id int64) error {
	return s.Stories.EditVersion(v.ctx(), v.member, id, v.word("title"), v.r.PostFormValue("words"))
}

func (s *site) followVersion(v *visit, id int64) error {
	return s.Stories.Follow(v.ctx(), v.member, id)
}

func (s *site) amendVersion(v *visit, id int64) error {
	_, err := s.Stories.Amend(v.ctx(), v.member, id)
	return err
}

func (s *site) takeDownVersion(v *visit, id int64) error {
	return s.Stories.TakeDown(v.ctx(), v.member, id)
}

// picture serves a picture of the company to its members. (GET /picture/{digest})
func (s *site) picture(v *visit) error {
	return s.showPicture(v, v.company.ID, v.r.PathValue("digest"), "private, max-age=86400")
}

func (s *site) showPicture(v *visit, company int64, digest, cache string) error {
	p, body, err := s.Store.Picture(v.ctx(), company, digest)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", p.Type)
	h.Set("Cache-Control", cache)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, err = v.w.Write(body)
	return err
}
