package bench

import (
	"math"
	"math/rand/v2"

	"lastword/internal/text"
)

// kmeans is the baseline: spherical k-means (Dhillon and Modha 2001) on tf-idf
// of stems without stop words, with the true number of intents, seeded as
// k-means++ (Arthur and Vassilvitskii 2007), the best of three runs. It sees all
// voices at once and must place every one, which a Clusterer need not.
func kmeans(voices []intentVoice, k int, seed uint64) Clustering {
	const runs = 3
	points, dims := tfidf(voices)
	rng := rand.New(rand.NewPCG(seed, 99))
	var best []int
	most := -1.0
	for range runs {
		if group, fit := converge(points, spread(points, k, dims, rng)); fit > most {
			best, most = group, fit
		}
	}
	return cross(best, voices).clustering()
}

// converge moves centres and points until they stay, and returns the points'
// groups and the sum of their cosines to their centres.
func converge(points [][]wordWeight, centres [][]float64) (group []int, fit float64) {
	const rounds = 20
	group = make([]int, len(points))
	for range rounds {
		moved := false
		for i, p := range points {
			if g := nearest(p, centres); g != group[i] {
				group[i], moved = g, true
			}
		}
		if !moved {
			break
		}
		recentre(centres, points, group)
	}
	for i, p := range points {
		fit += along(p, centres[group[i]])
	}
	return group, fit
}

type wordWeight struct {
	word   int
	weight float64
}

// tfidf returns a vector of length 1 for each voice.
func tfidf(voices []intentVoice) (points [][]wordWeight, dims int) {
	number := map[string]int{}
	var seen []float64
	for _, v := range voices {
		var p []wordWeight
		has := map[int]bool{}
		for _, w := range text.Words(v.item.Text) {
			if text.Stop(v.item.Lang, w) {
				continue
			}
			w = text.Stem(v.item.Lang, w)
			n, ok := number[w]
			if !ok {
				n = len(number)
				number[w] = n
				seen = append(seen, 0)
			}
			if !has[n] {
				has[n] = true
				seen[n]++
				p = append(p, wordWeight{n, 1})
			}
		}
		points = append(points, p)
	}
	for _, p := range points {
		for i := range p {
			p[i].weight = math.Log(float64(len(voices)) / seen[p[i].word])
		}
		scale(p)
	}
	return points, len(number)
}

func scale(p []wordWeight) {
	square := 0.0
	for _, w := range p {
		square += w.weight * w.weight
	}
	for i := range p {
		p[i].weight /= max(math.Sqrt(square), 1e-12)
	}
}

// spread picks k points as centres, each with a chance that grows with its
// distance to those before.
func spread(points [][]wordWeight, k, dims int, rng *rand.Rand) [][]float64 {
	far := make([]float64, len(points))
	for i := range far {
		far[i] = 1
	}
	centres := make([][]float64, 0, k)
	for range k {
		c := make([]float64, dims)
		for _, w := range points[draw(far, rng)] {
			c[w.word] = w.weight
		}
		centres = append(centres, c)
		for i, p := range points {
			far[i] = min(far[i], max(1-along(p, c), 0))
		}
	}
	return centres
}

func draw(chance []float64, rng *rand.Rand) int {
	total := 0.0
	for _, c := range chance {
		total += c
	}
	at := rng.Float64() * total
	for i, c := range chance {
		if at -= c; at <= 0 {
			return i
		}
	}
	return len(chance) - 1
}

func along(p []wordWeight, c []float64) float64 {
	s := 0.0
	for _, w := range p {
		s += w.weight * c[w.word]
	}
	return s
}

func nearest(p []wordWeight, centres [][]float64) int {
	best, most := 0, -1.0
	for g, c := range centres {
		if s := along(p, c); s > most {
			best, most = g, s
		}
	}
	return best
}

func recentre(centres [][]float64, points [][]wordWeight, group []int) {
	for _, c := range centres {
		clear(c)
	}
	for i, p := range points {
		for _, w := range p {
			centres[group[i]][w.word] += w.weight
		}
	}
	for _, c := range centres {
		square := 0.0
		for _, x := range c {
			square += x * x
		}
		for j := range c {
			c[j] /= max(math.Sqrt(square), 1e-12)
		}
	}
}
