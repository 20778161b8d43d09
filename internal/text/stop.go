package text

// Stop reports whether a folded word of the language "de" or "en" is too common
// to tell one subject from another. In other languages no word is.
func Stop(lang, word string) bool {
	switch lang {
	case "de":
		return stopGerman(word)
	case "en":
		return stopEnglish(word)
	}
	return false
}

func stopGerman(word string) bool {
	switch word {
	case "aber", "alle", "allem", "allen", "aller", "alles", "als", "also", "am", "an", "andere", "anderem", "anderen",
		"anderer", "anderes", "auch", "auf", "aus", "bei", "beim", "bin", "bis", "bist", "bitte", "da", "dabei", "dafür",
		"dagegen", "daher", "damit", "danach", "dann", "daran", "darauf", "darf", "darum", "das", "dass", "davon", "dazu",
		"dein", "deine", "deinem", "deinen", "deiner", "dem", "den", "denen", "denn", "der", "deren", "des", "deshalb",
		"dessen", "dich", "die", "dies", "diese", "diesem", "diesen", "dieser", "dieses", "dir", "doch", "dort", "du",
		"durch", "eben", "ein", "eine", "einem", "einen", "einer", "eines", "einfach", "einige", "einmal", "er", "es",
		"etwas", "euch", "euer", "eure", "eurem", "euren", "eurer", "für", "gab", "ganz", "gar", "gegen", "geht", "gerade",
		"gern", "gerne", "gibt", "ging", "hab", "habe", "haben", "habt", "halt", "hat", "hatte", "hatten", "hier", "hin",
		"ich", "ihm", "ihn", "ihnen", "ihr", "ihre", "ihrem", "ihren", "ihrer", "im", "immer", "in", "ins", "ist", "ja",
		"jede", "jedem", "jeden", "jeder", "jedes", "jetzt", "kann", "kannst", "kein", "keine", "keinem", "keinen",
		"keiner", "können", "könnt", "könnte", "könnten", "lassen", "mal", "man", "mehr", "mein", "meine", "meinem",
		"meinen", "meiner", "mich", "mir", "mit", "muss", "müssen", "müsste", "nach", "nachdem", "nein", "nicht", "nichts",
		"noch", "nun", "nur", "ob", "oder", "ohne", "schon", "sehr", "seid", "sein", "seine", "seinem", "seinen", "seiner",
		"seit", "selbst", "sich", "sie", "sind", "so", "sogar", "soll", "sollen", "sollte", "sollten", "solltet", "sondern",
		"sonst", "sowie", "über", "um", "und", "uns", "unser", "unsere", "unserem", "unseren", "unter", "viel", "viele",
		"vom", "von", "vor", "wann", "war", "waren", "warum", "was", "weil", "weiter", "welche", "welchem", "welchen",
		"welcher", "welches", "wenn", "wer", "werde", "werden", "weshalb", "wie", "wieder", "wieso", "will", "wir", "wird",
		"wo", "wollen", "worden", "wurde", "wurden", "würde", "würden", "zu", "zum", "zur", "zwar", "zwischen",
		"ab", "bzw", "hallo", "hi", "innen", "liebe", "lieber", "liebes", "rt", "usw", "via", "vielleicht", "wäre", "wären":
		return true
	}
	return false
}

func stopEnglish(word string) bool {
	switch word {
	case "a", "about", "above", "after", "again", "all", "also", "am", "an", "and", "any", "are", "aren't", "as", "at",
		"be", "because", "been", "before", "being", "below", "between", "both", "but", "by", "can", "can't", "cannot",
		"could", "couldn't", "did", "didn't", "do", "does", "doesn't", "doing", "don't", "down", "during", "each", "even",
		"ever", "every", "few", "for", "from", "further", "get", "gets", "got", "had", "has", "have", "haven't", "having",
		"he", "her", "here", "hers", "him", "his", "how", "i", "i'd", "i'll", "i'm", "i've", "if", "in", "into", "is",
		"isn't", "it", "it's", "its", "itself", "just", "let", "like", "me", "more", "most", "much", "must", "my", "myself",
		"no", "nor", "not", "now", "of", "off", "on", "once", "one", "only", "or", "other", "our", "ours", "out", "over",
		"own", "please", "really", "same", "shall", "she", "should", "shouldn't", "so", "some", "such", "than", "that",
		"that's", "the", "their", "theirs", "them", "then", "there", "there's", "these", "they", "they're", "this", "those",
		"through", "to", "too", "under", "until", "up", "us", "very", "was", "wasn't", "we", "we're", "were", "weren't",
		"what", "when", "where", "which", "while", "who", "whom", "why", "will", "with", "won't", "would", "wouldn't",
		"yet", "you", "you're", "your", "yours", "yourself", "hello", "hey", "hi", "rt", "via":
		return true
	}
	return false
}
