package theme

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed common.txt
var commonTable string

// commonFeatures returns the share, 0…1, of features that many texts have
// whatever they are about. Made by bench.CommonFeatures; read once.
var commonFeatures = sync.OnceValue(func() map[uint32]float32 {
	shares := make(map[uint32]float32, len(commonTable)/13)
	for line := range strings.Lines(commonTable) {
		id, share, ok := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.ParseUint(id, 16, 32)
		s, err2 := strconv.Atoi(share)
		if ok && err == nil && err2 == nil {
			shares[uint32(n)] = float32(s) / 10000
		}
	}
	return shares
})
