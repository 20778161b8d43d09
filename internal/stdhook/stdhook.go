// Package stdhook signs what is sent to other programs, as Standard Webhooks
// describes it (standard-webhooks/spec, "Signature scheme").
package stdhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	prefix  = "whsec_"
	keySize = 24 // bytes; the specification asks for 24 to 64
)

// NewKey makes a key from a source of randomness: "whsec_" and base64.
func NewKey(random io.Reader) (string, error) {
	raw := make([]byte, keySize)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("stdhook: %w", err)
	}
	return prefix + base64.StdEncoding.EncodeToString(raw), nil
}

// ErrKey says that a key is none.
var ErrKey = errors.New("stdhook: not a key")

// Sign adds id, time and signatures to the header of a request with that body, one
// signature for each key that is not empty; the receiver needs to know one of them.
func Sign(h http.Header, id string, at time.Time, body []byte, keys ...string) error {
	stamp := strconv.FormatInt(at.Unix(), 10)
	var signatures []string
	for _, key := range keys {
		if key == "" {
			continue
		}
		coded, known := strings.CutPrefix(key, prefix)
		raw, err := base64.StdEncoding.DecodeString(coded)
		if !known || err != nil || len(raw) == 0 {
			return ErrKey
		}
		m := hmac.New(sha256.New, raw)
		m.Write([]byte(id + "." + stamp + "."))
		m.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(m.Sum(nil)))
	}
	if len(signatures) == 0 {
		return ErrKey
	}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", stamp)
	h.Set("webhook-signature", strings.Join(signatures, " "))
	return nil
}
