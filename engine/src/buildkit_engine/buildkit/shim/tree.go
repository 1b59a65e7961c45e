package main

import (
	"bufio"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
)

// entry is one line of a tree. Paths are relative to the root of the tree, modes are permission
// bits, sizes are bytes.
type entry struct {
	Path   string `json:"path"`
	Type   string `json:"type"`
	Mode   uint32 `json:"mode"`
	Size   int64  `json:"size"`
	Target string `json:"target,omitempty"`
}

func tree(root, out string) error {
	file, err := os.Create(out)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(file)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	err = filepath.WalkDir(root, func(path string, found fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path == root {
			return nil
		}
		info, err := found.Info()
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		line := entry{Path: relative, Type: kind(info.Mode()), Mode: uint32(info.Mode().Perm()), Size: info.Size()}
		if line.Type == "symlink" {
			if line.Target, err = os.Readlink(path); err != nil {
				return err
			}
		}
		return encoder.Encode(line)
	})
	if err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return file.Close()
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
