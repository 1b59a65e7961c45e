package main

import (
	"syscall"
	"time"
	"unsafe"
)

const (
	currentFolder  = -100
	linksNotFollow = 0x100
)

// setTime sets when a file was read and written; of a link its own.
func setTime(path string, at time.Time) error {
	onPath, err := syscall.BytePtrFromString(path)
	if err != nil {
		return err
	}
	moment := syscall.NsecToTimespec(at.UnixNano())
	times := [2]syscall.Timespec{moment, moment}
	folder := currentFolder
	_, _, failed := syscall.Syscall6(
		syscall.SYS_UTIMENSAT,
		uintptr(folder),
		uintptr(unsafe.Pointer(onPath)),
		uintptr(unsafe.Pointer(&times)),
		linksNotFollow, 0, 0,
	)
	if failed != 0 {
		return failed
	}
	return nil
}
