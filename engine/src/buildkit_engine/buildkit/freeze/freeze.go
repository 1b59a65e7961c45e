package main

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/tonistiigi/fsutil"
	"golang.org/x/sync/errgroup"
)

const copiesAtOnce = 8

// selection says what of the folder root is wanted.
type selection struct {
	root             string
	below            string
	include, exclude []string
	gitignore        bool
}

// freeze copies what is wanted into target.
func freeze(ctx context.Context, wanted selection, target string) error {
	disk, err := fsutil.NewFS(wanted.root)
	if err != nil {
		return err
	}
	all := steady{disk}
	filtered, err := fsutil.NewFilterFS(all, &fsutil.FilterOpt{
		IncludePatterns: wanted.include,
		ExcludePatterns: wanted.exclude,
	})
	if err != nil {
		return err
	}
	ignored := func(string, bool) (bool, error) { return false, nil }
	if wanted.gitignore {
		ignored = newIgnoreFiles(all).ignored
	}

	copies, ctx := errgroup.WithContext(ctx)
	copies.SetLimit(copiesAtOnce)
	tree := newTree(target)
	found := wanted.below == "."
	walkErr := filtered.Walk(ctx, "", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		ignore, err := ignored(path, entry.IsDir())
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if path == wanted.below {
			found = info.IsDir() && !ignore
			return nil
		}
		relative, inside := under(wanted.below, path)
		if !inside {
			return nil
		}
		if info.IsDir() {
			tree.know(relative, info)
			if ignore {
				// made where a file in it is not ignored
				return nil
			}
			found = true
			return tree.folder(relative)
		}
		if ignore || info.Mode()&fs.ModeType&^fs.ModeSymlink != 0 {
			return nil
		}
		found = true
		if err := tree.folder(filepath.Dir(relative)); err != nil {
			return err
		}
		source, copied := filepath.Join(wanted.root, path), filepath.Join(target, relative)
		copies.Go(func() error { return copyEntry(source, copied, info) })
		return nil
	})
	// what a copy failed with says more than that the walk was ended by it
	if err := copies.Wait(); err != nil {
		return err
	}
	if walkErr != nil {
		return walkErr
	}
	if !found {
		return &fs.PathError{Op: "stat", Path: wanted.below, Err: syscall.ENOENT}
	}
	return tree.finish()
}

// under is path as seen from folder, and whether it is in it.
func under(folder, path string) (string, bool) {
	if folder == "." {
		return path, true
	}
	return strings.CutPrefix(path, folder+string(filepath.Separator))
}

// steady is a filesystem whose entries may go away during a walk. The library would then leave out
// all the rest of their folder, too.
type steady struct {
	fsutil.FS
}

func (s steady) Walk(ctx context.Context, target string, walk fs.WalkDirFunc) error {
	return s.FS.Walk(ctx, target, func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && err == nil {
			// the entry remembers the answer
			if _, err := entry.Info(); errors.Is(err, fs.ErrNotExist) {
				return nil
			}
		}
		return walk(path, entry, err)
	})
}
