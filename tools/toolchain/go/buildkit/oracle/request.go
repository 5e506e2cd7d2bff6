package main

import (
	"encoding/json"

	"github.com/moby/buildkit/solver/pb"
)

// Request is one build, as a client asks BuildKit for it.
type Request struct {
	// Dockerfile is its bytes; JSON carries them in base64.
	Dockerfile []byte `json:"dockerfile"`
	// Ignore is the text of <Dockerfile>.dockerignore, also in base64; without it the context's
	// own .dockerignore counts.
	Ignore []byte `json:"ignore"`
	// Context is the build context's folder; without one the context is empty.
	Context string `json:"context"`
	// Target is the stage to build; the last one without it.
	Target string `json:"target"`
	// Platforms are those to build for, as linux/arm64; the builder's own without any.
	Platforms []string `json:"platforms"`
	// Builder is the platform of the BuildKit that builds. The default is linux/amd64.
	Builder string `json:"builder"`
	// BuildArgs are the build arguments.
	BuildArgs map[string]string `json:"buildArgs"`
	// Labels are those that the client adds to the image.
	Labels map[string]string `json:"labels"`
	// NamedContexts are locations by name: an absolute folder, docker-image://…, or a URL.
	NamedContexts map[string]string `json:"namedContexts"`
	// Images are the configurations of images by reference, or null for an image that is not there.
	Images map[string]json.RawMessage `json:"images"`
	// AnyImage is the configuration of every image that Images does not name. Without it such an
	// image is not there.
	AnyImage json.RawMessage `json:"anyImage"`
	// Evaluate asks for what each operation takes from the folders of the contexts.
	Evaluate bool `json:"evaluate"`
	// Changed says that folders have changed since the last request: what is known of them is void.
	Changed bool `json:"changed"`
}

// Answer is what BuildKit makes of a request.
type Answer struct {
	// Error is why BuildKit refuses the Dockerfile; empty when it takes it.
	Error string `json:"error,omitempty"`
	// Warnings are those of BuildKit's checks.
	Warnings []string `json:"warnings,omitempty"`
	// Platforms are the builds, in the order of the request.
	Platforms []Build `json:"platforms,omitempty"`
}

// Build is the build for one platform.
type Build struct {
	// Platform is normalised, as linux/arm/v7.
	Platform string `json:"platform"`
	// Operations are those the target reaches, each after its inputs; the last makes the image.
	Operations []Operation `json:"operations"`
	// Config is the image's configuration. Times of the conversion itself are left out.
	Config any `json:"config"`
	// Epoch is the time to which the image's timestamps are set, in seconds.
	Epoch string `json:"epoch,omitempty"`
	// Reads are what the operations take from contexts that are folders.
	Reads []Read `json:"reads"`
	// Transfers are what BuildKit asks the client for of each context that is a folder.
	Transfers []Transfer `json:"transfers"`
}

// Operation is one vertex of the graph, without what names or describes it.
type Operation struct {
	// Op is the operation in BuildKit's own JSON.
	Op json.RawMessage `json:"op"`
	// Inputs are the operations it takes, each as index:output.
	Inputs []string `json:"inputs,omitempty"`
	// IgnoreCache says that the step is never taken from a cache.
	IgnoreCache bool `json:"ignoreCache,omitempty"`
}

// Read is what one operation takes from a context that is a folder.
type Read struct {
	// Operation is its index in the operations.
	Operation int `json:"operation"`
	// Kind is copy or mount.
	Kind string `json:"kind"`
	// Context is the context's name; the main one is called context.
	Context string `json:"context"`
	// Path is the source of the copy, or the selector of the mount.
	Path string `json:"path"`
	// Dest is where it goes.
	Dest      string   `json:"dest"`
	Wildcards bool     `json:"wildcards,omitempty"`
	Include   []string `json:"include,omitempty"`
	Exclude   []string `json:"exclude,omitempty"`
	Required  []string `json:"required,omitempty"`
	// Files are what is taken, each with its type, mode and content.
	Files []string `json:"files,omitempty"`
	// Error is why the step fails; empty when it does not.
	Error string `json:"error,omitempty"`

	action *pb.FileActionCopy
	// transfer is the number of the transfer that it takes from: a context may have several.
	transfer int
}

// Transfer is what BuildKit asks the client for of one context that is a folder.
type Transfer struct {
	Context string   `json:"context"`
	Include []string `json:"include,omitempty"`
	Follow  []string `json:"follow,omitempty"`
	Exclude []string `json:"exclude,omitempty"`
}
