// Command stock is one of the services.
package main

import "example.com/shop/internal/greeting"

func main() {
	println(greeting.Of("stock"))
}
