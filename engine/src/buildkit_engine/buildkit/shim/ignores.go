package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// rule is one line of a .gitignore file, or one glob in its syntax.
type rule struct {
	pattern *regexp.Regexp
	keeps   bool
	folders bool
}

var globParts = regexp.MustCompile(`\*\*/|/\*\*$|\*\*|\*|\?|\[[!^]?\]?[^]]*\]|\\.|[{},]`)

// parseRule reads a line; nil for an empty one and a comment.
func parseRule(line string) (*rule, error) {
	line = strings.TrimSpace(line)
	if line == "" || strings.HasPrefix(line, "#") {
		return nil, nil
	}
	glob, keeps := strings.CutPrefix(line, "!")
	glob, folders := strings.CutSuffix(glob, "/")
	anchored := strings.Contains(glob, "/")
	text := globRegexp(strings.TrimPrefix(glob, "/"))
	if !anchored {
		text = "(?:.*/)?" + text
	}
	pattern, err := regexp.Compile("^(?s:" + text + ")$")
	return &rule{pattern, keeps, folders}, err
}

func globRegexp(glob string) string {
	var text strings.Builder
	depth, end := 0, 0
	for _, place := range globParts.FindAllStringIndex(glob, -1) {
		text.WriteString(regexp.QuoteMeta(glob[end:place[0]]))
		part := glob[place[0]:place[1]]
		end = place[1]
		switch {
		case part == "**/":
			text.WriteString("(?:.*/)?")
		case part == "/**":
			text.WriteString("/.*")
		case part == "**":
			text.WriteString(".*")
		case part == "*":
			text.WriteString("[^/]*")
		case part == "?":
			text.WriteString("[^/]")
		case part == "{":
			depth++
			text.WriteString("(?:")
		case part == "}" && depth > 0:
			depth--
			text.WriteString(")")
		case part == "," && depth > 0:
			text.WriteString("|")
		case part[0] == '[':
			inside := strings.ReplaceAll(part[1:len(part)-1], `\`, `\\`)
			if strings.HasPrefix(inside, "!") {
				inside = "^" + inside[1:]
			}
			text.WriteString("[" + inside + "]")
		case part[0] == '\\':
			text.WriteString(regexp.QuoteMeta(part[1:]))
		default:
			text.WriteString(regexp.QuoteMeta(part))
		}
	}
	text.WriteString(regexp.QuoteMeta(glob[end:]))
	return text.String()
}

// ignores are the rules of one folder, for paths as seen from it.
type ignores struct {
	folder string
	rules  []*rule
}

// ignoresOf reads a file of rules; nothing where there is none.
func ignoresOf(folder, name string) (ignores, error) {
	text, err := os.ReadFile(filepath.Join(folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return ignores{folder: folder}, nil
	}
	if err != nil {
		return ignores{}, err
	}
	return parsed(folder, strings.Split(string(text), "\n"))
}

func parsed(folder string, texts []string) (ignores, error) {
	all := ignores{folder: folder}
	for _, text := range texts {
		one, err := parseRule(text)
		if err != nil {
			return all, err
		}
		if one != nil {
			all.rules = append(all.rules, one)
		}
	}
	return all, nil
}

// verdict is that of the last rule that names path; none without one.
func (i ignores) verdict(path string, isFolder bool) (ignored, decided bool) {
	below := relative(i.folder, path)
	for n := len(i.rules) - 1; n >= 0; n-- {
		if i.rules[n].names(below, isFolder) {
			return !i.rules[n].keeps, true
		}
	}
	return false, false
}

// verdictBelow is that of the last rule that names path or a folder that it is in.
func (i ignores) verdictBelow(path string, isFolder bool) (ignored, decided bool) {
	below := relative(i.folder, path)
	for n := len(i.rules) - 1; n >= 0; n-- {
		if i.rules[n].names(below, isFolder) {
			return !i.rules[n].keeps, true
		}
		for above := filepath.Dir(below); above != "."; above = filepath.Dir(above) {
			if i.rules[n].names(above, true) {
				return !i.rules[n].keeps, true
			}
		}
	}
	return false, false
}

func (r *rule) names(path string, isFolder bool) bool {
	return (isFolder || !r.folders) && r.pattern.MatchString(path)
}

// foldersTo are root and every folder from there to path.
func foldersTo(root, path string) []string {
	folders := []string{root}
	for _, name := range strings.Split(relative(root, path), "/") {
		if name != "." {
			folders = append(folders, filepath.Join(folders[len(folders)-1], name))
		}
	}
	return folders
}

// prune removes what the .gitignore files in path, and in the folders that it is in, name. A folder
// stays where something in it does.
func prune(root, path string, _ struct{}) (lines, error) {
	top, err := resolve(root, path, true)
	if err != nil {
		return nil, err
	}
	folders := foldersTo(root, top)
	var chain []ignores
	for _, folder := range folders[:len(folders)-1] {
		rules, err := ignoresOf(folder, ".gitignore")
		if err != nil {
			return nil, err
		}
		chain = append(chain, rules)
	}
	_, err = pruneFolder(top, chain)
	return nil, err
}

// pruneFolder tells whether anything is left.
func pruneFolder(folder string, chain []ignores) (left bool, err error) {
	rules, err := ignoresOf(folder, ".gitignore")
	if err != nil {
		return false, err
	}
	chain = append(chain[:len(chain):len(chain)], rules)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return false, err
	}
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		kept := !prunes(chain, path, entry.IsDir())
		if entry.IsDir() {
			inside, err := pruneFolder(path, chain)
			if err != nil {
				return false, err
			}
			kept = kept || inside
		}
		if !kept {
			if err := os.RemoveAll(path); err != nil {
				return false, err
			}
		}
		left = left || kept
	}
	return left, nil
}

// prunes asks the innermost folder's rules first; chain begins with the outermost.
func prunes(chain []ignores, path string, isFolder bool) bool {
	for n := len(chain) - 1; n >= 0; n-- {
		if ignored, decided := chain[n].verdictBelow(path, isFolder); decided {
			return ignored
		}
	}
	return false
}
