package lastword

import "errors"

// The kinds of failure a caller may act on. Anything else is our own fault, and
// is shown to nobody but the log.
var (
	ErrNotFound  = errors.New("not found")
	ErrInvalid   = errors.New("invalid")
	ErrForbidden = errors.New("forbidden")
	ErrConflict  = errors.New("conflict")

	// ErrGone says that what was to be answered is no longer there.
	ErrGone = errors.New("gone at the source")
	// ErrDenied says that a place refuses our credentials: a person must act.
	ErrDenied = errors.New("the place refuses the credentials")
	// ErrUnavailable says that a place or the store cannot be reached for now.
	ErrUnavailable = errors.New("unavailable for now")
)

// A Mistake is something wrong in what somebody entered, told to that person.
//
// Key names a text of the interface's catalogue; Args fill it. Field is the
// input it belongs to, or empty. It unwraps to ErrInvalid unless Kind says
// otherwise.
type Mistake struct {
	Key   string
	Args  map[string]any
	Field string
	Kind  error
}

func (m *Mistake) Error() string {
	if m.Field != "" {
		return m.Field + ": " + m.Key
	}
	return m.Key
}

// Unwrap returns the kind of failure.
func (m *Mistake) Unwrap() error {
	if m.Kind == nil {
		return ErrInvalid
	}
	return m.Kind
}
