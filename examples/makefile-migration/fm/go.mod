module example.com/fm

go 1.26
