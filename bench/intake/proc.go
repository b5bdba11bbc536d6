package intake

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A clock tick of /proc is a hundredth of a second on every Linux that Go runs
// on (USER_HZ, fixed for user space; see proc(5) and sysconf(3)).
const tick = 10 * time.Millisecond

// process is what /proc/PID/stat tells of a process.
type process struct {
	parent   int
	own      time.Duration // user and system time
	children time.Duration // of children that ended and were waited for
}

// readStat reads the line of /proc/PID/stat. The name stands in parentheses
// and may hold anything, parentheses included; the fields after it are counted
// from the last one (proc(5): ppid is field 4, utime 14, stime 15, cutime 16,
// cstime 17).
func readStat(line []byte) (p process, err error) {
	end := bytes.LastIndexByte(line, ')')
	fields := strings.Fields(string(line[end+1:]))
	if end < 0 || len(fields) < 15 {
		return p, fmt.Errorf("%q is not a line of /proc/PID/stat", line)
	}
	number := func(field int) int64 {
		n, bad := strconv.ParseInt(fields[field-3], 10, 64)
		if bad != nil && err == nil {
			err = bad
		}
		return n
	}
	p.parent = int(number(4))
	p.own = time.Duration(number(14)+number(15)) * tick
	p.children = time.Duration(number(16)+number(17)) * tick
	return p, err
}

// FamilySpent is the processor time of a process and of those it started.
func FamilySpent(parent int) (time.Duration, error) {
	_, spent, err := familyOf(parent)
	return spent, err
}

func statOf(pid int) (process, error) {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}, fmt.Errorf("reading the processor time of process %d (this needs Linux): %w", pid, err)
	}
	return readStat(line)
}

// familyOf is a process, those it started, and the time of those that ended.
func familyOf(parent int) (pids []int, spent time.Duration, err error) {
	p, err := statOf(parent)
	if err != nil {
		return nil, 0, err
	}
	pids, spent = []int{parent}, p.own+p.children
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range all {
		line, gone := os.ReadFile(file)
		if gone != nil {
			continue // it ended while we looked: its time is its parent's now
		}
		if p, bad := readStat(line); bad == nil && p.parent == parent {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file))) // the glob says digits
			pids, spent = append(pids, pid), spent+p.own
		}
	}
	return pids, spent, err
}

// field reads a line such as "VmRSS:   123 kB" and gives bytes; 0 when there is
// none, or when the machine does not let us look.
func field(file, name string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			if parts := strings.Fields(rest); len(parts) == 2 {
				kb, _ := strconv.ParseInt(parts[0], 10, 64)
				return kb << 10
			}
		}
	}
	return 0
}

// resident is what a process holds in memory; proportional is its share when
// what many processes hold together is divided among them.
func resident(pid int) int64 { return field(fmt.Sprintf("/proc/%d/status", pid), "VmRSS") }
func proportional(pid int) int64 {
	return field(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Pss")
}

// loadAverage is how busy the machine was over the last minute.
func loadAverage() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	n, _ := strconv.ParseFloat(first, 64)
	return n
}

// ParentOf is the process that started another.
func ParentOf(pid int) (int, error) {
	p, err := statOf(pid)
	if err != nil {
		return 0, fmt.Errorf("the database does not run on this machine: %w", err)
	}
	return p.parent, nil
}
