package notice

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"lastword"
)

// A message is what is sent.
type message struct {
	Type string `json:"type"`
	At   string `json:"timestamp"` // when it happened, RFC 3339
	Data data   `json:"data"`
}

// Data is what a message says. Parts that its type does not name are left out.
type data struct {
	Text     string    `json:"text,omitempty"` // of a test
	Voice    *voice    `json:"voice,omitempty"`
	Theme    *theme    `json:"theme,omitempty"`
	Decision *decision `json:"decision,omitempty"`
	Answer   *answer   `json:"answer,omitempty"`
}

// Ids are words: they do not fit into the numbers of every language.
type voice struct {
	ID      string   `json:"id"`
	Network string   `json:"network"`
	Key     string   `json:"key"`
	URL     string   `json:"url,omitempty"`
	Title   string   `json:"title,omitempty"`
	Text    string   `json:"text,omitempty"`
	Lang    string   `json:"lang,omitempty"`
	SaidAt  string   `json:"said_at,omitempty"`
	Author  *author  `json:"author,omitempty"`
	Queries []string `json:"queries,omitempty"`
	Private bool     `json:"private,omitempty"`
	Gone    bool     `json:"gone,omitempty"`
}

type author struct {
	Key    string `json:"key,omitempty"`
	Handle string `json:"handle,omitempty"`
	Name   string `json:"name,omitempty"`
	URL    string `json:"url,omitempty"`
}

type theme struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Voices int    `json:"voices"`
}

type decision struct {
	ID      string            `json:"id"`
	Verdict string            `json:"verdict"` // yes, later, no, ask
	When    string            `json:"when,omitempty"`
	Reason  map[string]string `json:"reason"` // by language
}

type answer struct {
	ID      string `json:"id"`
	Network string `json:"network"`
	Lang    string `json:"lang"`
	Text    string `json:"text"`
	URL     string `json:"url,omitempty"`
	SentAt  string `json:"sent_at,omitempty"`
	Reason  string `json:"reason,omitempty"` // why it failed: a word for programs
}

// Body is what is sent of a notice; false where there is nothing to tell any more.
func Body(t lastword.Telling) ([]byte, bool) {
	m := message{Type: string(t.Kind), At: stamp(t.Made)}
	switch t.Kind {
	case lastword.VoiceHeard:
		if !t.Voice.GoneAt.IsZero() || t.Voice.Hidden {
			return nil, false
		}
		m.Data.Voice = voiceOf(t.Voice, t.Queries)
	case lastword.VoiceGone:
		m.Data.Voice = &voice{ID: number(t.Voice.ID), Network: t.Voice.Network, Key: t.Voice.Key, Gone: true}
	case lastword.ThemeDecided:
		m.Data.Theme, m.Data.Decision = themeOf(t.Theme), decisionOf(t.Decision)
	case lastword.AnswerDelivered, lastword.AnswerFailed:
		m.Data.Answer, m.Data.Voice = answerOf(t.Kind, t.Answer), voiceOf(t.Voice, nil)
		if t.Theme.ID != 0 {
			m.Data.Theme = themeOf(t.Theme)
		}
	case lastword.TestNotice:
		m.Data.Text = "Test of Lastword"
	default:
		return nil, false
	}
	body, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		panic(err) // words and numbers only
	}
	return body, true
}

// voiceOf leaves out the words of a voice that is gone, or whose account is away.
func voiceOf(v lastword.VoiceRow, queries []string) *voice {
	if !v.GoneAt.IsZero() || v.Hidden {
		return &voice{ID: number(v.ID), Network: v.Network, Key: v.Key, Gone: true}
	}
	out := &voice{ID: number(v.ID), Network: v.Network, Key: v.Key, URL: v.URL, Title: v.Title, Text: v.Text, Lang: v.Lang,
		SaidAt: stamp(v.SaidAt), Queries: queries, Private: v.Private}
	if a := v.Who.Author; a != (lastword.Author{}) {
		out.Author = &author{Key: a.Key, Handle: a.Handle, Name: a.Name, URL: a.URL}
	}
	return out
}

func themeOf(t lastword.Theme) *theme {
	return &theme{ID: number(t.ID), Name: t.Name, Voices: t.Voices}
}

func decisionOf(d lastword.Decision) *decision {
	out := &decision{ID: number(d.ID), Verdict: string(d.Verdict), Reason: d.Reason}
	if !d.When.IsZero() {
		out.When = d.When.UTC().Format(time.DateOnly)
	}
	return out
}

func answerOf(kind lastword.NoticeKind, a lastword.Answer) *answer {
	out := &answer{ID: number(a.ID), Network: a.Network, Lang: a.Lang, Text: a.Text, URL: a.URL}
	if !a.Sent.IsZero() {
		out.SentAt = stamp(a.Sent)
	}
	if kind == lastword.AnswerFailed {
		out.Reason = strings.TrimPrefix(a.Why, "why.")
	}
	return out
}

func number(id int64) string { return strconv.FormatInt(id, 10) }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
