package storetest

import (
	"errors"
	"testing"

	"lastword"
)

// correct puts a voice right by a director of its company and returns what was
// kept of it.
func (f *fixture) correct(v lastword.VoiceRow, k lastword.Kinds, feeling lastword.Feeling) lastword.Correction {
	f.Helper()
	f.must(f.db.CorrectVoice(f.Context(), lastword.Member{Company: v.Company, ID: f.director.ID}, v.ID, k, feeling))
	all, err := f.db.Corrections(f.Context(), v.Company, 0, 1)
	f.must(err)
	if len(all) != 1 || all[0].Of.ID != v.ID {
		f.Fatalf("the newest correction is %+v", all)
	}
	return all[0]
}

func (f *fixture) lessons() (int64, []lastword.Lesson) {
	f.Helper()
	mark, lessons, err := f.db.Lessons(f.Context(), f.company.ID, 100)
	f.must(err)
	again, err := f.db.Taught(f.Context(), f.company.ID)
	f.must(err)
	equal(f.T, "mark", again, mark)
	return mark, lessons
}

// testCorrections undoes corrections one by one: the last that holds counts, and
// without any the machine's word.
func testCorrections(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "Wieder schwarz, bitte!"))[0]
	label := lastword.Label{Voice: v.ID, Language: "de", Kinds: lastword.Question, Feeling: lastword.Neutral, About: .9, Version: 2}
	f.must(f.db.SaveLabels(t.Context(), f.company.ID, []lastword.Label{label}))
	first := f.correct(f.voice(v.ID), lastword.Wish, lastword.Neutral)
	second := f.correct(f.voice(v.ID), lastword.Praise, lastword.Positive)
	third := f.correct(f.voice(v.ID), lastword.Problem, lastword.Positive)
	equal(t, "was", third.Was, lastword.Meaning{Kinds: lastword.Praise, Feeling: lastword.Positive})
	equal(t, "now", third.Now, lastword.Meaning{Kinds: lastword.Problem, Feeling: lastword.Positive})
	equal(t, "of", third.Of.Text, "Wieder schwarz, bitte!")
	equal(t, "by", third.By, f.director.ID)

	undo := func(c lastword.Correction) lastword.Label {
		t.Helper()
		f.must(f.db.UndoCorrection(t.Context(), f.second, c.ID))
		if err := f.db.UndoCorrection(t.Context(), f.second, c.ID); !errors.Is(err, lastword.ErrConflict) {
			t.Errorf("undone twice: %v", err)
		}
		return f.voice(v.ID).Label
	}
	got := undo(first)
	equal(t, "kinds with the first undone", got.Kinds, lastword.Problem)
	got = undo(third)
	equal(t, "kinds with the last undone", got.Kinds, lastword.Praise)
	equal(t, "feeling with the last undone", got.Feeling, lastword.Positive)
	equal(t, "by", got.KindsBy, f.director.ID)
	got = undo(second)
	equal(t, "kinds with all undone", got.Kinds, lastword.Question)
	equal(t, "by nobody", got.KindsBy, 0)
	equal(t, "to be read anew", got.Version, 0)
	all, err := f.db.Corrections(t.Context(), f.company.ID, 0, 2)
	f.must(err)
	equal(t, "on a page", len(all), 2)
	equal(t, "undone by", all[0].UndoneBy, f.second.ID)
	equal(t, "undone at", all[0].Undone.Equal(f.clock.Now()), true)
	rest, err := f.db.Corrections(t.Context(), f.company.ID, all[1].ID, 2)
	f.must(err)
	equal(t, "on the next page", len(rest), 1)
	if err := f.db.UndoCorrection(t.Context(), f.second, 12345); !errors.Is(err, lastword.ErrNotFound) {
		t.Errorf("of no correction: %v", err)
	}
	themes := f.gather("Schwarz", 1, f.voice(v.ID))
	f.move(f.voice(v.ID), 0)
	all, err = f.db.Corrections(t.Context(), f.company.ID, 0, 9)
	f.must(err)
	equal(t, "moves are none of them", len(all), 3)
	equal(t, "voices of the theme", f.theme(themes).Voices, 0)
}

// testLessons checks what teaches: one lesson a voice, as long as its text is
// there, and a mark for every change.
func testLessons(t *testing.T, f *fixture) {
	v := f.say(f.post("mia", "Wieder schwarz, bitte!"), f.post("tom", "Sohle ab"), f.post("ida", "Sohle dran"))
	mark, lessons := f.lessons()
	equal(t, "lessons at first", len(lessons), 0)
	changed := func(what string) {
		t.Helper()
		was := mark
		if mark, lessons = f.lessons(); mark <= was {
			t.Errorf("%s: the mark is %d and was %d", what, mark, was)
		}
	}
	f.correct(v[0], lastword.Wish, lastword.Neutral)
	f.correct(f.voice(v[0].ID), lastword.Problem, lastword.Negative)
	c := f.correct(v[1], lastword.Problem, lastword.Negative)
	changed("corrected")
	equal(t, "lessons", len(lessons), 2)
	equal(t, "in the order of the corrections", lessons[0], lastword.Lesson{Voice: v[0].ID, Post: lastword.Post{Text: "Wieder schwarz, bitte!"},
		Was: lastword.Meaning{}, Now: lastword.Meaning{Kinds: lastword.Problem, Feeling: lastword.Negative}})
	f.must(f.db.UndoCorrection(t.Context(), f.director, c.ID))
	changed("undone")
	equal(t, "lessons without the undone", len(lessons), 1)

	edited := v[0].Post
	edited.Text = "Wieder schwarz, nicht blau!"
	f.hear(lastword.Event{Op: lastword.Edited, Post: edited})
	changed("edited")
	equal(t, "the text that teaches", lessons[0].Post.Text, edited.Text)
	f.hear(lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: edited.Network, Key: edited.Key}})
	changed("deleted")
	equal(t, "lessons of a voice that is gone", len(lessons), 0)
	all, err := f.db.Corrections(t.Context(), f.company.ID, 0, 9)
	f.must(err)
	equal(t, "corrections of voices that are there", len(all), 1)
	was := mark
	f.hear(lastword.Event{Op: lastword.Deleted, Post: lastword.Post{Network: v[2].Network, Key: v[2].Key}})
	mark, _ = f.lessons()
	equal(t, "mark after what nobody corrected is gone", mark, was)
}
