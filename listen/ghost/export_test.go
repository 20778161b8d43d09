package ghost

// For tests in ghost_test.
var (
	ReadComment = readComment
	ReadArticle = readArticle
)
