package match

import (
	"cmp"
	"slices"
)

// holdsForms runs one query's code, in which some lits are forms.
func (m *matcher) holdsForms(code []lit) bool {
	got := false
	for _, l := range code {
		got = got || m.test(l)
		if l&litLast == 0 {
			continue
		}
		if !got {
			return false
		}
		got = false
	}
	return true
}

// test judges one lit.
func (m *matcher) test(l lit) bool {
	if l&litForm != 0 {
		return m.testForm(&m.set.forms[l&litID]) == (l&litNot == 0)
	}
	return m.hasTerm(l&litID) == (l&litNot == 0)
}

func (m *matcher) hasTerm(id uint32) bool { return m.has[id>>6]>>(id&63)&1 != 0 }

func (m *matcher) testForm(f *form) bool {
	switch f.kind {
	case allForm:
		for _, l := range f.lits {
			if !m.test(l) {
				return false
			}
		}
		return true
	case anyForm:
		for _, l := range f.lits {
			if m.test(l) {
				return true
			}
		}
		return false
	case rowForm:
		m.runs = m.appendRuns(m.runs[:0], f.rows)
		return len(m.runs) > 0
	}
	return m.testNear(f)
}

// testNear reports whether one of the form's rows stands near one of its others.
func (m *matcher) testNear(f *form) bool {
	m.runs = m.appendRuns(m.runs[:0], f.rows)
	if len(m.runs) == 0 {
		return false
	}
	n := len(m.runs)
	m.runs = m.appendRuns(m.runs, f.others)
	ones, others := m.runs[:n], m.runs[n:]
	slices.SortFunc(others, func(a, b run) int { return cmp.Compare(a.from, b.from) })
	for _, one := range ones {
		if anyNear(one, others, f.dist) {
			return true
		}
	}
	return false
}

// anyNear reports whether one of others, which are in order, stands clear of one
// and at most dist words away.
func anyNear(one run, others []run, dist int) bool {
	earliest := one.from - dist - MaxTerms // no row is longer than MaxTerms
	i, _ := slices.BinarySearchFunc(others, earliest, func(r run, at int) int { return cmp.Compare(r.from, at) })
	for _, other := range others[i:] {
		switch {
		case other.from > one.to+dist:
			return false
		case other.from >= one.to, other.to <= one.from && other.to+dist >= one.from:
			return true
		}
	}
	return false
}

// appendRuns appends where rows of terms stand in the post.
func (m *matcher) appendRuns(runs []run, rows [][]uint32) []run {
	for _, row := range rows {
		if !m.hasTerms(row) {
			continue
		}
		for _, at := range m.spots.of(row[0]) {
			from := uint32(at)
			if m.spots.follow(row, from) {
				runs = append(runs, run{int(from), int(from) + len(row)})
			}
		}
	}
	return runs
}

func (m *matcher) hasTerms(ids []uint32) bool {
	for _, id := range ids {
		if !m.hasTerm(id) {
			return false
		}
	}
	return true
}

// spots are where terms stand: the term's number above, the position below. They
// are put in order only for a post where somebody asks.
type spots struct {
	all    []uint64
	sorted bool
}

func spot(id, pos uint32) uint64 { return uint64(id)<<32 | uint64(pos) }

func (s *spots) add(id, pos uint32) { s.all = append(s.all, spot(id, pos)) }

func (s *spots) forget() { s.all, s.sorted = s.all[:0], false }

// of returns the spots of one term, in order.
func (s *spots) of(id uint32) []uint64 {
	if !s.sorted {
		slices.Sort(s.all)
		s.sorted = true
	}
	i, _ := slices.BinarySearch(s.all, spot(id, 0))
	n, _ := slices.BinarySearch(s.all[i:], spot(id+1, 0))
	return s.all[i : i+n]
}

// follow reports whether the terms of a row stand one after another from pos.
func (s *spots) follow(row []uint32, pos uint32) bool {
	for k, id := range row[1:] {
		if _, ok := slices.BinarySearch(s.all, spot(id, pos+uint32(k)+1)); !ok {
			return false
		}
	}
	return true
}
