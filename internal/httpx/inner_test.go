package httpx_test

import (
	"errors"
	"net"
	"net/netip"
	"testing"

	"pgregory.net/rapid"

	"lastword/internal/httpx"
)

func TestPublic(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]bool{
		"8.8.8.8":                      true,
		"93.184.216.34":                true,
		"2606:4700:4700::1111":         true,
		"64:ff9b::808:808":             true, // NAT64 of a public address
		"0.0.0.0":                      false,
		"10.1.2.3":                     false,
		"100.64.0.1":                   false,
		"100.127.255.255":              false,
		"100.128.0.1":                  true,
		"127.0.0.1":                    false,
		"127.9.9.9":                    false,
		"169.254.169.254":              false,
		"172.16.0.1":                   false,
		"172.32.0.1":                   true,
		"192.168.1.1":                  false,
		"192.0.0.8":                    false,
		"198.18.0.1":                   false,
		"224.0.0.1":                    false,
		"240.0.0.1":                    false,
		"255.255.255.255":              false,
		"::":                           false,
		"::1":                          false,
		"::7f00:1":                     false, // IPv4-compatible
		"::ffff:127.0.0.1":             false,
		"::ffff:10.0.0.1":              false,
		"::ffff:8.8.8.8":               true,
		"64:ff9b::7f00:1":              false,
		"64:ff9b::a9fe:a9fe":           false,
		"64:ff9b:1::808:808":           false, // NAT64 for local use, RFC 8215
		"2002:7f00:1::":                false, // 6to4
		"2001:0:4136:e378:8000::":      false, // Teredo
		"2001:db8::1":                  false,
		"fc00::1":                      false,
		"fd12:3456::1":                 false,
		"fe80::1":                      false,
		"fe80::1%eth0":                 false,
		"fec0::1":                      false,
		"ff02::1":                      false,
		"100::1":                       false,
		"2001:4860:4860::8888%special": true,
	} {
		if got := httpx.Public(netip.MustParseAddr(addr)); got != want {
			t.Errorf("Public(%s) = %v, want %v", addr, got, want)
		}
	}
	if httpx.Public(netip.Addr{}) {
		t.Error("the zero address counts as public")
	}
}

// However an inner IPv4 address is dressed, it stays inner.
func TestPublicSeesThroughDress(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v4 := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "v4"))
		plain := netip.AddrFrom4(v4)
		want := httpx.Public(plain)
		mapped := netip.AddrFrom16(plain.As16())
		nat := netip.MustParseAddr("64:ff9b::").As16()
		copy(nat[12:], v4[:])
		if httpx.Public(mapped) != want || httpx.Public(netip.AddrFrom16(nat)) != want {
			t.Fatalf("%s judged differently as mapped or NAT64 address", plain)
		}
		if want && (plain.IsPrivate() || plain.IsLoopback() || plain.IsLinkLocalUnicast() || !plain.IsGlobalUnicast()) {
			t.Fatalf("%s counts as public", plain)
		}
	})
}

func TestDialKeepsToTheSameBounds(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	closed := httpx.New(httpx.Options{})
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"} {
		conn, err := closed.Dial(t.Context(), "tcp", host+":"+port)
		if !errors.Is(err, httpx.ErrInner) {
			t.Errorf("%s: %v, %v", host, conn, err)
		}
	}
	conn, err := httpx.New(httpx.Options{Allow: []string{l.Addr().String()}}).Dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}
