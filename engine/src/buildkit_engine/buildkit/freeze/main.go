// Command freeze copies a folder of this machine as it is now, so that all that a session builds of
// it is built of the same files.
//
//	freeze [-include PATTERN]... [-exclude PATTERN]... [-gitignore] [-below PATH] ROOT TARGET
//
// copies what the patterns let through of ROOT into the empty folder TARGET; with -below only what
// is in that folder of ROOT, where the patterns and .gitignore files still are ROOT's. The patterns
// are read by the library that BuildKit's own client reads them with.
//
// Modes and times stay, so that the daemon is sent only what changed since it last was. Owners and
// extended attributes do not, as with Dagger. What is neither a file, a folder nor a link is left
// out, and so is what goes away while it is looked at.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
)

func main() {
	wanted := selection{below: "."}
	flag.Func("include", "copy only what matches", appendTo(&wanted.include))
	flag.Func("exclude", "leave out what matches", appendTo(&wanted.exclude))
	flag.BoolVar(&wanted.gitignore, "gitignore", false, "leave out what .gitignore files name")
	flag.StringVar(&wanted.below, "below", ".", "copy only what is in this folder of ROOT")
	flag.Parse()
	if flag.NArg() != 2 {
		fail("usage: freeze [-include PATTERN] [-exclude PATTERN] [-gitignore] [-below PATH] ROOT TARGET")
	}
	wanted.root = flag.Arg(0)
	if err := freeze(context.Background(), wanted, flag.Arg(1)); err != nil {
		fail(err.Error())
	}
}

func appendTo(list *[]string) func(string) error {
	return func(value string) error {
		*list = append(*list, value)
		return nil
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}
