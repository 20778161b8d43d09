package letter_test

import (
	"testing"

	"lastword/internal/letter"
)

func TestUnquoted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ mail, want string }{
		"plain":      {"Hallo,\n\nwann?\n", "Hallo,\n\nwann?"},
		"below":      {"> Passt er?\n\nJa, er passt.\n", "Ja, er passt."},
		"between":    {"On Mon, 2 Mar 2026 Ann wrote:\n> one?\n\nyes\n\n> two?\n\nno\n", "yes\n\n\nno"},
		"unmarked":   {"Danke!\n\nAm 2. März 2026 um 9:12 schrieb Ann:\n\nAlter Text\n", "Danke!"},
		"office":     {"Anbei.\n\nVon: Ann\nGesendet: Montag\nAn: Otto\n\nalt", "Anbei."},
		"original":   {"Ok.\n-----Ursprüngliche Nachricht-----\nalt", "Ok."},
		"telephone":  {"Kommt er noch?\n\nVon meinem Telefon gesendet\n", "Kommt er noch?"},
		"signature":  {"Gruß\n-- \nAnn\nStraße 1", "Gruß"},
		"a sentence": {"Am 3. war ich da.\nEr schrieb: nichts.", "Am 3. war ich da.\nEr schrieb: nichts."},
		"a list":     {"--fest\nVon: hier aus geht es los", "--fest\nVon: hier aus geht es los"},
		"only old":   {"> alt\n> älter", ""},
	} {
		if got := letter.Unquoted(c.mail); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func FuzzUnquoted(f *testing.F) {
	f.Add("Am 1. schrieb\nX:\n> a")
	f.Fuzz(func(t *testing.T, s string) {
		if once := letter.Unquoted(s); letter.Unquoted(once) != once && len(letter.Unquoted(once)) > len(once) {
			t.Fatalf("%q grows", s)
		}
	})
}
