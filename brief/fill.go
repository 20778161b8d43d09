package brief

import (
	"cmp"
	"slices"
)

// fill chooses minute by minute: first what is worth most a second, as long as
// it fits, and into the room then left the most worthy of all others, exactly.
// What is in stays in, so that a minute more never loses an item.
func fill(all []Item, minutes int) []bool {
	in := make([]bool, len(all))
	order, room := byRate(all), 0
	take := func(i int) {
		in[i] = true
		room -= all[i].Seconds
	}
	for range minutes {
		room += 60
		for len(order) > 0 && (in[order[0]] || all[order[0]].Seconds <= room) {
			if !in[order[0]] {
				take(order[0])
			}
			order = order[1:]
		}
		if len(order) == 0 {
			break
		}
		for _, i := range best(all, in, room) {
			take(i)
		}
	}
	return in
}

// byRate lists items by worth a second, the first of equals first.
func byRate(all []Item) []int {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := all[i], all[j]
		return cmp.Compare(b.Worth*float64(a.Seconds), a.Worth*float64(b.Seconds))
	})
	return order
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
