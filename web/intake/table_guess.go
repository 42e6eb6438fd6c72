package intake

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cosignatory/store/register"
)

// Known says whether a cell is a name on record. It is asked for some hundred cells of each column.
type Known func(cell string) bool

// guessed is how many rows a guess looks at, and headerWithin how far down the header may stand.
const (
	guessed      = 400
	headerWithin = 12
)

// The strengths of a header's word: in it among others, and the whole header.
const (
	within  = 1
	exactly = 2
)

// headers are the words that name columns, in the six languages, German and Portuguese, as folded by register.Fold. A
// phrase is looked for as whole words, and in Chinese anywhere. Roles earlier in the order win within one header: a "date of
// signature of the state" is a date.
var headers = []struct {
	role  Role
	words []string
}{
	{Date, []string{"date", "signed on", "signed", "signature", "date of signature", "signature date", "day", "joined", "date de signature", "signe le", "fecha",
		"fecha de firma", "firmado el", "التاريخ", "تاريخ", "تاريخ التوقيع", "日期", "签署日期", "签字日期", "дата", "дата подписания", "подписано", "datum",
		"unterzeichnet am", "data", "data de assinatura", "assinado em"}},
	{Code, []string{"code", "iso", "iso code", "iso 3166", "iso2", "iso3", "alpha 2", "alpha 3", "iso alpha 2", "iso alpha 3", "country code", "code pays",
		"code iso", "codigo", "الرمز", "رمز", "代码", "国家代码", "код", "код страны", "landercode"}},
	{Capacity, []string{"capacity", "role", "signed as", "qualite", "en qualite de", "calidad", "calidad en que", "الصفه", "صفه", "身份", "资格", "качество",
		"в качестве", "статус", "status", "eigenschaft", "funktion", "qualidade", "type", "tipo"}},
	{Note, []string{"note", "notes", "remark", "remarks", "comment", "comments", "footnote", "footnotes", "reservation", "reservations", "remarque", "remarques",
		"observations", "observation", "commentaire", "nota", "notas", "observaciones", "comentario", "ملاحظه", "ملاحظات", "تعليق", "备注", "附注", "注释", "说明",
		"примечание", "примечания", "замечание", "anmerkung", "anmerkungen", "bemerkung", "bemerkungen", "observacao", "observacoes"}},
	{Group, []string{"group", "groups", "groupe", "groupes", "grupo", "المجموعه", "مجموعه", "集团", "组", "组别", "группа", "gruppe", "bloc", "bloque"}},
	{Name, []string{"country", "countries", "state", "states", "country name", "state name", "signatory", "signatories", "participant", "participants", "party",
		"member", "member state", "member states", "name", "pays", "etat", "etats", "signataire", "signataires", "participants", "nom", "partie",
		"pais", "paises", "estado", "estados", "firmante", "firmantes", "signatario", "participante", "nombre", "الدوله", "دوله", "الدول", "البلد", "البلدان", "الموقع", "الموقعون",
		"المشارك", "الاسم", "国家", "国名", "签署国", "签署方", "缔约国", "参与方", "名称", "страна", "страны", "государство", "государства", "подписавший", "участник",
		"название", "наименование", "land", "lander", "staat", "staaten", "unterzeichner", "teilnehmer", "nome"}},
	{Position, []string{"no", "nr", "num", "number", "n°", "nº", "#", "№", "position", "order", "rank", "row", "numero", "ordre", "orden", "رقم", "الرقم", "م", "序号", "编号", "号",
		"номер", "п п", "no п п", "nummer", "lfd nr", "ordem"}},
}

// owned are the columns of the register's own files of signatories and actions. What their names mean is known, and no word
// in them is looked at: declaration_date is the date of no signature. Names that other tables may have too are among them only
// where others that they would not have stand beside.
var owned, shared = map[string]Role{
	"action_id": NoRole, "declaration_title": NoRole, "declaration_date": NoRole, "participant_name": Name, "participant_kind": NoRole, "iso3": NoRole, "m49": NoRole,
	"user_assigned_code": NoRole, "regional_group": NoRole, "name_as_printed": Name, "printed_position": Position, "capacity_as_printed": NoRole, "since_precision": NoRole,
	"until": NoRole, "until_precision": NoRole, "departure_reason": NoRole, "source_url": NoRole, "as_of": NoRole, "date_precision": NoRole, "public_date": NoRole,
	"via_group": Group, "also_sources": NoRole, "place_in_source": NoRole, "joining_not_recorded": NoRole,
	"declaration_date_precision": NoRole, "public_date_precision": NoRole, "via_group_name": NoRole,
}, map[string]Role{
	"declaration": NoRole, "participant": Code, "capacity": Capacity, "basis": State, "status": State, "since": Date, "disputed": NoRole, "source": NoRole, "revision": NoRole,
	"action": State, "date": Date, "reason": NoRole, "note": Note,
}

// ownColumns is what the columns below a header hold by their own names; fixed says which are known. own says that the file
// is one of the register's.
func ownColumns(header []string) (roles []Role, fixed []bool, own bool) {
	roles, fixed = make([]Role, len(header)), make([]bool, len(header))
	n := 0
	for _, cell := range header {
		if _, ok := owned[cell]; ok && strings.Contains(cell, "_") {
			n++
		}
	}
	own = n > 1
	for i, cell := range header {
		role, ok := owned[cell]
		if !ok && own {
			role, ok = shared[cell]
		}
		// iso3 and the like name columns of other tables too, of which they may be all that is of use.
		if ok && (own || strings.Contains(cell, "_")) {
			roles[i], fixed[i] = role, true
		}
	}
	return roles, fixed, own
}

// OfDeclarations is the column in which one of the register's own files says of which declaration a row is, -1 where there is none
// or all rows below the header are of one.
func (s *Sheet) OfDeclarations() int {
	if s.Header < 0 || s.Header >= len(s.Rows) {
		return -1
	}
	header := s.Rows[s.Header]
	at := slices.Index(header, "declaration")
	if _, _, own := ownColumns(header); !own || at < 0 {
		return -1
	}
	first := ""
	for _, row := range s.Rows[s.Header+1:] {
		switch {
		case at >= len(row) || row[at] == "":
		case first == "":
			first = row[at]
		case row[at] != first:
			return at
		}
	}
	return -1
}

// folded are the words of headers as they are compared.
var folded = func() [][]string {
	all := make([][]string, len(headers))
	for i, h := range headers {
		for _, w := range h.words {
			if w = register.Fold(w); w != "" {
				all[i] = append(all[i], w)
			}
		}
	}
	return all
}()

// headed is the role that a header's cell names, and how strongly.
func headed(cell string) (Role, int) {
	if cell == "" || len(cell) > 200 {
		return NoRole, 0
	}
	if bare := strings.TrimSpace(cell); bare == "#" || bare == "№" {
		return Position, exactly
	}
	title := register.Fold(cell)
	for i, words := range folded {
		if slices.Contains(words, title) {
			return headers[i].role, exactly
		}
	}
	spaced := " " + title + " "
	for i, words := range folded {
		for _, w := range words {
			// Short words are in too many phrases: "no", "day".
			if len(w) > 3 && (strings.Contains(spaced, " "+w+" ") || w[0] >= 0xE4 && w[0] <= 0xE9 && strings.Contains(title, w)) {
				return headers[i].role, within
			}
		}
	}
	return NoRole, 0
}

var (
	numericDate = regexp.MustCompile(`^(\d{4}([-/.]\d{1,2}([-/.]\d{1,2})?)|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\d{4}\s?年(\s?\d{1,2}\s?月(\s?\d{1,2}\s?日)?)?)([ T]\d{2}:\d{2}(:\d{2})?)?$`)
	writtenDate = regexp.MustCompile(`^\p{L}{0,10}\.?,?\s?(\d{1,2}(st|nd|rd|th|er|º|°|\.)?\s(de\s)?\p{L}{3,12}\.?,?\s(de\s)?[12]\d{3}|\p{L}{3,12}\.?\s\d{1,2}(st|nd|rd|th)?,?\s[12]\d{3})(\s?(г\.?|года))?$`)
	isoCode     = regexp.MustCompile(`^[A-Z]{2,3}$`)
	ordinal     = regexp.MustCompile(`^\(?(\d{1,6})\s?[.):]?$`)
)

// isDate says that a whole cell is a date.
func isDate(cell string) bool {
	if len(cell) > 60 || !strings.ContainsAny(cell, "0123456789٠١٢٣٤٥٦٧٨٩") {
		return false
	}
	if numericDate.MatchString(cell) || writtenDate.MatchString(cell) {
		return true
	}
	// A cell that is only a number is a year at best; a year alone is no sign of a date.
	if _, ok := number(cell); ok {
		return false
	}
	_, ok := register.ReadDate(cell)
	return ok
}

// number is a running number as lists print it: 7, 7., (7).
func number(cell string) (int, bool) {
	m := ordinal.FindStringSubmatch(cell)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil
}

// column counts what the cells of a column look like.
type column struct {
	filled, names, codes, dates, numbers int
	running                              bool // the numbers rise
}

func (c column) share(n int) float64 {
	if c.filled == 0 {
		return 0
	}
	return float64(n) / float64(c.filled)
}

// Guess finds the header of a sheet and what its columns hold, by words in the header and by the cells below. Known may be
// nil. It is a proposal: a person confirms it.
func Guess(s *Sheet, known Known) {
	s.Header, s.Columns = -1, nil
	if len(s.Rows) == 0 {
		return
	}
	width := len(s.Rows[0])
	s.Columns = make([]Role, width)
	roles := make([]Role, width)
	strengths := make([]int, width)
	fixed := make([]bool, width) // what the header says is not doubted
	if at := headerByWords(s, known); at >= 0 {
		s.Header = at
		for i, cell := range s.Rows[at] {
			roles[i], strengths[i] = headed(cell)
		}
		var named []Role
		named, fixed, _ = ownColumns(s.Rows[at])
		for i := range fixed {
			if fixed[i] {
				roles[i], strengths[i] = named[i], exactly
			}
		}
	}
	columns := look(s, s.Header+1, known)
	var heads []string
	if s.Header >= 0 {
		heads = s.Rows[s.Header]
	}
	if s.Header < 0 && len(s.Rows) > 1 && headerByContrast(s, columns, known) {
		s.Header = 0
		columns = look(s, 1, known)
	}
	if printed := slices.Index(heads, "name_as_printed"); printed >= 0 {
		// The name as printed is the one to record, unless most rows have none.
		if name := slices.Index(heads, "participant_name"); name >= 0 {
			if columns[printed].filled*2 >= columns[name].filled {
				roles[name] = NoRole
			} else {
				roles[printed] = NoRole
			}
		}
	}
	for i, c := range columns {
		if fixed[i] {
			continue
		}
		if c.filled > 0 && c.filled*4 < min(len(s.Rows), guessed) && strengths[i] < exactly {
			// What few rows have is a note at best.
			if roles[i] != Note && roles[i] != Group {
				roles[i], strengths[i] = NoRole, 0
			}
		}
		switch {
		case c.filled == 0:
		case c.share(c.codes) >= 0.8 && roles[i] != Name:
			roles[i] = Code
		case c.share(c.dates) >= 0.7:
			roles[i] = Date
		case c.share(c.names) >= 0.6 && roles[i] != Group && roles[i] != Note:
			roles[i] = Name
		case c.share(c.numbers) >= 0.9 && c.running && (roles[i] == NoRole || roles[i] == Code):
			roles[i] = Position
		case roles[i] == Date && c.share(c.dates) == 0 && c.share(c.names) == 0 && strengths[i] < exactly:
			roles[i] = NoRole
		}
	}
	// One column of each: the one whose cells say so most, then the one whose header does, then the first.
	for _, role := range []Role{Name, Code, Date, Capacity, Position, Group} {
		best := -1
		for i := range roles {
			if roles[i] == role && (best < 0 || rank(role, columns[i], strengths[i]) > rank(role, columns[best], strengths[best])) {
				best = i
			}
		}
		if best >= 0 {
			s.Columns[best] = role
		}
	}
	for i := range roles {
		if roles[i] == Note || roles[i] == State {
			s.Columns[i] = roles[i]
		}
	}
	// One column of texts needs no sign of being names.
	if !slices.Contains(s.Columns, Name) && !slices.Contains(s.Columns, Code) {
		only := -1
		for i, c := range columns {
			if s.Columns[i] == NoRole && !fixed[i] && c.filled > 0 && c.share(c.numbers) < 0.5 && c.share(c.dates) < 0.5 {
				if only >= 0 {
					return
				}
				only = i
			}
		}
		if only >= 0 {
			s.Columns[only] = Name
		}
	}
}

func rank(role Role, c column, strength int) float64 {
	r := float64(strength) / 10
	switch role {
	case Name:
		r += c.share(c.names)
	case Code:
		r += c.share(c.codes)
	case Date:
		r += c.share(c.dates)
	}
	return r
}

// headerByWords is the row in which the most cells are words that name columns. One word is enough only where it is all the
// row has, or a whole cell of the first row.
func headerByWords(s *Sheet, known Known) int {
	best, most := -1, 0
	for i, row := range s.Rows[:min(len(s.Rows), headerWithin)] {
		if _, _, own := ownColumns(row); own {
			return i
		}
		filled, heads, exact := 0, 0, 0
		named := false
		for _, cell := range row {
			if cell == "" {
				continue
			}
			filled++
			if len(cell) > 80 || isDate(cell) {
				continue
			}
			role, strength := headed(cell)
			if role == NoRole {
				named = named || known != nil && known(cell)
				continue
			}
			heads++
			// NO is Norway as well as a number.
			if strength == exactly && !(len(cell) == 2 && isoCode.MatchString(cell)) {
				exact++
			}
		}
		if named {
			continue // a row of the list itself
		}
		enough := exact > 0 && (heads > 1 || filled == 1 || i == 0) || heads > 1 && i == 0
		if enough && heads*2 >= filled && heads+exact > most {
			best, most = i, heads+exact
		}
	}
	return best
}

// headerByContrast says that the first row is another kind of thing than the rows below: a text above dates or numbers.
func headerByContrast(s *Sheet, columns []column, known Known) bool {
	contrast := false
	for i, c := range columns {
		cell := s.Rows[0][i]
		if cell == "" || c.filled < 3 {
			continue
		}
		_, isNumber := number(cell)
		switch {
		case c.dates >= c.filled-1 && c.dates > 1:
			if isDate(cell) {
				return false
			}
			contrast = true
		case c.numbers >= c.filled-1 && c.numbers > 1:
			if isNumber {
				return false
			}
			contrast = true
		case c.codes >= c.filled-1 && c.codes > 1:
			if isoCode.MatchString(cell) {
				return false
			}
			contrast = true
		case known != nil && known(cell):
			return false
		}
	}
	return contrast
}

// look counts over the rows from one on.
func look(s *Sheet, from int, known Known) []column {
	columns := make([]column, len(s.Rows[0]))
	last := make([]int, len(columns))
	for i := range columns {
		columns[i].running = true
	}
	for _, row := range s.Rows[min(from, len(s.Rows)):min(from+guessed, len(s.Rows))] {
		for i, cell := range row {
			if cell == "" {
				continue
			}
			c := &columns[i]
			c.filled++
			if isoCode.MatchString(cell) {
				c.codes++
			}
			if n, ok := number(cell); ok {
				c.numbers++
				c.running = c.running && n > last[i]
				last[i] = n
			} else if isDate(cell) {
				c.dates++
			} else if known != nil && len(cell) <= 200 && known(cell) {
				c.names++
			}
		}
	}
	return columns
}
