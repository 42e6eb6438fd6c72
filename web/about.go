package web

import (
	"runtime/debug"

	"cosignatory/templates/pages"
	"cosignatory/templates/ui"
)

func showAbout(r *request) error {
	r.timeless = true
	v := pages.About{Page: r.base(ui.Plain(r.p.T("about.title")), "/about"), ChangesURL: r.to("/changes"), DeclarationsURL: r.to("/declarations"), ReleasesURL: r.now("/releases")}
	v.Description = r.p.T("about.lead")
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	return r.show(v.Show())
}
