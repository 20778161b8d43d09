package web

import (
	"context"
	"time"

	"lastword"
)

// Store is what the pages read, and the few things they write that are no
// step's business. Acts of the circle go through the steps.
type Store interface {
	Reader
	Setup
	SignIn
}

// Reader reads for pages. Everything is scoped by company.
type Reader interface {
	Company(ctx context.Context, id int64) (lastword.Company, error)
	Members(ctx context.Context, company int64) ([]lastword.Member, error)
	// Pulse rises with every change worth showing live.
	Pulse(ctx context.Context, company int64) (int64, error)
	Totals(ctx context.Context, company int64, since time.Time) (lastword.Totals, error)

	FindVoices(ctx context.Context, company int64, f lastword.VoiceFilter) ([]lastword.VoiceRow, error)
	// CountVoices counts up to most.
	CountVoices(ctx context.Context, company int64, f lastword.VoiceFilter, most int) (int, error)
	VoiceRow(ctx context.Context, company, id int64) (lastword.VoiceRow, error)
	// Thread returns the voices of the same conversation, oldest first.
	Thread(ctx context.Context, company, voice int64) ([]lastword.VoiceRow, error)

	Themes(ctx context.Context, company int64, f lastword.ThemeFilter) ([]lastword.Theme, error)
	Theme(ctx context.Context, company, id int64) (lastword.Theme, error)
	// Pairs lists themes that may want the same and on which nobody said anything yet,
	// likest first: those with one theme, or all where theme is 0.
	Pairs(ctx context.Context, company, theme int64, most int) ([]lastword.Pair, error)
	// Days returns voices a day for each theme over the n days that end with until.
	Days(ctx context.Context, company int64, themes []int64, until time.Time, n int) (map[int64][]int, error)
	// DaysByNetwork returns one theme's voices a day by network, over the same days
	// as Days.
	DaysByNetwork(ctx context.Context, company, theme int64, until time.Time, n int) (map[string][]int, error)
	// PeopleBehind counts the people of a theme and lists the most important.
	PeopleBehind(ctx context.Context, company, theme int64, most int) (n int, first []lastword.Person, err error)
	// Spread counts a theme's voices by network and by language.
	Spread(ctx context.Context, company, theme int64) (networks, languages map[string]int, err error)

	Decision(ctx context.Context, company, id int64) (lastword.Decision, error)
	// Decisions lists those on a theme, or all where theme is 0, newest first.
	Decisions(ctx context.Context, company, theme int64, most int) ([]lastword.Decision, error)
	Answers(ctx context.Context, company int64, f lastword.AnswerFilter) ([]lastword.AnswerRow, error)
	// AnswersOf lists the answers to a decision in one state, newest first;
	// decision 0 is all.
	AnswersOf(ctx context.Context, company, decision int64, state lastword.AnswerState, most int) ([]lastword.Answer, error)
	AnswerRow(ctx context.Context, company, id int64) (lastword.AnswerRow, error)
	// AnswersTo lists the answers to one voice, newest first.
	AnswersTo(ctx context.Context, company, voice int64) ([]lastword.AnswerRow, error)
	// RepliedTo returns the answer of ours that a voice replies to; lastword.ErrNotFound
	// where it replies to none.
	RepliedTo(ctx context.Context, company, voice int64) (lastword.AnswerRow, error)
	// AnswerCounts counts a decision's answers by state; decision 0 is all.
	AnswerCounts(ctx context.Context, company, decision int64) (map[lastword.AnswerState]int, error)
	// Consents lists who released exactly this content.
	Consents(ctx context.Context, company int64, s lastword.Subject, id int64, digest string) ([]lastword.Release, error)

	People(ctx context.Context, company int64, f lastword.PersonFilter) ([]lastword.Person, error)
	Person(ctx context.Context, company, id int64) (lastword.Person, []lastword.Identity, error)

	Channels(ctx context.Context, company int64) ([]lastword.Channel, error) // without secrets
	Channel(ctx context.Context, company, id int64) (lastword.Channel, error)
	// Probes returns what the places of the channels said last, by channel.
	Probes(ctx context.Context, company int64) (map[int64]lastword.Probe, error)
	// PlacesAside lists what a channel set aside for one reason, newest first, with
	// ids below before (0: the newest).
	PlacesAside(ctx context.Context, company, channel int64, reason string, before int64, most int) ([]lastword.Unreadable, error)
	Queries(ctx context.Context, company int64) ([]lastword.Query, error)
	Query(ctx context.Context, company, id int64) (lastword.Query, error)
	// SampleVoices returns up to most stored voices, newest first, for previews.
	SampleVoices(ctx context.Context, company int64, most int) ([]lastword.Voice, error)

	// Voices returns those of ids that are there.
	Voices(ctx context.Context, company int64, ids []int64) ([]lastword.Voice, error)
	// Wording is how a language model worded a theme; lastword.ErrNotFound if it did
	// not.
	Wording(ctx context.Context, company, theme int64) (lastword.Wording, error)
	// Phrases lists the sentences in the company's own tone.
	Phrases(ctx context.Context, company int64) ([]lastword.Phrase, error)

	// Corrections lists what people put right of kinds and feelings, newest first;
	// the ids of the next page are below before.
	Corrections(ctx context.Context, company, before int64, most int) ([]lastword.Correction, error)
	Story(ctx context.Context, company, id int64) (lastword.StoryRow, error)
	// Stories lists the company's own posts, newest first.
	Stories(ctx context.Context, company int64, f lastword.StoryFilter) ([]lastword.StoryRow, error)
	Version(ctx context.Context, company, id int64) (lastword.Version, error)
	// RepliesTo lists the voices in reply to a story, oldest first.
	RepliesTo(ctx context.Context, company, story int64, most int) ([]lastword.VoiceRow, error)
	Picture(ctx context.Context, company int64, digest string) (lastword.Picture, []byte, error)
	Blog(ctx context.Context, company int64) (lastword.Blog, error)
	// BlogNamed finds one that is switched on, and Blogs lists their names, over all
	// companies.
	BlogNamed(ctx context.Context, name string) (lastword.Blog, error)
	Blogs(ctx context.Context) ([]string, error)
	BlogPosts(ctx context.Context, company, channel, before int64, most int) ([]lastword.BlogPost, error)
	BlogPost(ctx context.Context, company, channel, story int64) (lastword.BlogPost, error)
	// InBlog reports whether a picture stands in something that the blog shows.
	InBlog(ctx context.Context, company, channel int64, digest string) (bool, error)

	AuditTail(ctx context.Context, company int64, before int64, most int) ([]lastword.Entry, error)
	// Public finds the answer behind a link, over all companies.
	Public(ctx context.Context, token string) (lastword.Public, error)
}

// Setup writes what the company sets up. Each writes an audit entry by m.
type Setup interface {
	SaveCompany(ctx context.Context, m lastword.Member, c lastword.Company) error
	SaveMember(ctx context.Context, by, m lastword.Member) (lastword.Member, error) // ID 0 adds
	// SaveChannel adds (ID 0) or changes a channel. A nil Secrets keeps those stored.
	SaveChannel(ctx context.Context, m lastword.Member, c lastword.Channel) (lastword.Channel, error)
	SaveSigningIn(ctx context.Context, s lastword.SigningIn) error
	// TakeSigningIn ends a sign-in of this browser: a second time is
	// lastword.ErrNotFound. The caller looks at Until.
	TakeSigningIn(ctx context.Context, company int64, session, state string) (lastword.SigningIn, error)
	DeleteChannel(ctx context.Context, m lastword.Member, id int64) error
	SaveQuery(ctx context.Context, m lastword.Member, q lastword.Query) (lastword.Query, error)
	DeleteQuery(ctx context.Context, m lastword.Member, id int64) error
	DropPhrase(ctx context.Context, m lastword.Member, id int64) error
	SavePerson(ctx context.Context, m lastword.Member, p lastword.Person) error
	MergePeople(ctx context.Context, m lastword.Member, from, into int64) error
	// CorrectVoice sets the kinds and the feeling of a voice by a person's word.
	CorrectVoice(ctx context.Context, m lastword.Member, voice int64, k lastword.Kinds, f lastword.Feeling) error
	// UndoCorrection takes one back, and what it taught; lastword.ErrConflict where
	// it is undone already.
	UndoCorrection(ctx context.Context, m lastword.Member, id int64) error
	// SetAside says that a voice needs no answer, or (false) that it does.
	SetAside(ctx context.Context, m lastword.Member, voice int64, aside bool) error
}

// SignIn is what knowing a visitor needs.
type SignIn interface {
	// MemberByEmail lists the members with this address, one a company, each with
	// the argon2id hash of the password.
	MemberByEmail(ctx context.Context, email string) ([]Credential, error)
	Member(ctx context.Context, company, id int64) (lastword.Member, error)
	SetPassword(ctx context.Context, company, member int64, hash string) error
	// NewLink makes a one-time link for a member; secret goes into its address.
	NewLink(ctx context.Context, company, member int64, secret string, until time.Time) error
	// FindLink returns the member a link is for (ID 0: the first director) without using it.
	FindLink(ctx context.Context, secret string, now time.Time) (lastword.Member, error)
	// UseLink uses a link up: a second use is lastword.ErrNotFound.
	UseLink(ctx context.Context, secret string, now time.Time) (lastword.Member, error)

	// Sessions by SHA-256 of the cookie's value, hex.
	SaveSession(ctx context.Context, token string, data []byte, until time.Time) error
	Session(ctx context.Context, token string, now time.Time) (data []byte, found bool, err error)
	DropSession(ctx context.Context, token string) error
}

// A Credential is a member with the hash of the password.
type Credential = lastword.Credential
