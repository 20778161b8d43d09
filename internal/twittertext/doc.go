// Package twittertext reads a post as X does: how much of its length every part
// takes, and what in it is a web address, a mention, a list, a hashtag or a
// cashtag.
//
// It follows the definitions that X publishes as twitter-text 3 (its regular
// expressions and config/v1.json, v2.json, v3.json) and passes the conformance
// suite that comes with them, which lies in testdata. What those definitions
// leave to a list is generated: the top-level domains from the suite, the emoji
// sequences from the Unicode Character Database.
//
// The published expressions look ahead and go back; the code here decides the
// same in one pass over the text, so that a hostile text costs no more than a
// long one.
package twittertext

//go:generate go run generate.go
