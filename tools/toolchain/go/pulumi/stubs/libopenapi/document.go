// Package libopenapi stands in for the parser of OpenAPI documents, which took a fifth of the time
// to compile Pulumi's CLI. The CLI uses it for `pulumi cloud` alone, which a clone never runs: here,
// that command ends with an error. The packages below have the types that the CLI names.
package libopenapi

import (
	"errors"

	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// Document is a parsed document. There is none.
type Document struct{}

// DocumentModel is a document in the types of a version of OpenAPI.
type DocumentModel[T any] struct{ Model T }

var errAbsent = errors.New("this Pulumi was built without `pulumi cloud`; install a release of Pulumi to use it")

// NewDocument always fails.
func NewDocument([]byte) (Document, error) { return Document{}, errAbsent }

// BuildV3Model always fails.
func (Document) BuildV3Model() (*DocumentModel[v3.Document], error) { return nil, errAbsent }
