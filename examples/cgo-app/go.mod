module example.com/cgo-app

go 1.26
