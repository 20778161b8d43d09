package decide

import "lastword"

// Reasons returns the fixed reasons for a verdict in a language, as a director
// may choose one instead of typing: those for a theme with that want, which for a
// question are the answer itself. The same index means the same reason in every
// language, so that choosing one fills in all. A language that we do not write gets
// the German ones; an unknown verdict gets none.
func Reasons(v lastword.Verdict, want lastword.Kinds, lang string) []string {
	pairs := reasons(v, want)
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

// reasons are what is said most often, by what was asked: a wish is granted or not,
// a problem put right, a question answered, praise is met with thanks.
func reasons(v lastword.Verdict, want lastword.Kinds) []pair {
	switch v {
	case lastword.Yes:
		return reasonsForYes(want)
	case lastword.Later:
		return reasonsForLater(want)
	case lastword.No:
		return reasonsForNo(want)
	case lastword.AskBack:
		return reasonsForAsking(want)
	}
	return nil
}

func reasonsForYes(want lastword.Kinds) []pair {
	switch want {
	case lastword.Problem:
		return []pair{
			{"Der Fehler liegt bei uns, und wir wissen, wie wir ihn beheben.", "The fault is ours, and we know how to put it right."},
			{"Wir haben die Ursache gefunden und stellen sie ab.", "We have found the cause and are putting an end to it."},
			{"Das hätte nicht passieren dürfen.", "This should not have happened."},
			{"Wir haben es geprüft, und Sie haben recht.", "We have looked into it, and you are right."},
			{"Schreiben Sie uns bitte eine Nachricht, damit wir es für Sie in Ordnung bringen.", "Please send us a message, so that we can put it right for you."},
		}
	case lastword.Question:
		return []pair{
			{"Ja, das gibt es bei uns.", "Yes, we have that."},
			{"Ja, das geht.", "Yes, that is possible."},
			{"Ja, das ist geplant.", "Yes, that is planned."},
			{"Das steht auf unserer Internetseite.", "You will find that on our website."},
			{"Schreiben Sie uns bitte eine Nachricht, dann sehen wir für Sie nach.", "Please send us a message, and we will look it up for you."},
		}
	case lastword.Praise:
		return []pair{
			{"Wir geben es an alle weiter, die daran arbeiten.", "We will pass it on to everyone who works on it."},
			{"Dafür machen wir es.", "That is what we do it for."},
			{"Darauf haben wir lange hingearbeitet.", "We have worked towards this for a long time."},
			{"Schön, dass es Ihnen auffällt.", "It is good that you notice."},
			{"Bleiben Sie uns gewogen.", "We hope you will stay with us."},
		}
	}
	return []pair{
		{"Sie haben recht, und wir hätten selbst darauf kommen können.", "You are right, and we could have thought of it ourselves."},
		{"Das hätte von Anfang an so sein sollen.", "It should have been like this from the start."},
		{"Es kostet uns wenig und hilft Ihnen jeden Tag.", "It costs us little and helps you every day."},
		{"Es passt genau zu dem, was wir ohnehin vorhaben.", "It fits exactly what we are planning anyway."},
		{"Wir haben es geprüft, und es spricht nichts dagegen.", "We have looked into it, and nothing speaks against it."},
	}
}

func reasonsForLater(want lastword.Kinds) []pair {
	if want == lastword.Question {
		return []pair{
			{"Das müssen wir erst klären.", "We have to find that out first."},
			{"Das wissen wir noch nicht sicher.", "We do not know that for certain yet."},
			{"Wir fragen im Haus nach und melden uns dann.", "We will ask in the house and then let you know."},
			{"Das hängt von einem Lieferanten ab, auf den wir warten.", "That depends on a supplier we are waiting for."},
			{"Wir dürfen es noch nicht sagen.", "We may not say it yet."},
		}
	}
	return []pair{
		{"Wir bringen zuerst zu Ende, was wir schon zugesagt haben.", "We will first finish what we have already promised."},
		{"Uns fehlen dafür im Moment die Leute.", "We do not have the people for it at the moment."},
		{"Wir brauchen dafür einen Partner, mit dem wir noch sprechen.", "We need a partner for it, with whom we are still talking."},
		{"Wir wollen erst sehen, ob das, was wir gerade ändern, schon hilft.", "We first want to see whether what we are changing now already helps."},
		{"Das Geld dafür können wir erst im nächsten Jahr einplanen.", "We can only budget for it next year."},
		{"Vorher müssen wir klären, was rechtlich möglich ist.", "Before that we have to find out what the law allows."},
	}
}

func reasonsForNo(want lastword.Kinds) []pair {
	if want == lastword.Question {
		return []pair{
			{"Nein, das gibt es bei uns nicht.", "No, we do not have that."},
			{"Nein, das geht leider nicht.", "No, unfortunately that is not possible."},
			{"Nein, das ist nicht geplant.", "No, that is not planned."},
			{"Das dürfen wir leider nicht sagen.", "Unfortunately we may not tell you that."},
			{"Das weiß am besten, wer es Ihnen verkauft hat.", "Whoever sold it to you knows best."},
		}
	}
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

func reasonsForAsking(want lastword.Kinds) []pair {
	switch want {
	case lastword.Problem:
		return []pair{
			{"Bei welchem Produkt oder welcher Bestellung ist es aufgetreten?", "With which product or order did it happen?"},
			{"Seit wann ist das so?", "Since when has it been like this?"},
			{"Was haben Sie schon versucht?", "What have you tried already?"},
			{"Können Sie uns ein Bild davon schicken?", "Can you send us a picture of it?"},
			{"Was müsste sich ändern, damit es für Sie gut ist?", "What would have to change for it to be good for you?"},
		}
	case lastword.Question:
		return []pair{
			{"Um welches Produkt geht es Ihnen?", "Which product is it about?"},
			{"Um welche Bestellung geht es, und können Sie uns ihre Nummer als Nachricht schicken?", "Which order is it about, and can you send us its number in a message?"},
			{"Wo und wann brauchen Sie es?", "Where and when do you need it?"},
			{"Können Sie uns etwas mehr dazu sagen?", "Can you tell us a little more about it?"},
			{"Wie erreichen wir Sie am besten?", "How can we reach you best?"},
		}
	}
	return []pair{
		{"Was wäre Ihnen daran am wichtigsten?", "What about it would matter most to you?"},
		{"Wann und wo fehlt es Ihnen im Alltag?", "When and where do you miss it in daily life?"},
		{"Was tun Sie heute stattdessen?", "What do you do instead today?"},
		{"Was müsste sich ändern, damit es für Sie gut ist?", "What would have to change for it to be good for you?"},
		{"Wären Sie bereit, dafür etwas mehr zu bezahlen?", "Would you be willing to pay a little more for it?"},
	}
}
