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
	"time"
)

const (
	// what a command that cannot be started counts as, as on a Dagger engine
	notStarted = 1
	// the step's exit code where the command's own is 0 and a failure was expected: with that
	// expectation no other step that ran its command ends with it
	notFailed = 124
)

// run executes the command and returns the code to exit with: 0 where the command's own was
// expected.
func run(arguments []string) int {
	flags := flag.NewFlagSet("run", flag.ExitOnError)
	expect := flags.String("expect", "success", "exit codes that do not fail the step")
	meta := flags.String("meta", "", "folder for stdout, stderr and exitCode")
	flags.String("caches", "", "names of cache volumes: BuildKit leaves them out of what makes a step")
	stdin := flags.String("stdin", "", "file that is the command's standard input")
	redirectStdin := flags.String("redirect-stdin", "", "path in the container read as standard input")
	redirectStdout := flags.String("redirect-stdout", "", "path in the container for standard output")
	redirectStderr := flags.String("redirect-stderr", "", "path in the container for standard error")
	secretEnv := flags.String("secret-env", "", "variables whose values are not shown")
	secretFiles := flags.String("secret-files", "", "files whose contents are not shown")
	flags.Parse(arguments)
	argv := flags.Args()
	if len(argv) == 0 {
		fail("no command")
	}

	combined := create(filepath.Join(*meta, "combined"))
	stdout := sinks(os.Stdout, combined, create(filepath.Join(*meta, "stdout")), redirected("stdout", *redirectStdout))
	stderr := sinks(os.Stderr, combined, create(filepath.Join(*meta, "stderr")), redirected("stderr", *redirectStderr))
	if secrets := secrets(list(*secretEnv), list(*secretFiles)); len(secrets) > 0 {
		cleanOut, cleanErr := &scrubber{to: stdout, secrets: secrets}, &scrubber{to: stderr, secrets: secrets}
		defer cleanOut.Close()
		defer cleanErr.Close()
		stdout, stderr = cleanOut, cleanErr
	}

	command := exec.Command(argv[0], argv[1:]...)
	command.Stdout, command.Stderr = stdout, stderr
	command.Env = withoutTracing(os.Environ())
	if path := first(*redirectStdin, *stdin); path != "" {
		file, err := os.Open(path)
		if err != nil {
			fail("open redirect stdin file: " + err.Error())
		}
		command.Stdin = file
	}

	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	// a process left in the background may hold the output open for ever
	command.WaitDelay = time.Second
	if err := command.Start(); err != nil {
		fmt.Fprintln(stderr, err)
		explain(stderr, whyNotStarted(command.Path, err))
		return ended(notStarted, *expect, *meta)
	}
	go func() {
		for received := range signals {
			command.Process.Signal(received)
		}
	}()

	err := command.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		// the command has ended well, and what it left in the background ends with the container
		err = nil
	}
	code := exitCode(err)
	explain(stderr, whyEnded(command.Path, code))
	return ended(code, *expect, *meta)
}

// ended leaves the command's exit code and returns the step's. A command that a signal has ended
// fails the step whatever was expected: cached, what it left would pass for its result.
func ended(code int, expect, meta string) int {
	leave(filepath.Join(meta, "exitCode"), strconv.Itoa(code))
	signaled := code >= 128 && code < 192
	switch {
	case expect == "success" || signaled:
		return code
	case expect == "failure" && code == 0:
		return notFailed
	default:
		return 0
	}
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

func create(path string) io.Writer {
	file, err := os.Create(path)
	if err != nil {
		fail(err.Error())
	}
	return file
}

// redirected is the file that a stream is written to as well, if there is a path for it.
func redirected(stream, path string) io.Writer {
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		fail("open redirect " + stream + " file: " + err.Error())
	}
	return file
}

func leave(path, text string) {
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
