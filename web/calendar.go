package web

import (
	"fmt"
	"net/http"
	"time"

	"lastword"
	"lastword/represent"
	"lastword/web/page"
)

// calendar shows a month, or a week, with what goes out when by the company's
// clock. (GET /posts/calendar)
func (s *site) calendar(v *visit) error {
	q := v.r.URL.Query()
	on, err := time.Parse(time.DateOnly, q.Get("on"))
	if err != nil || on.Year() < 2000 || on.Year() > 2200 {
		y, m, d := v.read.Now.Date()
		on = time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	view := span(v, on, q.Get("view") == "week")
	first, last := view.Weeks[0][0].Day, view.Weeks[len(view.Weeks)-1][6].Day.AddDate(0, 0, 1)
	zone := v.read.Zone
	list, err := s.Store.Stories(v.ctx(), v.company.ID, lastword.StoryFilter{From: represent.At(zone, first, 0, 0), Until: represent.At(zone, last, 0, 0), Limit: 1000})
	if err != nil {
		return err
	}
	for _, r := range list {
		put(view.Weeks, r, page.StoryTime(r).In(zone).Format(time.DateOnly))
	}
	latest, err := s.Store.Stories(v.ctx(), v.company.ID, lastword.StoryFilter{Limit: 100})
	if err != nil {
		return err
	}
	for _, r := range latest {
		if page.StoryTime(r).IsZero() {
			view.Undated = append(view.Undated, r)
		}
	}
	f := s.frame(v, page.AtPosts, view.Title)
	return v.showAs(http.StatusOK, f, page.Calendar(f, view))
}

func put(weeks [][]page.DayView, r lastword.StoryRow, day string) {
	for _, week := range weeks {
		for i := range week {
			if week[i].Day.Format(time.DateOnly) == day {
				week[i].Stories = append([]lastword.StoryRow{r}, week[i].Stories...) // they come newest first
			}
		}
	}
}

// span lays out the weeks around a day, each beginning on Monday (ISO 8601).
func span(v *visit, on time.Time, week bool) page.CalendarView {
	view := page.CalendarView{Week: week, Month: on.Month()}
	monday := func(t time.Time) time.Time { return t.AddDate(0, 0, -(int(t.Weekday())+6)%7) }
	begin, end := monday(on), monday(on).AddDate(0, 0, 7)
	address := func(t time.Time, week bool) string {
		kind := "month"
		if week {
			kind = "week"
		}
		return "/posts/calendar?view=" + kind + "&on=" + t.Format(time.DateOnly)
	}
	view.Title = v.read.T(fmt.Sprintf("month.%d", on.Month())) + " " + fmt.Sprint(on.Year())
	view.Prev, view.Next = address(begin.AddDate(0, 0, -7), true), address(end, true)
	if !week {
		first := on.AddDate(0, 0, 1-on.Day())
		next := first.AddDate(0, 1, 0)
		begin, end = monday(first), next
		view.Prev, view.Next = address(first.AddDate(0, -1, 0), false), address(next, false)
	}
	view.Today, view.Other = address(v.read.Now, week), address(on, !week)
	today := v.read.Now.Format(time.DateOnly)
	for day := begin; day.Before(end); {
		var row []page.DayView
		for range 7 {
			is := day.Format(time.DateOnly)
			row = append(row, page.DayView{Day: day, Outside: !week && day.Month() != on.Month(), Today: is == today, Past: is < today})
			day = day.AddDate(0, 0, 1)
		}
		view.Weeks = append(view.Weeks, row)
	}
	for i := range 7 {
		view.Names = append(view.Names, v.read.T(fmt.Sprintf("weekday.%d", (i+1)%7)))
	}
	return view
}
