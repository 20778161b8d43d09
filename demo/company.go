package demo

import (
	"time"

	"lastword"
)

const (
	day   = 24 * time.Hour
	place = "Europe/Berlin"
)

// Company returns the company's record, made a quarter before now. It has no ID
// yet.
func Company(now time.Time) lastword.Company {
	return lastword.Company{
		Name: "Schuhfabrik Ahlenbach GmbH & Co. KG",
		Names: []string{
			"Ahlenbach", "Ahlenbacher", "Schuhfabrik Ahlenbach",
			"Drachenpfad",   // the hiking boot
			"Alma",          // the sneaker
			"Purzel",        // the children's shoe
			"Standfest",     // the work shoe
			"Zweites Leben", // the resoling service
		},
		Lang: "de", Zone: place, Rule: lastword.AnyDirector, Minutes: 10, Made: now.Add(-91 * day),
	}
}

// Members returns who works in the company. Their IDs, from 1, hold within this
// package only: [Past] decisions name them.
func Members(now time.Time) []lastword.Member {
	made := now.Add(-91 * day)
	return []lastword.Member{
		{ID: 1, Name: "Friederike Ahlenbach", Email: "friederike@ahlenbach.example", Role: lastword.Director, Lang: "de", Made: made},
		{ID: 2, Name: "Jost Kimmerle", Email: "jost@ahlenbach.example", Role: lastword.Director, Lang: "de", Made: made},
		{ID: 3, Name: "Selin Aktürk", Email: "service@ahlenbach.example", Role: lastword.Staff, Lang: "de", Made: made},
		{ID: 4, Name: "Bernd Weidig", Email: "werkstatt@ahlenbach.example", Role: lastword.Staff, Lang: "de", Made: made},
		{ID: 5, Name: "Marlene Pfundstein", Email: "shop@ahlenbach.example", Role: lastword.Staff, Lang: "de", Made: made},
		{ID: 6, Name: "Tamsin Okereke-Vogt", Email: "tamsin@kontor-hellohr.example", Role: lastword.Adviser, Lang: "en", Made: made},
	}
}

// Goals returns what the company aims at. Customers carry some of it, ask for
// nothing of the rest, and want much that no goal covers.
func Goals(now time.Time) []lastword.Goal {
	made := now.Add(-84 * day)
	return []lastword.Goal{
		{Text: "Reparieren statt ersetzen: Jeder Schuh von uns hält zehn Jahre und bekommt so viele neue Sohlen, wie er braucht.", Made: made},
		{Text: "Der Arbeitsschuh wird unser zweites Standbein: ein Viertel des Umsatzes in drei Jahren.", Made: made},
		{Text: "Österreich und die Schweiz: In jeder großen Stadt gibt es einen Ort, an dem man unsere Schuhe anprobieren kann.", Made: made},
		{Text: "Ein eigenes Kundenmagazin, viermal im Jahr, gedruckt auf Papier.", Made: made},
	}
}

// Queries returns the saved searches by which the company listens to the open
// streams. The name is also that of a brook and of people.
func Queries(now time.Time) []lastword.Query {
	made := now.Add(-90 * day)
	return []lastword.Query{
		{Name: "Unser Name", Text: `(ahlenbach* OR aalenbach) NOT (pegel OR feuerwehr OR angelfreunde OR "kostenlos gewinnen")`, Made: made},
		{Name: "Drachenpfad", Text: `drachenpfad* OR (ahlenbach* AND (wanderschuh* OR bergstiefel* OR boots))`, Made: made},
		{Name: "Alma und ihre Sohle", Text: `(alma NEAR/8 sohle) OR (alma NEAR/8 sole) OR #almaoffen OR (almas AND (sohle OR sole))`, Made: made},
		{Name: "Neu besohlen", Text: `("zweites leben" OR neubesohl* OR besohl* OR resol*) AND (ahlenbach* OR pirmasens OR drachenpfad)`, Made: made},
		{Name: "Arbeitsschuhe für Frauen", Text: `(standfest OR "safety boots" OR sicherheitsschuh*) AND (damen* OR frauen* OR women* OR damenleisten)`, Made: made},
		{Name: "Ahlenbach in Wien", Text: `ahlenbach* AND (wien OR vienna OR österreich)`, Made: made},
	}
}

// A Contact is a person who matters, with all accounts and addresses by which
// the company knows them. Where there are several, they have to be joined.
type Contact struct {
	Person     lastword.Person     // Name, Stage, Weight and Note
	Identities []lastword.Identity // Network and Author.Key
}

// Contacts returns the important customers, prospects, partners and press.
func Contacts() []Contact {
	return []Contact{
		contact("Gunhild Rastetter", "customer", 3, "Leitung Einkauf Schuh-Lenkewitz, 23 Häuser. Größter Händler der Alma. Schreibt die Herbstorder.",
			id("mail", "gunhild.rastetter@schuh-lenkewitz.example")),
		contact("Ortrud Sammet", "prospect", 3, "Zentraler Einkauf der Kliniken Weschbachtal, drei Häuser. Ausschreibung über 400 Paar Arbeitsschuhe.",
			id("mail", "o.sammet@weschbachtal.example")),
		contact("Korbinian Ederle", "press", 2, "Redakteur beim Bergmagazin Gratblatt, trägt den Drachenpfad seit Jahren selbst.",
			id("mastodon", "korbinian_e"), id("mail", "k.ederle@gratblatt.example")),
		contact("Roswitha Wieser", "partner", 2, "Bergzeug Wieser, Wien-Josefstadt. Möchte unsere Modelle führen.",
			id("mail", "office@bergzeug-wieser.example")),
		contact("Nadja Wohlleb", "customer", 2, "Inhaberin von Talauswärts in Freiburg. Baut eine lederfreie Abteilung auf.",
			id("mail", "nadja.wohlleb@talauswaerts.example")),
		contact("Philippa Garrow", "customer", 2, "Northmoor Outfitters, unser Händler in Nordengland.",
			id("mail", "accounts@northmoor-outfitters.example"), id("mail", "p.garrow@northmoor-outfitters.example")),
		contact("Lotte Winterkorn-Abel", "customer", 1, "Wirbt auf zwei Netzwerken für einen Drachenpfad ohne Leder. Viele hören auf sie.",
			id("bluesky", "lottewandert"), id("instagram", "lotte_wandert")),
		contact("Wiebke Solling", "customer", 1, "Leitet die Waldkita Dachsbau, empfiehlt den Purzel rund 70 Familien.",
			id("mail", "leitung@waldkita-dachsbau.example")),
	}
}

func contact(name, stage string, weight int, note string, ids ...lastword.Identity) Contact {
	return Contact{Person: lastword.Person{Name: name, Stage: stage, Weight: weight, Note: note}, Identities: ids}
}

func id(network, key string) lastword.Identity {
	return lastword.Identity{Network: network, Author: lastword.Author{Key: key, Handle: key}}
}

// A Past is a decision that already stands. It belongs to the theme in which
// most posts of the wish have come to lie.
type Past struct {
	Wish     string            // Wish.Name
	Decision lastword.Decision // Verdict, When, Reason, By (Member.ID), Made, Stands
}

// Decisions returns the decisions of the past, oldest first.
func Decisions(now time.Time) []Past {
	return []Past{
		{Wish: "packaging", Decision: lastword.Decision{
			Verdict: lastword.Yes, By: 1, Made: now.Add(-10*day - 2*time.Hour), Stands: now.Add(-10 * day),
			Reason: map[string]string{
				"de": "Ab der Herbstware packen wir jeden Schuh in Seidenpapier statt in Folie, weil ein Schuh, der zehn Jahre hält, keinen Müll für vierhundert braucht.",
				"en": "From our autumn range on every shoe is wrapped in tissue paper instead of plastic, because a shoe made for ten years should not leave rubbish for four hundred.",
			},
		}},
		{Wish: "vienna", Decision: lastword.Decision{
			Verdict: lastword.Later, By: 2, When: now.Add(75 * day), Made: now.Add(-5*day - 90*time.Minute), Stands: now.Add(-5 * day),
			Reason: map[string]string{
				"de": "Ein eigenes Geschäft in Wien können wir uns noch nicht leisten, wir sprechen aber mit einem Bergsportgeschäft in der Josefstadt über eine Ecke zum Anprobieren.",
				"en": "We cannot afford a shop of our own in Vienna yet, but we are talking to a mountain sports shop in the Josefstadt about a corner where you can try our shoes on.",
			},
		}},
	}
}
