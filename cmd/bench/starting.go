package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// starting measures P12: from the start of the process to all of its first page, and the most memory that it has had then.
func (b *bench) starting(ctx context.Context, large string) error {
	folder, err := os.MkdirTemp(b.dir, "starting-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	for _, x := range []struct{ what, page string }{
		{"front page", "/en/"},
		{"declaration", "/en/declarations/madeup-00100"},
	} {
		var took, memory []float64
		for range max(b.runs, 3) {
			begin := time.Now()
			c, err := b.begun(large, folder)
			if err != nil {
				return err
			}
			for {
				_, err = once(ctx, c.host, question{path: x.page, status: 200}, io.Discard)
				if err == nil || time.Since(begin) > 30*time.Second {
					break
				}
				time.Sleep(time.Millisecond)
			}
			t := time.Since(begin).Seconds()
			m, err2 := resident(c.process.Process.Pid)
			c.stop()
			if err := errors.Join(err, err2); err != nil {
				return err
			}
			took, memory = append(took, t), append(memory, m)
		}
		b.line("P12", fmt.Sprintf("start to first page (%s) at %d, of 0.5 s", x.what, b.large), median(took)/0.5, 1, seconds(median(took)), "0.50 s")
		b.line("P12", fmt.Sprintf("resident memory then (%s), of 64 MiB", x.what), median(memory)/64, 1, fmt.Sprintf("%.0f MiB", median(memory)), "64 MiB")
	}
	return nil
}

// backups measures P13: a backup of the register while it is served, beside cp of the same file, both until they are on the disk.
func (b *bench) backups(ctx context.Context, large string) error {
	folder, err := os.MkdirTemp(b.dir, "backup-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	ours, err := b.cosignatory(ctx, large, folder)
	defer ours.stop()
	if err != nil {
		return err
	}
	copied := filepath.Join(folder, "copy.db")
	var taken, plain, unsynced, vacuum []float64
	for i := range b.runs + 1 {
		// Readers, at a pace that does not change with how much the backup leaves them.
		within, end := context.WithCancel(ctx)
		reading := make(chan error, 1)
		go func() { reading <- paced(within, ours.host, b.large, 20*time.Millisecond) }()
		var one [4]float64
		for j, command := range [][]string{
			{b.built(), "backup", "--db", large, copied},
			{"sh", "-c", `cp "$1" "$2" && sync "$2"`, "sh", large, copied},
			{"cp", large, copied},
			{"sqlite3", large, "VACUUM INTO '" + strings.ReplaceAll(copied, "'", "''") + "'"},
		} {
			if _, missing := exec.LookPath(command[0]); missing != nil {
				continue
			}
			if one[j], _, err = run(ctx, nil, command...); err != nil {
				break
			}
			if err = os.Remove(copied); err != nil {
				break
			}
		}
		end()
		if err := errors.Join(err, <-reading); err != nil {
			return err
		}
		if i > 0 { // the first round warms up
			taken, plain, unsynced, vacuum = append(taken, one[0]), append(plain, one[1]), append(unsynced, one[2]), append(vacuum, one[3])
		}
	}
	b.line("P13", "backup while serving, written, on the disk and checked, of cp until it is on the disk", median(taken)/median(plain), 6, seconds(median(taken)), seconds(median(plain)))
	b.note("cp alone, which leaves the copy in memory, takes %s. The sqlite3 command line's VACUUM INTO, consistent but unchecked and left in memory, takes %s, %.1f times cp until it is on the disk; 0 where there is no command line.",
		seconds(median(unsynced)), seconds(median(vacuum)), median(vacuum)/median(plain))
	return nil
}

// paced asks for pages at a steady pace until the context ends.
func paced(ctx context.Context, host string, large int, pause time.Duration) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if _, err := interrupted(ctx, host, question{path: fmt.Sprintf("/en/declarations/madeup-%05d", 1+n*31%large), status: 200}); err != nil {
				return err
			}
		}
	}
}
