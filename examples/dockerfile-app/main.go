// Command clock prints the time in the zones that it is given, and what it was built for.
package main

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

// version is set by the linker.
var version = "unknown"

func main() {
	zones := os.Args[1:]
	if len(zones) == 0 {
		fmt.Printf("clock %s %s/%s\n", version, runtime.GOOS, runtime.GOARCH)
		zones = []string{"UTC"}
	}
	now := time.Now()
	for _, zone := range zones {
		line, err := at(now, zone)
		if err != nil {
			fmt.Fprintln(os.Stderr, "clock:", err)
			os.Exit(1)
		}
		fmt.Println(line)
	}
}

// at is the time in a zone, by the database of the image.
func at(moment time.Time, zone string) (string, error) {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %s", moment.In(location).Format("15:04"), zone), nil
}
