package main

import (
	"bufio"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
	"github.com/tonistiigi/fsutil"
)

// ignoreFiles are the .gitignore files of a filesystem, each read when a path below it is asked
// for. One below may take back what one above says, also inside of a folder that is ignored.
type ignoreFiles struct {
	files    fsutil.FS
	patterns map[string][]gitignore.Pattern
}

func newIgnoreFiles(files fsutil.FS) *ignoreFiles {
	return &ignoreFiles{files, map[string][]gitignore.Pattern{}}
}

func (f *ignoreFiles) ignored(path string, isFolder bool) (bool, error) {
	folder := path
	if !isFolder {
		folder = filepath.Dir(path)
	}
	patterns, err := f.upTo(folder)
	if err != nil {
		return false, err
	}
	return gitignore.NewMatcher(patterns).Match(parts(path), isFolder), nil
}

// upTo is what the files in the folder and in those above it say, the uppermost first.
func (f *ignoreFiles) upTo(folder string) ([]gitignore.Pattern, error) {
	if known, ok := f.patterns[folder]; ok {
		return known, nil
	}
	var above []gitignore.Pattern
	if folder != "." {
		var err error
		if above, err = f.upTo(filepath.Dir(folder)); err != nil {
			return nil, err
		}
	}
	own, err := f.read(folder)
	if err != nil {
		return nil, err
	}
	f.patterns[folder] = append(above[:len(above):len(above)], own...)
	return f.patterns[folder], nil
}

func (f *ignoreFiles) read(folder string) ([]gitignore.Pattern, error) {
	file, err := f.files.Open(filepath.Join(folder, ".gitignore"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var patterns []gitignore.Pattern
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line != "" && !strings.HasPrefix(line, "#") {
			patterns = append(patterns, gitignore.ParsePattern(line, parts(folder)))
		}
	}
	return patterns, lines.Err()
}

func parts(path string) []string {
	if path == "." {
		return nil
	}
	return strings.Split(path, string(filepath.Separator))
}
