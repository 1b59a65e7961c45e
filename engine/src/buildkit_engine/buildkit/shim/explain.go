package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"
)

const (
	// as much of a script as the kernel reads
	headSize = 256
	// what a shell adds to the number of the signal that has ended a command
	bySignal = 128
)

// what Go calls the machines of programs
var architectures = map[elf.Machine]string{
	elf.EM_386:     "386",
	elf.EM_AARCH64: "arm64",
	elf.EM_ARM:     "arm",
	elf.EM_PPC64:   "ppc64le",
	elf.EM_RISCV:   "riscv64",
	elf.EM_S390:    "s390x",
	elf.EM_X86_64:  "amd64",
}

// processors that execute the programs of another architecture as well
var alsoNative = map[string]string{"amd64": "386", "arm64": "arm"}

// explain adds a cause, where there is one, to what the system said of a command.
func explain(stderr io.Writer, cause string) {
	if cause != "" {
		fmt.Fprintln(stderr, "cause: "+cause)
	}
}

// whyNotStarted says why the kernel did not start the program at path, where the file shows it.
// The kernel has few words for many causes: "exec format error" is another architecture as well as
// a script without a first line, and "no such file or directory" is said of a file that is there
// when the interpreter that it names is not.
func whyNotStarted(path string, err error) string {
	info, missing := os.Stat(path)
	if missing != nil {
		return ""
	}
	head := begin(path)
	switch {
	case info.IsDir():
		return path + " is a directory"
	case info.Mode()&0o111 == 0:
		return fmt.Sprintf("%s may not be executed: its mode is %04o (chmod +x)", path, info.Mode().Perm())
	case errors.Is(err, fs.ErrPermission):
		return ""
	case bytes.HasPrefix(head, []byte(elf.ELFMAG)):
		return whyNoProgram(path, err)
	case bytes.HasPrefix(head, []byte("#!")):
		return whyNoScript(path, head, err)
	case !errors.Is(err, syscall.ENOEXEC):
		return ""
	case len(head) == 0:
		return path + " is empty"
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf#!")):
		return path + " begins with a byte order mark, before its #!"
	case bytes.IndexByte(head, 0) < 0:
		return path + " is a text without a #! line"
	}
	return path + " is neither a program nor a script"
}

func whyNoProgram(path string, err error) string {
	file, damage := elf.Open(path)
	if damage != nil {
		return notWhole(path, damage)
	}
	defer file.Close()
	architecture, loader := architecture(file), loader(file)
	if _, missing := os.Stat(loader); isNative(architecture) && loader != "" && missing != nil {
		return fmt.Sprintf("%s needs the loader %s, which is not there: %s", path, loader, libc(loader))
	}
	if architecture == runtime.GOARCH {
		return path + " is damaged or cut off"
	}
	emulator := "no emulator for " + architecture + " is registered"
	if errors.Is(err, fs.ErrNotExist) {
		emulator = "the emulator for " + architecture + " is registered without the F flag, so that containers do not find it"
	}
	return fmt.Sprintf("%s is a program for %s and this machine is %s: %s (binfmt_misc)", path, architecture, runtime.GOARCH, emulator)
}

func whyNoScript(path string, head []byte, err error) string {
	line, _, _ := strings.Cut(string(head), "\n")
	words := strings.Fields(strings.TrimPrefix(line, "#!"))
	switch {
	case strings.HasSuffix(line, "\r"):
		return "the first line of " + path + " ends with a carriage return: it has Windows line ends (dos2unix)"
	case len(words) == 0:
		return path + " has a #! line without an interpreter"
	}
	if _, missing := os.Stat(words[0]); missing != nil {
		return fmt.Sprintf("%s is a script for %s, which is not there", path, words[0])
	}
	// scripts that are each other's interpreters are an error of their own (ELOOP): this ends
	return whyNotStarted(words[0], err)
}

// whyEnded says what lies behind a program that ended by a signal of its processor: an emulator, or
// a file that is not whole.
func whyEnded(path string, code int) string {
	signal := syscall.Signal(code - bySignal)
	if signal != syscall.SIGILL && signal != syscall.SIGSEGV && signal != syscall.SIGBUS {
		return ""
	}
	file, damage := elf.Open(path)
	if damage != nil && bytes.HasPrefix(begin(path), []byte(elf.ELFMAG)) {
		return notWhole(path, damage)
	} else if damage != nil {
		return ""
	}
	defer file.Close()
	if isNative(architecture(file)) {
		return ""
	}
	return fmt.Sprintf("%s is a program for %s, emulated on %s: a crash there (%v) may be the emulator's own", path, architecture(file), runtime.GOARCH, signal)
}

func isNative(architecture string) bool {
	return architecture == runtime.GOARCH || architecture == alsoNative[runtime.GOARCH]
}

func notWhole(path string, damage error) string {
	return fmt.Sprintf("%s is damaged or cut off: %v", path, damage)
}

func architecture(file *elf.File) string {
	if name, ok := architectures[file.Machine]; ok {
		return name
	}
	return file.Machine.String()
}

// loader is what the program is started by; nothing where it is linked statically.
func loader(file *elf.File) string {
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			name, _ := io.ReadAll(segment.Open())
			return string(bytes.TrimRight(name, "\x00"))
		}
	}
	return ""
}

func libc(loader string) string {
	if strings.Contains(loader, "ld-musl") {
		return "it is linked for musl"
	}
	return "it is linked dynamically, for glibc"
}

func begin(path string) []byte {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	head, _ := io.ReadAll(io.LimitReader(file, headSize))
	return head
}
