package represent

import (
	"net/url"
	"slices"
	"strings"

	"lastword/internal/length"
)

// trackers are parameters of addresses that tell who clicked where and serve no
// reader; those that begin with one of prefixes are too.
var (
	trackers = []string{"fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid", "li_fat_id", "igshid", "igsh",
		"yclid", "ysclid", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "hsctatracking", "oly_anon_id", "oly_enc_id", "vero_id", "vero_conv",
		"wickedid", "rb_clickid", "s_cid", "epik", "cmpid", "_openstat", "srsltid"}
	prefixes = []string{"utm_", "pk_", "mtm_", "matomo_", "piwik_", "hsa_", "stm_"}
)

func tracks(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains(trackers, name) || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// Untracked takes out of every web address in a text what would track who follows
// it. All else stays as it is, to the byte.
func Untracked(text string) string { return length.Addresses(text, untracked) }

func untracked(address string) string {
	head, fragment, hasFragment := strings.Cut(address, "#")
	path, query, ok := strings.Cut(head, "?")
	if !ok {
		return address
	}
	var kept []string
	for _, pair := range strings.Split(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		if !tracks(name) {
			kept = append(kept, pair)
		}
	}
	out := path
	if len(kept) > 0 {
		out += "?" + strings.Join(kept, "&")
	}
	if hasFragment {
		out += "#" + fragment
	}
	return out
}
