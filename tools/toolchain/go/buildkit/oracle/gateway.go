package main

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/pkg/errors"
	fstypes "github.com/tonistiigi/fsutil/types"
)

const dockerfileName = "Dockerfile"

// namedPrefix keeps the folders of named contexts apart from those of every build.
const namedPrefix = "named-"

// gateway stands in for the BuildKit that runs the frontend: it answers from the request, and
// keeps the graphs that the frontend asks it to build.
type gateway struct {
	request  *Request
	builder  ocispecs.Platform
	images   map[string]json.RawMessage
	mu       sync.Mutex
	warnings []string
}

var _ client.Client = &gateway{}

func newGateway(request *Request) (*gateway, error) {
	name := request.Builder
	if name == "" {
		name = "linux/amd64"
	}
	builder, err := platforms.Parse(name)
	if err != nil {
		return nil, err
	}
	images := map[string]json.RawMessage{}
	for name, config := range request.Images {
		key, err := imageKey(name)
		if err != nil {
			return nil, err
		}
		images[key] = config
	}
	return &gateway{request: request, builder: platforms.Normalize(builder), images: images}, nil
}

// imageKey is a reference in full, without its digest.
func imageKey(name string) (string, error) {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return "", errors.Wrapf(err, "image %q", name)
	}
	if tagged, ok := named.(reference.Tagged); ok {
		named, err = reference.WithTag(reference.TrimNamed(named), tagged.Tag())
	}
	return reference.TagNameOnly(named).String(), err
}

func (g *gateway) BuildOpts() client.BuildOpts {
	opts := map[string]string{
		// BuildKit gives this to a frontend that it fetched: no other one is fetched.
		"cmdline": "dockerfile.v0",
		"target":  g.request.Target,
	}
	if len(g.request.Platforms) > 0 {
		opts["platform"] = strings.Join(g.request.Platforms, ",")
	}
	for name, value := range g.request.BuildArgs {
		opts["build-arg:"+name] = value
	}
	for name, value := range g.request.Labels {
		opts["label:"+name] = value
	}
	for name, location := range g.request.NamedContexts {
		if filepath.IsAbs(location) {
			location = "local:" + namedPrefix + name
		}
		opts["context:"+name] = location
	}
	return client.BuildOpts{
		Opts:      opts,
		SessionID: "session",
		Workers:   []client.WorkerInfo{{Platforms: []ocispecs.Platform{g.builder}}},
		LLBCaps:   pb.Caps.CapSet(pb.Caps.All()),
		Caps:      gwpb.Caps.CapSet(gwpb.Caps.All()),
	}
}

func (g *gateway) Inputs(context.Context) (map[string]llb.State, error) {
	return nil, nil
}

// Solve answers the frontend's own questions, which name one folder and are of nothing else, from
// the request; every other graph is a build.
func (g *gateway) Solve(_ context.Context, request client.SolveRequest) (*client.Result, error) {
	if request.Frontend != "" {
		return nil, errors.Errorf("the frontend %s is not asked", request.Frontend)
	}
	result := client.NewResult()
	name, isQuestion := questionOf(request.Definition)
	switch {
	case !isQuestion:
		result.SetRef(&graph{definition: request.Definition})
	case name == dockerui.DefaultLocalNameDockerfile:
		files := map[string][]byte{dockerfileName: g.request.Dockerfile}
		if g.request.Ignore != nil {
			files[dockerfileName+".dockerignore"] = g.request.Ignore
		}
		result.SetRef(newFiles(files))
	default:
		files := map[string][]byte{}
		content, err := os.ReadFile(filepath.Join(g.folder(name), dockerui.DefaultDockerignoreName))
		if err == nil {
			files[dockerui.DefaultDockerignoreName] = content
		}
		result.SetRef(newFiles(files))
	}
	return result, nil
}

// folder is where a context's files are; an empty one without a folder.
func (g *gateway) folder(name string) string {
	if name == dockerui.DefaultLocalNameContext {
		return g.request.Context
	}
	return g.request.NamedContexts[strings.TrimPrefix(name, namedPrefix)]
}

// questionOf is the folder that the frontend itself reads from.
func questionOf(definition *pb.Definition) (string, bool) {
	if len(definition.GetDef()) != 2 {
		return "", false
	}
	var op pb.Op
	if err := op.Unmarshal(definition.Def[0]); err != nil {
		return "", false
	}
	source := op.GetSource()
	name, isLocal := strings.CutPrefix(source.GetIdentifier(), "local://")
	_, follows := source.GetAttrs()[pb.AttrFollowPaths]
	return name, isLocal && follows && source.Attrs[pb.AttrLocalDiffer] == pb.AttrLocalDifferNone
}

func (g *gateway) ResolveSourceMetadata(
	_ context.Context, op *pb.SourceOp, opt sourceresolver.Opt,
) (*sourceresolver.MetaResponse, error) {
	name, isImage := strings.CutPrefix(op.Identifier, "docker-image://")
	if !isImage {
		return nil, errors.Errorf("%s is not asked", op.Identifier)
	}
	config, err := g.imageConfig(name, opt)
	if err != nil {
		return nil, err
	}
	image := &sourceresolver.ResolveImageResponse{Digest: imageDigest(name), Config: config}
	return &sourceresolver.MetaResponse{Op: op, Image: image}, nil
}

func (g *gateway) ResolveImageConfig(
	_ context.Context, name string, opt sourceresolver.Opt,
) (string, digest.Digest, []byte, error) {
	config, err := g.imageConfig(name, opt)
	return name, imageDigest(name), config, err
}

// imageDigest is the digest that a reference has, or else one made of its name with the tag.
func imageDigest(name string) digest.Digest {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return digest.FromString(name)
	}
	if digested, ok := named.(reference.Digested); ok {
		return digested.Digest()
	}
	return digest.FromString(reference.FamiliarString(reference.TagNameOnly(named)))
}

// imageConfig is an image's configuration, which is for the platform asked for unless it says
// otherwise.
func (g *gateway) imageConfig(name string, opt sourceresolver.Opt) ([]byte, error) {
	key, err := imageKey(name)
	if err != nil {
		return nil, err
	}
	given, ok := g.images[key]
	if !ok {
		given = g.request.AnyImage
	}
	if len(given) == 0 || string(given) == "null" {
		return nil, errors.Errorf("%s: not found", key)
	}
	platform := g.builder
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		platform = platforms.Normalize(*opt.ImageOpt.Platform)
	}
	// An image without layers is the empty one to BuildKit.
	layers := map[string]any{"type": "layers", "diff_ids": []digest.Digest{imageDigest(key)}}
	config := map[string]any{
		"os": platform.OS, "architecture": platform.Architecture, "rootfs": layers,
	}
	if platform.Variant != "" {
		config["variant"] = platform.Variant
	}
	overrides := map[string]any{}
	if err := json.Unmarshal(given, &overrides); err != nil {
		return nil, errors.Wrapf(err, "configuration of %s", key)
	}
	maps.Copy(config, overrides)
	return json.Marshal(config)
}

func (g *gateway) Warn(_ context.Context, _ digest.Digest, message string, _ client.WarnOpts) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.warnings = append(g.warnings, message)
	return nil
}

func (g *gateway) NewContainer(
	context.Context, client.NewContainerRequest,
) (client.Container, error) {
	return nil, errors.New("no container is run")
}

// graph is a build that the frontend asked for.
type graph struct {
	client.Reference
	definition *pb.Definition
}

func (g *graph) Evaluate(context.Context) error { return nil }

// files are what one of the frontend's questions finds, by name.
type files struct {
	client.Reference
	byName map[string][]byte
}

func newFiles(byName map[string][]byte) *files { return &files{byName: byName} }

func (f *files) ReadFile(_ context.Context, request client.ReadRequest) ([]byte, error) {
	content, ok := f.byName[request.Filename]
	if !ok {
		return nil, errors.Wrapf(os.ErrNotExist, "open %s", request.Filename)
	}
	return content, nil
}

func (f *files) StatFile(_ context.Context, request client.StatRequest) (*fstypes.Stat, error) {
	content, ok := f.byName[request.Path]
	if !ok {
		return nil, errors.Wrapf(os.ErrNotExist, "stat %s", request.Path)
	}
	return &fstypes.Stat{Path: request.Path, Size: int64(len(content))}, nil
}
