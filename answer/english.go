package answer

import (
	"time"

	"lastword"
)

type english struct{}

func (english) small() bool { return false }

func (english) thanks(k lastword.Kinds) []string {
	switch k {
	case lastword.Wish:
		return []string{
			"thank you for the suggestion.",
			"thank you for telling us what you would like.",
			"your wish has reached us, thank you.",
			"thanks for bringing up this idea.",
			"thank you, we have read your suggestion.",
			"thanks for your suggestion.",
		}
	case lastword.Problem:
		return []string{
			"we are sorry that you had trouble with this.",
			"we regret that this does not work as it should.",
			"thank you for pointing this out, we are sorry for the trouble.",
			"this is annoying, and we are sorry.",
			"we are sorry for the trouble this caused you.",
			"thank you for raising this, we regret the trouble.",
		}
	case lastword.Question:
		return []string{
			"thank you for your question.",
			"thank you for asking.",
			"your question has reached us, thank you.",
			"we are glad to answer your question.",
			"thanks for your question.",
			"that is a fair question, thank you.",
		}
	case lastword.Praise:
		return []string{
			"thank you for the praise.",
			"thank you, we are glad to hear it.",
			"thank you for your kind words.",
			"we are glad that you like it.",
			"thanks, that is good to hear.",
			"it is good to know that you see it this way, thank you.",
		}
	}
	return []string{
		"thank you for your post.",
		"thank you for your feedback.",
		"thank you for raising this.",
		"your post has reached us, thank you.",
		"thank you, we have read your post.",
		"thanks for your feedback.",
	}
}

func (e english) verdict(v lastword.Verdict, k lastword.Kinds) []string {
	switch v {
	case lastword.Yes:
		return e.yes(k)
	case lastword.Later:
		return e.later(k)
	case lastword.No:
		return e.no(k)
	}
	return []string{
		"before we decide, we would like to know more.",
		"we have a question for you about this.",
		"to decide this well, we need to ask you something.",
		"we would like to ask you something about it.",
		"one question before we decide.",
	}
}

func (english) yes(k lastword.Kinds) []string {
	switch k {
	case lastword.Problem:
		return []string{"we will put this right.", "we are going to fix this.", "we have decided to change this.", "we will change this.", "we will fix it."}
	case lastword.Question:
		return []string{"our answer is yes.", "the answer is yes.", "yes, that is what we have decided.", "we have decided, and the answer is yes."}
	case lastword.Praise:
		return []string{"it will stay this way.", "we will carry on like this.", "we are keeping it.", "we will keep it as it is."}
	}
	return []string{"we will do this.", "yes, this is coming.", "we have decided to do it.", "we are going to do this.", "we have decided in favour."}
}

func (english) later(k lastword.Kinds) []string {
	if k == lastword.Problem {
		return []string{
			"we cannot fix this yet and will come back to it by {day}.",
			"we do not have a solution yet and will come back to it by {day}.",
			"this needs more time, we will take it up again by {day}.",
			"we will not change this right now, but will look at it again by {day}.",
		}
	}
	return []string{
		"we have noted this and will come back to it by {day}.",
		"not yet, but we will look at it again by {day}.",
		"we are putting this off and will take it up again by {day}.",
		"this is not possible yet, we will come back to it by {day}.",
		"we need time for this and will come back to it by {day}.",
	}
}

func (english) no(k lastword.Kinds) []string {
	switch k {
	case lastword.Problem:
		return []string{"we will not change this.", "we are not going to change this.", "we have decided to leave it as it is.", "this will stay as it is."}
	case lastword.Question:
		return []string{"our answer is no.", "the answer is no.", "no, that is what we have decided.", "we have decided, and the answer is no."}
	}
	return []string{"we have decided against it.", "we will not do this.", "we are not going to do this.", "our decision is no.", "we have decided not to do it."}
}

func (english) courtesy(v lastword.Verdict) []string {
	if v == lastword.AskBack {
		return []string{"simply reply here.", "one short sentence is enough.", "we will read your reply.", "feel free to tell us more about it."}
	}
	return []string{
		"if you have questions about it, simply reply here.",
		"feel free to tell us what you think of it.",
		"let us know if anything is still open.",
		"if anything is unclear, please ask us.",
		"we would like to read what you think.",
	}
}

func (english) leads() []string {
	return []string{"", "The reason:", "The reason for this:", "Here is why:"}
}

func (english) links() []string {
	return []string{"More about it:", "Read more:", "All about it:", "What came of it:", "Your post and our decision:"}
}

func (english) topics() []string {
	return []string{"On “{theme}”:", "About “{theme}”:", "Our decision on “{theme}”:", "Regarding “{theme}”:"}
}

func (english) greeting(to string) string {
	if name, ok := surely(to, "Ms", "Mrs", "Mr"); ok {
		return "Dear " + name + ","
	}
	return "Hello,"
}

func (english) closings() []string {
	return []string{"Kind regards", "Best regards", "With kind regards", "With best wishes"}
}

func (english) day(t time.Time) string { return t.Format("2 January 2006") }
