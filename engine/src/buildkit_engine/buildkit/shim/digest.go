package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

type digestOptions struct {
	ExcludeMetadata bool `json:"exclude_metadata"`
}

// digest tells of path what a Dagger engine would: equal trees have equal digests, whatever their
// times and the name of path itself. A link has one of its own; its contents are another file's.
func digest(root, path string, options digestOptions) (lines, error) {
	found, err := resolve(root, path, options.ExcludeMetadata)
	if err != nil {
		return nil, err
	}
	if options.ExcludeMetadata {
		file := sha256.New()
		if err := addContents(file, found); err != nil {
			return nil, err
		}
		// a digest of the digest, as Dagger has it
		return lines{sum(sha256.Sum256(file.Sum(nil)))}, nil
	}
	sum, err := checksum(found)
	return lines{sum}, err
}

// checksum is of a folder's own header and its entries' names and checksums, or of a file's header
// and contents.
func checksum(path string) (string, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	own, err := header(path, info)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		if info.Mode().IsRegular() {
			err = addContents(own, path)
		}
		return sum([32]byte(own.Sum(nil))), err
	}
	whole := sha256.New()
	fmt.Fprintf(whole, "\x00%s", sum([32]byte(own.Sum(nil))))
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		below, err := checksum(filepath.Join(path, entry.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(whole, "\x00%s%s", entry.Name(), below)
	}
	return sum([32]byte(whole.Sum(nil))), nil
}

// header begins a checksum with what a tar archive would say of an entry, but for its name and
// times.
func header(path string, info fs.FileInfo) (hash.Hash, error) {
	var link string
	mode := info.Mode() &^ (fs.ModeSocket | fs.ModeIrregular)
	if mode&fs.ModeSymlink != 0 {
		var err error
		if link, err = os.Readlink(path); err != nil {
			return nil, err
		}
		mode |= 0o777
	}
	said, err := tar.FileInfoHeader(ofMode{info, mode}, link)
	if err != nil {
		return nil, err
	}
	unix := info.Sys().(*syscall.Stat_t)
	major, minor := device(unix)
	own := sha256.New()
	for _, field := range []string{
		"name",
		"mode" + strconv.FormatInt(said.Mode, 10),
		"uid" + strconv.Itoa(int(unix.Uid)),
		"gid" + strconv.Itoa(int(unix.Gid)),
		"size" + strconv.FormatInt(said.Size, 10),
		"typeflag" + string([]byte{said.Typeflag}),
		"linkname" + said.Linkname,
		"uname",
		"gname",
		"devmajor" + strconv.FormatInt(major, 10),
		"devminor" + strconv.FormatInt(minor, 10),
	} {
		io.WriteString(own, field)
	}
	attributes, err := attributesOf(path)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(keys(attributes)) {
		if name == "security.capability" || !strings.HasPrefix(name, "security.") && !strings.HasPrefix(name, "system.") {
			io.WriteString(own, name+string(attributes[name]))
		}
	}
	return own, nil
}

// ofMode is what is known of a file, with another mode.
type ofMode struct {
	fs.FileInfo
	mode fs.FileMode
}

func (i ofMode) Mode() fs.FileMode { return i.mode }

// Sys hides the file's system's own words: the owner's names are of this machine.
func (i ofMode) Sys() any { return nil }

func device(unix *syscall.Stat_t) (major, minor int64) {
	if unix.Mode&syscall.S_IFMT != syscall.S_IFCHR && unix.Mode&syscall.S_IFMT != syscall.S_IFBLK {
		return 0, 0
	}
	number := uint64(unix.Rdev)
	return int64(number>>8&0xfff | number>>32&^0xfff), int64(number&0xff | number>>12&^0xff)
}

func addContents(to io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(to, file)
	return err
}

func sum(digest [32]byte) string {
	return "sha256:" + hex.EncodeToString(digest[:])
}
