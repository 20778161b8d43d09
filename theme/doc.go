// Package theme gathers voices that want the same thing, so that one decision
// can answer all of them.
//
// The heart is a [Clusterer]: voices come one after another and each is placed
// into the theme it agrees with most, waits in a bounded pool of single voices,
// or founds a theme together with those it agrees with. It uses no clock, no
// chance and no store; equal input gives equal themes. Every placement carries
// a Fit, calibrated on intents the machine had not seen, because only voices
// that surely belong are answered together.
//
// The hull is [Step]: it does the Gather jobs of a company one at a time and
// carries out what people decide about themes. People outrank the machine: it
// never moves a voice that a person placed, never renames a theme that a person
// named, and never merges one that a person touched.
package theme
