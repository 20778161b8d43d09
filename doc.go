// Package lastword holds the words the whole program shares: a Voice is heard,
// understood, gathered into a Theme, discussed, decided and answered.
//
// It imports nothing but the standard library and does no input or output.
// Follow one voice through the folders in this order:
//
//	listen → match → understand → theme → decide → answer → (listen)
//
// Each step has a pure heart and a thin hull. A hull is woken by a [Job], reads
// and writes through a small Store interface that it declares itself, and
// leaves the next Job in the same transaction. No step imports another; they
// meet only in app.
package lastword
