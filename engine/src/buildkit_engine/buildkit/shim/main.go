// Command shim is the one program that the engine puts into containers.
//
//	shim run [-expect any|success|failure] [-meta DIR] -- ARG...
//
// runs a command as the container's own process would be run, and leaves its standard output,
// standard error and exit code as files in DIR, from where the engine reads them. No secret is in
// what it leaves or prints.
//
//	shim tree ROOT PATH OUT
//	shim stat ROOT PATH OUT
//	shim lstat ROOT PATH OUT
//
// write to OUT one JSON line for an entry of the filesystem at ROOT: PATH and all below it, PATH
// alone, PATH alone without following it where it is a link. Listings, globs and sizes are answered
// from them, without copying the files out.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fail("usage: shim run|tree|stat|lstat ...")
	}
	switch os.Args[1] {
	case "run":
		os.Exit(run(os.Args[2:]))
	case "tree", "stat", "lstat":
		if len(os.Args) != 5 {
			fail("usage: shim tree|stat|lstat ROOT PATH OUT")
		}
		if err := look(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
			fail(err.Error())
		}
	default:
		fail(fmt.Sprintf("unknown verb %q", os.Args[1]))
	}
}

// look writes to out what a verb tells of path.
func look(verb, root, path, out string) error {
	lines, err := stat(root, path, verb == "stat")
	if verb == "tree" {
		lines, err = tree(root, path)
	}
	if err != nil {
		return err
	}
	return write(out, lines)
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "shim: "+message)
	os.Exit(125)
}
