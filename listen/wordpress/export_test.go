package wordpress

// For tests in wordpress_test.
var (
	ReadComment = readComment
	ReadArticle = readArticle
	ParseCursor = parse
	SameWords   = sameWords
	RootIn      = rootIn
	Blocks      = blocks
	Address     = address
)

// Says is what a comment says.
func Says(c comment) string { return c.says() }
