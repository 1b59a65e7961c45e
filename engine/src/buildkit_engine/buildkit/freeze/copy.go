package main

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// the bits of a mode that os.Chmod sets
const modeBits = fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky

// tree is the copy's folders. They get their modes and times last: files are still written into
// them.
type tree struct {
	target string
	known  map[string]fs.FileInfo
	made   map[string]bool
}

func newTree(target string) *tree {
	return &tree{target, map[string]fs.FileInfo{}, map[string]bool{".": true}}
}

// know remembers a folder without making it.
func (t *tree) know(path string, info fs.FileInfo) {
	t.known[path] = info
}

// folder makes a known folder, and those above it.
func (t *tree) folder(path string) error {
	if t.made[path] {
		return nil
	}
	if err := t.folder(filepath.Dir(path)); err != nil {
		return err
	}
	t.made[path] = true
	if err := os.Mkdir(filepath.Join(t.target, path), 0o700); err != nil {
		// only the words: a walk takes what does not exist for an entry that went away
		return errors.New(err.Error())
	}
	return nil
}

// finish gives the folders their modes and times, the inner ones first.
func (t *tree) finish() error {
	paths := slices.Sorted(maps.Keys(t.made))
	for _, path := range slices.Backward(paths) {
		info, ok := t.known[path]
		if !ok {
			continue
		}
		if err := like(filepath.Join(t.target, path), info); err != nil {
			return err
		}
	}
	return nil
}

// copyEntry copies a file or a link as it is now.
func copyEntry(source, target string, info fs.FileInfo) error {
	if info.Mode()&fs.ModeSymlink != 0 {
		return copyLink(source, target, info)
	}
	// what became something else since it was listed is not waited for, and not followed
	in, err := os.OpenFile(source, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENXIO) {
		// gone meanwhile; or a socket, which the library lists as a file
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	// asked for before the contents: a file that is written to meanwhile counts as the older one,
	// and is sent again
	info, err = in.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	// by the kernel, which shares the blocks where the filesystem can
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	return like(target, info)
}

func copyLink(source, target string, info fs.FileInfo) error {
	to, err := os.Readlink(source)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.Symlink(to, target); err != nil {
		return err
	}
	return setTime(target, info.ModTime())
}

func like(path string, info fs.FileInfo) error {
	if err := os.Chmod(path, info.Mode()&modeBits); err != nil {
		return err
	}
	return setTime(path, info.ModTime())
}

// setTime sets a path's own time, also where it is a link.
func setTime(path string, modified time.Time) error {
	at, err := unix.TimeToTimespec(modified)
	if err != nil {
		return err
	}
	err = unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{at, at}, unix.AT_SYMLINK_NOFOLLOW)
	if err != nil {
		return &fs.PathError{Op: "utimes", Path: path, Err: err}
	}
	return nil
}
