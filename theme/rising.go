package theme

import "math"

const (
	recentDays   = 7
	earlierDays  = 28
	surelyRising = 0.01
	fewestRising = 3
)

// Rising tests whether more was said in the last seven days than in up to 28
// days before. daily is voices a day, the oldest first, the last whole day
// last; at least 14 days. p is the probability of so many or more recent voices
// if nothing had changed; with fewer days, or none recent, it is 1. rising
// means p < 0.01 and at least three voices.
//
// Counts of talk scatter more than chance alone (one post brings the next), so
// they are taken as negative binomial; given the total, the recent share then
// follows a negative hypergeometric (beta-binomial) law, and without extra
// scatter the binomial law of the conditional test of two Poisson rates
// (Przyborowski and Wilenski 1940). The scatter is Pearson's, estimated from
// the earlier days around the mean of their weekday, so that a usual Monday is
// no news; both spans are whole weeks, in which weekdays weigh the same.
func Rising(daily []int) (p float64, rising bool) {
	weeks := min((len(daily)-recentDays)/7, earlierDays/7)
	if weeks < 1 {
		return 1, false
	}
	recent := daily[len(daily)-recentDays:]
	earlier := daily[len(daily)-recentDays-7*weeks : len(daily)-recentDays]
	k, total := sum(recent), sum(recent)+sum(earlier)
	if k == 0 {
		return 1, false
	}
	p = tail(k, total, recentDays, float64(7*weeks), size(earlier))
	return p, p < surelyRising && k >= fewestRising
}

func sum(days []int) int {
	n := 0
	for _, d := range days {
		n += max(d, 0)
	}
	return n
}

// size is the negative binomial's size parameter for one day by the method of
// moments; +Inf if the days scatter no more than Poisson counts.
func size(days []int) float64 {
	weeks := len(days) / 7
	if weeks < 2 {
		return math.Inf(1)
	}
	pearson, mean := 0.0, float64(sum(days))/float64(len(days))
	for w := range 7 {
		m := 0.0
		for i := w; i < len(days); i += 7 {
			m += float64(days[i]) / float64(weeks)
		}
		for i := w; i < len(days) && m > 0; i += 7 {
			d := float64(days[i]) - m
			pearson += d * d / m
		}
	}
	dispersion := pearson / float64(7*(weeks-1))
	if dispersion <= 1 || mean == 0 {
		return math.Inf(1)
	}
	return mean / (dispersion - 1)
}

// tail is P(K ≥ k) for K of total voices on a of a+b days.
func tail(k, total int, a, b, size float64) float64 {
	p := 0.0
	for i := k; i <= total; i++ {
		p += math.Exp(logChoose(total, i) + logShare(i, total-i, a, b, size))
	}
	return min(p, 1)
}

// logShare is the log probability of one certain way to spread i and j voices
// over a and b days.
func logShare(i, j int, a, b, size float64) float64 {
	if math.IsInf(size, 1) {
		return float64(i)*math.Log(a/(a+b)) + float64(j)*math.Log(b/(a+b))
	}
	return logBeta(float64(i)+a*size, float64(j)+b*size) - logBeta(a*size, b*size)
}

func logGamma(x float64) float64 {
	l, _ := math.Lgamma(x) // the sign is that of Γ, positive here
	return l
}

func logBeta(a, b float64) float64 { return logGamma(a) + logGamma(b) - logGamma(a+b) }

func logChoose(n, k int) float64 {
	return logGamma(float64(n+1)) - logGamma(float64(k+1)) - logGamma(float64(n-k+1))
}
