// Package notice tells other programs of the company what happens here: a voice
// that was heard, a decision, an answer that was delivered or failed. It speaks
// Standard Webhooks (standardwebhooks.com); docs/webhook.md tells those who
// receive.
//
// A notice is left by the store in the transaction of what it tells, as a row and
// a job. Here it is brought out: what it says is read at that moment, so that
// nothing is told that was deleted meanwhile. It is tried again until it arrives or
// three days have passed; its id stays the same, and order is not promised.
package notice
