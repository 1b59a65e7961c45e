package main

import (
	"strings"
	"testing"
)

func TestWordsAreCounted(t *testing.T) {
	var output strings.Builder
	if err := count(strings.NewReader("the cat and The dog"), &output); err != nil {
		t.Fatal(err)
	}
	if want := "2 the\n1 and\n1 cat\n1 dog\n"; output.String() != want {
		t.Errorf("printed %q, expected %q", output.String(), want)
	}
}
