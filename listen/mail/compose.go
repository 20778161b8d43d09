package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-message/mail"

	"lastword"
	"lastword/internal/text"
	"lastword/listen"
)

// answerID is the Message-ID of an answer, from nothing but what Find knows too.
func (a account) answerID(to lastword.Post, key string) string {
	sum := sha256.Sum256([]byte(a.address + "\n" + to.Key + "\n" + key))
	return "lastword." + hex.EncodeToString(sum[:16]) + "@" + domainOf(a.address)
}

var answerForm = regexp.MustCompile(`^lastword\.[0-9a-f]{32}@`)

// ours reports whether a Message-ID is of an answer of this account.
func (a account) ours(id string) bool {
	return answerForm.MatchString(id) && domainOf(id) == domainOf(a.address)
}

// compose writes the answer (RFC 5322): in the voice's thread, quoting nothing.
// A person released it, so that it is not marked as automatic (RFC 3834 §5.1).
func (a account) compose(to lastword.Post, r listen.Reply) ([]byte, ref, error) {
	whom := readRef(to)
	var h mail.Header
	h.SetAddressList("From", []*mail.Address{{Name: a.sender, Address: a.address}})
	h.SetAddressList("To", []*mail.Address{{Name: whom.Name, Address: whom.To}})
	h.SetSubject(subject(to.Title, r.Lang))
	h.SetDate(r.Made)
	h.SetMessageID(a.answerID(to, r.Key))
	if whom.ID != "" {
		h.SetMsgIDList("In-Reply-To", []string{whom.ID})
		h.SetMsgIDList("References", append(slices.DeleteFunc(whom.References, func(id string) bool { return id == whom.ID }), whom.ID))
	}
	if r.Lang != "" {
		h.Set("Content-Language", r.Lang)
	}
	h.SetContentType("text/plain", map[string]string{"charset": "utf-8"})
	h.Set("Content-Transfer-Encoding", "quoted-printable")
	h.Set("MIME-Version", "1.0")
	var out bytes.Buffer
	w, err := mail.CreateSingleInlineWriter(&out, h)
	if err == nil {
		_, err = io.WriteString(w, strings.ReplaceAll(strings.TrimRight(r.Text, "\n"), "\n", "\r\n")+"\r\n")
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, whom, fmt.Errorf("mail: write the answer: %w: %w", err, lastword.ErrInvalid)
	}
	return out.Bytes(), whom, nil
}

var prefixes = regexp.MustCompile(`(?i)^(\s*(re|aw|antw|antwort|wg|fwd?|tr|sv|r)(\[\d+\])?\s*:\s*)+`)

// subject is that of the voice, behind one "Re: " (RFC 5322 §3.6.5).
func subject(title, lang string) string {
	title = strings.Join(strings.Fields(prefixes.ReplaceAllString(text.Clean(title), "")), " ")
	switch {
	case title != "":
	case strings.HasPrefix(lang, "de"):
		title = "Ihre Nachricht"
	default:
		title = "Your message"
	}
	return "Re: " + title
}
