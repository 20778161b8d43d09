package wordpress

import (
	"context"

	"lastword/listen"
)

// Check implements listen.Checker by the account's capabilities (Roles and
// Capabilities).
func (s *source) Check(ctx context.Context) ([]listen.Ability, error) {
	if _, err := s.find(ctx); err != nil {
		return nil, err
	}
	s.known.mu.Lock()
	s.known.me = nil // what it may do now, not when it was last asked
	s.known.mu.Unlock()
	me, err := s.whoami(ctx)
	if err != nil {
		return nil, err
	}
	if _, _, err := (&poll{source: s, site: s.known.site, me: me}).page(ctx, 1); err != nil {
		return nil, err
	}
	moderates := me.may("moderate_comments")
	ability := func(name string, can bool, why string) listen.Ability {
		switch {
		case me == nil:
			can, why = false, "why.no_account"
		case can:
			why = ""
		}
		return listen.Ability{Name: name, Can: can, Why: why}
	}
	hear := listen.Ability{Name: "hear", Can: true}
	if !moderates {
		hear.Why = "connector.wordpress.error.approved-only"
	}
	publish := ability("publish", me.may("edit_posts"), "connector.wordpress.error.no-posts")
	if publish.Can && !s.draft && !me.may("publish_posts") {
		publish.Why = "connector.wordpress.error.pending"
	}
	return []listen.Ability{
		hear,
		ability("reply", true, ""),
		publish,
		ability("edit", moderates, "connector.wordpress.error.no-edit"),
		ability("delete", moderates, "connector.wordpress.error.no-edit"),
	}, nil
}
