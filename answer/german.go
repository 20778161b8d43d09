package answer

import (
	"fmt"
	"time"

	"lastword"
)

type german struct{}

func (german) small() bool { return true }

func (german) thanks(k lastword.Kinds) []string {
	switch k {
	case lastword.Wish:
		return []string{
			"danke für Ihren Wunsch.",
			"danke für den Vorschlag.",
			"danke, dass Sie sagen, was Sie sich wünschen.",
			"Ihr Wunsch ist bei uns angekommen, danke dafür.",
			"danke, wir haben Ihren Wunsch gelesen.",
			"danke, dass Sie uns auf diese Idee bringen.",
		}
	case lastword.Problem:
		return []string{
			"es tut uns leid, dass Sie damit Ärger haben.",
			"wir bedauern, dass das nicht so läuft, wie es soll.",
			"danke für den Hinweis, der Ärger tut uns leid.",
			"dass Sie damit Mühe hatten, tut uns leid.",
			"danke, dass Sie das ansprechen, wir bedauern den Ärger.",
			"das ist ärgerlich, und es tut uns leid.",
		}
	case lastword.Question:
		return []string{
			"danke für Ihre Frage.",
			"danke, dass Sie nachfragen.",
			"Ihre Frage ist bei uns angekommen, danke dafür.",
			"gern beantworten wir Ihre Frage.",
			"danke, dass Sie danach fragen.",
			"Ihre Frage ist berechtigt, danke dafür.",
		}
	case lastword.Praise:
		return []string{
			"danke für das Lob.",
			"danke, das hören wir gern.",
			"danke für die freundlichen Worte.",
			"Ihr Lob freut uns, danke dafür.",
			"es freut uns, dass es Ihnen gefällt.",
			"schön, dass Sie das so sehen, danke.",
		}
	}
	return []string{
		"danke für Ihren Beitrag.",
		"danke für Ihre Rückmeldung.",
		"danke, dass Sie das ansprechen.",
		"Ihr Beitrag ist bei uns angekommen, danke dafür.",
		"danke, wir haben Ihren Beitrag gelesen.",
		"danke, dass Sie sich dazu äußern.",
	}
}

func (g german) verdict(v lastword.Verdict, k lastword.Kinds) []string {
	switch v {
	case lastword.Yes:
		return g.yes(k)
	case lastword.Later:
		return g.later(k)
	case lastword.No:
		return g.no(k)
	}
	return []string{
		"bevor wir entscheiden, möchten wir es genauer wissen.",
		"dazu haben wir eine Frage an Sie.",
		"um gut zu entscheiden, brauchen wir noch eine Auskunft von Ihnen.",
		"wir möchten Sie dazu etwas fragen.",
		"eine Frage haben wir noch, bevor wir entscheiden.",
	}
}

func (german) yes(k lastword.Kinds) []string {
	switch k {
	case lastword.Problem:
		return []string{"das bringen wir in Ordnung.", "wir beheben das.", "wir haben entschieden, das zu ändern.", "wir ändern das.", "das stellen wir ab."}
	case lastword.Question:
		return []string{"unsere Antwort ist ja.", "die Antwort lautet ja.", "ja, so haben wir es entschieden.", "wir haben es entschieden, und die Antwort ist ja."}
	case lastword.Praise:
		return []string{"dabei bleibt es.", "so machen wir weiter.", "daran halten wir fest.", "wir bleiben dabei.", "das behalten wir so bei."}
	}
	return []string{"das machen wir.", "wir setzen das um.", "ja, das kommt.", "wir haben entschieden, das umzusetzen.", "wir haben uns dafür entschieden."}
}

func (german) later(k lastword.Kinds) []string {
	if k == lastword.Problem {
		return []string{
			"wir können das noch nicht beheben und kommen bis zum {day} darauf zurück.",
			"eine Lösung haben wir noch nicht, bis zum {day} kommen wir darauf zurück.",
			"das braucht noch Zeit, wir nehmen es uns bis zum {day} wieder vor.",
			"jetzt sofort ändern wir das nicht, bis zum {day} sehen wir es uns wieder an.",
		}
	}
	return []string{
		"wir haben das vorgemerkt und kommen bis zum {day} darauf zurück.",
		"das geht jetzt noch nicht, bis zum {day} kommen wir darauf zurück.",
		"wir verschieben das und nehmen es uns bis zum {day} wieder vor.",
		"noch nicht, aber bis zum {day} sehen wir es uns wieder an.",
		"wir brauchen dafür Zeit und kommen bis zum {day} darauf zurück.",
	}
}

func (german) no(k lastword.Kinds) []string {
	switch k {
	case lastword.Problem:
		return []string{"das werden wir nicht ändern.", "daran ändern wir nichts.", "wir haben entschieden, es so zu lassen.", "das bleibt so, wie es ist."}
	case lastword.Question:
		return []string{"unsere Antwort ist nein.", "die Antwort lautet nein.", "nein, so haben wir es entschieden.", "wir haben es entschieden, und die Antwort ist nein."}
	}
	return []string{"wir haben uns dagegen entschieden.", "das werden wir nicht umsetzen.", "das machen wir nicht.", "wir haben entschieden, das nicht zu machen.", "unsere Entscheidung ist nein."}
}

func (german) courtesy(v lastword.Verdict) []string {
	if v == lastword.AskBack {
		return []string{"antworten Sie einfach hier.", "ein kurzer Satz genügt uns.", "wir lesen Ihre Antwort.", "schreiben Sie uns gern auch mehr dazu."}
	}
	return []string{
		"wenn Sie Fragen dazu haben, antworten Sie einfach hier.",
		"sagen Sie uns gern, was Sie davon halten.",
		"schreiben Sie uns gern, wenn noch etwas offen ist.",
		"ist etwas unklar, fragen Sie uns gern.",
		"Ihre Meinung dazu lesen wir gern.",
	}
}

func (german) leads() []string {
	return []string{"", "Der Grund:", "Der Grund dafür:", "Zur Begründung:"}
}

func (german) links() []string {
	return []string{"Mehr dazu:", "Alles dazu:", "Zum Nachlesen:", "Was daraus wurde:", "Ihr Beitrag und unsere Entscheidung:"}
}

func (german) topics() []string {
	return []string{"Zum Thema „{theme}“:", "Zu „{theme}“:", "Unsere Entscheidung zu „{theme}“:", "Es geht um „{theme}“:"}
}

func (german) greeting(to string) string {
	if name, ok := surely(to, "Frau", "Herr"); ok {
		return "Guten Tag " + name + ","
	}
	return "Guten Tag,"
}

func (german) closings() []string {
	return []string{"Freundliche Grüße", "Mit freundlichen Grüßen", "Viele Grüße", "Beste Grüße"}
}

func (german) day(t time.Time) string {
	months := [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}
	return fmt.Sprintf("%d. %s %d", t.Day(), months[t.Month()-1], t.Year())
}
