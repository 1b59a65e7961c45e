module example.com/dockerfile-app

go 1.26
