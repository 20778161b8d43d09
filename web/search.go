package web

import (
	"net/http"
	"strings"

	"lastword"
	"lastword/web/page"
)

// mostFound is how many of each are found: the palette must fit a screen.
const mostFound = 6

// search finds places, themes, people and voices by a few letters; the command
// palette shows the same. (GET /search)
func (s *site) search(v *visit) error {
	view := page.SearchView{Search: strings.TrimSpace(v.r.FormValue("q"))}
	view.Places = places(v, view.Search)
	if view.Search != "" {
		if err := s.find(v, &view); err != nil {
			return err
		}
	}
	f := s.frame(v, "", v.read.T("search.title"))
	return v.showAs(http.StatusOK, f, page.Search(f, view))
}

func (s *site) find(v *visit, view *page.SearchView) (err error) {
	company := v.company.ID
	view.Themes, err = s.Store.Themes(v.ctx(), company, lastword.ThemeFilter{Search: view.Search, Order: lastword.BySize, Limit: mostFound})
	if err != nil {
		return err
	}
	view.People, err = s.Store.People(v.ctx(), company, lastword.PersonFilter{Search: view.Search, Limit: mostFound})
	if err != nil {
		return err
	}
	view.Voices, err = s.Store.FindVoices(v.ctx(), company, lastword.VoiceFilter{Search: words(view.Search), Limit: mostFound})
	return err
}

// words lets the last word be a beginning: one is still typing.
func words(search string) string {
	if last := len(search) - 1; last >= 2 && !strings.ContainsAny(search, `"*`) && search[last] != ' ' {
		return search + "*"
	}
	return search
}

// places are the pages whose name begins like what was typed.
func places(v *visit, search string) []page.Place {
	var out []page.Place
	for _, p := range page.Places() {
		name := strings.ToLower(v.read.T("nav." + string(p)))
		if search == "" || strings.HasPrefix(name, strings.ToLower(search)) {
			out = append(out, p)
		}
	}
	return out
}
