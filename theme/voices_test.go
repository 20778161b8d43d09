package theme_test

import "lastword"

// A spoken voice of an invented shoe company, and what it is about.
type spoken struct {
	about, text, wish, lang string
	kinds                   lastword.Kinds
}

const (
	wish     = lastword.Wish
	problem  = lastword.Problem
	praise   = lastword.Praise
	question = lastword.Question
)

// invented are voices as people write them, in the order in which they came.
var invented = []spoken{
	{"half", "Warum gibt es den Bergkönig eigentlich nicht in halben Größen? 42 ist zu klein, 43 zu groß.", "nicht in halben Größen", "de", wish | question},
	{"laces", "Schnürsenkel nach drei Wochen gerissen. Bei dem Preis!", "", "de", problem},
	{"vegan", "Würde die Wanderstiefel sofort kaufen, wenn es sie vegan gäbe.", "wenn es sie vegan gäbe", "de", wish},
	{"half", "bitte macht halbe größen, meine füsse sind 41,5", "bitte macht halbe größen", "de", wish},
	{"late", "Seit 12 Tagen warte ich auf meine Lieferung, die Sendungsverfolgung steht still.", "", "de", problem},
	{"none", "Heute im Schaufenster in Pirmasens gesehen, schöne Farben dieses Jahr.", "", "de", praise},
	{"vegan", "Ein veganer Wanderstiefel ohne Leder, das wärs! #vegan", "Ein veganer Wanderstiefel ohne Leder, das wärs", "de", wish},
	{"laces", "Mir sind jetzt zum zweiten Mal die Schnürsenkel gerissen, was ist das für ein Material??", "", "de", problem | question},
	{"vienna", "Wann macht ihr endlich einen Laden in Wien auf?", "Wann macht ihr endlich einen Laden in Wien auf", "de", wish | question},
	{"half", "Halbe Größen wären ein Traum, jedes Mal bestelle ich zwei Paar und schicke eins zurück", "Halbe Größen wären ein Traum", "de", wish},
	{"late", "Lieferung kommt und kommt nicht. Angekündigt war letzte Woche Dienstag.", "", "de", problem},
	{"service", "Danke an Frau Keller vom Kundenservice, so freundlich wurde mir selten geholfen!", "", "de", praise},
	{"vegan", "gibts die Stiefel auch ohne leder? lebe vegan und find nix gscheites", "", "de", question | wish},
	{"none", "Welche Sohle ist beim Stadtschuh drunter, Gummi oder TPU?", "", "de", question},
	{"vienna", "Ein Geschäft in Wien wäre super, Graz ist mir zu weit zum Anprobieren", "Ein Geschäft in Wien wäre super", "de", wish},
	{"late", "Zwei Wochen Lieferzeit statt drei Tagen und keine Antwort auf meine Mail. Die Lieferung ist immer noch nicht da.", "", "de", problem},
	{"half", "Ich hätte gern eine 38,5. Halbe Größen gibt es doch bei jedem anderen Hersteller auch, oder?", "Ich hätte gern eine 38,5", "de", wish | question},
	{"service", "Der Kundenservice ist wirklich top, Frau Keller hat sich sofort gekümmert. Danke!", "", "de", praise},
	{"laces", "Die Schnürsenkel taugen nichts, nach einem Monat durchgescheuert und gerissen", "", "de", problem},
	{"vegan", "Vegane Variante vom Wanderstiefel bitte, ich will kein Leder mehr tragen.", "Vegane Variante vom Wanderstiefel bitte", "de", wish},
	{"vienna", "Kommt ihr mal nach Wien? So ein Laden im siebten Bezirk würde laufen", "Kommt ihr mal nach Wien", "de", wish},
	{"none", "Mein Opa hatte schon ein Paar von euch, die standen 30 Jahre im Flur.", "", "de", praise},
	{"late", "Wo bleibt meine Lieferung? Bestellt am 3., heute ist der 17.", "", "de", problem | question},
	{"half", "Zwischen 44 und 45 liegt bei mir alles. Halbe Größen, bitte!", "Halbe Größen, bitte", "de", wish},
	{"laces", "Gerissene Schnürsenkel am ersten Wochenende im Gebirge, nicht lustig", "", "de", problem},
	{"vegan", "Plant ihr etwas Veganes? Die Wanderstiefel gefallen mir, aber Leder kommt mir nicht an den Fuß.", "Plant ihr etwas Veganes", "de", wish | question},
	{"service", "Frau Keller im Kundenservice ist ein Schatz. Ersatz kam am nächsten Tag.", "", "de", praise},
	{"wide", "I have wide feet, please make the hiking boot in a wide fit.", "please make the hiking boot in a wide fit", "en", wish},
	{"wide", "Any chance of a wide fit? My toes go numb in the hiking boots after an hour.", "Any chance of a wide fit", "en", wish | question},
	{"none", "Saw your stand at the fair, lovely people.", "", "en", praise},
	{"wide", "wide fit please!! I love the boots but they are so narrow", "wide fit please", "en", wish | praise},
	{"wide", "Would buy two pairs if you offered a wide fit for men.", "if you offered a wide fit for men", "en", wish},
	{"vienna", "In Wien gibts euch nirgends, schade. Eröffnet doch einen Laden bei uns!", "Eröffnet doch einen Laden bei uns", "de", wish},
	{"late", "Lieferung verspätet sich zum dritten Mal, langsam reicht es mir", "", "de", problem},
}
