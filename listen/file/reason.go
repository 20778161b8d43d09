package file

// Why something was left out, or kept but changed ("…, kept").
const (
	NoText      = "no text"
	NotJSON     = "not JSON"
	NotObject   = "not a JSON object"
	LineTooLong = "line too long"      // more than 4 MB
	CellTooLong = "cell too long"      // more than 1 MB
	OpenQuote   = "quote never closed" // the line is left out, the next ones are read
	NotMail     = "not a mail"
	AutoReply   = "automatic reply"
	Bounce      = "bounce"
	OnlyQuoted  = "nothing but quoted text"
	BadTime     = "time not understood, kept"    // said at the time of its id, or of the import
	InFuture    = "time in the future, kept"     // said at the time of the import
	TextCut     = "text cut to 64 KB, kept"      // the beginning is kept
	Ragged      = "too many or few cells, kept"  // beyond the header: ignored; missing: empty
	BadCharset  = "charset not understood, kept" // some letters are wrong
	MailCut     = "mail cut to 8 MB, kept"       // what follows are attachments, as a rule
)
