// Package openai speaks the two calls that servers of language models have in
// common, those of OpenAI's API: /embeddings and /chat/completions with an answer
// of a given shape. It knows the wire and nothing of what is asked.
//
// Whatever comes back is foreign: it is bounded, its shape is checked, and an
// error never repeats it.
package openai
