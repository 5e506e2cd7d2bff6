// Package base has the types of JSON schemas, with the fields that Pulumi's CLI names.
package base

import (
	"github.com/pb33f/libopenapi/orderedmap"
	"go.yaml.in/yaml/v4"
)

// Schema is a JSON schema.
type Schema struct {
	Type, Required               []string
	Description, Format, Pattern string
	Properties                   *orderedmap.Map[string, *SchemaProxy]
	AllOf, OneOf, AnyOf          []*SchemaProxy
	Items, AdditionalProperties  *DynamicValue[*SchemaProxy, bool]
	Discriminator                *Discriminator
	Enum                         []*yaml.Node
	Default                      *yaml.Node
	MinLength, MaxLength         *int64
	Minimum, Maximum, MultipleOf *float64
	Nullable, ReadOnly           *bool
	Extensions                   *orderedmap.Map[string, *yaml.Node]
}

// GoLow returns no source of the schema.
func (*Schema) GoLow() *Low { return nil }

// MarshalJSONInline writes nothing.
func (*Schema) MarshalJSONInline() ([]byte, error) { return nil, nil }

// Low is the source of a schema.
type Low struct{}

// Hash is 0.
func (*Low) Hash() uint64 { return 0 }

// SchemaProxy refers to a schema.
type SchemaProxy struct{}

// Schema finds no schema.
func (*SchemaProxy) Schema() *Schema { return nil }

// DynamicValue is an A or a B.
type DynamicValue[A, B any] struct {
	A A
	B B
}

// IsA is false.
func (*DynamicValue[A, B]) IsA() bool { return false }

// Discriminator names the property that tells the variants of a schema apart.
type Discriminator struct {
	PropertyName string
	Mapping      *orderedmap.Map[string, string]
}
