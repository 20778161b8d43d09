// Package model lends the other steps a company's endpoint: what texts mean, and
// words for what is known already. It is off by default; then, and whenever the
// endpoint fails or the day's budget is spent, the program goes on by itself.
//
// It holds the one door through which texts leave for an endpoint. What passes is
// masked, bounded, paid from the budget and sent as data, and only while a
// director's word stands on exactly this address and these models. What comes back
// decides, sends and counts nothing: the steps that asked check it, and keep what
// they have where it fails.
package model
