package listen

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"lastword"
	"lastword/internal/length"
)

// networkOf is what a channel's connector says of its network.
func (p *Places) networkOf(c lastword.Channel) lastword.Network {
	if known := connector(p.Connectors, c.Connector); known != nil {
		return known.Info().Network
	}
	return lastword.Network{}
}

// threaded is a network as one way there has it, or as it is everywhere; answers
// become threads only where the source can go on with one.
func threaded(r Replier, way, everywhere lastword.Network) lastword.Network {
	if way.Name == "" {
		way = everywhere
	}
	way.Thread = 0
	if _, ok := r.(Threader); ok {
		way.Thread = everywhere.Thread
	}
	return way
}

// partsOf divides a reply into the posts that go out. What would be more than the
// network threads stays one, and is refused by the place.
func (p *Places) partsOf(r Replier, at *place, to lastword.Post, a Reply) []Reply {
	n := threaded(r, lastword.Network{}, at.network)
	if c, ok := r.(Chooser); ok {
		for _, o := range c.Options(to) {
			if !o.ByHand && o.Open(p.Now()) {
				n = threaded(r, o.Network, at.network)
				break
			}
		}
	}
	texts := length.Thread(n, a.Text)
	parts := make([]Reply, len(texts))
	for i, text := range texts {
		parts[i] = a
		parts[i].Text, parts[i].Key = text, partKey(a.Key, i)
	}
	return parts
}

// partKey is the idempotency key of a part: that of the whole for the first, so
// that nothing changes for what is one post.
func partKey(key string, part int) string {
	if part == 0 {
		return key
	}
	sum := sha256.Sum256([]byte(key + "/" + strconv.Itoa(part)))
	return strconv.FormatUint(binary.BigEndian.Uint64(sum[:])>>1, 10)
}

// thread gives a reply in parts, each below the one before, and returns where the
// first stands. Every part is looked for before it is given: a thread that broke
// off is gone on with where it ends.
func (p *Places) thread(ctx context.Context, at *place, r Threader, to lastword.Post, parts []Reply) (Receipt, error) {
	var first Receipt
	below := to
	for i, part := range parts {
		got, found, err := p.find(ctx, at, r, below, part)
		if err == nil && !found {
			got, err = p.say(ctx, at, r, below, part)
		}
		if err != nil {
			return Receipt{}, err
		}
		if i == 0 {
			first = got
		}
		below = r.After(to, got)
	}
	return first, nil
}
