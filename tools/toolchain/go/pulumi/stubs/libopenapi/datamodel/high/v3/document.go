// Package v3 has the types of OpenAPI 3 documents, with the fields that Pulumi's CLI names.
package v3

import (
	"github.com/pb33f/libopenapi/datamodel/high/base"
	"github.com/pb33f/libopenapi/orderedmap"
	"go.yaml.in/yaml/v4"
)

// Document is an OpenAPI document.
type Document struct {
	Info       *Info
	Components *Components
	Paths      *Paths
}

// Info describes a document.
type Info struct{ Version string }

// Components are the schemas that others refer to.
type Components struct {
	Schemas *orderedmap.Map[string, *base.SchemaProxy]
}

// Paths are the addresses of an API.
type Paths struct {
	PathItems *orderedmap.Map[string, *PathItem]
}

// PathItem has the operations at an address.
type PathItem struct {
	Get, Post, Put, Delete, Patch, Head *Operation
}

// Operation is one request of an API.
type Operation struct {
	OperationId, Summary, Description string
	Tags                              []string
	Parameters                        []*Parameter
	RequestBody                       *RequestBody
	Responses                         *Responses
	Deprecated                        *bool
	Extensions                        *orderedmap.Map[string, *yaml.Node]
}

// Parameter is a parameter of an operation.
type Parameter struct {
	Name, In, Description string
	Required              *bool
	Schema                *base.SchemaProxy
}

// RequestBody is the body of a request.
type RequestBody struct {
	Content *orderedmap.Map[string, *MediaType]
}

// Responses are the answers to a request.
type Responses struct {
	Codes   *orderedmap.Map[string, *Response]
	Default *Response
}

// Response is an answer to a request.
type Response struct {
	Description string
	Content     *orderedmap.Map[string, *MediaType]
}

// MediaType describes a body.
type MediaType struct{ Schema *base.SchemaProxy }
