module buildkit-engine/shim

go 1.26
