package blogger

// For tests in blogger_test.
var (
	ReadComment = readComment
	ReadArticle = readArticle
)
