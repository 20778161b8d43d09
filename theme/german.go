package theme

import "strings"

// happened is how much a noun with what happens to it looks like a name.
const happened = 0.95

// happening reports whether German words are a noun and what it does or is to be done
// with it, as in "Sohle löst sich", "App stürzt ab", "Abo kündigen".
func happening(ns []named) bool {
	n := len(ns)
	if n > 2 && particles[ns[n-1].folded] {
		n--
	}
	if n != 2 {
		return false
	}
	thing, verb := ns[0], ns[1]
	return thing.carries && thing.noun() && thing.known > 0 && verb.carries && !verb.capital && verb.known < 0 && acts(verb.folded)
}

// goesOn reports whether what happens is told to its end only behind it: "Sohle löst"
// is half of "Sohle löst sich". What ends in a preposition is a particle only where the
// clause ends, too: "Sohlen quietschen auf" goes on with the floor.
func goesOn(last named, rest []named) bool {
	ends := len(rest) == 0 || rest[0].opens
	return !ends && (particles[rest[0].folded] || particles[last.folded] && prepositions[last.folded])
}

// acts reports whether a German word looks like a verb in the present: what was done
// ("bestellt", "abgelaufen") names nothing, and neither does "anzurufen".
func acts(w string) bool {
	if len(w) < 5 || prepositions[w] || !strings.HasSuffix(w, "t") && !strings.HasSuffix(w, "en") {
		return false
	}
	for _, before := range [...]string{"", "an", "auf", "aus", "ab", "ein", "zu", "mit", "vor", "um", "hin", "her", "nach", "zurück"} {
		if strings.HasPrefix(w, before+"ge") || before != "" && before != "zu" && strings.HasPrefix(w, before+"zu") {
			return false
		}
	}
	for _, before := range [...]string{"be", "ver", "er", "ent", "zer"} {
		if strings.HasPrefix(w, before) {
			return false
		}
	}
	return true
}

// agreeing is a German phrase with its adjective as a noun without an article has it,
// as far as the noun's ending tells: "(mit) defekter Rolltreppe" names a "Defekte
// Rolltreppe". It is doubtful where nothing can be told.
func agreeing(ns []named, said string) (name string, doubtful bool) {
	if len(ns) != 2 || ns[0].noun() || !ns[1].noun() {
		return said, false
	}
	noun, end := ns[1].folded, ns[0].end-ns[0].start
	switch last := noun[len(noun)-1]; {
	case strings.HasSuffix(ns[0].folded, "er") && (last == 'e' || feminine(noun)):
		return said[:end-1] + said[end:], false
	case strings.HasSuffix(ns[0].folded, "e") && !feminine(noun) && !strings.ContainsRune("aenrs", rune(last)):
		return said, true
	}
	return said, false
}

func feminine(noun string) bool {
	for _, end := range [...]string{"ung", "heit", "keit", "schaft", "ion", "tät", "ei", "ik", "ur"} {
		if strings.HasSuffix(noun, end) {
			return true
		}
	}
	return false
}

// measures reports whether a word is a number, or counts, measures or dates something:
// it tells how much or when, not what.
func measures(w string) bool { return w == "" || w[0] >= '0' && w[0] <= '9' || measureWords[w] }

// vague reports whether a noun alone tells little: one writes by it or of it, whatever
// the matter is.
func vague(w string) bool { return vagueNouns[w] }

var (
	// fillers are words of German and English that stand for anything or for nothing, and
	// short forms of auxiliaries, as they are written in posts.
	fillers = set("jemand jemanden jemandem niemand niemanden irgendjemand irgendwer irgendwas irgendwie irgendwo irgendwann irgendein irgendeine etwas was nix nichts " +
		"wär wärs wäre wären hätt hätts könnt könnts könnte würd würds würde müsst müsste müssten sollt sollte dürft hab habs gibts gehts isses is ises wars tät täte bräucht " +
		"fast weg fertig kaum immer wieder wirklich echt ehrlich einfach halt eben eigentlich überhaupt mittlerweile inzwischen manchmal oft öfter selten bald sofort " +
		"anfrage anfragen frage fragen rückfrage rückfragen nachfrage antwort vielleicht hoffentlich natürlich übrigens dauernd ewig plötzlich erst bereits bisher seitdem damals neulich wohl gar ziemlich total völlig komplett genauso anders zumindest " +
		"somebody someone something anything everything nothing really actually almost maybe always again already probably basically literally")
	measureWords = set("euro euros eur cent cents dollar dollars pounds prozent percent paar stück uhr minute minuten stunde stunden tag woche wochen monat monate monaten " +
		"montag dienstag mittwoch donnerstag freitag samstag sonntag montags dienstags mittwochs donnerstags freitags samstags sonntags wochenende urlaub " +
		"januar februar märz april mai juni juli august september oktober november dezember morgen gestern abend nacht " +
		"monday tuesday wednesday thursday friday saturday sunday week weeks month months minutes hours pair pairs couple " +
		"ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf erste ersten zweite zweiten dritte dritten one two three four five six seven eight nine ten first second third " +
		"mal nummer nummern number neue neuer neues neuen aktuelle aktueller aktuelles aktuellen ganze ganzer ganzes ganzen andere anderer anderes anderen " +
		"beide beiden letzte letzter letztes letzten nächster nächstes viele vielen wenige mehr weniger alle allem einzige einziger einziges kleine kleiner " +
		"schnelle schneller schnelles große großer großes liebe lieber liebes gleiche gleicher richtige echter echte normale eigene eigener eigenes ordered bought")
	vagueNouns = set("mail email e-mail antwort frage bitte hilfe foto fotos bild internet seite homepage link name firma unternehmen team kunde kunden kundin mensch " +
		"menschen leute mann frau frauen kind kinder sache teil ding grund fall ende anfang problem thema info infos information daten auto haus " +
		"haushalt familie mutter vater sohn tochter freund freundin kollegin kollegen chef hand kopf fuß füße stadt land welt geld preis product company customer reply email answer")
)
