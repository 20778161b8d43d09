package store

import (
	"context"

	"lastword"
)

// tickOff closes the answers that a person was to give by hand, or that failed,
// where a reply of our own is now heard under the voice: somebody gave it.
func (h *hearing) tickOff(ctx context.Context, vs []heardVoice) error {
	for _, v := range vs {
		if !v.post.Own || v.post.Parent == "" {
			continue
		}
		given, err := collect(ctx, h, scanInt, `SELECT a.id FROM answer a JOIN voice v ON v.company = a.company AND v.id = a.voice
			WHERE a.company = $1 AND v.network = $2 AND v.key = $3 AND a.state IN ('handed', 'failed')`,
			h.l.Company, v.post.Network, v.post.Parent)
		if err != nil {
			return err
		}
		for _, id := range given {
			if err := h.close(ctx, h.l.Company, id, v.post.URL, v.post.SaidAt); err != nil {
				return err
			}
			machine := lastword.Member{Company: h.l.Company}
			if err := h.audit(ctx, note(machine, "answer.found", lastword.OfAnswer, id, map[string]any{"at": v.post.URL})); err != nil {
				return err
			}
		}
	}
	return nil
}
