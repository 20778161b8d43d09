package openai

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"lastword"
)

// MostTexts is how many texts one request for embeddings holds.
const MostTexts = 64

// longestVector is the most numbers of an embedding that is taken.
const longestVector = 4096

type embedRequest struct {
	Model  string   `json:"model"`
	Input  []string `json:"input"`
	Format string   `json:"encoding_format"`
}

// EmbedBody is the body of a request for embeddings, byte by byte.
func EmbedBody(model string, texts []string) []byte {
	return encode(embedRequest{model, texts, "float"})
}

// encode writes JSON. Our requests are texts and numbers, which cannot fail.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("openai: a request did not encode: " + err.Error())
	}
	return b
}

type usage struct {
	Total int64 `json:"total_tokens"`
}

type embedAnswer struct {
	Data []struct {
		Index     int       `json:"index"`
		Embedding []float64 `json:"embedding"`
	} `json:"data"`
	Usage usage `json:"usage"`
}

// Embed returns where each of up to MostTexts texts lies, in their order, and how
// many tokens that took; 0 if the server does not say.
func (c *Client) Embed(ctx context.Context, s Server, model string, texts []string) ([]lastword.Direction, int64, error) {
	body, err := c.post(ctx, s, "/embeddings", EmbedBody(model, texts))
	if err != nil {
		return nil, 0, err
	}
	ds, tokens, err := readEmbeddings(body, len(texts))
	if err != nil {
		return nil, tokens, fmt.Errorf("openai: embeddings: %w", err)
	}
	return ds, tokens, nil
}

// readEmbeddings takes an answer only as a whole: a vector for each text, all of
// one length, none without a direction.
func readEmbeddings(body []byte, n int) ([]lastword.Direction, int64, error) {
	var a embedAnswer
	if json.Unmarshal(body, &a) != nil || len(a.Data) != n {
		return nil, max(a.Usage.Total, 0), ErrShape
	}
	out := make([]lastword.Direction, n)
	for _, d := range a.Data {
		if d.Index < 0 || d.Index >= n || out[d.Index] != nil || len(d.Embedding) != len(a.Data[0].Embedding) {
			return nil, max(a.Usage.Total, 0), ErrShape
		}
		if out[d.Index] = rounded(d.Embedding); out[d.Index] == nil {
			return nil, max(a.Usage.Total, 0), ErrShape
		}
	}
	return out, max(a.Usage.Total, 0), nil
}

// rounded keeps the direction of a vector at a byte a number; nil if it has none.
func rounded(v []float64) lastword.Direction {
	most := 0.0
	for _, x := range v {
		most = max(most, math.Abs(x))
	}
	if len(v) < 2 || len(v) > longestVector || !(most > 0) || math.IsInf(most, 0) {
		return nil
	}
	d := make(lastword.Direction, len(v))
	for i, x := range v {
		d[i] = int8(math.Round(x / most * math.MaxInt8))
	}
	return d
}
