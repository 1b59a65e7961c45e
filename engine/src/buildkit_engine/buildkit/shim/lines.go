package main

import (
	"bufio"
	"encoding/json"
	"os"
)

// lines are what a verb tells: JSON values, one a line.
type lines []any

func asLines[T any](values []T, err error) (lines, error) {
	told := make(lines, len(values))
	for i, value := range values {
		told[i] = value
	}
	return told, err
}

func write(out string, told lines) error {
	file, err := os.Create(out)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(file)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for _, line := range told {
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return file.Close()
}
