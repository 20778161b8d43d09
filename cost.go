package lastword

import "time"

// Spending is what a channel has cost in this month of the place that asks for it,
// in millionths of a US dollar.
type Spending struct {
	Month    string // 2006-01
	Spent    int64
	Limit    int64    // nothing is asked any more when it is reached
	Forecast Forecast // the last one; zero where none was made
}

// A Forecast is what a channel would cost with its settings, by what was said in
// the seven days before it was made.
type Forecast struct {
	Made    time.Time
	Posts   int64 // in seven days
	Monthly int64 // millionths of a US dollar, for thirty days like these
}
