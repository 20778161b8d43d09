package lastword

import (
	"strconv"
	"time"
)

// A Model is the endpoint by which a company lets texts be compared and worded
// better than the program alone can: any server that speaks the embeddings and
// chat calls of OpenAI. It is off until a director has seen what leaves the
// house.
type Model struct {
	Company int64
	Address string // up to its version, such as https://models.example.org/v1
	Key     string // decrypted; never logged, exported or shown
	Keyed   bool   // a key is kept
	Embed   string // the model that says what texts mean; or empty
	Chat    string // the model that words; or empty
	Budget  int64  // tokens a day
	On      bool
}

// Digest names what a director agrees to who switches a model on: where texts
// go, and for what.
func (m Model) Digest() string {
	return digest("model", strconv.FormatInt(m.Company, 10), m.Address, m.Embed, m.Chat)
}

// A Direction is what a text means, as a model for embeddings says: where it
// lies, rounded to a byte a number. Its length tells nothing.
type Direction []int8

// A Saying is the text of one voice, as it may leave the house.
type Saying struct {
	Voice int64
	Text  string
}

// An Ask is one request to a language model. The task and the shape of the answer
// are ours. Data is what others said: whoever sends an Ask passes it as data, and
// whoever reads the answer takes nothing from it that is not checked.
type Ask struct {
	Name  string         // of the shape: small letters
	Task  string         // in English
	Data  []Datum        // may be empty
	Shape map[string]any // JSON Schema of the answer, an object
	Most  int            // tokens of the answer
}

// A Datum is one text in an Ask, under a number that tells nothing outside of it.
type Datum struct {
	ID   int    `json:"id"`
	Lang string `json:"lang,omitempty"`
	Text string `json:"text"`
}

// A Wording is how a language model words a theme. Its name is a proposal: it
// becomes the theme's name when a person takes it.
type Wording struct {
	Theme     int64
	Name      string // may be empty
	Lang      string
	Sentences []Sentence
	Shown     []int64 // the voices that the model was shown
	Voices    int     // how many the theme had
	Made      time.Time
}

// A Sentence is one sentence of a summary, with the voices that say so.
type Sentence struct {
	Text   string   `json:"text"`
	Voices []int64  `json:"voices"`
	Quotes []Quoted `json:"quotes,omitempty"`
}

// Quoted are words of one voice, as they stand in its text.
type Quoted struct {
	Voice int64  `json:"voice"`
	Words string `json:"words"`
}

// A Phrase is a sentence by which an answer opens or ends, in the tone of the
// company's own former answers. It says nothing of what is decided.
type Phrase struct {
	ID, Company int64
	Lang        string // primary tag
	Kinds       Kinds  // the voices that it answers: one kind, or 0 for any
	Ends        bool   // it ends an answer; else it opens one
	Text        string
	Made        time.Time
}

// A ModelState is how a company's endpoint fares.
type ModelState struct {
	Spent int64     // tokens today
	Asked time.Time // zero: not since the program started
	Why   string    // the last call failed: a key of the catalogue
}

// A ModelTrial is what came of trying an endpoint.
type ModelTrial struct {
	Tried             bool
	Numbers           int    // of an embedding
	Said              string // by the language model
	EmbedWhy, ChatWhy string // what went wrong: keys of the catalogue
}

// An Outbound is a request as it leaves the house, without its key.
type Outbound struct {
	Address string
	Body    []byte
}
