package store

import (
	"context"
	"database/sql"
	"sync"
)

// mostPrepared is how many different statements a pool keeps prepared. What is
// built of many parts, such as filters, has more texts than are worth keeping.
const mostPrepared = 256

// A pool is a database of SQLite, with the statements that were run there before:
// to parse a short one takes longer than to run it.
type pool struct {
	*sql.DB
	mu    sync.Mutex
	kept  map[string]*sql.Stmt
	asked map[string]bool // once; what is asked for again is kept
}

func newPool(db *sql.DB) *pool {
	return &pool{DB: db, kept: map[string]*sql.Stmt{}, asked: map[string]bool{}}
}

// prepared returns a statement that is kept, or nil. With again, it is worth
// keeping once no transaction holds the connection.
func (p *pool) prepared(text string) (s *sql.Stmt, again bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s = p.kept[text]; s != nil {
		return s, false
	}
	if p.asked[text] {
		return nil, len(p.kept) < mostPrepared
	}
	if len(p.asked) < 4*mostPrepared {
		p.asked[text] = true
	}
	return nil, false
}

// keep prepares statements. One that cannot be is run as it stands, and tells
// then what is wrong.
func (p *pool) keep(ctx context.Context, texts []string) {
	for _, text := range texts {
		s, err := p.PrepareContext(ctx, text)
		if err != nil {
			return
		}
		p.mu.Lock()
		if p.kept[text] == nil {
			p.kept[text], s = s, nil
		}
		p.mu.Unlock()
		if s != nil {
			s.Close() // another goroutine was faster
		}
	}
}
