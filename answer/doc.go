// Package answer brings a decision back to everybody who asked: it drafts one
// answer to each voice, in the person's language and within what the network
// allows, lets directors release exactly those texts, and delivers them, none
// twice.
//
// The heart (Compose, Fit, Measure) knows no clock, network or store. Nothing
// that a customer wrote ever becomes part of an answer; it only steers, by kind
// and language, which of our own sentences are taken.
package answer
