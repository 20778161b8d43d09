package understand

import (
	_ "embed"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"lastword"
	"lastword/internal/text"
)

// How the languages are learnt: rounds over all samples and the first stride
// (AdaGrad, one memory per n-gram), how much naive Bayes and the spelling say
// beside, and how often the words that a reader knows are read. Found by
// cross-validation.
const (
	tongueRounds  = 6
	tongueStride  = 1.5
	bayesShare    = 0.3
	spellingShare = 1.6
	knownTimes    = 4
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
	samples = slices.Concat(samples, slices.Repeat(knownWords(), knownTimes))
	read := readSampleGrams(samples, tags)
	slots := chooseTongueSlots(read)
	for i := range read {
		read[i].rows = rowsIn(read[i].rows, slots)
	}
	d := tongueDescent{ws: make([][tongues]float32, len(slots)), seen: make([]float32, len(slots))}
	d.descend(read, seed)
	d.addBayes(read)
	d.addSpelling(spellingOf(samples, tags), slots)
	m.fill(&d, slots)
	return m, nil
}

//go:embed words.txt
var wordsFile string

// knownWords returns the words by which a reader tells languages apart.
func knownWords() []Sample {
	var samples []Sample
	for line := range strings.Lines(wordsFile) {
		tag, words, ok := strings.Cut(line, ": ")
		if !ok || line[0] == '#' {
			continue
		}
		for _, w := range strings.Fields(words) {
			samples = append(samples, Sample{w, tag, 1})
		}
	}
	return samples
}

func spellingOf(samples []Sample, tags []string) *spelling {
	s := newSpelling()
	for _, sample := range samples {
		k := slices.Index(tags, sample.Lang)
		for _, t := range text.Tokens(sample.Text) {
			if t.Kind == text.Word {
				s.add(t.Text, k)
			}
		}
	}
	return s
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
		if grams := tongueGrams(text.Tokens(s)); len(grams) > 0 {
			read = append(read, tongueSample{grams, k, part})
		}
	}
	for _, sample := range samples {
		k := slices.Index(tags, sample.Lang)
		add(sample.Text, k, false)
		if sample.Words != sentence {
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
	return chooseSlots(df, 1, tongueBits)
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

// fill puts the weights into m as small integers.
func (m *languages) fill(d *tongueDescent, slots []uint32) {
	const most, steps = 12, 64 // logarithms beyond which a weight says no more, and in how many steps
	m.Unit = most / float32(steps)
	m.checks, m.weights = make([]uint8, len(slots)), make([]tongueRow, len(slots))
	for s, hash := range slots {
		if hash == 0 {
			continue
		}
		m.checks[s] = tongueCheck(hash)
		for k, w := range d.ws[s] {
			m.weights[s].set(k, int8(math.Round(float64(min(max(w, -most), most)/m.Unit))))
		}
	}
}

type tongueDescent struct {
	ws   [][tongues]float32
	seen []float32 // per row, the squared gradients so far
}

// descend fits a multinomial logistic regression by stochastic gradient descent.
func (d *tongueDescent) descend(read []tongueSample, seed uint64) {
	random := rand.New(rand.NewPCG(seed, tongues))
	for range tongueRounds {
		for _, i := range random.Perm(len(read)) {
			d.step(&read[i])
		}
	}
}

// addSpelling adds to the weights what the spelling tells.
func (d *tongueDescent) addSpelling(s *spelling, slots []uint32) {
	for _, gram := range slices.Sorted(maps.Keys(s.counts)) { // two may share a row: the same sum each time
		hash := gramHash(gram)
		r := hash & (1<<tongueBits - 1)
		if slots[r] != hash {
			continue
		}
		for k, w := range s.tells(gram) {
			d.ws[r][k] += float32(spellingShare * w)
		}
	}
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
