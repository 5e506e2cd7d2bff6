package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/containerd/containerd/v2/core/mount"
	"github.com/moby/buildkit/cache"
	"github.com/moby/buildkit/cache/contenthash"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/snapshot"
	"github.com/moby/sys/user"
	fscopy "github.com/tonistiigi/fsutil/copy"
)

// evaluate fills in what each read takes: what the client would send is laid out in a folder, each
// file with a mark in place of its content, and the read is done there by BuildKit's own code.
func evaluate(ctx context.Context, gateway *gateway, build *Build) error {
	work, err := os.MkdirTemp("", "harbor-build-oracle-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	contexts := make([]*sent, len(build.Transfers))
	for index, transfer := range build.Transfers {
		root := filepath.Join(work, fmt.Sprint("context-", index))
		from := gateway.folder(transfer.Context)
		if resolved, err := filepath.EvalSymlinks(from); err == nil {
			from = resolved
		}
		contexts[index] = &sent{from: from, transfer: transfer, root: root}
	}
	for index := range build.Reads {
		read := &build.Reads[index]
		dest := filepath.Join(work, fmt.Sprint("read-", index))
		if err := contexts[read.transfer].answer(ctx, read, dest); err != nil {
			return err
		}
	}
	return nil
}

// sent is a context as BuildKit receives it.
type sent struct {
	from     string
	transfer Transfer
	// root is where it is laid out, which the first read that is not known yet does.
	root  string
	isOut bool
	err   error
}

// taken is what a read takes, or why it fails.
type taken struct {
	files []string
	fault string
}

// answersMax bounds the answers that are kept.
const answersMax = 500

// answers are those to reads, by all that decides them. They hold until a request says that folders
// have changed.
var answers = map[string]taken{}

// answer fills in what a read takes, which is laid out in dest when it is not known yet.
func (s *sent) answer(ctx context.Context, read *Read, dest string) error {
	key, err := json.Marshal([]any{s.from, s.transfer, read.Kind, read.Path, read.Dest, read.action})
	if err != nil {
		return err
	}
	known, ok := answers[string(key)]
	if !ok {
		if known, err = s.find(ctx, read, dest); err != nil {
			return err
		}
		if len(answers) == answersMax {
			clear(answers)
		}
		answers[string(key)] = known
	}
	read.Files, read.Error = known.files, known.fault
	return nil
}

func (s *sent) find(ctx context.Context, read *Read, dest string) (taken, error) {
	if !s.isOut {
		s.isOut, s.err = true, send(ctx, s.from, s.transfer, s.root)
	}
	if err := os.Mkdir(dest, 0o755); err != nil {
		return taken{}, err
	}
	if err := s.take(ctx, read, dest); err != nil {
		return taken{fault: strings.NewReplacer(dest, "", s.root, "").Replace(err.Error())}, nil
	}
	files, err := list(dest)
	return taken{files: files}, err
}

// take lays what a read takes out in a folder.
func (s *sent) take(ctx context.Context, read *Read, dest string) error {
	if s.err != nil {
		return s.err
	}
	opts := contenthash.ChecksumOpts{FollowLinks: true}
	if read.Kind == "copy" {
		opts = contenthash.ChecksumOpts{
			FollowLinks:     read.action.FollowSymlink,
			Wildcard:        read.action.AllowWildcard && containsWildcards(read.Path),
			IncludePatterns: read.Include,
			ExcludePatterns: read.Exclude,
			RequiredPaths:   read.Required,
		}
	}
	// BuildKit looks for the source first, to know whether the step is in its cache.
	if err := s.checksum(ctx, read.Path, opts); err != nil {
		return err
	}
	info := fscopy.CopyInfo{CopyDirContents: true, FollowLinks: true}
	sources := []string{cleanPath(read.Path)}
	if read.Kind == "copy" {
		info.IncludePatterns, info.ExcludePatterns = read.Include, read.Exclude
		info.CopyDirContents = read.action.DirCopyContents
		info.FollowLinks = read.action.FollowSymlink
		if read.action.AllowWildcard {
			matches, err := fscopy.ResolveWildcards(s.root, sources[0], info.FollowLinks)
			if err != nil {
				return err
			}
			sources = matches
		}
	}
	for index, source := range sources {
		// Each match goes to a folder of its own: which one wins is for the operation to say.
		target := fmt.Sprint(index) + cleanPath(read.Dest)
		if err := fscopy.Copy(ctx, s.root, source, dest, target, fscopy.WithCopyInfo(info)); err != nil {
			return err
		}
	}
	return nil
}

// checksum looks a source up as BuildKit does for its cache key.
func (s *sent) checksum(ctx context.Context, source string, opts contenthash.ChecksumOpts) error {
	folder := folderRef{root: s.root}
	known, err := contenthash.GetCacheContext(ctx, folder)
	if err != nil {
		return err
	}
	_, err = known.Checksum(ctx, folder, path.Join("/", source), opts, nil)
	return err
}

// folderRef gives a folder out as what BuildKit keeps of a build.
type folderRef struct {
	cache.RefMetadata
	root string
}

func (f folderRef) ID() string { return f.root }

func (f folderRef) GetExternal(string) ([]byte, error) { return nil, os.ErrNotExist }

func (f folderRef) SetExternal(string, []byte) error { return nil }

func (f folderRef) Mount(context.Context, bool, session.Group) (snapshot.Mountable, error) {
	return mountable{root: f.root}, nil
}

// mountable is the folder itself: a mount that binds it needs no mounting.
type mountable struct{ root string }

func (m mountable) Mount() ([]mount.Mount, func() error, error) {
	return []mount.Mount{{Type: "bind", Source: m.root}}, func() error { return nil }, nil
}

func (m mountable) IdentityMapping() *user.IdentityMapping { return nil }
