package intake

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// field packs anything as Pack packs a table.
func field(t testing.TB, plain string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	must(t, err)
	_, err = w.Write([]byte(plain))
	must(t, err, w.Close())
	return base64.RawURLEncoding.EncodeToString(b.Bytes())
}

// unpackRefused reads a field that must not be readable.
func unpackRefused(t *testing.T, what, field, key string) {
	t.Helper()
	got, err := Unpack(field)
	var r *Refusal
	if !errors.As(err, &r) || r.Key != key || got != nil {
		t.Errorf("%s: %v, want the refusal %s", what, err, key)
	}
}

// A table comes back from a page as it went there.
func TestCarriedTables(t *testing.T) {
	for name, b := range map[string][]byte{
		"a.csv":  []byte("Country;Date\n\"Chad <&>\u00a0\";2024-03-12\n\nPeru;\"two\nlines\"\n"),
		"a.xlsx": workbookOf(t, "", "", "", `<sheetData><row r="3"><c r="B3" t="inlineStr"><is><t>日本</t></is></c><c r="D3"><v>1</v></c></row></sheetData>`, varied(30)),
		"b.csv":  []byte(strings.Repeat("a,b\n", MaxRows)),
	} {
		table := brought(t, name, b).Table
		if r := table.Valid(); r != nil {
			t.Fatalf("%s: %v", name, r)
		}
		packed, err := table.Pack()
		must(t, err)
		got, err := Unpack(packed)
		must(t, err)
		same(t, name, got, table)
	}
	// What would not be read again is not packed.
	table := brought(t, "a.csv", []byte("a,b\n1,2\n")).Table
	for range 2 * MaxTable / MaxCell {
		s := &table.Sheets[0]
		s.Rows, s.Lines = append(s.Rows, []string{strings.Repeat("x", MaxCell), ""}), append(s.Lines, 1)
	}
	if _, err := table.Pack(); err == nil {
		t.Error("a table larger than any is packed")
	}
}

// What a form sends is held to what files are held to.
func TestCarriedTablesRefused(t *testing.T) {
	const good = `{"Sheets":[{"Name":"A","Rows":[["Name","b"],["Chad",""]],"Lines":[1,2],"Header":0,"Columns":["name",""],"Hidden":false}]}`
	if _, err := Unpack(field(t, good)); err != nil {
		t.Fatal(err)
	}
	list := func(item string, n int) string { return strings.Repeat(item+",", n-1) + item }
	sheet := func(rows, lines, columns string) string {
		return `{"Rows":[` + rows + `],"Lines":[` + lines + `],"Header":-1,"Columns":[` + columns + `]}`
	}
	for _, x := range []struct{ what, plain, key string }{
		{"nothing", ``, "carried"},
		{"no table", `[]`, "carried"},
		{"no sheets", `{"Sheets":[]}`, "carried"},
		{"an empty sheet", `{"Sheets":[{}]}`, "carried"},
		{"a sheet too many", `{"Sheets":[` + list(sheet(`["a"]`, `1`, `""`), MaxSheets+1) + `]}`, "sheets"},
		{"a row too many", `{"Sheets":[` + sheet(list(`["a"]`, MaxRows+1), list(`1`, MaxRows), `""`) + `]}`, "rows"},
		{"a row too many in two sheets", `{"Sheets":[` + sheet(list(`["a"]`, MaxRows), list(`1`, MaxRows), `""`) + `,` + sheet(`["a"]`, `1`, `""`) + `]}`, "rows"},
		{"a column too many", `{"Sheets":[` + sheet(`[`+list(`"a"`, MaxColumns+1)+`]`, `1`, list(`""`, MaxColumns)) + `]}`, "columns"},
		{"a long cell", strings.Replace(good, "Chad", strings.Repeat("x", MaxCell+1), 1), "carried"},
		{"much text", `{"Sheets":[` + sheet(list(`["`+strings.Repeat("x", MaxCell)+`"]`, MaxTable/MaxCell+1), list(`1`, MaxTable/MaxCell+1), `""`) + `]}`, "table_big"},
		{"more than is read", `{"Sheets":[` + strings.Repeat(" ", maxCarried) + good[11:], "carried"},
		{"a wide row", strings.Replace(good, `["Chad",""]`, `["Chad","",""]`, 1), "carried"},
		{"a narrow row", strings.Replace(good, `["Chad",""]`, `["Chad"]`, 1), "carried"},
		{"rows without cells", `{"Sheets":[` + sheet(`[],[]`, `1,2`, ``) + `]}`, "carried"},
		{"a line too few", strings.Replace(good, `[1,2]`, `[1]`, 1), "carried"},
		{"lines too many", strings.Replace(good, `[1,2]`, `[`+list(`1`, MaxRows+1)+`]`, 1), "carried"},
		{"a line that is no number", strings.Replace(good, `[1,2]`, `[1,1e300]`, 1), "carried"},
		{"a header below the rows", strings.Replace(good, `"Header":0`, `"Header":2`, 1), "carried"},
		{"a header above the rows", strings.Replace(good, `"Header":0`, `"Header":-2`, 1), "carried"},
		{"a column too few", strings.Replace(good, `["name",""]`, `["name"]`, 1), "carried"},
		{"an unknown role", strings.Replace(good, `["name",""]`, `["name","x"]`, 1), "carried"},
		{"a control character", strings.Replace(good, `Chad`, `Ch\u0000ad`, 1), "carried"},
		{"blanks around a cell", strings.Replace(good, `Chad`, ` Chad`, 1), "carried"},
		{"a long name", strings.Replace(good, `"A"`, `"`+strings.Repeat("A", maxSheetName+1)+`"`, 1), "carried"},
		{"another field", strings.Replace(good, `"Hidden"`, `"Other"`, 1), "carried"},
		{"a field twice", strings.Replace(good, `"Hidden":false`, `"Lines":[1,2]`, 1), "carried"},
		{"a number for a cell", strings.Replace(good, `"Chad"`, `7`, 1), "carried"},
		{"an object for a cell", strings.Replace(good, `"Chad"`, `{}`, 1), "carried"},
	} {
		unpackRefused(t, x.what, field(t, x.plain), x.key)
	}
	unpackRefused(t, "no base64", "*", "carried")
	unpackRefused(t, "no deflate", "AAAA", "carried")
	unpackRefused(t, "a longer field than any", strings.Repeat("A", MaxPacked+1), "carried")
}

// FuzzTableField reads any field: what is read is a table as Open gives one, can be guessed about, and comes back as it is.
func FuzzTableField(f *testing.F) {
	table, err := Open("a.csv", []byte("Country;Date\nChad;2024-03-12\nPeru;2024-03-13\n"))
	must(f, err)
	packed, err := table.Table.Pack()
	must(f, err)
	f.Add(packed, []byte(`{"Sheets":[{"Name":"A","Rows":[["Name","b"],["Chad",""]],"Lines":[1,2],"Header":0,"Columns":["name",""],"Hidden":true}]}`))
	f.Add("", []byte(`{"Sheets":[{"Rows":[["a"],["b","c","d"]]}]}`))
	f.Add("AAAA", []byte(`{"Sheets":[`+strings.Repeat(`{},`, 100)+`{}]}`))
	f.Add("_", []byte(`{"Sheets":[{"Rows":[["\ud800","2024"]],"Lines":[1e3],"Header":-1,"Columns":["",""]}]}`))
	f.Fuzz(func(t *testing.T, raw string, plain []byte) {
		for _, s := range []string{raw, field(t, string(plain))} {
			got, err := Unpack(s)
			if err != nil {
				var r *Refusal
				if !errors.As(err, &r) || r.Key == "" || got != nil {
					t.Fatalf("the error is no refusal: %v", err)
				}
				continue
			}
			again, err := got.Pack()
			must(t, err)
			if back, err := Unpack(again); err != nil || !reflect.DeepEqual(back, got) {
				t.Fatalf("%+v comes back as %+v, %v", got, back, err)
			}
			for i := range got.Sheets {
				Guess(&got.Sheets[i], func(cell string) bool { return cell == "Chad" })
			}
			if r := got.Valid(); r != nil {
				t.Fatal(r)
			}
		}
	})
}
