// Package demo holds the throw-away company of `lastword demo`: the shoe
// factory Ahlenbach of Pirmasens with its people, goals, saved searches,
// important customers, two decisions of the past, and six weeks of what
// customers said to it. All of it is invented, and all addresses end in
// ".example".
//
// The posts lie in posts/*.jsonl, one file for each thing that customers want,
// in the form that imports understand, but for the time: "ago" counts back from
// the moment of the demo, as "12d 21:14" (that time of day, twelve days before,
// where the company is) or "35m", so that the six weeks always end now. They
// are written by hand, one by one; no program makes them, and none could make
// them again.
package demo
