package x

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"lastword"
	"lastword/listen"
)

// defaultPrices are those that X states for pay per use, in US dollars
// (docs.x.com, X API, Pricing, August 2026).
const defaultPrices = "post=0.005 own=0.001 user=0.010 count=0.005 create=0.015 link=0.200 reply=0.010 delete=0.010 alt=0.005"

// prices are in millionths of a US dollar.
type prices struct {
	post   int64 // a post that is read
	own    int64 // one that mentions us or is ours, where the app is ours too
	user   int64 // a user that is read
	count  int64 // asking how many posts there are
	create int64 // a post that is made
	link   int64 // one that holds a web address
	reply  int64 // one that answers who summoned us
	delete int64
	alt    int64 // saying what a picture shows
}

// parsePrices reads "name=dollars" pairs: post, own, user, count, create, link,
// reply, delete, alt. What is left out has the default price.
func parsePrices(s string) (p prices, err error) {
	by := map[string]*int64{"post": &p.post, "own": &p.own, "user": &p.user, "count": &p.count,
		"create": &p.create, "link": &p.link, "reply": &p.reply, "delete": &p.delete, "alt": &p.alt}
	for _, pair := range append(strings.Fields(defaultPrices), strings.Fields(strings.ReplaceAll(s, ";", " "))...) {
		name, dollars, _ := strings.Cut(pair, "=")
		to := by[name]
		if to == nil {
			return p, lastword.ErrInvalid
		}
		if *to, err = parseMoney(dollars); err != nil {
			return p, err
		}
	}
	return p, nil
}

// parseMoney reads US dollars, with a point or a comma, into millionths.
func parseMoney(s string) (int64, error) {
	f, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimPrefix(s, "$"), ",", "."), 64)
	if err != nil || !(f >= 0 && f <= 1e6) {
		return 0, lastword.ErrInvalid
	}
	return int64(math.Round(f * 1e6)), nil
}

// A purse is who of a channel counts: hearing and speaking run apart from each
// other, and each keeps a sum of its own.
type purse string

const (
	hearing  purse = "spentheard"
	speaking purse = "spentsaid"
)

// A meter counts what a channel costs in a month (of UTC, as X counts). The
// sums are kept among the account's secrets, so that a restart forgets none.
type meter struct {
	host   listen.Host
	limit  int64
	prices prices

	mu   sync.Mutex
	kept map[string]string // where the host keeps nothing
}

// spend counts cost. It returns before it is kept only with an error.
func (m *meter) spend(ctx context.Context, from purse, cost int64) error {
	if cost <= 0 {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	// What was paid is counted although somebody stops us now.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	all, err := m.read(ctx)
	if err != nil {
		return err
	}
	month := m.month()
	sum := map[string]string{string(from): month + " " + strconv.FormatInt(spent(all, from, month)+cost, 10)}
	if m.host.Keep == nil || m.host.Kept == nil {
		m.kept = merged(all, sum)
		return nil
	}
	if err := m.host.Keep(ctx, sum); err != nil {
		return fmt.Errorf("x: costs not kept: %w", err)
	}
	return nil
}

// keepWithin is how long a save may take that must not be given up.
const keepWithin = 30 * time.Second

// left returns what the month still allows.
func (m *meter) left(ctx context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all, err := m.read(ctx)
	if err != nil {
		return 0, err
	}
	return m.limit - spent(all, hearing, m.month()) - spent(all, speaking, m.month()), nil
}

// Spending implements listen.Payer.
func (m *meter) Spending(ctx context.Context) (lastword.Spending, error) {
	left, err := m.left(ctx)
	return lastword.Spending{Month: m.month(), Spent: m.limit - left, Limit: m.limit}, err
}

// allow returns an error unless the month still allows cost.
func (m *meter) allow(ctx context.Context, cost int64) error {
	left, err := m.left(ctx)
	if err != nil {
		return err
	}
	if cost > left {
		return m.used()
	}
	return nil
}

// used says that the month is used up: a person must allow more, or wait.
func (m *meter) used() error {
	return fmt.Errorf("x: %w", &lastword.Mistake{Key: "connector.x.error.used", Field: fieldBudget,
		Args: map[string]any{"Budget": dollars(m.limit)}, Kind: lastword.ErrDenied})
}

func (m *meter) month() string { return m.host.Now().UTC().Format("2006-01") }

func (m *meter) read(ctx context.Context) (map[string]string, error) {
	if m.host.Kept == nil || m.host.Keep == nil {
		return m.kept, nil
	}
	all, err := m.host.Kept(ctx)
	if err != nil {
		return nil, fmt.Errorf("x: costs not read: %w", err)
	}
	return all, nil
}

// spent reads the sum of a purse in a month.
func spent(all map[string]string, from purse, month string) int64 {
	of, sum, _ := strings.Cut(all[string(from)], " ")
	n, err := strconv.ParseInt(sum, 10, 64)
	if err != nil || of != month {
		return 0
	}
	return n
}

func merged(a, b map[string]string) map[string]string {
	all := map[string]string{}
	for _, m := range []map[string]string{a, b} {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

// dollars writes money as people read it.
func dollars(micros int64) string { return strconv.FormatFloat(float64(micros)/1e6, 'f', 2, 64) }
