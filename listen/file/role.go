package file

import "strings"

// A Role is what a field of a row means.
type Role string

// The roles, by their names in the import form.
const (
	Text         Role = "text"
	Time         Role = "time"
	Author       Role = "author"
	Title        Role = "title"
	ID           Role = "id"
	Parent       Role = "in_reply_to"
	Thread       Role = "thread"
	AuthorID     Role = "author_id"
	AuthorHandle Role = "author_handle"
	AuthorName   Role = "author_name"
	AuthorURL    Role = "author_url"
	Network      Role = "network"
	Lang         Role = "lang"
	URL          Role = "url"
	Own          Role = "own"
	Inbound      Role = "inbound"
	Private      Role = "private"
	Ref          Role = "ref"
)

// An alias is a name by which a role is known; the lower rank is preferred.
type alias struct {
	role Role
	rank int
}

// Roles lists every role with the names by which it is known, best first. Case,
// spaces and punctuation do not matter in them.
func Roles() []struct {
	Role  Role
	Names []string
} {
	type known = struct {
		Role  Role
		Names []string
	}
	names := func(r Role, s string) known { return known{r, append([]string{string(r)}, strings.Fields(s)...)} }
	return []known{
		names(Text, `full_text Nachricht Nachrichtentext Kommentar Kommentartext Rezension Rezensionstext Bewertungstext
			Bewertung Beitrag Mitteilung Anmerkung Freitext Inhalt Rückmeldung body message comment comment_text review_text
			review_body review content post tweet feedback note Beschreibung description`),
		names(Time, `created_at timestamp date Datum Zeitpunkt Datum_Uhrzeit Zeit erstellt_am erstellt Eingangsdatum Eingang
			eingegangen_am gesendet gesendet_am published_at published date_published posted_at sent_at said_at created
			creation_date review_date Bewertungsdatum datetime at updated_at`),
		names(Author, `Verfasser Autor Absender Nutzer Benutzer Kunde Kundin user from von customer sender reviewer account
			Nutzername Benutzername username user_name screen_name Kundenname`),
		names(Title, `Titel Betreff Überschrift subject headline review_title`),
		names(ID, `id_str tweet_id comment_id post_id review_id message_id key guid uuid Nr Nummer Vorgang Vorgangsnummer
			Ticket ticket_id ticketnummer`),
		names(Parent, `in_response_to_tweet_id in_reply_to_status_id_str in_reply_to_status_id in_reply_to_id in_response_to
			reply_to parent parent_id Antwort_auf`),
		names(Thread, `thread_id conversation_id conversation root root_id Konversation Gesprächsverlauf`),
		names(AuthorID, `user_id customer_id account_id Kundennummer Kundennr Kunden_ID Verfasser_ID`),
		names(AuthorHandle, `handle user_handle`),
		names(AuthorName, `display_name full_name name Vor_und_Nachname`),
		names(AuthorURL, `profile_url user_url Profil`),
		names(Network, `Netzwerk platform Plattform Kanal channel`),
		names(Lang, `language Sprache`),
		names(URL, `link permalink Adresse uri`),
		names(Own, `is_own eigene eigener_Beitrag`),
		names(Inbound, `eingehend is_inbound`),
		names(Private, `is_private privat vertraulich`),
		names(Ref, ``),
	}
}

// aliases returns the role of every folded name.
func aliases() map[string]alias {
	m := map[string]alias{}
	for _, known := range Roles() {
		for i, name := range known.Names {
			m[fold(name)] = alias{known.Role, i + 1}
		}
	}
	return m
}

// isRole reports whether r is one of [Roles].
func isRole(r Role) bool {
	for _, known := range Roles() {
		if known.Role == r {
			return true
		}
	}
	return false
}

type member struct {
	name string // folded
	role Role
}

// authorMembers lists the members of an author's object, best first.
func authorMembers() []member {
	return []member{
		{"idstr", AuthorID}, {"id", AuthorID}, {"did", AuthorID}, {"key", AuthorID},
		{"handle", AuthorHandle}, {"screenname", AuthorHandle}, {"username", AuthorHandle}, {"acct", AuthorHandle},
		{"displayname", AuthorName}, {"fullname", AuthorName}, {"name", AuthorName},
		{"url", AuthorURL}, {"profileurl", AuthorURL}, {"link", AuthorURL},
	}
}

// fold leaves lower-case letters and digits of a name, umlauts spelt out.
func fold(name string) string {
	out := make([]rune, 0, len(name))
	for _, r := range strings.ToLower(name) {
		switch {
		case r == 'ä':
			out = append(out, 'a', 'e')
		case r == 'ö':
			out = append(out, 'o', 'e')
		case r == 'ü':
			out = append(out, 'u', 'e')
		case r == 'ß':
			out = append(out, 's', 's')
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			out = append(out, r)
		}
	}
	return string(out)
}
