package answer

// Addresses shows what counts as a web address.
func Addresses(text string) []string {
	var found []string
	for _, a := range addresses(text) {
		found = append(found, text[a.start:a.end])
	}
	return found
}
