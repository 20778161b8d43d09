package page

import (
	"slices"
	"time"

	"lastword"
)

// A AccessView says how somebody signs in at a place.
type AccessView struct {
	Only     bool   // there is no other way to connect it
	First    bool   // it is the way to connect it
	Enter    bool   // the address below is to be entered at the place
	Redirect string // address to which the place sends people back
	Used     bool   // the channel is connected so
	Local    bool   // Redirect leads to the visitor's own machine
	Plain    bool   // Redirect is without TLS
	Public   string // another address of ours, which the world knows; may be empty
}

// A LeaveView is the moment before somebody leaves for a place.
type LeaveView struct {
	Connector, Network string
	Host               string
	Address            string
}

// A Notice is what somebody should do about a channel; without Why nothing.
type Notice struct {
	Channel            int64
	Name               string
	Connector, Network string
	Why                string    // a key of the catalogue
	Until              time.Time // when it will have been too late; zero: it is
	SignIn             bool      // signing in anew may mend it
}

// doorOf names where one signs in, which may be another house than the place.
func (f *Frame) doorOf(connector, network string) string {
	if key := "connector." + connector + ".door"; f.Has(key) {
		return f.T(key)
	}
	return f.Network(network)
}

// local says what a place makes of an address on the visitor's own machine.
func (f *Frame) local(connector string) string {
	if key := "connector." + connector + ".local"; f.Has(key) {
		return f.T(key)
	}
	return f.T("access.local")
}

// doors are the settings that signing in alone needs.
func (v ChannelView) doors() []SettingView {
	return slices.DeleteFunc(slices.Clone(v.Fields), func(s SettingView) bool { return !s.Door })
}

// openDoor reports whether signing in is what somebody is about to do.
func (v ChannelView) openDoor() bool {
	return v.SignIn.Used || slices.ContainsFunc(v.doors(), func(s SettingView) bool {
		return slices.ContainsFunc(v.Mistakes, func(m *lastword.Mistake) bool { return m.Field == s.Name })
	})
}
