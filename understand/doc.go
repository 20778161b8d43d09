// Package understand tells a director what somebody said: in which language,
// whether it is a wish, a problem, praise or a question, which very words carry
// the wish, how they feel, and whether it is about the company at all.
//
// The heart, [Model], is pure: text in, [lastword.Label] out. It reads a post
// once into hashed word and character n-grams, a few linguistic cues, turns of
// phrase, and how good or bad its words sound, by lists of our own
// (polarity.*.txt); it adds up one row of small integers per n-gram. Probabilities
// are calibrated on texts that the weights have not seen. [Learn] and [Train] make a
// Model out of labelled texts, always the same one out of the same texts and seed; the one
// that Train wrote is embedded here and opened by [Load].
//
// What people of a company put right lies on top as a layer of the company's own,
// made anew out of the corrections that hold ([Model.Taught]).
//
// The hull, [Step], labels stored voices and hands those that are about the
// company on to the next step; after a correction it reads those that wait anew.
package understand
