package understand

import "lastword/internal/text"

// Groups gives each text the number of its group, such that near-copies share
// one: texts of which at least half of the runs of three words are the same.
// Numbers are spread by the group's first text, so that number%n deals the
// groups evenly and by chance into n parts.
func Groups(texts []string) []int {
	runs := make([][]uint32, len(texts))
	holders := map[uint32][]int{}
	group := make([]int, len(texts))
	for i, s := range texts {
		group[i] = i
		runs[i] = wordRuns(s)
		joinNear(group, runs, holders, i)
	}
	numbers := make([]int, len(texts))
	for i := range numbers {
		numbers[i] = int(finish(mixString(fnvOffset, texts[find(group, i)])) >> 1)
	}
	return numbers
}

// joinNear joins text i with the earlier ones that are near.
func joinNear(group []int, runs [][]uint32, holders map[uint32][]int, i int) {
	const crowd = 50 // a run that so many texts hold tells nothing
	shared := map[int]int{}
	for _, run := range runs[i] {
		if len(holders[run]) < crowd {
			for _, j := range holders[run] {
				shared[j]++
			}
			holders[run] = append(holders[run], i)
		}
	}
	for j, n := range shared {
		if 2*n >= min(len(runs[i]), len(runs[j])) {
			join(group, i, j)
		}
	}
}

// wordRuns returns the hashes of the runs of three words of s, each once.
func wordRuns(s string) []uint32 {
	words := text.Words(s)
	var runs []uint32
	for i := range max(len(words)-2, min(len(words), 1)) {
		h := uint32(fnvOffset)
		for _, w := range words[i:min(i+3, len(words))] {
			h = mixString((h^' ')*fnvPrime, w)
		}
		runs = append(runs, h)
	}
	return distinct(runs)
}

// find returns the first text of i's group.
func find(group []int, i int) int {
	for group[i] != i {
		i = group[i]
	}
	return i
}

// join makes the smaller of two roots the root of both, whatever the order of
// the calls.
func join(group []int, a, b int) {
	a, b = find(group, a), find(group, b)
	group[max(a, b)] = min(a, b)
}
