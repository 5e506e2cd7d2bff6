// Package java stands in for Pulumi's Java code generator, whose module the Go proxy does not serve. The docker-build
// plugin uses one struct of it, to describe its Java SDK in the schema it hands out.
package java

// PackageInfo is the "java" member of a package schema's language section.
type PackageInfo struct {
	BuildFiles                      string            `json:"buildFiles,omitempty"`
	GradleNexusPublishPluginVersion string            `json:"gradleNexusPublishPluginVersion,omitempty"`
	Dependencies                    map[string]string `json:"dependencies,omitempty"`
}
