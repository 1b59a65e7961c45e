// Command cgo-app counts the words of standard input in an SQLite database, and prints the most frequent.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"example.com/cgo-app/sqlite"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Printf("cgo-app, SQLite %s, %s/%s\n", sqlite.Version(), runtime.GOOS, runtime.GOARCH)
		return
	}
	if err := count(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cgo-app:", err)
		os.Exit(1)
	}
}

func count(input io.Reader, output io.Writer) error {
	db, err := sqlite.Open(":memory:")
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Query("CREATE TABLE words (word TEXT PRIMARY KEY, times INTEGER)"); err != nil {
		return err
	}
	words := bufio.NewScanner(input)
	words.Split(bufio.ScanWords)
	for words.Scan() {
		const add = "INSERT INTO words VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1"
		if _, err := db.Query(add, strings.ToLower(words.Text())); err != nil {
			return err
		}
	}
	if err := words.Err(); err != nil {
		return err
	}
	rows, err := db.Query("SELECT times, word FROM words ORDER BY times DESC, word LIMIT 10")
	if err != nil {
		return err
	}
	for _, row := range rows {
		fmt.Fprintf(output, "%s %s\n", row[0], row[1])
	}
	return nil
}
