package meta

import (
	"encoding/json"
	"net/http"
	"time"
)

// A budget is how much of what may be asked is used up.
type budget struct {
	used int           // per cent
	wait time.Duration // until it is open again; 0 where nothing is said
}

// rates are the parts of a usage header (docs/graph-api/overview/rate-limiting).
type rates struct {
	Calls   int     `json:"call_count"`
	Time    int     `json:"total_time"`
	CPU     int     `json:"total_cputime"`
	Minutes float64 `json:"estimated_time_to_regain_access"`
}

func (r rates) add(b *budget) {
	b.used = max(b.used, r.Calls, r.Time, r.CPU)
	if r.Minutes > 0 {
		b.wait = max(b.wait, time.Duration(min(r.Minutes, 24*60)*float64(time.Minute)))
	}
}

// usage reads X-App-Usage and X-Business-Use-Case-Usage; the tightest counts. A
// header that cannot be read says nothing.
func usage(h http.Header) (b budget) {
	for _, name := range []string{"X-App-Usage", "X-Page-Usage"} {
		var app rates
		if json.Unmarshal([]byte(h.Get(name)), &app) == nil {
			app.add(&b)
		}
	}
	var cases map[string][]rates
	if json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &cases) == nil {
		for _, all := range cases {
			for _, r := range all {
				r.add(&b)
			}
		}
	}
	return b
}
