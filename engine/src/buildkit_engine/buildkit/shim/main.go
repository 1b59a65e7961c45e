// Command shim is the one program that the engine puts into containers.
//
//	shim run [-expect any|success|failure] [-meta DIR] -- ARG...
//
// runs a command as the container's own process would be run, and leaves its standard output,
// standard error and exit code as files in DIR, from where the engine reads them. No secret is in
// what it leaves or prints.
//
//	shim tree|stat|lstat|digest|search ROOT PATH OUT [OPTIONS]
//
// write to OUT what they tell of PATH in the filesystem at ROOT, one JSON value a line, so that
// nothing is copied out to be looked at: PATH and all below it; PATH alone; PATH alone without
// following it where it is a link; its digest; where its files contain a pattern.
//
//	shim chown|replace|prune|copy ROOT PATH OPTIONS
//
// change the filesystem at ROOT in place: the owner of PATH and all below it, a file's text, what
// .gitignore files name, and what is copied there from another filesystem.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// refused is the exit code of a verb that could not do what it was asked to: its last words are
// the reason, in one line, for the engine's user.
const refused = 125

var tells = map[string]func(root, path, options string) (lines, error){
	"tree":   func(root, path, _ string) (lines, error) { return asLines(tree(root, path)) },
	"stat":   func(root, path, _ string) (lines, error) { return asLines(stat(root, path, true)) },
	"lstat":  func(root, path, _ string) (lines, error) { return asLines(stat(root, path, false)) },
	"digest": with(digest),
	"search": with(search),
}

var changes = map[string]func(root, path, options string) (lines, error){
	"chown":   with(chown),
	"replace": with(replace),
	"prune":   with(prune),
	"copy":    with(copyTo),
}

func main() {
	arguments := append(os.Args[1:], "", "", "", "", "")
	verb, root, path := arguments[0], arguments[1], arguments[2]
	if verb == "run" {
		os.Exit(run(os.Args[2:]))
	}
	if tell, known := tells[verb]; known {
		told, err := tell(root, path, arguments[4])
		if err == nil {
			err = write(arguments[3], told)
		}
		exit(err)
	}
	if change, known := changes[verb]; known {
		_, err := change(root, path, arguments[3])
		exit(err)
	}
	fail(fmt.Sprintf("unknown verb %q", verb))
}

// with reads a verb's options, which are one JSON object, before it calls the verb.
func with[O any](verb func(root, path string, options O) (lines, error)) func(string, string, string) (lines, error) {
	return func(root, path, text string) (lines, error) {
		var options O
		if text != "" {
			if err := json.Unmarshal([]byte(text), &options); err != nil {
				return nil, err
			}
		}
		return verb(root, path, options)
	}
}

func exit(err error) {
	if err != nil {
		fail(err.Error())
	}
	os.Exit(0)
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "shim: "+message)
	os.Exit(refused)
}
