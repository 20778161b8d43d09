package brief

// fill chooses, minute by minute, the most worthy items that fit beside those
// chosen before. What is in stays in, so that a minute more never loses an item;
// within a minute the choice is exact.
func fill(all []Item, minutes int) []bool {
	in := make([]bool, len(all))
	room, left := 0, len(all)
	for range minutes {
		if left == 0 {
			break
		}
		room += 60
		for _, i := range best(all, in, room) {
			in[i] = true
			room -= all[i].Seconds
			left--
		}
	}
	return in
}

// best returns the free items that together are worth most within room seconds
// (the 0-1 knapsack problem, by dynamic programming over seconds). Of equals it
// takes those that come first.
func best(all []Item, in []bool, room int) []int {
	var free []int
	for i, it := range all {
		if !in[i] && it.Seconds <= room {
			free = append(free, i)
		}
	}
	worth := make([]float64, room+1)
	taken := make([][]bool, len(free)) // taken[k][s]: item k is in the best for s seconds of items 0…k
	for k, i := range free {
		it := all[i]
		taken[k] = make([]bool, room+1)
		for s := room; s >= it.Seconds; s-- {
			if with := worth[s-it.Seconds] + it.Worth; with > worth[s] {
				worth[s], taken[k][s] = with, true
			}
		}
	}
	var chosen []int
	for k, s := len(free)-1, room; k >= 0; k-- {
		if taken[k][s] {
			chosen = append(chosen, free[k])
			s -= all[free[k]].Seconds
		}
	}
	return chosen
}
