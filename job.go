package lastword

import "time"

// A Job is durable work for a step. Every job may run twice.
type Job struct {
	Kind    JobKind
	Company int64
	IDs     []int64 // voices, a decision, an answer: what Kind says

	NotBefore time.Time `json:",omitzero"` // zero: at once
}

// A JobKind names the step that does the job and what its IDs are.
type JobKind string

// The kinds of job.
const (
	Understand JobKind = "understand" // IDs are voices
	Reread     JobKind = "reread"     // no IDs: open voices are read with what the company taught
	Gather     JobKind = "gather"     // IDs are voices to place into themes
	DraftJob   JobKind = "draft"      // IDs is one standing decision
	Deliver    JobKind = "deliver"    // IDs is one released answer
	Mean       JobKind = "mean"       // IDs are voices of which an endpoint shall say what they mean
	Word       JobKind = "word"       // IDs are themes that a language model shall word
	Tell       JobKind = "tell"       // IDs are notices for the company's other programs
	Night      JobKind = "night"      // no company: a Tidy job is left for each in whose zone it is night
	Tidy       JobKind = "tidy"       // no IDs: the company's recent voices are gathered anew
	Tone       JobKind = "tone"       // no IDs: the company's own tone is learnt from its answers
	Publish    JobKind = "publish"    // IDs is one released version of a story
	TakeDown   JobKind = "takedown"   // IDs is one published version that is to go
	Unfurl     JobKind = "unfurl"     // IDs is one story whose link may have a card
)
