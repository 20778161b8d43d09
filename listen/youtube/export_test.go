package youtube

// For tests in youtube_test.
var (
	ReadThread  = readThread
	ReadComment = readComment
)
