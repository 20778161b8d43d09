package facebook

// For tests in facebook_test.
var (
	ReadEntry  = readEntry
	ReadReview = readReview
	ReadChange = readChange
	Mark       = mark
)
