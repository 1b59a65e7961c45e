package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// entry is one line of what is told of a filesystem. Modes are permission bits, sizes are bytes.
type entry struct {
	Path   string `json:"path"`
	Type   string `json:"type"`
	Mode   uint32 `json:"mode"`
	Size   int64  `json:"size"`
	Target string `json:"target,omitempty"`
}

const mostLinks = 255

// stat tells of the one entry at path, by the name that it has where its links lead to; of nothing
// where there is none.
func stat(root, path string, follow bool) ([]entry, error) {
	found, err := resolve(root, path, follow)
	if err != nil {
		return nil, unlessMissing(err)
	}
	line, err := told(found, filepath.Base(found))
	return []entry{line}, err
}

// tree tells of path itself, as ".", and of every entry below it; of nothing where there is no such
// path. Folders come before what is in them, names in order.
func tree(root, path string) ([]entry, error) {
	top, err := resolve(root, path, true)
	if err != nil {
		return nil, unlessMissing(err)
	}
	var lines []entry
	err = filepath.WalkDir(top, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		line, err := told(path, relative)
		lines = append(lines, line)
		return err
	})
	return lines, err
}

// resolve is where path is that is meant as seen from root: no link leads out of it.
func resolve(root, path string, follow bool) (string, error) {
	links := 0
	done, rest := "/", path
	for strings.Trim(rest, "/") != "" {
		var name string
		name, rest, _ = strings.Cut(strings.TrimLeft(rest, "/"), "/")
		next := filepath.Join(done, name)
		info, err := os.Lstat(filepath.Join(root, next))
		if err != nil {
			return "", err
		}
		last := strings.Trim(rest, "/") == ""
		if info.Mode()&fs.ModeSymlink == 0 || (last && !follow) {
			done = next
			continue
		}
		if links++; links > mostLinks {
			return "", &os.PathError{Op: "stat", Path: path, Err: syscall.ELOOP}
		}
		target, err := os.Readlink(filepath.Join(root, next))
		if err != nil {
			return "", err
		}
		if filepath.IsAbs(target) {
			done = "/"
		}
		rest = target + "/" + rest
	}
	return filepath.Join(root, done), nil
}

func unlessMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	}
	return err
}

func told(path, name string) (entry, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return entry{}, err
	}
	line := entry{Path: name, Type: kind(info.Mode()), Mode: uint32(info.Mode().Perm()), Size: info.Size()}
	if line.Type == "symlink" {
		line.Target, err = os.Readlink(path)
	}
	return line, err
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "file"
	case mode.IsDir():
		return "directory"
	case mode&fs.ModeSymlink != 0:
		return "symlink"
	default:
		return "other"
	}
}
