// Command shim is the one program that the engine puts into containers.
//
//	shim run [-expect any|success|failure] [-meta DIR] -- ARG...
//
// runs a command as the container's own process would be run, and leaves its standard output,
// standard error and exit code as files in DIR, from where the engine reads them.
//
//	shim tree DIR OUT
//
// writes to OUT one JSON line for every entry below DIR: what listings, globs and sizes are
// answered from, without copying the files out.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fail("usage: shim run|tree ...")
	}
	switch os.Args[1] {
	case "run":
		os.Exit(run(os.Args[2:]))
	case "tree":
		if len(os.Args) != 4 {
			fail("usage: shim tree DIR OUT")
		}
		if err := tree(os.Args[2], os.Args[3]); err != nil {
			fail(err.Error())
		}
	default:
		fail(fmt.Sprintf("unknown verb %q", os.Args[1]))
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "shim: "+message)
	os.Exit(125)
}
