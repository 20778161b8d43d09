package web

import "net/http"

// routes is the table of contents of the whole site.
func (s *site) routes() *http.ServeMux {
	m := http.NewServeMux()
	page := func(pattern string, a act) { m.Handle(pattern, s.inside(a)) }
	director := func(pattern string, a act) { m.Handle(pattern, s.directors(a)) }
	open := func(pattern string, a act) { m.Handle(pattern, s.anyone(a)) }

	// The day, and finding one's way.
	page("GET /{$}", s.today)
	page("GET /search", s.search)
	page("GET /events", s.events)

	// Themes: the wish, and room for a decision.
	page("GET /themes", s.themes)
	page("GET /themes/{id}", s.theme)
	page("POST /themes/{id}/decide", s.decide)
	director("POST /themes/{id}/reopen", s.reopen)
	page("POST /themes/{id}/rename", s.rename)
	page("POST /themes/{id}/merge", s.merge)
	page("GET /themes/{id}/voices", s.themeVoices)
	page("POST /themes/{id}/voices", s.sortVoices)
	page("GET /themes/{id}/check", s.checkTheme)
	page("POST /pairs", s.judgePair)
	page("GET /check", s.checkAll)
	page("POST /check", s.judgeVoices)

	// Decisions, and the last word on the answers to them.
	page("GET /decisions", s.decisions)
	director("POST /decisions/{id}/consent", s.consent)
	director("POST /decisions/{id}/release", s.release)
	director("POST /decisions/{id}/undo", s.undoRelease)

	// Answers, one by one.
	page("GET /answers", s.answers)
	director("POST /answers/retry", s.retryAll)
	page("GET /answers/{id}", s.answer)
	page("POST /answers/{id}", s.editAnswer)
	page("POST /answers/{id}/measure", s.measure)
	director("POST /answers/{id}/release", s.releaseOne)
	director("POST /answers/{id}/undo", s.onAnswer("flash.undone", s.undoOne))
	director("POST /answers/{id}/retry", s.onAnswer("flash.retried", s.retryOne))
	page("POST /answers/{id}/withdraw", s.onAnswer("flash.withdrawn", s.withdraw))
	page("POST /answers/{id}/given", s.onAnswer("flash.given", s.given))

	// The company's own posts.
	page("GET /posts", s.posts)
	page("POST /posts", s.newPost)
	page("GET /posts/calendar", s.calendar)
	page("GET /posts/{id}", s.post)
	page("POST /posts/{id}", s.savePost)
	page("POST /posts/{id}/preview", s.previewPost)
	page("POST /posts/{id}/move", s.movePost)
	page("POST /posts/{id}/delete", s.deletePost)
	director("POST /posts/{id}/undo", s.onPost("flash.post_undone", s.takeBackPost))
	director("POST /posts/{id}/retry", s.onPost("flash.retried", s.retryPost))
	page("POST /versions/{id}", s.onVersion("flash.saved", s.wordVersion))
	page("POST /versions/{id}/follow", s.onVersion("flash.saved", s.followVersion))
	page("POST /versions/{id}/amend", s.onVersion("flash.post_amend", s.amendVersion))
	director("POST /versions/{id}/takedown", s.onVersion("flash.post_taken", s.takeDownVersion))
	page("GET /picture/{digest}", s.picture)

	// Voices, and the people behind them.
	page("GET /voices", s.voices)
	page("POST /voices/move", s.moveVoices)
	page("GET /voices/{id}", s.voice)
	page("POST /voices/{id}/kind", s.correctKind)
	page("POST /voices/{id}/feeling", s.correctFeeling)
	page("POST /voices/{id}/aside", s.aside)
	page("GET /corrections", s.corrections)
	page("POST /corrections/{id}/undo", s.undoCorrection)
	page("GET /people", s.people)
	page("GET /people/{id}", s.person)
	page("POST /people/{id}", s.savePerson)
	page("POST /people/{id}/merge", s.mergePeople)

	// What is listened to.
	page("GET /channels", s.channels)
	page("GET /channels/new/{connector}", s.newChannel)
	page("POST /channels", s.connect)
	page("GET "+callback, s.signedIn)
	page("GET /channels/{id}", s.channel)
	page("POST /channels/{id}", s.changeChannel)
	page("POST /channels/{id}/pause", s.pause)
	page("POST /channels/{id}/check", s.check)
	page("POST /channels/{id}/signin", s.signInAt)
	page("GET /channels/aside/{id}", s.setAside)
	page("POST /channels/{id}/forecast", s.forecast)
	page("POST /channels/{id}/delete", s.disconnect)
	page("GET /queries", s.queries)
	page("GET /queries/new", s.query)
	page("POST /queries/new", s.saveQuery)
	page("GET /queries/{id}", s.query)
	page("POST /queries/{id}", s.saveQuery)
	page("POST /queries/{id}/delete", s.dropQuery)

	// The house.
	page("GET /settings", s.settings)
	page("POST /settings/me", s.saveMe)
	director("POST /settings/company", s.saveCompany)
	director("POST /settings/members", s.invite)
	director("POST /settings/members/{id}/link", s.newLink)
	director("POST /settings/members/{id}/leave", s.leave)
	page("GET /settings/model", s.model)
	director("POST /settings/model", s.saveModel)
	director("POST /settings/model/try", s.tryModel)
	director("POST /settings/model/on", s.modelOn)
	director("POST /settings/model/off", s.modelOff)
	director("POST /settings/model/phrases/{id}/drop", s.dropPhrase)
	page("GET /settings/notices", s.courier)
	director("POST /settings/notices", s.saveCourier)
	director("POST /settings/notices/key", s.newCourierKey)
	director("POST /settings/notices/try", s.tryCourier)
	director("POST /settings/notices/on", s.courierOn)
	director("POST /settings/notices/off", s.courierOff)
	page("GET /settings/blog", s.blogSettings)
	director("POST /settings/blog", s.saveBlog)
	page("POST /switch", s.switchCompany)
	page("GET /log", s.log)

	// The door, and what is open to everyone.
	open("GET /signin", s.signInPage)
	open("POST /signin", s.signIn)
	open("POST /signout", s.signOut)
	open("POST /language", s.chooseLang)
	open("GET /start/{secret}", s.startPage)
	open("POST /start/{secret}", s.start)
	open("GET /heard/{token}", s.heardPage)
	open("GET /blog/{$}", s.blogFront)
	open("GET /blog/{name}", func(v *visit) error { return v.redirect(to("blog", v.r.PathValue("name")) + "/") })
	open("GET /blog/{name}/{$}", s.onBlog(s.blogHome))
	open("GET /blog/{name}/imprint", s.onBlog(s.blogImprint))
	open("GET /blog/{name}/theme.css", s.onBlog(s.blogTheme))
	open("GET /blog/{name}/feed.atom", s.onBlog(s.blogAtom))
	open("GET /blog/{name}/feed.json", s.onBlog(s.blogJSON))
	open("GET /blog/{name}/picture/{digest}", s.onBlog(s.blogPicture))
	open("GET /blog/{name}/{post}", s.onBlog(s.blogPost))
	m.Handle("GET /asset/", s.assets)
	open("GET /healthz", s.healthz)
	open("GET /robots.txt", s.robots)
	open("/", s.notFound)
	return m
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
