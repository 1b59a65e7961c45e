// Probe says which processor it was built for, writes it to a file, and waits.
//
//	probe FILE WAIT
package main

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

func main() {
	wait, err := time.ParseDuration(os.Args[2])
	if err == nil {
		fmt.Println(runtime.GOARCH)
		time.Sleep(wait)
		err = os.WriteFile(os.Args[1], []byte(runtime.GOARCH), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
