package understand

// askWord reports whether a sentence that opens with word asks, in German or
// English.
func askWord(word string) bool {
	switch word {
	case "wann", "wie", "wieso", "weshalb", "warum", "wo", "woher", "wohin", "wer", "wen", "wem", "was", "welche",
		"welcher", "welches", "welchen", "wofür", "wozu", "womit", "wieviel", "wieviele", "ab wann", "gibt",
		"what", "when", "why", "where", "who", "which", "how", "what's", "how's", "who's", "whats":
		return true
	}
	return false
}

// subject reports whether word, second in a sentence that asks, makes the first
// one its verb.
func subject(word string) bool {
	switch word {
	case "ich", "du", "er", "sie", "es", "wir", "ihr", "man", "das", "die", "der", "jemand", "denn",
		"i", "you", "we", "they", "it", "he", "she", "anyone", "there", "this", "that":
		return true
	}
	return false
}

// imperative reports whether a sentence that opens so tells somebody to do
// something. German has "macht …", "baut …" (plural) and "bitte …"; English the
// bare verb.
func imperative(opener, second string) bool {
	switch opener {
	case "bitte", "lasst", "macht", "baut", "führt", "gebt", "tut", "schafft", "stellt", "nehmt", "sorgt", "kümmert",
		"repariert", "ändert", "hört", "fangt", "denkt", "mach", "lass", "gib", "nimm", "sag", "sagt", "bringt", "setzt",
		"please", "pls", "plz", "add", "fix", "make", "give", "let", "allow", "bring", "remove", "stop", "change",
		"improve", "keep", "update", "put", "try", "include", "provide", "enable", "don't", "get":
		return true
	}
	return second == "doch" || second == "bitte" || second == "mal" || second == "endlich" || second == "please"
}

// commonVerb lists the frequent finite verbs: without any of them a German text
// is a headline or a bare demand.
func commonVerb(word string) bool {
	switch word {
	case "ist", "sind", "war", "waren", "bin", "bist", "seid", "wird", "werden", "wurde", "wurden", "hat", "haben",
		"habe", "habt", "hatte", "hatten", "kann", "können", "könnt", "kannst", "könnte", "könnten", "könntet", "soll",
		"sollen", "sollte", "sollten", "solltet", "muss", "müssen", "müsst", "müsste", "müssten", "will", "wollen",
		"wollt", "darf", "dürfen", "gibt", "geht", "kommt", "macht", "fährt", "fahren", "steht", "braucht", "wäre",
		"wären", "hätte", "hätten", "würde", "würden", "möchte", "möchten", "mag", "finde", "findet", "funktioniert",
		"is", "are", "was", "were", "am", "be", "has", "have", "had", "do", "does", "did", "can", "could", "would",
		"should", "must", "need", "needs", "want", "works", "keeps", "it's", "i'm", "don't", "doesn't", "can't":
		return true
	}
	return false
}

// wordCue returns the sign that a folded word gives, or -1.
func wordCue(word string) int {
	switch word {
	case "bitte", "please", "pls", "plz", "bitteschön", "biddö":
		return cuePlease
	case "danke", "dank", "dankeschön", "thx", "merci", "thanks", "thank", "vielendank", "dankt", "danken", "tnx", "ty":
		return cueThanks
	case "hallo", "hi", "hey", "moin", "servus", "liebe", "lieber", "liebes", "guten", "hello", "dear":
		return cueGreets
	case "muss", "müssen", "soll", "sollen", "must", "need", "needs", "brauchen", "braucht", "bräuchte", "benötigen",
		"gehört", "gehören", "verpflichtend", "verpflichtende", "dürfen", "darf":
		return cueMust
	case "könnte", "könnten", "könntet", "wäre", "wären", "hätte", "hätten", "würde", "würden", "fände", "fänden",
		"could", "would", "i'd", "might", "müsste", "müssten", "dürfte", "könnt":
		return cueCould
	case "sollte", "sollten", "solltet", "solltest", "should", "ought":
		return cueShould
	case "wünsche", "wünschen", "wünschte", "wünscht", "wunsch", "möchte", "möchten", "hoffe", "hoffen", "hoffentlich",
		"fordern", "fordere", "fordert", "vorschlag", "vorschlagen", "empfehle", "wish", "want", "hope", "hopefully",
		"suggest", "suggestion", "request", "idee", "love to see", "feature", "missing":
		return cueWishVerb
	}
	return wordCue2(word)
}

// wordCue2 goes on where wordCue ends; one switch would be too long to read.
func wordCue2(word string) int {
	switch word {
	case "mehr", "weniger", "statt", "anstatt", "anstelle", "stattdessen", "endlich", "besser", "bessere", "lieber",
		"more", "less", "instead", "rather", "better", "finally", "option", "ability":
		return cueRather
	case "nicht", "kein", "keine", "keinen", "keiner", "keinem", "nie", "niemals", "ohne", "nix", "nichts", "ned",
		"not", "no", "never", "don't", "doesn't", "can't", "won't", "isn't", "didn't", "cannot", "without", "dont":
		return cueNegates
	case "fehlt", "fehlen", "fehlende", "fehlender", "lacks", "lacking", "vermisse":
		return cueNothing
	case "defekt", "defekte", "defekten", "defekter", "kaputt", "kaputte", "ausgefallen", "ausfall", "störung", "gestört",
		"verspätung", "außer", "streikt", "crash", "crashes", "crashed", "crashing", "freezes", "broken", "bug", "bugs",
		"error", "errors", "fails", "fail", "failed", "problem", "probleme", "problems", "issue", "issues", "fehler":
		return cueBroken
	case "wieder", "immer", "noch", "seit", "schon", "ständig", "dauernd", "again", "still", "always", "anymore",
		"constantly", "wochen", "monaten", "jahren":
		return cueAgain
	}
	return wordCue3(word)
}

// wordCue3 goes on where wordCue2 ends.
func wordCue3(word string) int {
	switch word {
	case "super", "toll", "tolle", "toller", "tolles", "klasse", "prima", "schön", "schöne", "schöner", "schönes", "geil",
		"gut", "gute", "guter", "gutes", "cool", "lecker", "perfekt", "genial", "freundlich", "spitze", "großartig",
		"liebe es", "freue", "freut", "top", "lob", "beste", "besten", "bester", "gelungen", "great", "good", "love",
		"awesome", "excellent", "amazing", "nice", "best", "perfect", "wonderful", "fantastic", "cute", "brilliant":
		return cueGood
	case "schlecht", "schlechte", "schlechter", "scheiße", "scheisse", "mist", "ärgerlich", "peinlich", "unfähig", "nervt",
		"traurig", "leider", "schade", "furchtbar", "unverschämt", "unmöglich", "frechheit", "schlimm", "dreckig", "bad",
		"terrible", "worst", "awful", "useless", "hate", "horrible", "annoying", "sucks", "waste", "poor", "crap", "slow":
		return cueBad
	case "ich", "mir", "mich", "mein", "meine", "i", "me", "my", "i'm", "i've":
		return cueI
	case "wir", "uns", "unser", "unsere", "we", "us", "our":
		return cueWe
	case "ihr", "euch", "euer", "eure", "du", "dir", "dich", "ihnen", "you", "your", "u":
		return cueYou
	case "aber", "jedoch", "allerdings", "nur", "but", "however", "although", "except":
		return cueBut
	case "wenn", "falls", "if", "ob":
		return cueIf
	}
	return -1
}

// emojiFeeling returns 1 for a glad emoji or emoticon, -1 for a sad or angry
// one, 0 for one that tells nothing.
func emojiFeeling(emoji string) int {
	switch emoji {
	case ":)", ":d", ";)", ";d", ":*", "=)", ":]", "<3", "^^", ":p", "😀", "😁", "😂", "😃", "😄", "😅", "😆", "😉", "😊", "😋",
		"😍", "😎", "😘", "🙂", "🤗", "🤩", "🥰", "👍", "👏", "🙏", "❤", "💕", "💖", "💙", "💚", "💛", "💪", "🎉", "✨", "☀", "🌹", "🙌", "👌", "🥳", "☺":
		return 1
	case ":(", ";(", ":/", ":\\", ":|", "=(", "😞", "😟", "😠", "😡", "😢", "😣", "😤", "😥", "😩", "😫", "😭", "😱", "😒", "😔", "😕", "🙁", "☹",
		"🤬", "👎", "🤮", "🤢", "🙄", "🤦", "🤦‍♀", "🤦‍♂", "😐", "😑", "😖", "💔", "😨", "😰", "🤨", "🤷", "🤷‍♀", "🤷‍♂", "💩":
		return -1
	}
	return 0
}

// emojiCue returns how an emoji or emoticon is meant, or -1 where that is open.
func emojiCue(emoji string) int {
	switch emoji {
	case "😂", "🤣", "😅", "😆", "😹", "😄", ":d", "xd", "=d", "😁":
		return cueLaughs
	case ";)", ";d", ";p", ";-)", "😉", "😜", "😏", "🙃", "😇", ":p":
		return cueWinks
	case "👍", "👏", "🙌", "👌", "💪", "🎉", "🥳", "❤", "♥", "♡", "💕", "💖", "💗", "💙", "💚", "💛", "🧡", "💜", "🖤", "😍", "🥰", "😘",
		"🤩", "<3", "⭐", "🌟", "🏆", "🥇", "🔝", "💯", "🙏", "🤗", "✅":
		return cueApplauds
	}
	return -1
}
