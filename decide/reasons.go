package decide

import "lastword"

// Reasons returns the fixed reasons for a verdict in a language, as a director
// may choose one instead of typing. The same index means the same reason in
// every language, so that choosing one fills in all. A language that we do not
// write gets the German ones; an unknown verdict gets none.
func Reasons(v lastword.Verdict, lang string) []string {
	pairs := reasons(v)
	texts := make([]string, len(pairs))
	for i, pair := range pairs {
		texts[i] = pair.de
		if lang == "en" {
			texts[i] = pair.en
		}
	}
	return texts
}

type pair struct{ de, en string }

func reasons(v lastword.Verdict) []pair {
	switch v {
	case lastword.Yes:
		return reasonsForYes()
	case lastword.Later:
		return reasonsForLater()
	case lastword.No:
		return reasonsForNo()
	case lastword.AskBack:
		return reasonsForAsking()
	}
	return nil
}

func reasonsForYes() []pair {
	return []pair{
		{"Viele von Ihnen haben darum gebeten, und sie haben recht.", "Many of you have asked for it, and you are right."},
		{"Das hätte von Anfang an so sein sollen.", "It should have been like this from the start."},
		{"Es kostet uns wenig und hilft Ihnen jeden Tag.", "It costs us little and helps you every day."},
		{"Es passt genau zu dem, was wir ohnehin vorhaben.", "It fits exactly what we are planning anyway."},
		{"Der Fehler liegt bei uns, und wir wissen, wie wir ihn beheben.", "The fault is ours, and we know how to put it right."},
		{"Wir haben es geprüft, und es spricht nichts dagegen.", "We have looked into it, and nothing speaks against it."},
	}
}

func reasonsForLater() []pair {
	return []pair{
		{"Wir bringen zuerst zu Ende, was wir schon zugesagt haben.", "We will first finish what we have already promised."},
		{"Uns fehlen dafür im Moment die Leute.", "We do not have the people for it at the moment."},
		{"Wir brauchen dafür einen Partner, mit dem wir noch sprechen.", "We need a partner for it, with whom we are still talking."},
		{"Wir wollen erst sehen, ob das, was wir gerade ändern, schon hilft.", "We first want to see whether what we are changing now already helps."},
		{"Das Geld dafür können wir erst im nächsten Jahr einplanen.", "We can only budget for it next year."},
		{"Vorher müssen wir klären, was rechtlich möglich ist.", "Before that we have to find out what the law allows."},
	}
}

func reasonsForNo() []pair {
	return []pair{
		{"Es würde für alle teurer, und das wollen wir nicht.", "It would make things more expensive for everyone, and we do not want that."},
		{"Zu wenige hätten etwas davon.", "Too few people would benefit from it."},
		{"Das können andere besser als wir.", "Others do this better than we could."},
		{"Es geht zulasten der Sicherheit, und daran sparen wir nicht.", "It would be at the expense of safety, and we do not save on that."},
		{"Technisch lässt es sich nicht so lösen, dass es zuverlässig läuft.", "There is no technical way to do it that works reliably."},
		{"Die Vorschriften lassen es nicht zu.", "The regulations do not allow it."},
		{"Wir wollen weniger Dinge machen und diese gut.", "We want to do fewer things, and do them well."},
	}
}

func reasonsForAsking() []pair {
	return []pair{
		{"Was wäre Ihnen daran am wichtigsten?", "What about it would matter most to you?"},
		{"Wann und wo fehlt es Ihnen im Alltag?", "When and where do you miss it in daily life?"},
		{"Was tun Sie heute stattdessen?", "What do you do instead today?"},
		{"Bei welchem Produkt oder welcher Bestellung ist es aufgetreten?", "With which product or order did it happen?"},
		{"Was müsste sich ändern, damit es für Sie gut ist?", "What would have to change for it to be good for you?"},
		{"Wären Sie bereit, dafür etwas mehr zu bezahlen?", "Would you be willing to pay a little more for it?"},
	}
}
