package sqlite_test

import (
	"reflect"
	"strings"
	"testing"

	"example.com/cgo-app/sqlite"
)

func TestRowsAreTextsInTheirOrder(t *testing.T) {
	db, err := sqlite.Open(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT ?, 2 UNION ALL SELECT 'x', NULL", "it's")
	if err != nil {
		t.Fatal(err)
	}
	if want := [][]string{{"it's", "2"}, {"x", ""}}; !reflect.DeepEqual(rows, want) {
		t.Errorf("rows are %q, expected %q", rows, want)
	}
}

func TestAnErrorHasTheStatementAndTheReason(t *testing.T) {
	db, err := sqlite.Open(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err = db.Query("SELECT x"); err == nil || err.Error() != "SELECT x: no such column: x" {
		t.Errorf("the error is %v", err)
	}
}

func TestAFileThatCannotBeOpenedIsNamed(t *testing.T) {
	if _, err := sqlite.Open("/no/such/folder/db"); err == nil || !strings.HasPrefix(err.Error(), "open /no/such/folder/db: unable") {
		t.Errorf("the error is %v", err)
	}
}
