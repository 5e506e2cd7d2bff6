package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	"github.com/pkg/errors"
)

// walk numbers the operations of one graph, each after its inputs. Two operations that differ only
// in what is left out are one.
type walk struct {
	ops      map[digest.Digest]*pb.Op
	metadata map[string]*pb.OpMetadata
	// byDigest is the number of each operation visited.
	byDigest map[digest.Digest]int
	// byText is the number of each operation by what is kept of it.
	byText map[string]int
	// locals are the numbers of the folders' transfers by the digest of their operation.
	locals map[digest.Digest]int
	build  *Build
}

func readGraph(
	ctx context.Context, gateway *gateway, definition *pb.Definition, build *Build,
) error {
	walk := &walk{
		ops:      map[digest.Digest]*pb.Op{},
		metadata: definition.GetMetadata(),
		byDigest: map[digest.Digest]int{},
		byText:   map[string]int{},
		locals:   map[digest.Digest]int{},
		build:    build,
	}
	build.Operations, build.Reads, build.Transfers = []Operation{}, []Read{}, []Transfer{}
	var last *pb.Op
	for _, bytes := range definition.GetDef() {
		op := &pb.Op{}
		if err := op.Unmarshal(bytes); err != nil {
			return err
		}
		walk.ops[digest.FromBytes(bytes)] = op
		last = op
	}
	if len(last.GetInputs()) == 0 {
		return nil
	}
	if _, err := walk.visit(digest.Digest(last.Inputs[0].Digest)); err != nil {
		return err
	}
	if gateway.request.Evaluate {
		return evaluate(ctx, gateway, build)
	}
	return nil
}

func (w *walk) visit(id digest.Digest) (int, error) {
	if number, ok := w.byDigest[id]; ok {
		return number, nil
	}
	op, ok := w.ops[id]
	if !ok {
		return 0, errors.Errorf("the graph has no operation %s", id)
	}
	operation := Operation{IgnoreCache: w.metadata[string(id)].GetIgnoreCache()}
	for _, input := range op.Inputs {
		number, err := w.visit(digest.Digest(input.Digest))
		if err != nil {
			return 0, err
		}
		operation.Inputs = append(operation.Inputs, fmt.Sprintf("%d:%d", number, input.Index))
	}
	reads := w.readsOf(op)
	if transfer, ok := transferOf(op); ok {
		w.locals[id] = len(w.build.Transfers)
		w.build.Transfers = append(w.build.Transfers, transfer)
		op.GetSource().Attrs = nil
	}
	op.Inputs = nil
	text, err := json.Marshal(op)
	if err != nil {
		return 0, err
	}
	operation.Op = text
	key, err := json.Marshal(operation)
	if err != nil {
		return 0, err
	}
	number, known := w.byText[string(key)]
	if !known {
		number = len(w.build.Operations)
		w.byText[string(key)] = number
		w.build.Operations = append(w.build.Operations, operation)
		for _, read := range reads {
			read.Operation = number
			w.build.Reads = append(w.build.Reads, read)
		}
	}
	w.byDigest[id] = number
	return number, nil
}

// readsOf is what an operation takes from folders, all inputs of it visited.
func (w *walk) readsOf(op *pb.Op) []Read {
	local := func(index int64) (int, bool) {
		if index < 0 || index >= int64(len(op.Inputs)) {
			return 0, false
		}
		transfer, ok := w.locals[digest.Digest(op.Inputs[index].Digest)]
		return transfer, ok
	}
	var reads []Read
	for _, action := range op.GetFile().GetActions() {
		copied := action.GetCopy()
		if transfer, ok := local(action.SecondaryInput); ok && copied != nil {
			reads = append(reads, Read{
				Kind:      "copy",
				Context:   w.build.Transfers[transfer].Context,
				Path:      copied.Src,
				Dest:      copied.Dest,
				Wildcards: copied.AllowWildcard,
				Include:   copied.IncludePatterns,
				Exclude:   copied.ExcludePatterns,
				Required:  copied.RequiredPaths,
				action:    copied,
				transfer:  transfer,
			})
		}
	}
	for _, mount := range op.GetExec().GetMounts() {
		if transfer, ok := local(mount.Input); ok {
			reads = append(reads, Read{
				Kind:     "mount",
				Context:  w.build.Transfers[transfer].Context,
				Path:     mount.Selector,
				Dest:     mount.Dest,
				transfer: transfer,
			})
		}
	}
	return reads
}

// transferOf is what a source operation asks of the client; false for one that does not.
func transferOf(op *pb.Op) (Transfer, bool) {
	source := op.GetSource()
	name, ok := strings.CutPrefix(source.GetIdentifier(), "local://")
	if !ok {
		return Transfer{}, false
	}
	list := func(attribute string) []string {
		var patterns []string
		// The attribute is a list that the frontend itself wrote; without it there is none.
		_ = json.Unmarshal([]byte(source.Attrs[attribute]), &patterns)
		return patterns
	}
	return Transfer{
		Context: name,
		Include: list(pb.AttrIncludePatterns),
		Follow:  list(pb.AttrFollowPaths),
		Exclude: list(pb.AttrExcludePatterns),
	}, true
}
