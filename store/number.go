package store

import "context"

// crowd is how many voices of one millisecond get ids at random; when there are
// more, as in files that tell only the day, ids follow each other.
const crowd = 8

// number gives voices ids that rise with the time they were said and are not
// taken yet. In SQLite they are unique over all companies, as its key needs.
func (h *hearing) number(ctx context.Context, vs []heardVoice) error {
	at := map[int64][]int{} // lowest id of a millisecond → its voices
	for i, v := range vs {
		low := idAt(v.post.SaidAt)
		at[low] = append(at[low], i)
	}
	var ids []int64
	for low, group := range at {
		if len(group) > crowd {
			if err := h.numberCrowd(ctx, vs, low, group); err != nil {
				return err
			}
			continue
		}
		for _, i := range group {
			vs[i].id = newID(vs[i].post.SaidAt)
			ids = append(ids, vs[i].id)
		}
	}
	taken, err := h.taken(ctx, ids)
	if err != nil {
		return err
	}
	for i := range vs {
		if taken[vs[i].id] {
			if err := h.numberCrowd(ctx, vs, idAt(vs[i].post.SaidAt), []int{i}); err != nil {
				return err
			}
		}
		taken[vs[i].id] = true
	}
	return nil
}

// taken finds which ids exist.
func (h *hearing) taken(ctx context.Context, ids []int64) (map[int64]bool, error) {
	taken := map[int64]bool{}
	if len(ids) == 0 {
		return taken, nil
	}
	text, args := `SELECT id FROM voice WHERE company = $1 AND id IN `, []any{h.l.Company}
	if h.dialect() == sqlite {
		text, args = `SELECT id FROM voice WHERE id IN `, nil
	}
	list := inList(h, &args, ids)
	found, err := collect(ctx, h, scanInt, text+list, args...)
	for _, id := range found {
		taken[id] = true
	}
	return taken, err
}

// numberCrowd gives the voices the ids after the highest of their millisecond.
func (h *hearing) numberCrowd(ctx context.Context, vs []heardVoice, lowest int64, group []int) error {
	text, args := `SELECT coalesce(max(id), $1) FROM voice WHERE id >= $1 AND id < $2 AND company = $3`,
		[]any{lowest, lowest + 1<<low, h.l.Company}
	if h.dialect() == sqlite {
		text, args = `SELECT coalesce(max(id), $1) FROM voice WHERE id >= $1 AND id < $2`, args[:2]
	}
	last, err := one(ctx, h, scanInt, text, args...)
	for n, i := range group {
		vs[i].id = last + 1 + int64(n)
	}
	return err
}
