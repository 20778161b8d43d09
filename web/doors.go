package web

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// doors bounds how often somebody may try a password: for each address and for
// each e-mail, so that neither one guesser nor many get far.
type doors struct {
	mu    sync.Mutex
	tries map[string]*try
}

type try struct {
	limit *rate.Limiter
	last  time.Time
}

const (
	tryBurst   = 6                // at once
	tryEvery   = 20 * time.Second // after that
	maxTries   = 20_000           // keys kept; the oldest are forgotten
	tryForgets = 10 * time.Minute // a key unused for so long is full again
)

// open reports whether one more try is allowed for all keys at now.
func (d *doors) open(now time.Time, keys ...string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget(now)
	ok := true
	for _, k := range keys {
		ok = d.key(k, now).limit.AllowN(now, 1) && ok
	}
	return ok
}

func (d *doors) key(k string, now time.Time) *try {
	t := d.tries[k]
	if t == nil {
		t = &try{limit: rate.NewLimiter(rate.Every(tryEvery), tryBurst)}
		d.tries[k] = t
	}
	t.last = now
	return t
}

// forget drops what has filled up again, and all if that is not enough: a
// bounded memory is worth more than a perfect one.
func (d *doors) forget(now time.Time) {
	if d.tries == nil || len(d.tries) < maxTries {
		if d.tries == nil {
			d.tries = map[string]*try{}
		}
		return
	}
	for k, t := range d.tries {
		if now.Sub(t.last) > tryForgets {
			delete(d.tries, k)
		}
	}
	if len(d.tries) >= maxTries {
		clear(d.tries)
	}
}

// address is where a visitor comes from: the network alone for IPv6, where one
// visitor has many.
func (s *site) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if s.Proxy {
		hops := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
		if last := strings.TrimSpace(hops[len(hops)-1]); last != "" {
			host = last
		}
	}
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		return ip.Mask(net.CIDRMask(64, 128)).String()
	}
	return host
}
