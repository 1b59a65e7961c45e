package main

import (
	"errors"
	"iter"
	"maps"
	"strings"
	"syscall"
	"unsafe"
)

// attributesOf are a file's extended attributes; of a link its own, not those of what it leads to.
func attributesOf(path string) (map[string][]byte, error) {
	names, err := read(func(buffer []byte) (int, error) {
		return call(syscall.SYS_LLISTXATTR, path, "", buffer)
	})
	if err != nil || len(names) == 0 {
		return nil, unlessUnsupported(err)
	}
	attributes := map[string][]byte{}
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		value, err := read(func(buffer []byte) (int, error) {
			return call(syscall.SYS_LGETXATTR, path, name, buffer)
		})
		if err != nil {
			return nil, unlessUnsupported(err)
		}
		attributes[name] = value
	}
	return attributes, nil
}

func setAttribute(path, name string, value []byte) error {
	_, err := call(syscall.SYS_LSETXATTR, path, name, value)
	return err
}

// read asks for a size first, then for so many bytes.
func read(ask func([]byte) (int, error)) ([]byte, error) {
	size, err := ask(nil)
	if err != nil || size == 0 {
		return nil, err
	}
	buffer := make([]byte, size)
	size, err = ask(buffer)
	return buffer[:max(size, 0)], err
}

// call makes one of the system calls for attributes of links, which package syscall leaves out.
func call(number uintptr, path, name string, buffer []byte) (int, error) {
	onPath, err := syscall.BytePtrFromString(path)
	if err != nil {
		return 0, err
	}
	data := uintptr(unsafe.Pointer(unsafe.SliceData(buffer)))
	size := uintptr(len(buffer))
	var result uintptr
	var failed syscall.Errno
	if number == syscall.SYS_LLISTXATTR {
		result, _, failed = syscall.Syscall(number, uintptr(unsafe.Pointer(onPath)), data, size)
	} else {
		onName, err := syscall.BytePtrFromString(name)
		if err != nil {
			return 0, err
		}
		result, _, failed = syscall.Syscall6(number, uintptr(unsafe.Pointer(onPath)), uintptr(unsafe.Pointer(onName)), data, size, 0, 0)
	}
	if failed != 0 {
		return 0, failed
	}
	return int(result), nil
}

func unlessUnsupported(err error) error {
	if errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENODATA) {
		return nil
	}
	return err
}

func keys[V any](values map[string]V) iter.Seq[string] {
	return maps.Keys(values)
}
