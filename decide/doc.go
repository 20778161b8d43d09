// Package decide takes the director's last word on a theme: yes, later, no or
// ask back, with a reason in one sentence that the customers will read.
//
// A decision by a director counts as that director's consent and stands as soon
// as the company's rule is met. Anybody else's is a proposal that a director may
// accept. A decision is never changed: a new one supersedes it.
package decide
