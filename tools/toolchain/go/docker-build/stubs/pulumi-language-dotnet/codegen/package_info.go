// Package codegen stands in for Pulumi's .NET code generator, whose module the Go proxy does not serve. The
// docker-build plugin uses one struct of it, to describe its .NET SDK in the schema it hands out.
package codegen

// CSharpPackageInfo is the "csharp" member of a package schema's language section.
type CSharpPackageInfo struct {
	RespectSchemaVersion bool              `json:"respectSchemaVersion,omitempty"`
	PackageReferences    map[string]string `json:"packageReferences,omitempty"`
}
