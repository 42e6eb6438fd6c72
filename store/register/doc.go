// Package register is the domain of joint declarations in pure Go: partial dates, participants and their names,
// declarations, dated actions and the timeline folded from them, counts, revisions and their differences, validation
// and filters. It knows no SQL and no HTTP. The rules it keeps are numbered D1 to D26; each has a test named after it.
package register
