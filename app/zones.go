package app

// A company lives in a time zone, and small hosts and containers know none: the
// program brings them all (450 KB).
import _ "time/tzdata"
