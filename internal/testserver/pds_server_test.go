package testserver_test

import (
	"net"
	"net/url"
	"testing"
	"time"

	"lastword/internal/testserver"
)

func TestServerPDSKeepsWhatIsPostedAndListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	pds := testserver.PDS(t)
	ada := pds.User(t, "ada")
	uri, cid := pds.Post(t, ada, map[string]any{
		"$type": "app.bsky.feed.post", "text": "Die Hobelmaschine läuft wieder.", "createdAt": "2026-03-01T08:00:00.000Z",
	})
	var got struct {
		CID   string
		Value struct{ Text string }
	}
	pds.Call(t, "com.atproto.repo.getRecord?repo="+ada.DID+"&collection=app.bsky.feed.post&rkey="+uri[len(uri)-13:], "", nil, &got)
	if got.CID != cid || got.Value.Text != "Die Hobelmaschine läuft wieder." {
		t.Errorf("getRecord(%s) = %+v, want the post with cid %s", uri, got, cid)
	}
	for _, at := range []string{pds.PDS, pds.PLC} {
		if open := reachableFromOutside(t, at); open != "" {
			t.Errorf("%s answers on %s, want loopback only", at, open)
		}
	}
}

// reachableFromOutside returns an address of this machine other than loopback
// on which the server's port answers.
func reachableFromOutside(t *testing.T, server string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		ip, ok := a.(*net.IPNet)
		if !ok || ip.IP.IsLoopback() || ip.IP.IsLinkLocalUnicast() {
			continue
		}
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(ip.IP.String(), u.Port()), time.Second)
		if err == nil {
			if err := conn.Close(); err != nil {
				t.Log(err)
			}
			return ip.IP.String()
		}
	}
	return ""
}

func TestServerPDSStopsTwice(t *testing.T) {
	t.Parallel()
	pds := testserver.PDS(t)
	pds.Stop()
	pds.Stop()
	u, err := url.Parse(pds.PDS)
	if err != nil {
		t.Fatal(err)
	}
	if conn, err := net.DialTimeout("tcp", u.Host, time.Second); err == nil {
		t.Errorf("%s still answers after Stop", conn.RemoteAddr())
		if err := conn.Close(); err != nil {
			t.Log(err)
		}
	}
}
