package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"cosignatory/seed"
	"cosignatory/store"
	"cosignatory/web"
)

// mainPages are the five pages that Lighthouse judges.
var mainPages = []string{"/en/", "/en/declarations", "/en/declarations/tech-trafficking-2025", "/en/participants/KOR", "/en/search?q=korea"}

// least are the scores, of 100, that every one of them has to reach at mobile settings.
var least = []struct {
	category string
	score    float64
}{{"performance", 98}, {"accessibility", 100}, {"best-practices", 100}, {"seo", 100}}

// lighthouse serves the shipped register and has Lighthouse (npm: lighthouse, its command in LIGHTHOUSE or the path; Debian's
// chromium in CHROME_PATH or the path) judge its main pages. It returns an error where a score is too low.
func lighthouse(ctx context.Context, out io.Writer) error {
	command := os.Getenv("LIGHTHOUSE")
	if command == "" {
		command = "lighthouse"
	}
	if _, err := exec.LookPath(command); err != nil {
		return errors.New("lighthouse is not installed: npm install lighthouse, and name its command in LIGHTHOUSE")
	}
	if os.Getenv("CHROME_PATH") == "" {
		chromium, err := exec.LookPath("chromium")
		if err != nil {
			return errors.New("chromium is not installed: apt-get install chromium, or name a browser in CHROME_PATH")
		}
		os.Setenv("CHROME_PATH", chromium)
	}
	dir, err := os.MkdirTemp("", "cosignatory-lighthouse-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(ctx, filepath.Join(dir, "register.db"))
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := seed.Load(ctx, s); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	base := "http://" + l.Addr().String()
	h, err := web.New(web.Config{Store: s, BaseURL: base, Now: time.Now, Spool: dir})
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h}
	go server.Serve(l)
	defer server.Close()
	low := 0
	for _, page := range mainPages {
		report := filepath.Join(dir, "report.json")
		args := []string{base + page, "--quiet", "--output=json", "--output-path=" + report, "--chrome-flags=--headless=new --no-sandbox --disable-gpu"}
		run := exec.CommandContext(ctx, command, args...)
		run.Stderr = os.Stderr
		if err := run.Run(); err != nil {
			return fmt.Errorf("%s: %w", page, err)
		}
		b, err := os.ReadFile(report)
		if err != nil {
			return err
		}
		n, err := judged(out, page, b)
		if err != nil {
			return err
		}
		low += n
	}
	if low > 0 {
		return fmt.Errorf("%d scores are too low", low)
	}
	return nil
}

// judged prints the scores of one report, with the audits that failed, and counts those that are too low.
func judged(out io.Writer, page string, report []byte) (low int, err error) {
	var r struct {
		Categories map[string]struct {
			Score  *float64 `json:"score"`
			Audits []struct {
				ID     string  `json:"id"`
				Weight float64 `json:"weight"`
			} `json:"auditRefs"`
		} `json:"categories"`
		Audits map[string]struct {
			Title   string   `json:"title"`
			Score   *float64 `json:"score"`
			Display string   `json:"displayValue"`
		} `json:"audits"`
		Error struct {
			Message string `json:"message"`
		} `json:"runtimeError"`
	}
	if err := json.Unmarshal(report, &r); err != nil {
		return 0, err
	}
	if r.Error.Message != "" {
		return 0, fmt.Errorf("%s: %s", page, r.Error.Message)
	}
	fmt.Fprintf(out, "%s\n", page)
	for _, x := range least {
		c := r.Categories[x.category]
		if c.Score == nil {
			return 0, fmt.Errorf("%s: Lighthouse gives no score for %s", page, x.category)
		}
		score, note := 100**c.Score, ""
		if score < x.score {
			low++
			note = ": too low"
		}
		fmt.Fprintf(out, "  %3.0f %s%s\n", score, x.category, note)
		for _, a := range c.Audits {
			if s := r.Audits[a.ID].Score; score < 100 && a.Weight > 0 && s != nil && *s < 0.9 {
				fmt.Fprintf(out, "      %.2f %s %s\n", *s, r.Audits[a.ID].Title, r.Audits[a.ID].Display)
			}
		}
	}
	return low, nil
}
