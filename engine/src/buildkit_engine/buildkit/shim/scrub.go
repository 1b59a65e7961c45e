package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"slices"
)

var hidden = []byte("***")

// scrubber passes on what is written to it, every secret replaced. What may be the beginning of a
// secret waits for what comes next.
type scrubber struct {
	to      io.Writer
	secrets [][]byte // the longest first
	waiting []byte
}

func (s *scrubber) Write(data []byte) (int, error) {
	s.waiting = append(s.waiting, data...)
	return len(data), s.pass(false)
}

func (s *scrubber) Close() error {
	return s.pass(true)
}

func (s *scrubber) pass(ended bool) error {
	var passed []byte
	at := 0
	for at < len(s.waiting) {
		length, undecided := s.match(s.waiting[at:])
		if undecided && !ended {
			break
		}
		if length == 0 {
			passed = append(passed, s.waiting[at])
			at++
			continue
		}
		passed = append(passed, hidden...)
		at += length
	}
	s.waiting = append(s.waiting[:0], s.waiting[at:]...)
	_, err := s.to.Write(passed)
	return err
}

// match is the length of the longest secret that text begins with, and whether text may be the
// beginning of a longer one.
func (s *scrubber) match(text []byte) (length int, undecided bool) {
	for _, secret := range s.secrets {
		if bytes.HasPrefix(text, secret) {
			return len(secret), undecided
		}
		undecided = undecided || bytes.HasPrefix(secret, text)
	}
	return 0, undecided
}

// secrets are the values of the named variables and files, also without the space around them. A
// file that this user may not read is left out: the command runs as the same user.
func secrets(variables, files []string) [][]byte {
	var values [][]byte
	for _, name := range variables {
		values = append(values, []byte(os.Getenv(name)))
	}
	for _, path := range files {
		if value, err := os.ReadFile(path); err == nil {
			values = append(values, value)
		}
	}
	var found [][]byte
	for _, value := range values {
		found = append(found, value, bytes.TrimSpace(value))
	}
	found = slices.DeleteFunc(found, func(value []byte) bool { return len(value) == 0 })
	slices.SortFunc(found, func(a, b []byte) int { return cmp.Compare(len(b), len(a)) })
	return found
}

// list is a flag's value that is a JSON array.
func list(text string) []string {
	var items []string
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &items); err != nil {
		fail(err.Error())
	}
	return items
}
