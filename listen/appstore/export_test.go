package appstore

// For tests in appstore_test.
var (
	ReadFeed   = readFeed
	ReadReview = readReview
)
