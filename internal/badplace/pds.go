package badplace

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// collection is where posts are kept.
const collection = "app.bsky.feed.post"

// A Fault is what goes wrong with one attempt to write.
type Fault int

// The faults.
const (
	Fine    Fault = iota
	Cut           // kept, and the connection ends before the answer
	Late          // kept, and answered after two seconds
	Limited       // refused with 429 and the headers of a used-up limit, for a second
	Broken        // refused with 502
	Mute          // the connection ends before anything is kept
)

// A PDS is the account's own service, the customers' service and the directory
// of DIDs, each at an address of its own. It keeps one record under a key and
// answers a second one as the reference implementation does: with an internal
// error.
type PDS struct {
	own, others, directory *httptest.Server

	// OnCreate says what goes wrong with the n-th attempt (from 1) to write.
	// Nil means nothing. Set it before the first client comes.
	OnCreate func(n int) Fault
	// Kept is called after a record was kept, before it is answered.
	Kept func(n int)

	mu       sync.Mutex
	password string
	token    int
	tries    int
	faults   map[Fault]int
	asked    map[string]json.RawMessage // customers' posts by at-URI; a deleted one is absent
	records  []Record
	refused  time.Time // writes are refused until then
	hasty    int       // writes that came although they were asked to wait
	away     bool      // the account's service answers nobody
	vain     int       // requests that came while it was away
}

// Account is the company's account at the service.
const (
	Account = "did:plc:hhhhhhhhhhhhhhhhhhhhhhhh"
	Handle  = "hobelwerk.test"
)

// A Record is a post in the company's repository.
type Record struct {
	Key    string // record key
	Text   string
	Parent string // at-URI of what it replies to
}

// NewPDS starts the services for an account with the given app password.
func NewPDS(password string) *PDS {
	p := &PDS{password: password, faults: map[Fault]int{}, asked: map[string]json.RawMessage{}}
	own := http.NewServeMux()
	own.HandleFunc("POST /xrpc/com.atproto.server.createSession", p.createSession)
	own.HandleFunc("POST /xrpc/com.atproto.server.refreshSession", p.refuseToken)
	own.HandleFunc("POST /xrpc/com.atproto.repo.createRecord", p.signedIn(p.createRecord))
	own.HandleFunc("GET /xrpc/com.atproto.repo.getRecord", p.signedIn(p.getOwn))
	own.HandleFunc("GET /xrpc/app.bsky.feed.getPosts", p.signedIn(says(`{"posts":[]}`)))
	own.HandleFunc("GET /xrpc/app.bsky.notification.listNotifications", p.signedIn(says(`{"notifications":[]}`)))
	p.own = httptest.NewServer(p.there(own))
	p.others = httptest.NewServer(http.HandlerFunc(p.getAsked))
	p.directory = httptest.NewServer(says(fmt.Sprintf(
		`{"service":[{"id":"#atproto_pds","type":"AtprotoPersonalDataServer","serviceEndpoint":%q}]}`, p.others.URL)))
	return p
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, body) }
}

// answer writes an answer; a client that left does not hear it.
func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // the client may be dead: that is the test
}

func refuse(w http.ResponseWriter, status int, name, message string) {
	answer(w, status, fmt.Sprintf(`{"error":%q,"message":%q}`, name, message))
}

// Close ends the services.
func (p *PDS) Close() {
	for _, s := range []*httptest.Server{p.own, p.others, p.directory} {
		s.CloseClientConnections()
		s.Close()
	}
}

// Hosts lists the addresses, as host:port, that must be allowed to be reached.
func (p *PDS) Hosts() []string {
	var hosts []string
	for _, s := range []*httptest.Server{p.own, p.others, p.directory} {
		hosts = append(hosts, strings.TrimPrefix(s.URL, "http://"))
	}
	return hosts
}

// Settings are those of a channel for the account, but for the password.
func (p *PDS) Settings(stream string) map[string]string {
	return map[string]string{"handle": Handle, "service": p.own.URL, "directory": p.directory.URL, "appview": p.own.URL, "hosts": stream}
}

// Ask adds a customer's post and returns its at-URI.
func (p *PDS) Ask(did, rkey, text string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	uri := "at://" + did + "/" + collection + "/" + rkey
	// A string encodes.
	said, _ := json.Marshal(text)
	p.asked[uri] = json.RawMessage(fmt.Sprintf(`{"uri":%q,"cid":"bafyasked","value":{"$type":%q,"text":%s}}`, uri, collection, said))
	return uri
}

// Unask deletes a customer's post.
func (p *PDS) Unask(uri string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.asked, uri)
}

// Revoke changes the app password: the old one and all its tokens are refused.
func (p *PDS) Revoke(password string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.password = password
	p.token++
}

// Away takes the account's own service away, as a machine that is down behind
// its proxy, or brings it back: connections end before anything is heard.
func (p *PDS) Away(away bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = away
}

// Vain returns how many requests came while the account's service was away.
func (p *PDS) Vain() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.vain
}

// there lets nobody in while the service is away.
func (p *PDS) there(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		away := p.away
		if away {
			p.vain++
		}
		p.mu.Unlock()
		if away {
			cut(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Limit refuses writes for a while, as a used-up limit does.
func (p *PDS) Limit(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused = time.Now().Add(d)
}

// Hasty returns how many writes came between a refusal by [PDS.Limit] and the
// time that it named.
func (p *PDS) Hasty() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hasty
}

// Records lists what the company's repository holds, in the order of writing.
func (p *PDS) Records() []Record {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Record(nil), p.records...)
}

// Faults tells how often each fault happened.
func (p *PDS) Faults() map[Fault]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[Fault]int{}
	for f, n := range p.faults {
		all[f] = n
	}
	return all
}

// Tries returns how often somebody wanted to write.
func (p *PDS) Tries() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tries
}

func (p *PDS) createSession(w http.ResponseWriter, r *http.Request) {
	var in struct{ Identifier, Password string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequest", err.Error())
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if in.Identifier != Handle || in.Password != p.password {
		refuse(w, http.StatusUnauthorized, "AuthenticationRequired", "Invalid identifier or password")
		return
	}
	answer(w, http.StatusOK, fmt.Sprintf(`{"accessJwt":"access-%d","refreshJwt":"refresh-%[1]d","did":%q,"handle":%q,"active":true}`, p.token, Account, Handle))
}

// refuseToken says that a refresh token is no longer good: only a changed
// password makes anybody ask.
func (p *PDS) refuseToken(w http.ResponseWriter, _ *http.Request) {
	refuse(w, http.StatusBadRequest, "ExpiredToken", "Token has been revoked")
}

func (p *PDS) signedIn(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		good := r.Header.Get("Authorization") == fmt.Sprintf("Bearer access-%d", p.token)
		p.mu.Unlock()
		if !good {
			p.refuseToken(w, r)
			return
		}
		next(w, r)
	}
}

func (p *PDS) createRecord(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Repo, Collection, Rkey string
		Record                 struct {
			Text  string
			Reply struct{ Parent struct{ URI string } }
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Repo != Account || in.Collection != collection || in.Rkey == "" {
		refuse(w, http.StatusBadRequest, "InvalidRequest", "no record")
		return
	}
	n, fault := p.fault()
	switch fault {
	case Limited:
		p.limited(w, time.Now().Add(time.Second))
		return
	case Broken:
		answer(w, http.StatusBadGateway, "<html>Bad Gateway</html>")
		return
	case Mute:
		cut(w)
		return
	}
	if !p.keep(Record{Key: in.Rkey, Text: in.Record.Text, Parent: in.Record.Reply.Parent.URI}) {
		refuse(w, http.StatusInternalServerError, "InternalServerError", "Internal Server Error")
		return
	}
	if p.Kept != nil {
		p.Kept(n)
	}
	switch fault {
	case Cut:
		cut(w)
		return
	case Late:
		select {
		case <-time.After(2 * time.Second):
		case <-r.Context().Done():
		}
	}
	answer(w, http.StatusOK, fmt.Sprintf(`{"uri":"at://%s/%s/%s","cid":"bafykept"}`, Account, collection, in.Rkey))
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close() // the client may be gone already
	}
}

// fault counts an attempt and says what goes wrong with it.
func (p *PDS) fault() (n int, f Fault) {
	p.mu.Lock()
	p.tries++
	n = p.tries
	if time.Now().Before(p.refused) {
		f = Limited
		p.hasty++
	}
	p.mu.Unlock()
	if f == Fine && p.OnCreate != nil {
		f = p.OnCreate(n)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults[f]++
	return n, f
}

func (p *PDS) limited(w http.ResponseWriter, until time.Time) {
	p.mu.Lock()
	if p.refused.After(until) {
		until = p.refused
	}
	p.mu.Unlock()
	w.Header().Set("RateLimit-Limit", "5000")
	w.Header().Set("RateLimit-Remaining", "0")
	w.Header().Set("RateLimit-Reset", strconv.FormatInt(until.Unix()+1, 10))
	refuse(w, http.StatusTooManyRequests, "RateLimitExceeded", "Rate Limit Exceeded")
}

// keep stores a record unless one stands under its key.
func (p *PDS) keep(r Record) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, there := p.find(r.Key); there {
		return false
	}
	p.records = append(p.records, r)
	return true
}

func (p *PDS) find(key string) (Record, bool) {
	for _, r := range p.records {
		if r.Key == key {
			return r, true
		}
	}
	return Record{}, false
}

func (p *PDS) getOwn(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := r.URL.Query().Get("rkey")
	found, there := p.find(key)
	if !there {
		refuse(w, http.StatusBadRequest, "RecordNotFound", "Could not locate record: "+key)
		return
	}
	// Strings encode.
	value, _ := json.Marshal(map[string]any{"$type": collection, "text": found.Text, "createdAt": "2026-03-02T09:30:00.000Z",
		"reply": map[string]any{"root": map[string]string{"uri": found.Parent, "cid": "bafyasked"},
			"parent": map[string]string{"uri": found.Parent, "cid": "bafyasked"}}})
	answer(w, http.StatusOK, fmt.Sprintf(`{"uri":"at://%s/%s/%s","cid":"bafykept","value":%s}`, Account, collection, key, value))
}

func (p *PDS) getAsked(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p.mu.Lock()
	body, there := p.asked["at://"+q.Get("repo")+"/"+q.Get("collection")+"/"+q.Get("rkey")]
	p.mu.Unlock()
	if !there {
		refuse(w, http.StatusBadRequest, "RecordNotFound", "Could not locate record")
		return
	}
	answer(w, http.StatusOK, string(body))
}
