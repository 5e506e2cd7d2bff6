// Command api is the smallest service.
package main

func main() {
	println("hello from api")
}
