// Package brief fits what matters most into the minutes a director gives.
//
// It is a pure heart: the same situation always makes the same briefing. What
// does not fit is listed, never hidden, and a minute more only ever adds.
package brief
