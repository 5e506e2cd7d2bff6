// Command main is one service.
package main

import (
	"log"

	"example.com/service/library"
)

func main() {
	log.Fatal(library.Serve("/settings.yaml", version))
}
