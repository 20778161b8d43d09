package bluesky

import (
	"context"
	"net/url"
	"slices"

	"lastword"
	"lastword/internal/text"
	"lastword/listen"
)

// A profileView is what we read of app.bsky.actor.defs#profileView and its
// kin.
type profileView struct {
	DID, Handle, DisplayName string
	Labels                   []label
	Viewer                   struct {
		BlockedBy bool
		Blocking  string
	}
}

// maxName is how many bytes a display name may have (lexicon
// app.bsky.actor.profile).
const maxName = 640

func (v profileView) profile() listen.Profile {
	name := text.CleanTo(v.DisplayName, maxName)
	p := listen.Profile{Author: lastword.Author{Key: v.DID, Name: name, URL: profileURL(v.DID)}}
	if isHandle(v.Handle) && v.Handle != "handle.invalid" {
		p.Handle = v.Handle
	}
	for _, l := range v.Labels {
		p.Private = p.Private || l.Val == "!no-unauthenticated" && !l.Neg
	}
	return p
}

// namesAtOnce is the most that app.bsky.actor.getProfiles takes.
const namesAtOnce = 25

// names looks up accounts. The stream names an author by DID only; this is for
// the few whose posts are kept. Who is not found is left out.
func (r resolver) names(ctx context.Context, dids []string) (map[string]listen.Profile, error) {
	found := make(map[string]listen.Profile, len(dids))
	// One that is no DID would cost the other 24 their names.
	dids = slices.DeleteFunc(slices.Clone(dids), func(did string) bool { return !isDID(did) })
	for part := range slices.Chunk(dids, namesAtOnce) {
		var got struct{ Profiles []profileView }
		_, err := r.client.do(ctx, call{base: r.appview, nsid: "app.bsky.actor.getProfiles",
			query: url.Values{"actors": part}}, &got)
		if err != nil {
			return found, err
		}
		for _, v := range got.Profiles {
			if slices.Contains(part, v.DID) {
				found[v.DID] = v.profile()
			}
		}
	}
	return found, nil
}
