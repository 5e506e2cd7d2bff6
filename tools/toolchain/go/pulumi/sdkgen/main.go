// Command harbor-sdkgen writes the SDK that Pulumi's own generator makes of a package schema.
//
//	harbor-sdkgen [-language nodejs|python|go] SCHEMA OUTDIR
//
// OUTDIR is replaced as a whole, so that a resource which left the schema leaves the SDK too; only what a compiler or
// a package manager put there (bin, node_modules) stays.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/blang/semver"
	"github.com/hashicorp/hcl/v2"
	gosdk "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// A schema may point at other packages only through plugins, and this tool starts none.
var errNoPlugins = errors.New("the schema refers to another package; harbor-sdkgen binds self-contained schemas only")

type noPlugins struct{}

func (noPlugins) LoadPackage(string, *semver.Version) (*schema.Package, error) {
	return nil, errNoPlugins
}

func (noPlugins) LoadPackageV2(context.Context, *schema.PackageDescriptor) (*schema.Package, error) {
	return nil, errNoPlugins
}

func (noPlugins) LoadPackageReference(string, *semver.Version) (schema.PackageReference, error) {
	return nil, errNoPlugins
}

func (noPlugins) LoadPackageReferenceV2(
	context.Context, *schema.PackageDescriptor,
) (schema.PackageReference, error) {
	return nil, errNoPlugins
}

// kept names what generated nothing and costs time to make again.
var kept = map[string]bool{"bin": true, "node_modules": true}

// generators has Pulumi's generators, called as its language hosts call them.
var generators = map[string]func(*schema.Package) (map[string][]byte, error){
	"nodejs": func(pkg *schema.Package) (map[string][]byte, error) {
		return nodejs.GeneratePackage("pulumi-language-nodejs", pkg, nil, nil, false, noPlugins{})
	},
	"python": func(pkg *schema.Package) (map[string][]byte, error) {
		return python.GeneratePackage("pulumi-language-python", pkg, nil, noPlugins{})
	},
	"go": func(pkg *schema.Package) (map[string][]byte, error) {
		// As `pulumi package add` does: the SDK gets a go.mod.
		pkg.SupportPack = true
		return gosdk.GeneratePackage("pulumi-language-go", pkg, nil)
	},
}

func main() {
	language := flag.String("language", "nodejs", "language of the SDK: nodejs, python or go")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: harbor-sdkgen [-language nodejs|python|go] SCHEMA OUTDIR")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), flag.Arg(1), *language); err != nil {
		fmt.Fprintf(os.Stderr, "harbor-sdkgen: %v\n", err)
		os.Exit(1)
	}
}

func run(schemaPath, outDir string, language string) error {
	generate, known := generators[language]
	if !known {
		return fmt.Errorf("-language: no generator of %q; there are nodejs, python, go", language)
	}
	spec, err := readSpec(schemaPath)
	if err != nil {
		return err
	}
	pkg, err := bind(schemaPath, spec)
	if err != nil {
		return err
	}
	files, err := generate(pkg)
	if err != nil {
		return fmt.Errorf("generate the SDK of %s: %w", schemaPath, err)
	}
	return write(outDir, files)
}

// readSpec refuses unknown members: the generator would pass over a misspelt one in silence.
func readSpec(path string) (schema.PackageSpec, error) {
	var spec schema.PackageSpec
	content, err := os.ReadFile(path)
	if err != nil {
		return spec, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&spec); err != nil {
		return spec, fmt.Errorf("%s: not a Pulumi package schema: %w", path, err)
	}
	return spec, nil
}

// bind validates against Pulumi's metaschema and prints every diagnostic; errors end the run, warnings do not.
func bind(path string, spec schema.PackageSpec) (*schema.Package, error) {
	pkg, diagnostics, err := schema.BindSpec(spec, noPlugins{}, schema.ValidationOptions{})
	if err != nil {
		return nil, fmt.Errorf("bind %s: %w", path, err)
	}
	faults := 0
	for _, diagnostic := range diagnostics {
		severity := "warning"
		if diagnostic.Severity == hcl.DiagError {
			severity = "error"
			faults++
		}
		fmt.Fprintf(os.Stderr, "%s: %s: %s %s\n", path, severity, diagnostic.Summary, diagnostic.Detail)
	}
	if faults > 0 {
		return nil, fmt.Errorf("%s: %d error(s) in the schema", path, faults)
	}
	return pkg, nil
}

func write(outDir string, files map[string][]byte) error {
	entries, err := os.ReadDir(outDir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(filepath.Join(outDir, "utilities.ts")); len(entries) > 0 && err != nil {
		return fmt.Errorf("%s holds files and is no generated SDK (no utilities.ts): name an empty folder", outDir)
	}
	for _, entry := range entries {
		if kept[entry.Name()] {
			continue
		}
		if err := os.RemoveAll(filepath.Join(outDir, entry.Name())); err != nil {
			return err
		}
	}
	for name, content := range files {
		path := filepath.Join(outDir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
