// Package match tells which saved queries want a post, before anything is
// stored: a company hears what it asked for, and nothing else is kept.
//
// # The language
//
//	Aufzug kaputt              both words (AND, UND, or nothing between them)
//	Aufzug OR Fahrstuhl        either (ODER); AND binds more tightly than OR
//	Bahn -Autobahn             the first without the second (NOT, NICHT)
//	(a OR b) c                 parentheses
//	"guten Morgen"             a phrase: these words, next to each other
//	Aufzug NEAR/3 kaputt       in any order, at most 3 words between; either
//	                           side may be a group: (a OR b) NEAR/3 "c d"
//	bahn*  *bahn  *bahn*       begins with, ends with, contains; 3 letters or more
//	#Ausfall  @beispiel        only as hashtag or mention; Ausfall finds #Ausfall too
//	author:name                the author's handle, with or without @
//	site:example.org           the post's address or a link in it, subdomains too
//	lang:de  network:bluesky   as the place says; lang:de finds de-AT
//	is:reply  is:own  is:private
//
// Operators are written in capitals. Title and text are both searched; a phrase
// or NEAR never reaches from one into the other.
//
// # What is alike
//
// A word is a run of letters, digits and underscores, so "e-mail" is the phrase
// of its two parts. Scripts written without spaces (Chinese, Japanese, Thai, …)
// count each character as a word. Case, accents and compatibility forms make no
// difference, nor do marks nobody sees (soft hyphen, zero width, direction).
// German is folded as the Snowball stemmer "German2" does it: ß is ss, an umlaut
// is its plain vowel, and so are its digraphs ae and oe, and ue unless a vowel
// or q stands before it. Größe, Groesse and Grosse are therefore one word, while
// Bauer, neue and Quelle stay whole. Here a digraph that ends a word stays too
// (due is not du, Joe is not Jo), which costs rare spellings such as Menue.
//
// The fold takes some different words for one: those that only an umlaut, an
// accent or ß tells apart (schon and schön, wurde and würde, Masse and Maße), and
// a few with a digraph that is none (Michael and Michal, poet and pot). Of
// 736,149 words in real German and English posts, 0.36 % share their fold with a
// more frequent spelling, rightly (weiß and weiss) or wrongly; hardly any by a
// digraph. A phrase or a second word tells them apart where it matters. A
// pattern that begins with "ue" reads it as ü.
//
// # How it is fast
//
// [Compile] files each query under the rarest words of which it needs at least
// one. [Set.Match] folds and hashes a post's words once, looks each up, and runs
// the few queries filed under those it finds. [Query.Matches] is the same
// judgement, one query at a time and without any of this; tests hold them equal.
package match
