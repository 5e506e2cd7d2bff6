// A program with many dependencies: compiling all of them takes about a minute on two cores.
package main

import (
	"context"
	"fmt"
	"os"

	"example.com/large/internal/cluster"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	names, err := cluster.Namespaces(ctx, os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	for _, name := range names {
		fmt.Println(name)
	}
	return nil
}
