// Package listen hears what customers say. A connector, one folder below, knows
// one kind of place; listen runs it, keeps its cursor, asks the queries and
// stores what is for us.
package listen
