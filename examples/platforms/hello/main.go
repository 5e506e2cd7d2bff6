// Command hello prints the platform that it was built for.
package main

import "runtime"

func main() {
	println("hello from", runtime.GOOS+"/"+runtime.GOARCH)
}
