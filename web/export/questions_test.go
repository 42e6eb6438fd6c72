package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"cosignatory/store"
	"cosignatory/store/register"
	"cosignatory/templates/i18n"
	"cosignatory/web/export"
)

// The columns of the files of questions, word for word: they only grow.
var questionHeaders = map[string]string{
	"missing":               "declaration, declaration_title, declaration_date, group, group_name, participant, participant_name, formal_name, formal_name_language, participant_kind, iso3, m49, user_assigned_code, regional_group, mark, as_of, revision" + ", declaration_date_precision",
	"without":               "participant, participant_name, group, declaration, declaration_title, declaration_date, member_count, members_on_count, mark, as_of, revision" + ", group_name, declaration_date_precision",
	"releases":              "release, revision, released_at, bytes, sha256, revision_hash, register_address",
	"release_files":         "release, revision, file, row_count, bytes, sha256, file_address",
	"compared_participants": "participant, participant_name, regional_group, part, on_count, as_of, revision",
	"compared_declarations": "declaration, declaration_title, declaration_date, part, on_count, as_of, revision" + ", declaration_date_precision",
	"overlaps":              "first, first_name, second, second_name, first_count, second_count, common_count, first_only_count, second_only_count, jaccard, as_of, revision",
	"together":              "participant, participant_name, other, other_name, other_regional_group, common_count, participant_count, other_count, unsettled_count, base_count, share, lift, as_of, revision",
	"pairs":                 "participant, participant_name, other, other_name, common_count, participant_count, other_count, base_count, jaccard, lift, as_of, revision",
	"led":                   "participant, participant_name, other, other_name, other_regional_group, led_count, common_count, unsettled_count, share, as_of, revision",
	"signing":               "group, declaration, declaration_title, declaration_date, member_count, on_count, unsettled_count, implied_count, share, as_of, revision" + ", group_name, declaration_date_precision",
	"growth":                "declaration, date, change, participant, participant_name, counted_from, in_effect_count, unsettled_count, as_of, revision",
}

func TestQuestionColumns(t *testing.T) {
	for _, l := range i18n.Languages() {
		p, _ := i18n.For(l.Code)
		for name, want := range questionHeaders {
			var got []string
			for _, c := range export.QuestionColumns(name) {
				got = append(got, c.Name)
				if !p.Has(c.MeaningKey) || !p.Has("column_type."+c.Type) {
					t.Errorf("%s: %+v is not explained in %s", name, c, l.Code)
				}
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("%s has %v", name, got)
			}
		}
	}
	if export.QuestionColumns("declarations") != nil {
		t.Error("declarations is no question")
	}
}

// questionFiles are the files of questions, each by what writes it.
func questionFiles(t testing.TB, o export.Options) map[string]func(w io.Writer, o export.Options) error {
	t.Helper()
	x, err := o.View.Index(context.Background(), o.Day)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	slugs, codes := []string{"geneva-consensus-2020", "tech-trafficking-2025"}, []string{"KOR", "JPN", "FRA"}
	all, base := x.Together("KOR")
	led, ledBase := x.Brought("KOR")
	e, err := o.View.Declaration(ctx, slugs[0])
	if err != nil {
		t.Fatal(err)
	}
	steps, undated := register.Growth(e.Timelines(), o.Day)
	release := &store.Release{Name: "2026.1", Revision: o.View.Revision, RevisionHash: strings.Repeat("0a", 32), ReleasedAt: time.Date(2026, 11, 27, 9, 30, 0, 0, time.UTC),
		Address: "https://register.example.org", Files: []store.ReleaseFile{{Name: "signatories.csv", Bytes: 481_516, Rows: 929, SHA256: strings.Repeat("b1", 32)},
			{Name: "register.zip", Bytes: 2_342, Rows: -1, SHA256: strings.Repeat("9e", 32)}}}
	return map[string]func(w io.Writer, o export.Options) error{
		"compared_participants": func(w io.Writer, o export.Options) error {
			return export.WriteCompared(ctx, w, o, x, slugs, x.CompareDeclarations(slugs, nil, -1), false)
		},
		"compared_declarations": func(w io.Writer, o export.Options) error {
			return export.WriteCompared(ctx, w, o, x, codes, x.CompareParticipants(codes, -1), true)
		},
		"overlaps": func(w io.Writer, o export.Options) error {
			return export.WriteOverlaps(ctx, w, o, x, codes, x.CompareParticipants(codes, -1), true)
		},
		"together": func(w io.Writer, o export.Options) error {
			return export.WriteTogether(ctx, w, o, "KOR", all, base)
		},
		"pairs": func(w io.Writer, o export.Options) error { return export.WritePairs(ctx, w, o, x) },
		"led":   func(w io.Writer, o export.Options) error { return export.WriteLed(ctx, w, o, "KOR", led, ledBase) },
		"signing": func(w io.Writer, o export.Options) error {
			return export.WriteSigning(ctx, w, o, x, "EU", x.GroupSigning("EU"))
		},
		"growth": func(w io.Writer, o export.Options) error {
			return export.WriteGrowth(ctx, w, o, slugs[0], steps, undated)
		},
		"missing": func(w io.Writer, o export.Options) error {
			return export.WriteMissing(ctx, w, o, e, o.View.Ref.Group("ASEAN"), []export.Absent{{Participant: "NAM"}, {Participant: "THA", Mark: register.MarkLeft}})
		},
		"without": func(w io.Writer, o export.Options) error {
			return export.WriteWithout(ctx, w, o, x, "VNM", "ASEAN", x.Without("VNM", "ASEAN"))
		},
		"releases": func(w io.Writer, o export.Options) error {
			return export.WriteReleases(ctx, w, o, []*store.Release{release})
		},
		"release_files": func(w io.Writer, o export.Options) error {
			return export.WriteReleaseFiles(ctx, w, o, release, func(f *store.ReleaseFile) string { return release.Address + "/data/" + f.Name })
		},
	}
}

func TestQuestionFiles(t *testing.T) {
	s := loaded(t)
	o := options(t, s, "")
	files := questionFiles(t, o)
	if len(files) != len(questionHeaders) {
		t.Fatalf("%d files", len(files))
	}
	for name, write := range files {
		o.Format = export.CSV
		b := made(t, func(w io.Writer) error { return write(w, o) })
		rows := records(t, b)
		head, _, _ := strings.Cut(string(b), "\r\n")
		want := strings.ReplaceAll(questionHeaders[name], ", ", ",")
		if name == "compared_declarations" { // what came later stands behind the compared, whose columns stay where they were (D22)
			want = strings.Replace(want, ",declaration_date_precision", ",KOR,JPN,FRA,declaration_date_precision", 1)
		}
		if len(rows) == 0 || !strings.HasPrefix(head, want) {
			t.Errorf("%s: %d rows, %s", name, len(rows), head)
		}
		if again := made(t, func(w io.Writer) error { return write(w, o) }); !bytes.Equal(b, again) {
			t.Errorf("%s: other bytes the second time (D26)", name)
		}
		o.Format = export.JSON
		var doc struct {
			File    string
			Columns []string
			Rows    []map[string]any
		}
		j := made(t, func(w io.Writer) error { return write(w, o) })
		if err := json.Unmarshal(j, &doc); err != nil || doc.File != name || len(doc.Rows) != len(rows) || len(doc.Columns) != len(strings.Split(head, ",")) {
			t.Errorf("%s as JSON: %v, %d rows", name, err, len(doc.Rows))
		}
		for i, r := range doc.Rows {
			for _, c := range export.QuestionColumns(name) {
				_, number := r[c.Name].(float64)
				noTable := c.Name == "row_count" && r[c.Name] == nil // a file of a release that is no table has no rows
				if c.Type == "number" && !number && !noTable || c.Type == "decimal" && !number && r[c.Name] != nil {
					t.Fatalf("%s row %d: %s is %v", name, i, c.Name, r[c.Name])
				}
			}
		}
	}
	x, err := o.View.Index(context.Background(), o.Day)
	if err != nil {
		t.Fatal(err)
	}
	all, base := x.Together("KOR")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := export.WriteTogether(ctx, io.Discard, o, "KOR", all, base); err == nil {
		t.Error("a file that was broken off looks complete")
	}
}

// What is no number is an empty cell and null, never NaN.
func TestNoNumberIsEmpty(t *testing.T) {
	o := options(t, loaded(t), "")
	some := []store.Companion{{Code: "JPN", Share: math.NaN(), Lift: math.Inf(1)}}
	write := func(w io.Writer) error {
		return export.WriteTogether(context.Background(), w, o, "KOR", some, store.Base{})
	}
	if r := records(t, made(t, write))[0]; r["share"] != "" || r["lift"] != "" {
		t.Errorf("%v", r)
	}
	o.Format = export.JSON
	if b := made(t, write); !slices.Contains(strings.Split(string(b), ","), `"lift":null`) {
		t.Errorf("%s", b)
	}
}
