// Package greeting is shared by all services.
package greeting

// Of returns what a service says when it starts.
func Of(service string) string {
	return "hello from " + service
}
