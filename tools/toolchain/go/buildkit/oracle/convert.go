package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	commonexptypes "github.com/moby/buildkit/exporter/exptypes"
	"github.com/moby/buildkit/frontend/dockerfile/builder"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/pkg/errors"
)

// convert answers one request.
func convert(ctx context.Context, request *Request) (answer *Answer) {
	defer func() {
		if fault := recover(); fault != nil {
			answer = &Answer{Error: fmt.Sprintf("BuildKit panics: %v\n%s", fault, debug.Stack())}
		}
	}()
	if request.Changed {
		clear(answers)
		marks.Clear()
	}
	gateway, err := newGateway(request)
	if err != nil {
		return &Answer{Error: err.Error()}
	}
	start := time.Now()
	result, err := builder.Build(ctx, gateway)
	slices.Sort(gateway.warnings)
	answer = &Answer{Warnings: gateway.warnings}
	if err == nil {
		answer.Platforms, err = readResult(ctx, gateway, result, start)
	}
	if err != nil {
		answer.Error = err.Error()
	}
	return answer
}

func readResult(
	ctx context.Context, gateway *gateway, result *client.Result, start time.Time,
) ([]Build, error) {
	var expected exptypes.Platforms
	if err := json.Unmarshal(result.Metadata[exptypes.ExporterPlatformsKey], &expected); err != nil {
		return nil, errors.Wrap(err, "platforms of the result")
	}
	builds := make([]Build, 0, len(expected.Platforms))
	for _, platform := range expected.Platforms {
		ref, suffix := result.Ref, ""
		if ref == nil {
			ref, suffix = result.Refs[platform.ID], "/"+platform.ID
		}
		build := Build{
			Platform: platform.ID,
			Epoch:    string(result.Metadata[commonexptypes.ExporterEpochKey+suffix]),
		}
		config := result.Metadata[exptypes.ExporterImageConfigKey+suffix]
		if err := json.Unmarshal(config, &build.Config); err != nil {
			return nil, errors.Wrap(err, "configuration of the image")
		}
		build.Config = withoutTimes(build.Config, start)
		graph, ok := ref.(*graph)
		if !ok {
			return nil, errors.Errorf("the result is %T", ref)
		}
		if err := readGraph(ctx, gateway, graph.definition, &build); err != nil {
			return nil, err
		}
		builds = append(builds, build)
	}
	return builds, nil
}

// withoutTimes leaves out the times at which the frontend itself ran.
func withoutTimes(value any, start time.Time) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			value[name] = withoutTimes(member, start)
		}
	case []any:
		for index, member := range value {
			value[index] = withoutTimes(member, start)
		}
	case string:
		if when, err := time.Parse(time.RFC3339Nano, value); err == nil && !when.Before(start) {
			return "now"
		}
	}
	return value
}
