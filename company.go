package lastword

import "time"

// A Company is a tenant. Everything else belongs to exactly one.
type Company struct {
	ID      int64
	Name    string
	Names   []string // what else people call it and its products; for about-us
	Lang    string   // the company's own language: "de" or "en"
	Zone    string   // IANA time zone, such as "Europe/Berlin"
	Rule    Rule
	Minutes int    // how many minutes a day the directors give
	Public  string // base address under which customers reach this server; may be empty
	Made    time.Time
}

// A Rule says how many directors must release what leaves the house.
type Rule string

// The rules a company may set itself.
const (
	AnyDirector  Rule = "any"
	AllDirectors Rule = "all"
)

// A Role says what a member may do.
type Role string

// The roles. Only a director decides and releases.
const (
	Director Role = "director"
	Staff    Role = "staff"
	Adviser  Role = "adviser"
)

// A Member is a person who works in one company under one role. A person who
// serves several companies is a member of each.
type Member struct {
	ID      int64
	Company int64
	Name    string
	Email   string // also the name to sign in with; may be empty
	Role    Role
	Lang    string // the language this member reads
	Made    time.Time
	Left    time.Time // zero while the member is active
}

// MayRelease reports whether m may decide and release.
func (m Member) MayRelease() bool { return m.Role == Director && m.Left.IsZero() }

// A Goal is a strategic aim of the company.
type Goal struct {
	ID, Company int64
	Text        string
	Made        time.Time
}

// A Channel is one connected place: an account, a feed, a stream, a file.
type Channel struct {
	ID, Company int64
	Connector   string // name of the connector that knows this kind of place
	Name        string
	Settings    map[string]string // without secrets
	Secrets     map[string]string // decrypted; never logged, exported or shown
	Cursor      string            // opaque; where to go on from
	All         bool              // everything heard here is for us; no query is asked
	Paused      bool
	Health      Health
	Made        time.Time
}

// Health is how a channel fares.
type Health struct {
	State   HealthState
	Why     string    // for a person: a key of the catalogue or a short sentence
	LastTry time.Time // when it last reached out
	LastNew time.Time // when it last brought something
	NextTry time.Time
	Heard   int64            // voices brought so far
	Fails   int              // failures in a row
	Dropped map[string]int64 // items left out, by named reason
	Quiet   Quiet            // of a silent channel
	Ends    time.Time        // when the interface that we speak will be no more, as the place says; zero: it does not
}

// A HealthState is one word for how a channel fares.
type HealthState string

// The states of a channel.
const (
	Fine    HealthState = "fine"
	Waiting HealthState = "waiting" // not tried yet
	Failing HealthState = "failing" // tries again by itself
	Refused HealthState = "refused" // a person must act
	Silent  HealthState = "silent"  // brings less than its rhythm predicts
	Done    HealthState = "done"    // a file read to its end
)

// A Query is a saved boolean search that says which posts are for us.
type Query struct {
	ID, Company int64
	Name        string
	Text        string
	Paused      bool
	Hits        int64
	Made        time.Time
}
