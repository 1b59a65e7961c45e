package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

type copyOptions struct {
	From string `json:"from"`
	// From is the root of the filesystem that Source is a path of.
	Source string `json:"source"`
	// File says that Source is a file, which goes into the folder at the target where there is one.
	File      bool   `json:"file"`
	Owner     *owner `json:"owner"`
	Mode      *int   `json:"mode"`
	Timestamp *int64 `json:"timestamp"`
}

// copier copies as a Dagger engine does: folders are merged, also into one that a link leads to;
// whatever else is in the way is replaced, but for a link to a file where a folder is to be.
type copier struct {
	root    string
	options copyOptions
	// the first copy of each file that has several names in the source
	copies map[[2]uint64]string
}

func copyTo(root, path string, options copyOptions) (lines, error) {
	source, err := resolve(options.From, options.Source, true)
	if err != nil {
		return nil, err
	}
	info, err := os.Lstat(source)
	if err != nil {
		return nil, err
	}
	if options.File && info.IsDir() {
		return nil, fmt.Errorf("path %s is a directory, not a file", options.Source)
	}
	c := copier{root, options, map[[2]uint64]string{}}
	if !info.IsDir() {
		if folder, _ := c.folderAt(path); folder != "" {
			path = filepath.Join(path, filepath.Base(options.Source))
		}
		return nil, c.copy(source, path)
	}
	folder, err := c.folderAt(path)
	if err != nil {
		return nil, err
	}
	if folder == "" {
		return nil, fmt.Errorf("%s: no such folder", path)
	}
	return nil, c.entries(source, path)
}

func (c copier) entries(source, target string) error {
	entries, err := os.ReadDir(source)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := c.copy(filepath.Join(source, entry.Name()), filepath.Join(target, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// copy copies one entry of the source to target, which is a path as seen from the root.
func (c copier) copy(source, target string) error {
	info, err := os.Lstat(source)
	if err != nil {
		return err
	}
	folder, err := c.folderAt(target)
	if err != nil {
		return err
	}
	if !info.IsDir() || folder == "" {
		parent, err := resolve(c.root, filepath.Dir(target), true)
		if err != nil {
			return err
		}
		folder = filepath.Join(parent, filepath.Base(target))
		if info.IsDir() && leadsToFile(c.root, target, folder) {
			return fmt.Errorf("cannot copy directory to non-directory %q", target)
		}
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
	}
	if err := c.contents(source, target, folder, info); err != nil {
		return err
	}
	return c.describe(source, folder, info)
}

// folderAt is where the folder is that target leads to; empty where it leads to none.
func (c copier) folderAt(target string) (string, error) {
	found, err := resolve(c.root, target, true)
	if err != nil {
		return "", unlessMissing(err)
	}
	info, err := os.Lstat(found)
	if err != nil || !info.IsDir() {
		return "", unlessMissing(err)
	}
	return found, nil
}

// leadsToFile tells whether place, which is target in the root, is a link to something that exists
// and is no folder. In the way of a folder, it alone is not replaced.
func leadsToFile(root, target, place string) bool {
	if _, err := os.Readlink(place); err != nil {
		return false
	}
	_, err := resolve(root, target, true)
	return err == nil
}

func (c copier) contents(source, target, place string, info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode.IsDir():
		if err := os.Mkdir(place, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return c.entries(source, target)
	case mode.IsRegular():
		return c.file(source, place, info)
	case mode&fs.ModeSymlink != 0:
		leads, err := os.Readlink(source)
		if err != nil {
			return err
		}
		return os.Symlink(leads, place)
	default:
		unix := info.Sys().(*syscall.Stat_t)
		return syscall.Mknod(place, unix.Mode, int(unix.Rdev))
	}
}

func (c copier) file(source, place string, info fs.FileInfo) error {
	unix := info.Sys().(*syscall.Stat_t)
	if unix.Nlink > 1 {
		inode := [2]uint64{uint64(unix.Dev), unix.Ino}
		if first, copied := c.copies[inode]; copied {
			return os.Link(first, place)
		}
		c.copies[inode] = place
	}
	from, err := os.Open(source)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.Create(place)
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil {
		return err
	}
	return to.Close()
}

// describe gives the copy the owner, mode, attributes and times of what it is a copy of, or those
// asked for.
func (c copier) describe(source, place string, info fs.FileInfo) error {
	unix := info.Sys().(*syscall.Stat_t)
	to := owner{int(unix.Uid), int(unix.Gid)}
	if c.options.Owner != nil {
		to = *c.options.Owner
	}
	if err := os.Lchown(place, to.User, to.Group); err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		mode := unix.Mode & 0o7777
		if c.options.Mode != nil {
			mode = uint32(*c.options.Mode) & 0o7777
		}
		if err := syscall.Chmod(place, mode); err != nil {
			return err
		}
	}
	attributes, err := attributesOf(source)
	if err != nil {
		return err
	}
	for name, value := range attributes {
		if err := setAttribute(place, name, value); unlessUnsupported(err) != nil {
			return err
		}
	}
	modified := info.ModTime().UnixNano()
	if c.options.Timestamp != nil {
		modified = *c.options.Timestamp
	}
	return setTime(place, time.Unix(0, modified))
}
