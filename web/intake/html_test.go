package intake

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

func TestHTMLText(t *testing.T) {
	for _, c := range []struct{ what, in, text string }{
		{"a page", "<!DOCTYPE html><html><head><title>Site</title><style>p{}</style></head><body><!-- no -->\n<h1>Joint\n  statement</h1><script>alert('France')</script><p>Signed by <b>Alb</b>ania,&nbsp;C&ocirc;te d&#8217;Ivoire</p><ul><li>Kenya<li>Peru</ul></body></html>",
			"Joint statement\nSigned by Albania,\u00a0Côte d’Ivoire\nKenya\nPeru"},
		{"footnotes", "<p>Albania<sup>1</sup>, Brazil<sup>*</sup>, Chad<sup>[3]</sup> on the 12<sup>th</sup>, France <sup>4</sup> and Peru<sup>a</sup>, XXI<sup>e</sup>, n<sup>o</sup> 4", "Albania[1], Brazil[*], Chad[3] on the 12th, France [4] and Peru[a], XXIe, no 4"},
		{"lines", "<div>Albania<br>Brazil<br/>Chad</div>", "Albania\nBrazil\nChad"},
		{"a table", "<table><tr><th>Country</th><th>Date</th></tr><tr><td><p>Albania</p></td><td>2024</td></tr><tr><td>Chad</td><td></td><td>x</td></tr></table><p>End", "Country\tDate\nAlbania\t2024\nChad\t\tx\nEnd"},
		{"preformatted", "<pre>Albania\n  Chad</pre>", "Albania\n  Chad"},
		{"templates within each other", "<p>a</p><template><p>x</p><template>y</template>z</template><p>b</p>", "a\nb"},
		{"a fragment", "Signatories: Albania<br>Brazil<br>Chad", "Signatories: Albania\nBrazil\nChad"},
		{"an attack", "<p>Albania<img src=x onerror=alert(1)><iframe src='http://x'>France</iframe> Chad</p>", "Albania Chad"},
		{"never closed", "<p>Albania<sup>1<p>Chad<script>France", "Albania[1]\nChad"},
	} {
		got := brought(t, "", []byte(c.in))
		same(t, c.what, got.Text, c.text)
	}
	// What only looks like a tag is text.
	same(t, "not HTML", brought(t, "", []byte("Albania <albania@example.org> and 3 < 4")).Text, "Albania <albania@example.org> and 3 < 4")
	// A page says its encoding itself.
	page := `<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251"></head><body>Чад</body></html>`
	got := brought(t, "a.html", encoded(t, charmap.Windows1251, page))
	same(t, "text", got.Text, "Чад")
	same(t, "encoding", got.Encoding, "windows-1251")
	same(t, "remarks", keys(got), []string{})
	refused(t, "a.html", []byte("<html><body><script>France</script></body></html>"), "no_text")
	refused(t, "a.html", []byte("<html><p>"+strings.Repeat("Albania ", MaxText/8+1)), "text_long")
}

func TestHTMLTable(t *testing.T) {
	got := brought(t, "export.xls", []byte(`<html xmlns:x="urn:schemas-microsoft-com:office:excel"><body><p>no</p>
<table><tr><th>Country<th colspan=2>Date</tr><tr><td rowspan=2>Albania<td>12&nbsp;March<td>2024<tr><td>x<td>y</table>
<table><tr><td></td></tr></table>
<table><tr><td>Chad<table><tr><td>in</td></tr></table></td><td>z</td></tr></table>`))
	same(t, "sheets", len(got.Table.Sheets), 2)
	same(t, "first", got.Table.Sheets[0].Rows, [][]string{{"Country", "Date", ""}, {"Albania", "12\u00a0March", "2024"}, {"", "x", "y"}})
	same(t, "second", got.Table.Sheets[1].Rows, [][]string{{"Chad in", "z"}})
	refused(t, "export.xls", []byte("<html><body><p>no table</p></body></html>"), "no_rows")
	refused(t, "export.xls", []byte("<table><tr>"+strings.Repeat("<td>x", 201)+"</table>"), "columns")
	refused(t, "export.xls", []byte("<table>"+strings.Repeat("<tr><td>x", MaxRows+1)+"</table>"), "rows")
}
