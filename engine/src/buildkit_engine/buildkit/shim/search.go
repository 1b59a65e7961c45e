package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// blockOfText is how much of a file ripgrep reads at once: a zero byte ends the search with the
// block before.
const blockOfText = 64 * 1024

type searchOptions struct {
	Pattern     string   `json:"pattern"`
	Literal     bool     `json:"literal"`
	Multiline   bool     `json:"multiline"`
	Dotall      bool     `json:"dotall"`
	Insensitive bool     `json:"insensitive"`
	SkipIgnored bool     `json:"skip_ignored"`
	SkipHidden  bool     `json:"skip_hidden"`
	FilesOnly   bool     `json:"files_only"`
	Limit       *int     `json:"limit"`
	Paths       []string `json:"paths"`
	Globs       []string `json:"globs"`
}

// match is one line, or several that a match spans, with all matches in it.
type match struct {
	Path       string     `json:"path"`
	Line       int        `json:"line"`
	Offset     int        `json:"offset"`
	Lines      string     `json:"lines"`
	Submatches []submatch `json:"submatches"`
}

type submatch struct {
	Text  string `json:"text"`
	Start int    `json:"start"`
	End   int    `json:"end"`
}

// search tells where the files below path match a pattern, file by file in the order of their
// paths.
func search(root, path string, options searchOptions) (lines, error) {
	pattern, spans, err := compiled(options)
	if err != nil {
		return nil, err
	}
	top, err := resolve(root, path, true)
	if err != nil {
		return nil, err
	}
	filter, err := newFilter(root, top, options)
	if err != nil {
		return nil, err
	}
	var found lines
	look := func(path, shown string, named bool) error {
		text, err := searchable(path, named)
		if err != nil {
			return err
		}
		for _, match := range matches(text, pattern, spans) {
			match.Path = shown
			if options.FilesOnly {
				found = append(found, entryOnly(shown))
				return nil
			}
			// what is no text could not be told in JSON
			if !utf8.ValidString(match.Lines) || !utf8.ValidString(shown) {
				continue
			}
			found = append(found, match)
			if options.Limit != nil && len(found) >= *options.Limit {
				return fs.SkipAll
			}
		}
		return nil
	}
	err = filter.walk(options.Paths, look)
	if errors.Is(err, fs.SkipAll) {
		err = nil
	}
	return found, err
}

func entryOnly(path string) match {
	return match{Path: path, Submatches: []submatch{}}
}

// compiled is the pattern, and whether a match of it may span lines.
func compiled(options searchOptions) (pattern *regexp.Regexp, spans bool, err error) {
	text := options.Pattern
	if options.Literal {
		text = regexp.QuoteMeta(text)
	}
	prefix, flags := "m", syntax.Perl&^syntax.OneLine
	if options.Insensitive {
		prefix, flags = prefix+"i", flags|syntax.FoldCase
	}
	if options.Multiline && options.Dotall {
		prefix, flags = prefix+"s", flags|syntax.DotNL
	}
	parsed, err := syntax.Parse(text, flags)
	if err != nil {
		return nil, false, err
	}
	if !options.Multiline && hasNewline(parsed) {
		return nil, false, errors.New(`the literal "\n" is not allowed in a regex: search with multiline`)
	}
	pattern, err = regexp.Compile("(?" + prefix + ":" + text + ")")
	return pattern, options.Multiline && maySpan(parsed), err
}

func hasNewline(parsed *syntax.Regexp) bool {
	return parsed.Op == syntax.OpLiteral && slices.Contains(parsed.Rune, '\n') ||
		slices.ContainsFunc(parsed.Sub, hasNewline)
}

// maySpan tells whether a pattern can match the end of a line: without that, ripgrep too searches
// line by line.
func maySpan(parsed *syntax.Regexp) bool {
	switch parsed.Op {
	case syntax.OpAnyChar, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText:
		return true
	case syntax.OpLiteral:
		return slices.Contains(parsed.Rune, '\n')
	case syntax.OpCharClass:
		for i := 0; i < len(parsed.Rune); i += 2 {
			if parsed.Rune[i] <= '\n' && '\n' <= parsed.Rune[i+1] {
				return true
			}
		}
	}
	return slices.ContainsFunc(parsed.Sub, maySpan)
}

// searchable is a file's text; of what is no text only what comes before, unless the file was asked
// for by name.
func searchable(path string, named bool) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if zero := bytes.IndexByte(text, 0); zero >= 0 && !named {
		text = text[:zero-zero%blockOfText]
	}
	return text, nil
}

// matches are those of a text by the lines they are on.
func matches(text []byte, pattern *regexp.Regexp, spans bool) []match {
	var found []match
	if len(text) == 0 {
		return nil
	}
	number, counted := 1, 0
	// where matches may span lines, those next to each other are told together
	add := func(start, end int, places [][]int) {
		number += bytes.Count(text[counted:start], []byte{'\n'})
		counted = start
		one := match{Line: number, Offset: start, Lines: string(text[start:end])}
		for _, place := range places {
			part := submatch{string(text[place[0]:place[1]]), place[0] - start, place[1] - start}
			one.Submatches = append(one.Submatches, part)
		}
		found = append(found, one)
	}
	if !spans {
		for start := 0; start < len(text); {
			end, next := len(text), len(text)
			if length := bytes.IndexByte(text[start:], '\n'); length >= 0 {
				end, next = start+length, start+length+1
			}
			if places := pattern.FindAllIndex(text[start:end], -1); places != nil {
				for _, place := range places {
					place[0], place[1] = place[0]+start, place[1]+start
				}
				add(start, next, places)
			}
			start = next
		}
		return found
	}
	start, end := 0, 0
	var places [][]int
	for _, place := range pattern.FindAllIndex(text, -1) {
		if place[0] == len(text) && len(text) > 0 && text[len(text)-1] == '\n' {
			break // there is no line behind the last one
		}
		from, to := linesOf(text, place)
		if places != nil && from > end {
			add(start, end, places)
			places = nil
		}
		if places == nil {
			start = from
		}
		end = max(end, to)
		places = append(places, place)
	}
	if places != nil {
		add(start, end, places)
	}
	return found
}

// linesOf is where the lines begin and end that a match is on.
func linesOf(text []byte, place []int) (start, end int) {
	start = bytes.LastIndexByte(text[:place[0]], '\n') + 1
	if place[1] > place[0] && text[place[1]-1] == '\n' {
		return start, place[1]
	}
	if length := bytes.IndexByte(text[place[1]:], '\n'); length >= 0 {
		return start, place[1] + length + 1
	}
	return start, len(text)
}

// relative is path as seen from top.
func relative(top, path string) string {
	below, err := filepath.Rel(top, path)
	if err != nil {
		return path
	}
	return strings.TrimPrefix(below, "./")
}
