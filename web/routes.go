package web

import "net/http"

// routes is the table of contents of the whole site.
func (s *site) routes() *http.ServeMux {
	m := http.NewServeMux()
	at := ways{
		page:     func(pattern string, a act) { m.Handle(pattern, s.inside(a)) },
		director: func(pattern string, a act) { m.Handle(pattern, s.directors(a)) },
		open:     func(pattern string, a act) { m.Handle(pattern, s.anyone(a)) },
	}
	s.circle(at)
	s.posted(at)
	s.listening(at)
	s.house(at)
	s.outside(at)
	m.Handle("GET /asset/", s.assets)
	return m
}

// ways lead to pages: for members, for directors alone, for everyone.
type ways struct{ page, director, open func(pattern string, a act) }

// circle is the day, the themes, their decisions and the answers.
func (s *site) circle(at ways) {
	// The day, and finding one's way.
	at.page("GET /{$}", s.today)
	at.page("GET /search", s.search)
	at.page("GET /events", s.events)

	// Themes: the wish, and room for a decision.
	at.page("GET /themes", s.themes)
	at.page("GET /themes/{id}", s.theme)
	at.page("POST /themes/{id}/decide", s.decide)
	at.director("POST /themes/{id}/reopen", s.reopen)
	at.page("POST /themes/{id}/rename", s.rename)
	at.page("POST /themes/{id}/merge", s.merge)
	at.page("GET /themes/{id}/voices", s.themeVoices)
	at.page("POST /themes/{id}/voices", s.sortVoices)
	at.page("GET /themes/{id}/check", s.checkTheme)
	at.page("POST /pairs", s.judgePair)
	at.page("GET /check", s.checkAll)
	at.page("POST /check", s.judgeVoices)

	// Decisions, and the last word on the answers to them.
	at.page("GET /decisions", s.decisions)
	at.director("POST /decisions/{id}/consent", s.consent)
	at.director("POST /decisions/{id}/release", s.release)
	at.director("POST /decisions/{id}/undo", s.undoRelease)

	// Answers, one by one.
	at.page("GET /answers", s.answers)
	at.director("POST /answers/retry", s.retryAll)
	at.page("GET /answers/{id}", s.answer)
	at.page("POST /answers/{id}", s.editAnswer)
	at.page("POST /answers/{id}/measure", s.measure)
	at.director("POST /answers/{id}/release", s.releaseOne)
	at.director("POST /answers/{id}/undo", s.onAnswer("flash.undone", s.undoOne))
	at.director("POST /answers/{id}/retry", s.onAnswer("flash.retried", s.retryOne))
	at.page("POST /answers/{id}/withdraw", s.onAnswer("flash.withdrawn", s.withdraw))
	at.page("POST /answers/{id}/given", s.onAnswer("flash.given", s.given))
}

// posted is what the company says by itself.
func (s *site) posted(at ways) {
	at.page("GET /posts", s.posts)
	at.page("POST /posts", s.newPost)
	at.page("GET /posts/calendar", s.calendar)
	at.page("GET /posts/{id}", s.post)
	at.page("POST /posts/{id}", s.savePost)
	at.page("POST /posts/{id}/preview", s.previewPost)
	at.page("POST /posts/{id}/move", s.movePost)
	at.page("POST /posts/{id}/delete", s.deletePost)
	at.director("POST /posts/{id}/undo", s.onPost("flash.post_undone", s.takeBackPost))
	at.director("POST /posts/{id}/retry", s.onPost("flash.retried", s.retryPost))
	at.page("POST /versions/{id}", s.onVersion("flash.saved", s.wordVersion))
	at.page("POST /versions/{id}/follow", s.onVersion("flash.saved", s.followVersion))
	at.page("POST /versions/{id}/amend", s.onVersion("flash.post_amend", s.amendVersion))
	at.director("POST /versions/{id}/takedown", s.onVersion("flash.post_taken", s.takeDownVersion))
	at.page("GET /picture/{digest}", s.picture)

	at.open("GET /blog/{$}", s.blogFront)
	at.open("GET /blog/{name}", func(v *visit) error { return v.redirect(to("blog", v.r.PathValue("name")) + "/") })
	at.open("GET /blog/{name}/{$}", s.onBlog(s.blogHome))
	at.open("GET /blog/{name}/imprint", s.onBlog(s.blogImprint))
	at.open("GET /blog/{name}/theme.css", s.onBlog(s.blogTheme))
	at.open("GET /blog/{name}/feed.atom", s.onBlog(s.blogAtom))
	at.open("GET /blog/{name}/feed.json", s.onBlog(s.blogJSON))
	at.open("GET /blog/{name}/picture/{digest}", s.onBlog(s.blogPicture))
	at.open("GET /blog/{name}/{post}", s.onBlog(s.blogPost))
}

// listening is who speaks, and what is listened to.
func (s *site) listening(at ways) {
	// Voices, and the people behind them.
	at.page("GET /voices", s.voices)
	at.page("POST /voices/move", s.moveVoices)
	at.page("GET /voices/{id}", s.voice)
	at.page("POST /voices/{id}/kind", s.correctKind)
	at.page("POST /voices/{id}/feeling", s.correctFeeling)
	at.page("POST /voices/{id}/aside", s.aside)
	at.page("POST /voices/{id}/single", s.single)
	at.page("GET /corrections", s.corrections)
	at.page("POST /corrections/{id}/undo", s.undoCorrection)
	at.page("GET /people", s.people)
	at.page("GET /people/{id}", s.person)
	at.page("POST /people/{id}", s.savePerson)
	at.page("POST /people/{id}/merge", s.mergePeople)

	// What is listened to.
	at.page("GET /channels", s.channels)
	at.page("GET /channels/new/{connector}", s.newChannel)
	at.page("POST /channels", s.connect)
	at.page("GET "+callback, s.signedIn)
	at.page("GET /channels/{id}", s.channel)
	at.page("POST /channels/{id}", s.changeChannel)
	at.page("POST /channels/{id}/pause", s.pause)
	at.page("POST /channels/{id}/check", s.check)
	at.page("POST /channels/{id}/signin", s.signInAt)
	at.page("GET /channels/aside/{id}", s.setAside)
	at.page("POST /channels/{id}/forecast", s.forecast)
	at.page("POST /channels/{id}/delete", s.disconnect)
	at.page("GET /queries", s.queries)
	at.page("GET /queries/new", s.query)
	at.page("POST /queries/new", s.saveQuery)
	at.page("GET /queries/{id}", s.query)
	at.page("POST /queries/{id}", s.saveQuery)
	at.page("POST /queries/{id}/delete", s.dropQuery)
}

// house is the company's own settings.
func (s *site) house(at ways) {
	at.page("GET /settings", s.settings)
	at.page("POST /settings/me", s.saveMe)
	at.director("POST /settings/company", s.saveCompany)
	at.director("POST /settings/members", s.invite)
	at.director("POST /settings/members/{id}/link", s.newLink)
	at.director("POST /settings/members/{id}/leave", s.leave)
	at.page("GET /settings/model", s.model)
	at.director("POST /settings/model", s.saveModel)
	at.director("POST /settings/model/try", s.tryModel)
	at.director("POST /settings/model/on", s.modelOn)
	at.director("POST /settings/model/off", s.modelOff)
	at.director("POST /settings/model/phrases/{id}/drop", s.dropPhrase)
	at.page("GET /settings/notices", s.courier)
	at.director("POST /settings/notices", s.saveCourier)
	at.director("POST /settings/notices/key", s.newCourierKey)
	at.director("POST /settings/notices/try", s.tryCourier)
	at.director("POST /settings/notices/on", s.courierOn)
	at.director("POST /settings/notices/off", s.courierOff)
	at.page("GET /settings/blog", s.blogSettings)
	at.director("POST /settings/blog", s.saveBlog)
	at.page("POST /switch", s.switchCompany)
	at.page("GET /log", s.log)
}

// outside is the door, and what is open to everyone.
func (s *site) outside(at ways) {
	at.open("GET /signin", s.signInPage)
	at.open("POST /signin", s.signIn)
	at.open("POST /signout", s.signOut)
	at.open("POST /language", s.chooseLang)
	at.open("GET /start/{secret}", s.startPage)
	at.open("POST /start/{secret}", s.start)
	at.open("GET /heard/{token}", s.heardPage)
	at.open("GET /healthz", s.healthz)
	at.open("GET /robots.txt", s.robots)
	at.open("/", s.notFound)
}

// healthz says that this process answers. Whether channels and store fare well
// is told where people look. (GET /healthz)
func (s *site) healthz(v *visit) error {
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := v.w.Write([]byte("ok\n"))
	return err
}

// robots keeps search engines out of all but the blog (RFC 9309). (GET /robots.txt)
func (s *site) robots(v *visit) error {
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := v.w.Write([]byte("User-agent: *\nAllow: /blog/\nAllow: /asset/\nDisallow: /\n"))
	return err
}
