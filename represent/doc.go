// Package represent is the company's own voice outward: a story is drafted once,
// fitted to each place, released by a director, published at its time, followed.
//
// fit.go is the heart: what a story becomes in a place. step.go holds what people
// do, deliver.go what happens when the time has come.
package represent
