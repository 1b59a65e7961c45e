package main

import (
	"testing"
	"time"
)

func TestTheTimeIsThatOfTheZone(t *testing.T) {
	line, err := at(time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC), "UTC")
	if err != nil || line != "12:00 UTC" {
		t.Fatalf("got %q, %v", line, err)
	}
}

func TestAnUnknownZoneIsAnError(t *testing.T) {
	if line, err := at(time.Now(), "Nowhere/Land"); err == nil {
		t.Fatalf("got %q", line)
	}
}
