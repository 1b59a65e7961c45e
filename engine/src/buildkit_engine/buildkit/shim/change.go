package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

type owner struct {
	User  int `json:"user"`
	Group int `json:"group"`
}

// chown gives path and all below it to an owner; links are not followed.
func chown(root, path string, to owner) (lines, error) {
	top, err := resolve(root, path, true)
	if err != nil {
		return nil, err
	}
	return nil, filepath.WalkDir(top, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, to.User, to.Group)
	})
}

type replacement struct {
	Search      string `json:"search"`
	Replacement string `json:"replacement"`
	All         bool   `json:"all"`
	FirstFrom   *int   `json:"first_from"`
}

// replace puts one text in place of another in a file: of all, of the first from a line on, or of
// the only one.
func replace(root, path string, options replacement) (lines, error) {
	found, err := resolve(root, path, true)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(found)
	if err != nil {
		return nil, err
	}
	from := 1
	if options.FirstFrom != nil {
		from = *options.FirstFrom
	}
	pattern := regexp.MustCompile(regexp.QuoteMeta(options.Search))
	var places []string
	for _, match := range matches(text, pattern, strings.Contains(options.Search, "\n")) {
		if match.Line < from {
			continue
		}
		for _, part := range match.Submatches {
			places = append(places, fmt.Sprintf("line %d (%d-%d)", match.Line, part.Start, part.End))
		}
	}
	count := 1
	switch {
	case options.All:
		count = -1
	case len(places) == 0:
		return nil, errors.New("search string not found")
	case options.FirstFrom == nil && len(places) > 1:
		return nil, errors.New("search string found multiple times: " + strings.Join(places, ", "))
	}
	if len(places) == 0 {
		return nil, nil
	}
	start := startOfLine(text, from)
	changed := bytes.Replace(text[start:], []byte(options.Search), []byte(options.Replacement), count)
	// written over, so that its mode and owner stay
	return nil, os.WriteFile(found, append(text[:start:start], changed...), 0)
}

// startOfLine is where the line of that number begins.
func startOfLine(text []byte, number int) int {
	start := 0
	for range number - 1 {
		end := bytes.IndexByte(text[start:], '\n')
		if end < 0 {
			return len(text)
		}
		start += end + 1
	}
	return start
}
