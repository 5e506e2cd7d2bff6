// Command oracle converts Dockerfiles with BuildKit's own frontend and prints what they build.
//
// It reads one request as JSON from each line of standard input and writes one answer as JSON to
// each line of standard output, in the same order. An answer holds the operations that the target
// reaches, in a form that two equal builds share, the image's configuration, and what each
// operation takes from the build context's folder. Nothing is built and nothing is fetched.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// lineMax bounds one request, in bytes.
const lineMax = 64 << 20

func main() {
	if err := serve(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, lineMax)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for lines.Scan() {
		var request Request
		answer := &Answer{}
		if err := json.Unmarshal(lines.Bytes(), &request); err != nil {
			answer.Error = fmt.Sprintf("the request is not understood: %v", err)
		} else {
			answer = convert(ctx, &request)
		}
		if err := encoder.Encode(answer); err != nil {
			return err
		}
	}
	return lines.Err()
}
