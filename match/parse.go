package match

import "slices"

// Parse reads a query. A failure is a *SyntaxError that points at its place.
func Parse(text string) (Query, error) {
	if len(text) > MaxBytes {
		return Query{}, tooLong(text, len(text))
	}
	root, err := (&parser{text: text}).query()
	if err != nil {
		return Query{}, err
	}
	q := Query{root: root}
	if n := root.terms(); n > MaxTerms {
		return Query{}, &SyntaxError{Length: len(text), Key: ErrTooMany, Args: args{"Max": MaxTerms, "Terms": n}}
	}
	if !root.positive(true) {
		return Query{}, &SyntaxError{Length: len(text), Key: ErrNegative}
	}
	if n := len(q.String()); n > MaxBytes {
		return Query{}, tooLong(text, n)
	}
	return q, nil
}

func tooLong(text string, bytes int) *SyntaxError {
	at := min(len(text), MaxBytes)
	return &SyntaxError{Offset: at, Length: len(text) - at, Key: ErrTooLong, Args: args{"Max": MaxBytes, "Bytes": bytes}}
}

// A parser descends over the pieces of one text, one piece ahead.
type parser struct {
	text  string
	piece piece
	done  int // where the piece before it ended
	depth int
}

// next moves on to the next piece.
func (p *parser) next() *SyntaxError {
	var err *SyntaxError
	p.done = p.piece.to
	p.piece, err = lex(p.text, p.piece.to)
	return err
}

// fail makes an error that points at the current piece.
func (p *parser) fail(key string, a args) *SyntaxError { return failAt(p.piece, key, a) }

func failAt(at piece, key string, a args) *SyntaxError {
	return &SyntaxError{Offset: at.at, Length: at.to - at.at, Key: key, Args: a}
}

func (p *parser) query() (*node, error) {
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.piece.kind == kindEnd {
		return nil, p.fail(ErrEmpty, nil)
	}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.piece.kind == kindClose {
		return nil, p.fail(ErrClose, nil)
	}
	return n, nil
}

func (p *parser) or() (*node, *SyntaxError) {
	first, err := p.and()
	if err != nil {
		return nil, err
	}
	all := []*node{first}
	for p.piece.kind == kindOr {
		n, err := p.operand(p.and)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return join(opOr, all), nil
}

func (p *parser) and() (*node, *SyntaxError) {
	first, err := p.not()
	if err != nil {
		return nil, err
	}
	all := []*node{first}
	for !slices.Contains([]kind{kindEnd, kindClose, kindOr}, p.piece.kind) {
		read := p.not
		if p.piece.kind == kindAnd {
			read = func() (*node, *SyntaxError) { return p.operand(p.not) }
		}
		n, err := read()
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return join(opAnd, all), nil
}

// operand steps over the current operator and reads what it asks for.
func (p *parser) operand(read func() (*node, *SyntaxError)) (*node, *SyntaxError) {
	operator := p.piece
	if err := p.next(); err != nil {
		return nil, err
	}
	switch p.piece.kind {
	case kindEnd, kindClose, kindAnd, kindOr, kindNear:
		return nil, p.missing(operator)
	}
	return read()
}

// missing says that an operator lacks an operand.
func (p *parser) missing(operator piece) *SyntaxError {
	return failAt(operator, ErrOperand, args{"Operator": p.text[operator.at:operator.to]})
}

// deeper counts one more level for as long as read runs.
func (p *parser) deeper(read func() (*node, *SyntaxError)) (*node, *SyntaxError) {
	if p.depth == MaxDepth {
		return nil, p.fail(ErrTooDeep, args{"Max": MaxDepth})
	}
	p.depth++
	defer func() { p.depth-- }()
	return read()
}

func (p *parser) not() (*node, *SyntaxError) {
	if p.piece.kind != kindNot {
		return p.near()
	}
	n, err := p.deeper(func() (*node, *SyntaxError) { return p.operand(p.not) })
	if err != nil {
		return nil, err
	}
	return &node{op: opNot, kids: []*node{n}}, nil
}

func (p *parser) near() (*node, *SyntaxError) {
	at := p.piece
	first, err := p.primary()
	if err != nil || p.piece.kind != kindNear {
		return first, err
	}
	at.to = p.done
	near := &node{op: opNear}
	if err := near.addGroup(first, at); err != nil {
		return nil, err
	}
	for p.piece.kind == kindNear {
		near.dists = append(near.dists, p.piece.near)
		n, at, err := p.nearOperand()
		if err != nil {
			return nil, err
		}
		if err := near.addGroup(n, at); err != nil {
			return nil, err
		}
	}
	return near, nil
}

func (p *parser) nearOperand() (n *node, at piece, err *SyntaxError) {
	n, err = p.operand(func() (*node, *SyntaxError) {
		at = p.piece
		if at.kind == kindNot {
			return nil, p.fail(ErrNearOperand, nil)
		}
		return p.primary()
	})
	at.to = max(at.to, p.done)
	return n, at, err
}

// addGroup adds one side of NEAR, which may be several words joined by OR.
func (n *node) addGroup(side *node, at piece) *SyntaxError {
	group := []*node{side}
	if side.op == opOr {
		group = side.kids
	}
	for _, k := range group {
		if k.op != opWords {
			return failAt(at, ErrNearOperand, nil)
		}
	}
	n.groups = append(n.groups, group)
	return nil
}

func (p *parser) primary() (*node, *SyntaxError) {
	at := p.piece
	switch at.kind {
	case kindOpen:
		return p.deeper(p.group)
	case kindTerm, kindPhrase, kindField:
		n, err := leaf(at)
		if err != nil {
			return nil, err
		}
		return n, p.next()
	case kindClose:
		return nil, p.fail(ErrClose, nil)
	}
	return nil, p.missing(at)
}

func (p *parser) group() (*node, *SyntaxError) {
	open := p.piece
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.piece.kind == kindClose {
		open.to = p.piece.to
		return nil, failAt(open, ErrEmptyGroup, nil)
	}
	if p.piece.kind == kindEnd {
		return nil, failAt(open, ErrOpen, nil)
	}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.piece.kind != kindClose {
		return nil, failAt(open, ErrOpen, nil)
	}
	return n, p.next()
}

// join makes one node of several, taking in those of the same kind.
func join(o op, all []*node) *node {
	if len(all) == 1 {
		return all[0]
	}
	n := &node{op: o}
	for _, k := range all {
		if k.op == o {
			n.kids = append(n.kids, k.kids...)
		} else {
			n.kids = append(n.kids, k)
		}
	}
	return n
}
