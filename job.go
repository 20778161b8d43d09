package lastword

// A Job is durable work for a step. Every job may run twice.
type Job struct {
	Kind    JobKind
	Company int64
	IDs     []int64 // voices, a decision, an answer: what Kind says
}

// A JobKind names the step that does the job and what its IDs are.
type JobKind string

// The kinds of job.
const (
	Understand JobKind = "understand" // IDs are voices
	Gather     JobKind = "gather"     // IDs are voices to place into themes
	DraftJob   JobKind = "draft"      // IDs is one standing decision
	Deliver    JobKind = "deliver"    // IDs is one released answer
	Mean       JobKind = "mean"       // IDs are voices of which an endpoint shall say what they mean
	Word       JobKind = "word"       // IDs are themes that a language model shall word
	Night      JobKind = "night"      // no company: a Tidy job is left for each in whose zone it is night
	Tidy       JobKind = "tidy"       // no IDs: the company's recent voices are gathered anew
	Tone       JobKind = "tone"       // no IDs: the company's own tone is learnt from its answers
)
