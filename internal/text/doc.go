// Package text reads what people type: words, sentences, emoji, markup. All of
// its input is foreign, so every function takes any bytes, valid UTF-8 or not,
// in time linear in their number, and none of them fails.
package text

// A Span is a piece of a string, as byte offsets: s[Start:End].
type Span struct{ Start, End int }
