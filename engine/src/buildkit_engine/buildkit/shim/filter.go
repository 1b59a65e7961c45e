package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// filter is what of a folder is searched, as ripgrep chooses it: globs first, then files of rules,
// then hidden names.
type filter struct {
	root, top   string
	globs       ignores
	onlyGlobs   bool
	skipIgnored bool
	skipHidden  bool
}

// the files of rules, those first that others are weaker than
var ruleFiles = []string{".rgignore", ".ignore", ".gitignore"}

func newFilter(root, top string, options searchOptions) (filter, error) {
	// a glob names what to search, and one with ! what not to: the reverse of a .gitignore file
	turned := make([]string, len(options.Globs))
	only := false
	for i, glob := range options.Globs {
		if rest, not := strings.CutPrefix(glob, "!"); not {
			turned[i] = rest
		} else {
			turned[i] = "!" + glob
			only = true
		}
	}
	globs, err := parsed(top, turned)
	return filter{root, top, globs, only, options.SkipIgnored, options.SkipHidden}, err
}

// walk calls look with every file that is to be searched: its path, the path to show, and whether
// it was named.
func (f filter) walk(paths []string, look func(path, shown string, named bool) error) error {
	if len(paths) == 0 {
		return f.folder(f.top, "", look)
	}
	for _, path := range paths {
		found, err := resolve(f.top, path, true)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: No such file or directory", path)
		}
		if err != nil {
			return err
		}
		info, err := os.Stat(found)
		if err != nil {
			return err
		}
		shown := relative(f.top, found)
		if !info.IsDir() {
			err = look(found, shown, true)
		} else {
			err = f.folder(found, shown+"/", look)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f filter) folder(folder, prefix string, look func(path, shown string, named bool) error) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var rules [][]ignores
	if f.skipIgnored {
		if rules, err = f.rulesFor(folder); err != nil {
			return err
		}
	}
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		if f.skips(path, entry.IsDir(), rules) {
			continue
		}
		if entry.IsDir() {
			err = f.folder(path, prefix+entry.Name()+"/", look)
		} else if entry.Type().IsRegular() {
			err = look(path, prefix+entry.Name(), false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f filter) skips(path string, isFolder bool, rules [][]ignores) bool {
	if ignored, decided := f.globs.verdict(path, isFolder); decided {
		return ignored
	}
	if f.onlyGlobs && !isFolder {
		return true
	}
	for _, chain := range rules {
		// the innermost folder's rules first
		for n := len(chain) - 1; n >= 0; n-- {
			if ignored, decided := chain[n].verdict(path, isFolder); decided {
				return ignored
			}
		}
	}
	return f.skipHidden && strings.HasPrefix(filepath.Base(path), ".")
}

// rulesFor are, a kind of file, those of the folders from the root to folder. A .gitignore file
// counts only within a repository.
func (f filter) rulesFor(folder string) ([][]ignores, error) {
	var all [][]ignores
	for _, name := range ruleFiles {
		var chain []ignores
		inRepository := name != ".gitignore"
		for _, above := range foldersTo(f.root, folder) {
			if _, err := os.Lstat(filepath.Join(above, ".git")); err == nil {
				inRepository = true
			}
			rules, err := ignoresOf(above, name)
			if err != nil {
				return nil, err
			}
			chain = append(chain, rules)
		}
		if inRepository {
			all = append(all, chain)
		}
	}
	return all, nil
}
