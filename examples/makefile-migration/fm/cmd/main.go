// Command fm prints its configuration and the time.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	config, err := os.ReadFile("conf/config.yaml")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%s%s\n", config, time.Now().Format(time.RFC3339))
}
