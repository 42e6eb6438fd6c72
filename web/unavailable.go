package web

import (
	"context"
	"io"

	"cosignatory/templates/i18n"
	"cosignatory/templates/pages"
)

// WriteUnavailable writes the page that a proxy shows while the program is away. It is in all languages, since nobody is
// there to choose one, and needs no other file.
func WriteUnavailable(ctx context.Context, w io.Writer) error {
	var v pages.Unavailable
	for _, l := range i18n.Languages() {
		p, _ := i18n.For(l.Code)
		if v.Title == "" {
			v.Title = p.T("site.name")
		}
		v.Said = append(v.Said, pages.Saying{Code: l.Code, Dir: l.Dir, Heading: p.T("error.title_503"), Sentence: p.T("error.unavailable")})
	}
	return v.Show().Render(ctx, w)
}
