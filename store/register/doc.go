// Package register is the domain of joint declarations in pure Go: partial dates, participants and their names,
// declarations, dated actions and the timeline folded from them, counts, revisions and their differences, validation
// and filters. It knows no SQL and no HTTP.
//
// # The rules
//
// Each rule has a number, by which its tests are found: grep -rn D11 --include='*_test.go' .
//
// Participation.
//
//   - D1 History is a list of dated actions; the status on a day is derived from it and never stored. Leaving and
//     rejoining, coming and going on one day are legal. A departure needs an earlier joining, or says that the joining is
//     not recorded.
//   - D2 Nothing is deleted from public view. Who is no longer on a list left it, with a reason and a source; only a mistake
//     of the register itself is corrected, as a visible revision.
//   - D3 Four counts, never blended: stated (by the text or sponsor, with its source), named (by a source), in effect on a
//     day, ever. No name is invented to reach a number.
//   - D4 Counts are split by kind: UN members, observer states, other entities, organisations. Supporters and aligned
//     participants are added to none of them.
//   - D5 A presenter or lead sponsor is a signatory only where a source says so: yes, no or unknown is recorded.
//   - D6 Groups are not exploded. A group is one line; its members on the action's date are marked as implied and kept out
//     of files unless asked for. Who is both named and implied counts once.
//   - D7 Absence is "not on the list", never "refused" or "abstained".
//   - D8 A note on a participation (an explanation, a reservation) does not change its class.
//   - D9 Counter-statements and sister declarations are linked, never merged.
//
// Dates.
//
//   - D10 A date is a local calendar date, never shifted by a time zone.
//   - D11 Partial dates are data. A partial date is settled from the last day it can mean; between its first and its last
//     the status is unsettled, and counts say so. The unknown date sorts last. An undated signature counts from the
//     declaration's date, an undated joining from its source's; with neither it is unsettled from the declaration's date on.
//   - D12 A declaration has the dates adopted, presented, published, opened, closed; an action the date it took effect and,
//     where different, the one on which it became public.
//
// Names.
//
//   - D13 The key is the register's own code. ISO alpha-2, alpha-3 and M49 are attributes and texts: "NA", "004". Who has no
//     ISO code leaves it empty and fills the user-assigned one.
//   - D14 The printed name is kept verbatim with its position. Shown is the official short name in the reader's language,
//     beside it the one valid on the declaration's date where it differs.
//   - D15 Lists run in the alphabetical order of the reader's language, a leading article ignored; "as printed" is offered.
//   - D16 Footnote marks are stripped for matching and kept as a note. Every page and file with names carries the
//     disclaimer on designations.
//   - D17 Former entities stay themselves, linked to successors with dates. A successor is no signatory unless it said so.
//   - D18 A regional group is an attribute with exceptions; "no group" is said, not guessed.
//
// Evidence.
//
//   - D19 Every participation cites a source. Publishing one without is refused. Where sources conflict the status says
//     which it follows, and the conflict is shown.
//   - D20 Texts are third parties': the register holds titles, facts, summaries in its own words, and links.
//   - D21 Titles exist per language, each marked authentic, official translation or unofficial.
//
// Files (package export).
//
//   - D22 RFC 4180 CSV: UTF-8, CRLF, a header row, rows of one width, no byte order mark unless asked for, NFC; headers are
//     stable and new columns go last.
//   - D23 A text cell that a spreadsheet would run gets a leading apostrophe; numbers, dates and codes never do.
//   - D24 Status, date, precision, action and reason are separate columns; code columns have name columns beside them.
//   - D25 A filtered file says so in its name and metadata; nothing is cut silently, and no error text stands inside data.
//   - D26 The same address, revision and options give the same bytes, for ever.
package register
