package listen

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lastword"
)

// A Connector knows one kind of place. It lives in a folder of its own, below
// this one, and holds no state: all that it may keep between runs is the
// cursor, all that it may reach is the Host.
type Connector interface {
	Info() Info

	// Open checks the account's settings and returns a Source for it. It does
	// not call out. A wrong setting is a *lastword.Mistake naming the Field.
	Open(acct Account, host Host) (Source, error)
}

// A Source is one opened account.
type Source interface {
	// Poll hands over, oldest first, every event newer than cursor, batch by
	// batch, each with the cursor from which to go on after it. An empty cursor
	// means from the start, as far back as the place allows and makes sense. It
	// may hand over an event twice. It skips what it cannot read and tells the
	// Host so; it returns an error only when it cannot go on, or when hear does.
	//
	// Errors wrap lastword.ErrDenied where a person must act,
	// lastword.ErrUnavailable where waiting may help; a *RetryAfter says how long.
	Poll(ctx context.Context, cursor string, hear Hear) error
}

// Hear takes a batch of events and the cursor after it. When it returns nil,
// both are stored for good.
type Hear func(ctx context.Context, events []lastword.Event, cursor string) error

// A Streamer is a Source that can also wait for events as they happen. Stream
// returns when the connection ends, with the reason; it is then called again,
// after a pause, with the last cursor that Hear took.
type Streamer interface {
	Stream(ctx context.Context, cursor string, hear Hear) error
}

// A Replier is a Source through which an answer can be given.
type Replier interface {
	// Reply gives the answer under the idempotency key, which the place, or
	// Find, can tell again. It returns lastword.ErrGone where the voice is no
	// longer there, lastword.ErrDenied, lastword.ErrUnavailable or a *RetryAfter
	// as Poll does, and lastword.ErrInvalid where the place will never take it.
	Reply(ctx context.Context, to lastword.Post, a Reply) (Receipt, error)

	// Find looks at the place whether the reply with this key is already there.
	// It is asked before any second attempt.
	Find(ctx context.Context, to lastword.Post, key string) (r Receipt, found bool, err error)
}

// A Finder is a Replier whose place keeps no keys, and tells a reply by what it
// says.
type Finder interface {
	// FindReply is asked instead of Replier.Find, with all that was given to Reply.
	FindReply(ctx context.Context, to lastword.Post, a Reply) (r Receipt, found bool, err error)
}

// A Threader is a Replier whose place lets an answer go on in replies to itself, so
// that a long one becomes a thread. Its Info says of how many posts.
type Threader interface {
	Replier

	// After is what the next part replies to: the part before, which stands where the
	// receipt says. To is the voice that is answered. It calls nobody.
	After(to lastword.Post, r Receipt) lastword.Post
}

// A Chooser is a Replier whose place lets voices be answered in several ways, or
// some of them not at all, or not by a program.
type Chooser interface {
	// Options lists the ways to answer a voice, the best first, those too that are
	// closed. It judges by what was heard and calls nobody; Reply takes the first
	// that is open and not by hand.
	Options(to lastword.Post) []lastword.ReplyOption
}

// An Editor is a Source through which what we said can be changed or taken back.
// Key is that of the Receipt. The errors are those of Replier.Reply.
type Editor interface {
	Edit(ctx context.Context, key string, a Reply) error
	Remover
}

// A Remover is a Source through which what we said can be taken back. What is gone
// already is removed. The errors are those of Replier.Reply.
type Remover interface {
	Remove(ctx context.Context, key string) error
}

// A Checker is a Source that can tell what its account may do now.
type Checker interface {
	// Check asks the place and returns one Ability for each thing that a channel
	// may be for. Its error is one of Source.Poll.
	Check(ctx context.Context) ([]Ability, error)
}

// An Ability is something that an account can do, or cannot and why.
type Ability = lastword.Ability

// A Receiver is a Source to which its place pushes. Requests come to
// Account.Hook and are proved by the place's own signature.
type Receiver interface {
	// Receive takes one request, answers it, and hands over what it brought. What
	// is not proved to come from the place is answered with 401 and handed over to
	// nobody.
	Receive(w http.ResponseWriter, r *http.Request, cursor string, hear Hear)
}

// An Authorizer is a Connector whose accounts are connected by signing in at the
// place (OAuth 2.0, RFC 6749, with PKCE, RFC 7636).
type Authorizer interface {
	// Authorize returns the address at which a person grants access, and what
	// Exchange needs later, which is kept under seal until then.
	Authorize(ctx context.Context, acct Account, host Host, redirect, state string) (address string, kept map[string]string, err error)

	// Exchange turns the query with which the place sent the person back into
	// settings and secrets of the account.
	Exchange(ctx context.Context, acct Account, host Host, redirect string, kept map[string]string, answer url.Values) (map[string]string, error)
}

// A Keeper is a Connector whose place bounds for how long what was heard there may be
// kept. It is asked every hour, about channels too that are held or were removed.
type Keeper interface {
	// Expired returns the moment before which what was heard through a channel has to
	// be forgotten; the zero time where nothing has. Settings hold no secrets; of a
	// channel that was removed they and the cursor are empty. It calls nobody.
	Expired(settings map[string]string, cursor string, now time.Time) time.Time
}

// A Publisher is a Source through which a post of our own can be published. Called
// again with the same Key it finds what is there, and publishes nothing anew.
type Publisher interface {
	Publish(ctx context.Context, a Reply) (Receipt, error)
}

// A Mannered Publisher tells how it publishes. It may ask the place; what it does
// not learn in time, as with a context that has ended, is as it usually is. Where a Publisher is not Mannered, its
// posts are one text of the length that Info says.
type Mannered interface {
	Manner(ctx context.Context) lastword.Manner
}

// A Poster is a Publisher that takes more than one text: threads, pictures, cards.
type Poster interface {
	Publisher
	Mannered

	// Post publishes, and returns where each part stands, in order. Called again
	// with the same Key it looks for what former attempts have brought out, and adds
	// what is missing. The parts got so far come beside an error, which is one of
	// Replier.Reply.
	Post(ctx context.Context, p Post) ([]Receipt, error)
}

// A Post is a post of our own, to be published.
type Post struct {
	Key      string    // idempotency key: decimal digits, at most 19
	Made     time.Time // fixed for a Key
	Said     time.Time // when it was released, or was to go out; not before Made
	Story    int64     // of which this is what goes out here
	Known    []Receipt // the first parts, where former attempts told of them
	Title    string
	Parts    []string // each within what the Manner says
	Lang     string   // BCP 47
	Card     Card
	Pictures []Picture // with the first part
}

// A Card is what is shown of a link.
type Card struct {
	lastword.Card
	Thumb *Picture // nil where there is none
}

// A Picture comes with its bytes.
type Picture struct {
	lastword.Picture
	Bytes []byte
	URL   string // at which the place may fetch it, as a JPEG; empty where nobody outside reaches us
}

// Whole is a post as one text, its title first, divided by empty lines.
func (p Post) Whole() Reply {
	all := p.Parts
	if p.Title != "" {
		all = append([]string{p.Title}, all...)
	}
	return Reply{Key: p.Key, Made: p.Made, Text: strings.Join(all, "\n\n"), Lang: p.Lang}
}

// A Namer is a Source that hears of authors no more than their Key, and can tell
// who they are.
type Namer interface {
	// Names looks up at most 25 authors by their Key. Who is
	// not found is left out. What was found until then comes beside an error, which
	// is one of Source.Poll.
	Names(ctx context.Context, keys []string) (map[string]Profile, error)
}

// A Profile is an author as the place shows them.
type Profile struct {
	lastword.Author
	Private bool // what they say is not to be shown to people who are not signed in there
}

// A Reply is what goes out.
type Reply struct {
	Key      string    // idempotency key: decimal digits, at most 19
	Made     time.Time // when the answer was made; fixed for a Key
	Released time.Time // when a director let it go, the last time if several times
	Text     string
	Lang     string // BCP 47
}

// A Receipt says where a reply can be found.
type Receipt struct {
	Key string // the network's own id
	URL string
}

// A RetryAfter is a place's wish that we wait. It unwraps to Err.
type RetryAfter struct {
	Wait time.Duration
	Err  error
}

func (e *RetryAfter) Error() string { return e.Err.Error() + ": wait " + e.Wait.String() }

// Unwrap returns the cause.
func (e *RetryAfter) Unwrap() error { return e.Err }

// Info describes a connector to the people who set it up and to the rest of the
// program. Titles and helps are keys of the catalogue "connector.<name>.…".
type Info struct {
	Name    string // stable, lower case; kept in the database
	Network lastword.Network
	Fields  []Field
	Every   time.Duration // how often to poll where the Source does not say
	Pace    time.Duration // least time between two answers; 0 means a second
	Stream  bool          // its sources are Streamers
	All     bool          // what is heard here is for us without a query
	Hidden  bool          // not offered in the list of channels to connect
	Hook    bool          // its place pushes to Account.Hook, which people enter there
	Shared  string        // setting that accounts have in common whose place pushes for all of them to one address: an app there; empty: each has its own
	Costs   bool          // its sources are Forecasters: they are heard only once a person has seen what that will cost
	Ends    time.Time     // when the version of the place's interface that we speak will be no more; zero: nothing is known
	Once    bool          // comes to an end, and is not polled again by itself (files)
	SignIn  SignIn        // how accounts are connected by signing in at the place
}

// A SignIn says how an Authorizer is used. Its zero value is that of a connector
// that is none.
type SignIn struct {
	Offered bool // the connector is an Authorizer
	Only    bool // there is no other way
	Enter   bool // people register us at the place, and enter there to which address it sends them back
}

// A Field is one setting of an account.
type Field struct {
	Name     string
	Secret   bool
	Required bool
	Default  string
	Seldom   bool // most accounts do without: shown only to who looks for it
	Granted  bool // signing in at the place brings it
	Door     bool // signing in needs it, and nothing else does
}

// An Account is one place to listen in, as set up.
type Account struct {
	Channel  int64
	Settings map[string]string // fields, secret ones too, and what Host.Keep kept
	Hook     string            // address at which the place may push; empty where nobody outside reaches us
}

// A Dial is net.Dialer.DialContext, within the operator's bounds.
type Dial func(ctx context.Context, network, addr string) (net.Conn, error)

// A Host is what listen lends to a connector.
type Host struct {
	HTTP *http.Client // polite, limited, unable to reach inner networks
	Log  *slog.Logger
	Now  func() time.Time

	// Dial connects to places that do not speak HTTP, as unable as HTTP to reach
	// inner networks; nil where the connector may reach none.
	Dial Dial

	// Dropped counts an item that was left out. The reason is a short constant;
	// place names the item (a line number, an id).
	Dropped func(reason, place string)

	// Next sets when the source wants to be polled again, overriding Info.Every.
	Next func(time.Duration)

	// Keep stores renewed credentials of the account, by the names of its secrets,
	// before it returns: a new refresh token is kept before the old one is used up.
	// An empty one is forgotten.
	Keep func(ctx context.Context, secrets map[string]string) error

	// Kept returns the account's secrets as they are kept now: another run of it,
	// such as the one that answers, may have renewed them or counted on. Nil where
	// the account is not kept yet.
	Kept func(ctx context.Context) (map[string]string, error)

	// Voices returns the keys, rising, of the voices of the connector's network that
	// are kept and come after the given one, at most so many: for places that do not
	// tell by themselves what was deleted there. Nil where nothing is kept.
	Voices func(ctx context.Context, after string, most int) ([]string, error)

	// Authors returns the keys of who said the voices with the given keys; what is not
	// kept is left out. Nil where nothing is kept.
	Authors func(ctx context.Context, keys []string) ([]string, error)

	// Searches returns words and phrases of which every post that a query of the
	// company wants holds at least one, for places that can search their past; they
	// change while a source runs. Nil where no query is asked.
	Searches func(ctx context.Context) ([]string, error)

	// Files opens a local file by the name in the settings; nil where the
	// connector may read none.
	Files func(name string) (io.ReadSeekCloser, error)
}
