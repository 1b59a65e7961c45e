// Package sqlite is what of SQLite this program needs, by the libsqlite3 of the system.
package sqlite

// #cgo pkg-config: sqlite3
// #include <sqlite3.h>
// #include <stdlib.h>
//
// static int bind_text(sqlite3_stmt *statement, int index, const char *text, int size) {
//   return sqlite3_bind_text(statement, index, text, size, SQLITE_TRANSIENT);
// }
import "C"

import (
	"errors"
	"fmt"
	"unsafe"
)

// DB is a connection; it is not safe for concurrent use.
type DB struct{ handle *C.sqlite3 }

// Version tells which SQLite is loaded.
func Version() string { return C.GoString(C.sqlite3_libversion()) }

// Open opens a database file, or ":memory:".
func Open(path string) (*DB, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	db := &DB{}
	if status := C.sqlite3_open(name, &db.handle); status != C.SQLITE_OK {
		err := db.failure("open " + path)
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Close releases the connection.
func (db *DB) Close() error {
	if status := C.sqlite3_close(db.handle); status != C.SQLITE_OK {
		return db.failure("close")
	}
	return nil
}

// Query executes one statement with texts bound to its parameters, and returns the rows as texts.
func (db *DB) Query(statement string, arguments ...string) ([][]string, error) {
	text := C.CString(statement)
	defer C.free(unsafe.Pointer(text))
	var prepared *C.sqlite3_stmt
	if status := C.sqlite3_prepare_v2(db.handle, text, -1, &prepared, nil); status != C.SQLITE_OK {
		return nil, db.failure(statement)
	}
	defer C.sqlite3_finalize(prepared)
	for i, argument := range arguments {
		value := C.CString(argument)
		status := C.bind_text(prepared, C.int(i+1), value, C.int(len(argument)))
		C.free(unsafe.Pointer(value))
		if status != C.SQLITE_OK {
			return nil, db.failure(statement)
		}
	}
	var rows [][]string
	for {
		switch C.sqlite3_step(prepared) {
		case C.SQLITE_ROW:
			rows = append(rows, row(prepared))
		case C.SQLITE_DONE:
			return rows, nil
		default:
			return nil, db.failure(statement)
		}
	}
}

func row(prepared *C.sqlite3_stmt) []string {
	values := make([]string, C.sqlite3_column_count(prepared))
	for i := range values {
		text := C.sqlite3_column_text(prepared, C.int(i))
		size := C.sqlite3_column_bytes(prepared, C.int(i))
		values[i] = C.GoStringN((*C.char)(unsafe.Pointer(text)), size)
	}
	return values
}

func (db *DB) failure(what string) error {
	return fmt.Errorf("%s: %s", what, C.GoString(C.sqlite3_errmsg(db.handle)))
}
