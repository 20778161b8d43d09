// Package file brings in what customers said before Lastword listened: exports
// of networks, review sites and support desks, mailboxes, saved feeds. It is
// the connector behind `lastword import FILE…`.
//
// Read are JSON Lines and arrays of JSON objects, CSV and TSV, mbox, and RSS,
// Atom and JSON Feed files; each plain or compressed by gzip or zstd; in UTF-8,
// Windows-1252 or UTF-16.
//
// # The import form
//
// One JSON object a line. Only "text" is required:
//
//	{"id":"17","time":"2026-03-02T09:12:00+01:00","text":"…","author":"Anna"}
//
//	text         what was said; HTML is made plain
//	id           unique in its network; without it a hash of author, time and text
//	time         see [Times]
//	lang         BCP 47
//	title        headline, subject
//	author       a name or @handle, or {"id","handle","name","url"}
//	author_id, author_handle, author_name, author_url
//	url          where a person can read it
//	network      "bluesky", "x", "reviews", …; else the setting, else "file"
//	in_reply_to  id of the post it replies to
//	thread       id of the first post of its thread
//	ref          what the network's connector needs to reply
//	own          true if the company said it
//	inbound      false if the company said it (the word of support desks)
//	private      true if it was not public
//
// Names by which other programs call these fields are understood too (see
// [Roles]); unknown fields are left alone. The columns of a table mean the same
// by the same names, in English or German; where the name tells nothing the
// content is asked (see [Guess]), and a [Mapping] overrules both.
//
// Ids such as 1, 2, 3 are unique in one file only. Where no network is named,
// an id or author that is not unique by itself therefore gets the file's name
// before it, so that two exports never overwrite each other's voices, while the
// same export read twice changes nothing.
//
// # What is broken
//
// A row that cannot be read is left out, counted by one of the reasons below,
// and never stops the rest.
package file
