package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"time"

	"lastword"
)

// A Story is something that the company says by itself.
type Story struct {
	Title, Text string
	Lang        string
	Networks    []string
	Alt         string    // of its picture; empty: it has none
	Said        time.Time // if it is out
	Due         time.Time // if it is planned
	Released    bool
	Replies     []Reply
}

// A Reply is what somebody says to it.
type Reply struct {
	Network, Handle, Name, Text, Lang string
	After                             time.Duration
}

// Blog returns the company's own blog.
func Blog() lastword.Blog {
	return lastword.Blog{Name: "ahlenbach", Title: "Aus der Werkstatt", About: "Was in der Schuhfabrik Ahlenbach entschieden wird, und warum.", Accent: "#2C6238", On: true,
		Imprint: "Schuhfabrik Ahlenbach GmbH & Co. KG\nAn der Walkmühle 4\n66953 Pirmasens\n\nVertreten durch die Ahlenbach Verwaltungs-GmbH, diese durch Friederike Ahlenbach und Jost Kimmerle\nAmtsgericht Zweibrücken, HRA 00000\nUSt-IdNr. DE000000000\n\nTelefon 06331 00000\nservice@ahlenbach.example"}
}

// Stories returns what the company said lately, what is planned, and what is drafted.
func Stories(now time.Time) []Story {
	local := now.In(zone())
	at := func(days, hour int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+days, hour, 0, 0, 0, local.Location())
	}
	return []Story{
		{
			Title: "Seidenpapier statt Folie", Lang: "de", Networks: []string{"blog", "bluesky", "mastodon"}, Said: at(-4, 10), Released: true,
			Alt: "Zeichnung einer Schuhsohle auf Packpapier",
			Text: "Ein Schuh, der zehn Jahre hält, braucht keinen Müll für vierhundert. Ab der Herbstware packen wir jeden Schuh in Seidenpapier.\n\n" +
				"Viele von Ihnen haben uns darum gebeten. Gefragt haben wir dann in der eigenen Werkstatt: **Was muss eine Verpackung eigentlich können?** Trocken halten, nicht scheuern, sich öffnen lassen. Mehr nicht.\n\n" +
				"- Das Papier kommt aus einer Mühle, die wir zu Fuß erreichen.\n- Der Karton bleibt, denn darin wohnen Ihre Schuhe oft jahrelang.\n- Was wir an Folie noch haben, brauchen wir auf.\n\n" +
				"Danke für jede einzelne Nachricht. Sie haben recht gehabt.",
			Replies: []Reply{
				{"bluesky", "veitkundel", "Veit Kundel", "Endlich! Beim letzten Paar lag mehr Folie im Karton als Schuh. Kommt das auch bei den Kinderschuhen?", "de", 40 * time.Minute},
				{"bluesky", "hanneseifried", "Hanne Seifried", "So schnell habe ich noch nie eine Antwort auf einen Wunsch bekommen. Danke.", "de", 3 * time.Hour},
				{"mastodon", "solveig_b", "Solveig Brandis", "Schöne Entscheidung. Bitte noch Schnürsenkel zum Nachkaufen dazulegen, dann wäre das Paket vollständig.", "de", 5 * time.Hour},
				{"mastodon", "tomhartley", "Tom Hartley", "Good move. Will the paper wrap be used for orders to the UK as well?", "en", 26 * time.Hour},
			},
		},
		{
			Title: "Offene Werkstatt", Lang: "de", Networks: []string{"bluesky", "mastodon", "facebook"}, Due: at(3, 9), Released: true,
			Text: "Am letzten Samstag im Monat steht bei uns die Werkstatt offen. Bringen Sie Schuhe mit, die eine neue Sohle brauchen: Wir zeigen, wie es geht, und sagen ehrlich, wo es sich nicht mehr lohnt.\n\nAn der Walkmühle 4, 10 bis 15 Uhr.",
		},
		{
			Title: "Warum es den Drachenpfad nicht in jeder Farbe gibt", Lang: "de", Networks: []string{"blog", "bluesky", "facebook"}, Due: at(1, 16),
			Alt: "Zeichnung einer Schuhsohle auf Packpapier",
			Text: "Schwarz, Braun, und dann lange nichts: So sieht unser Regal aus, und so soll es bleiben. Eine Farbe mehr heißt ein Gerberlos mehr, und ein Gerberlos sind für uns zweitausend Paar.\n\n" +
				"Wir färben lieber nach. Wer seinen Drachenpfad zur neuen Sohle schickt, bekommt ihn auf Wunsch dunkler zurück. https://ahlenbach.example/zweites-leben?utm_source=newsletter",
		},
		{
			Title: "", Lang: "de", Networks: nil,
			Text: "Notiz von der Messe: Drei Händler fragten nach halben Größen, ohne voneinander zu wissen.",
		},
	}
}

// Drawing is a picture for the stories: the outline of a sole, stitched, on paper.
func Drawing() ([]byte, error) {
	const w, h = 1200, 750
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	paper, leather, thread := color.RGBA{0xF5, 0xED, 0xE5, 255}, color.RGBA{0x8A, 0x3B, 0x12, 255}, color.RGBA{0xF0, 0xD9, 0xB8, 255}
	for y := range h {
		for x := range w {
			u := (float64(x) - 600) / 480 // along the sole, heel to toe
			middle := 375 - 38*math.Sin(u*2.2)
			width := 150*math.Sqrt(max(0, 1-u*u)) - 36*math.Exp(-(u+.12)*(u+.12)*14)
			switch d := width - math.Abs(float64(y)-middle); {
			case d > 22 && d < 28 && (x/14)%2 == 0:
				img.Set(x, y, thread)
			case d > 0:
				img.Set(x, y, leather)
			default:
				img.Set(x, y, paper)
			}
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}
