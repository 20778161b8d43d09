package match

import (
	"fmt"

	"lastword"
)

// The limits of a query.
const (
	MaxBytes = 4096 // of its text, and of its canonical form
	MaxDepth = 32   // of parentheses and NOT within each other
	MaxTerms = 256  // words, counted one by one in phrases, and fields
	MaxNear  = 100  // most words that NEAR/n lets stand between
	MinWild  = 3    // letters beside a wildcard, counted after folding
)

// A SyntaxError says what is wrong in a query's text, and where. It unwraps to
// lastword.ErrInvalid.
type SyntaxError struct {
	Offset int // of the place in the text, in bytes
	Length int // of the place, in bytes; 0 where something is missing
	Key    string
	Args   map[string]any // for the catalogue's text
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("match: %s at byte %d", e.Key, e.Offset)
}

// Unwrap returns lastword.ErrInvalid.
func (e *SyntaxError) Unwrap() error { return lastword.ErrInvalid }

// The keys of a SyntaxError, with their arguments.
const (
	ErrEmpty       = "query.empty"        // nothing is asked for
	ErrTooLong     = "query.too-long"     // Max, Bytes
	ErrTooDeep     = "query.too-deep"     // Max
	ErrTooMany     = "query.too-many"     // Max, Terms
	ErrOpen        = "query.open"         // "(" that is never closed
	ErrClose       = "query.close"        // ")" that was never opened
	ErrQuote       = "query.quote"        // a quotation mark that is never closed
	ErrEmptyPhrase = "query.empty-phrase" // "" or a phrase without a word
	ErrEmptyGroup  = "query.empty-group"  // ()
	ErrEmptyTerm   = "query.empty-term"   // Term: has neither letter nor digit
	ErrOperand     = "query.operand"      // Operator: has nothing before or after it
	ErrNear        = "query.near"         // Max: NEAR without its number, or too great a one
	ErrNearOperand = "query.near-operand" // NEAR stands between words, phrases or groups of them
	ErrNegative    = "query.negative"     // it only says what is not wanted
	ErrField       = "query.field"        // Field, Known: no such field
	ErrValue       = "query.value"        // Field, Value, Known: the field cannot have this value
	ErrWildShort   = "query.wild-short"   // Term, Min
	ErrWildInside  = "query.wild-inside"  // Term: a wildcard in the middle of a word
)

// Keys lists every key that a SyntaxError may have, for the catalogue's test.
func Keys() []string {
	return []string{ErrEmpty, ErrTooLong, ErrTooDeep, ErrTooMany, ErrOpen, ErrClose, ErrQuote, ErrEmptyPhrase,
		ErrEmptyGroup, ErrEmptyTerm, ErrOperand, ErrNear, ErrNearOperand, ErrNegative, ErrField, ErrValue,
		ErrWildShort, ErrWildInside}
}

type args = map[string]any
