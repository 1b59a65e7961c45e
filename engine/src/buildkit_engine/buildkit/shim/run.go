package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// run executes the command and returns the code to exit with: 0 where the command's own was
// expected. A command that cannot be started always fails the step, whatever was expected:
// swallowed, it would be cached as a success.
func run(arguments []string) int {
	flags := flag.NewFlagSet("run", flag.ExitOnError)
	expect := flags.String("expect", "success", "exit codes that do not fail the step")
	meta := flags.String("meta", "", "folder for stdout, stderr and exitCode")
	stdin := flags.String("stdin", "", "file that is the command's standard input")
	redirectStdin := flags.String("redirect-stdin", "", "path in the container read as standard input")
	redirectStdout := flags.String("redirect-stdout", "", "path in the container for standard output")
	redirectStderr := flags.String("redirect-stderr", "", "path in the container for standard error")
	flags.Parse(arguments)
	argv := flags.Args()
	if len(argv) == 0 {
		fail("no command")
	}

	combined := create(filepath.Join(*meta, "combined"))
	stdout := sinks(os.Stdout, combined, create(filepath.Join(*meta, "stdout")), optional(*redirectStdout))
	stderr := sinks(os.Stderr, combined, create(filepath.Join(*meta, "stderr")), optional(*redirectStderr))

	command := exec.Command(argv[0], argv[1:]...)
	command.Stdout, command.Stderr = stdout, stderr
	command.Env = withoutTracing(os.Environ())
	if path := first(*redirectStdin, *stdin); path != "" {
		file, err := os.Open(path)
		if err != nil {
			fail(err.Error())
		}
		command.Stdin = file
	}

	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	if err := command.Start(); err != nil {
		fmt.Fprintln(os.Stderr, startError(argv[0], err))
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
			return 127
		}
		return 126
	}
	go func() {
		for received := range signals {
			command.Process.Signal(received)
		}
	}()

	code := exitCode(command.Wait())
	write(filepath.Join(*meta, "exitCode"), strconv.Itoa(code))
	if *expect == "any" || (*expect == "failure" && code != 0 && code < 128) {
		return 0
	}
	if *expect == "failure" && code == 0 {
		fmt.Fprintln(os.Stderr, "the command ended with exit code 0 where a failure was expected")
		return 124
	}
	return code
}

// withoutTracing leaves out what BuildKit adds to trace a step: the ids differ each time, and a
// program under test would send its own traces to the daemon.
func withoutTracing(environment []string) []string {
	const daemonsOwn = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=unix:///dev/otel-grpc.sock"
	if !slices.Contains(environment, daemonsOwn) {
		return environment
	}
	return slices.DeleteFunc(environment, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return name == "TRACEPARENT" || name == "TRACESTATE" ||
			name == "OTEL_TRACES_EXPORTER" || strings.HasPrefix(name, "OTEL_EXPORTER_OTLP_TRACES_")
	})
}

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		fail(err.Error())
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}

func startError(program string, err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Sprintf("exec %s: %v", program, err)
}

func create(path string) io.Writer {
	file, err := os.Create(path)
	if err != nil {
		fail(err.Error())
	}
	return file
}

func optional(path string) io.Writer {
	if path == "" {
		return nil
	}
	return create(path)
}

func write(path, text string) {
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		fail(err.Error())
	}
}

func sinks(writers ...io.Writer) io.Writer {
	present := writers[:0]
	for _, writer := range writers {
		if writer != nil {
			present = append(present, writer)
		}
	}
	return io.MultiWriter(present...)
}

func first(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}
