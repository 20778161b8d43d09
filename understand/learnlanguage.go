package understand

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"lastword"
	"lastword/internal/text"
)

// How the languages are learnt: rounds over all samples and the first stride
// (AdaGrad, one memory per n-gram), and how much naive Bayes says beside. Found
// by cross-validation.
const (
	tongueRounds = 6
	tongueStride = 1.5
	bayesShare   = 0.35
)

// A tongueSample is a sample, read.
type tongueSample struct {
	rows   []uint32
	tongue int
	piece  bool // cut out of another
}

// learnLanguages makes the model out of samples and of pieces of them: a model
// that has seen only sentences is bad at single words.
func learnLanguages(samples []Sample, seed uint64) (*languages, error) {
	m := &languages{}
	tags, err := tagsOf(samples)
	if err != nil {
		return nil, err
	}
	for k, tag := range tags {
		copy(m.Tags[k][:], tag)
	}
	read := readSampleGrams(samples, tags)
	slots := chooseTongueSlots(read)
	for i := range read {
		read[i].rows = rowsIn(read[i].rows, slots)
	}
	m.descend(read, slots, seed)
	return m, nil
}

func tagsOf(samples []Sample) ([]string, error) {
	var tags []string
	for _, s := range samples {
		if !slices.Contains(tags, s.Lang) {
			tags = append(tags, s.Lang)
		}
	}
	slices.Sort(tags)
	if len(tags) != tongues {
		return nil, fmt.Errorf("understand: samples of %d languages, want %d: %w", len(tags), tongues, lastword.ErrInvalid)
	}
	return tags, nil
}

// readSampleGrams reads samples, the words of sentences, and short runs of them.
func readSampleGrams(samples []Sample, tags []string) []tongueSample {
	var read []tongueSample
	add := func(s string, k int, part bool) {
		if grams := tongueGrams(text.Tokens(s), nil); len(grams) > 0 {
			read = append(read, tongueSample{grams, k, part})
		}
	}
	for _, sample := range samples {
		k := slices.Index(tags, sample.Lang)
		add(sample.Text, k, false)
		if sample.Words > 0 {
			continue
		}
		words := strings.Fields(sample.Text)
		for i, word := range words {
			add(word, k, true)
			if i%2 == 0 {
				add(strings.Join(words[i:min(i+2+i%3, len(words))], " "), k, true)
			}
		}
	}
	return read
}

func chooseTongueSlots(read []tongueSample) []uint32 {
	df := map[uint32]int{}
	for _, s := range read {
		for _, hash := range s.rows {
			df[hash]++
		}
	}
	return chooseSlots(df, 2, tongueBits)
}

// rowsIn keeps the hashes that own a row, as that row's number.
func rowsIn(hashes, slots []uint32) []uint32 {
	rows := hashes[:0]
	for _, hash := range hashes {
		s := hash & (1<<tongueBits - 1)
		if slots[s] != 0 && tongueCheck(slots[s]) == tongueCheck(hash) {
			rows = append(rows, s)
		}
	}
	return rows
}

// descend fits a multinomial logistic regression by stochastic gradient descent
// and puts the weights into m as small integers.
func (m *languages) descend(read []tongueSample, slots []uint32, seed uint64) {
	d := tongueDescent{ws: make([][tongues]float32, len(slots)), seen: make([]float32, len(slots))}
	random := rand.New(rand.NewPCG(seed, tongues))
	for range tongueRounds {
		for _, i := range random.Perm(len(read)) {
			d.step(&read[i])
		}
	}
	d.addBayes(read)
	flat := make([]float32, 0, len(slots)*tongues)
	for s := range d.ws {
		flat = append(flat, d.ws[s][:]...)
	}
	m.Unit = unitOf(flat)
	m.checks, m.weights = make([]uint8, len(slots)), make([][tongues]int8, len(slots))
	for s, hash := range slots {
		if hash == 0 {
			continue
		}
		m.checks[s] = tongueCheck(hash)
		for k, w := range d.ws[s] {
			m.weights[s][k] = int8(math.Round(float64(w / m.Unit)))
		}
	}
}

type tongueDescent struct {
	ws   [][tongues]float32
	seen []float32 // per row, the squared gradients so far
}

// step moves the weights of one sample's rows against the gradient.
func (d *tongueDescent) step(s *tongueSample) {
	by := tongueScale(len(s.rows))
	var z [tongues]float64
	for _, r := range s.rows {
		for k, w := range d.ws[r] {
			z[k] += float64(by * w)
		}
	}
	gradient := softmax(z)
	gradient[s.tongue]--
	square := 0.0
	for _, g := range gradient {
		square += float64(g * g)
	}
	if square < 1e-4 {
		return
	}
	for _, r := range s.rows {
		d.seen[r] += float32(float64(by*by) * square)
		rate := tongueStride / math.Sqrt(float64(d.seen[r])+1e-6) * float64(by)
		for k, g := range gradient {
			d.ws[r][k] -= float32(rate * g)
		}
	}
}

// addBayes adds to the weights what naive Bayes says of each n-gram, by how
// often the samples of each language have it. It errs elsewhere than the descent,
// which knows its samples by heart.
func (d *tongueDescent) addBayes(read []tongueSample) {
	counts := make([][tongues]float64, len(d.ws))
	var total [tongues]float64
	for i := range read {
		if read[i].piece {
			continue
		}
		k := read[i].tongue
		for _, r := range read[i].rows {
			counts[r][k]++
			total[k]++
		}
	}
	for r := range counts {
		for k, s := range bayes(counts[r], &total) {
			d.ws[r][k] += float32(bayesShare * s)
		}
	}
}

// bayes returns the log-odds of the languages for an n-gram of which n were
// counted among total, against equal chances; zeros where it was never seen.
func bayes(n [tongues]float64, total *[tongues]float64) [tongues]float64 {
	const per, unsure, least = 1e5, 0.5, 0.02 // rates per 100,000; how many are made up; the rate of what was not seen
	sum := 0.0
	for k := range n {
		n[k] *= per / total[k]
		sum += n[k]
	}
	if sum == 0 {
		return n
	}
	for k := range n {
		n[k] = math.Log(tongues * (n[k]/(sum+unsure) + least))
	}
	return n
}
