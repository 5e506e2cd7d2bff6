package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/pkg/errors"
	"github.com/tonistiigi/fsutil"
	fstypes "github.com/tonistiigi/fsutil/types"
)

// send lays out in a folder what a client sends of another one. A file holds the digest of its
// content in place of it.
func send(ctx context.Context, from string, transfer Transfer, to string) error {
	if err := os.Mkdir(to, 0o755); err != nil || from == "" {
		return err
	}
	folder, err := fsutil.NewFS(from)
	if err != nil {
		return err
	}
	filtered, err := fsutil.NewFilterFS(folder, &fsutil.FilterOpt{
		IncludePatterns: transfer.Include,
		ExcludePatterns: transfer.Exclude,
		FollowPaths:     transfer.Follow,
	})
	if err != nil {
		return err
	}
	return filtered.Walk(ctx, "", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		stat, ok := info.Sys().(*fstypes.Stat)
		if !ok {
			return errors.Errorf("%s: its state is not known", path)
		}
		return sendEntry(filepath.Join(from, path), stat, filepath.Join(to, path))
	})
}

func sendEntry(from string, stat *fstypes.Stat, to string) error {
	mode := os.FileMode(stat.Mode)
	switch mode.Type() {
	case os.ModeDir:
		// The owner, who goes on writing into it, keeps every right.
		return makeEntry(to, mode|0o700, os.Mkdir)
	case os.ModeSymlink:
		return os.Symlink(stat.Linkname, to)
	case os.ModeSocket:
		return nil
	case 0:
		mark, err := markOf(from)
		if err != nil {
			return err
		}
		return makeEntry(to, mode|0o400, func(name string, mode os.FileMode) error {
			return os.WriteFile(name, []byte(mark), mode)
		})
	default:
		return makeEntry(to, mode|0o400, func(name string, mode os.FileMode) error {
			return syscall.Mkfifo(name, uint32(mode.Perm()))
		})
	}
}

// makeEntry makes an entry whose mode the process's umask does not change.
func makeEntry(
	name string, mode os.FileMode, create func(name string, mode os.FileMode) error,
) error {
	if err := create(name, mode.Perm()); err != nil {
		return err
	}
	return os.Chmod(name, mode)
}

// marks are those of the files that have been read, by what changes with a file's content.
var marks sync.Map

type fileState struct {
	path     string
	size     int64
	modified int64
	inode    uint64
}

// markOf is the digest of a file's content.
func markOf(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	state := fileState{path: path, size: info.Size(), modified: info.ModTime().UnixNano()}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		state.inode = stat.Ino
	}
	if mark, ok := marks.Load(state); ok {
		return mark.(string), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	mark := fmt.Sprintf("sha256:%x", hash.Sum(nil))
	marks.Store(state, mark)
	return mark, nil
}

// list tells everything below a folder: mode, path, and content or target.
func list(root string) ([]string, error) {
	lines := []string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		line, err := describe(path, strings.TrimPrefix(path, root+"/"), entry)
		lines = append(lines, line)
		return err
	})
	return lines, err
}

func describe(path, name string, entry fs.DirEntry) (string, error) {
	info, err := entry.Info()
	if err != nil {
		return "", err
	}
	switch entry.Type() {
	case os.ModeSymlink:
		target, err := os.Readlink(path)
		return fmt.Sprintf("%s %q -> %q", info.Mode(), name, target), err
	case 0:
		mark, err := os.ReadFile(path)
		return fmt.Sprintf("%s %q %s", info.Mode(), name, mark), err
	default:
		return fmt.Sprintf("%s %q", info.Mode(), name), nil
	}
}

// cleanPath is a path as BuildKit's copy takes it: absolute, a slash or dot at its end kept.
func cleanPath(path string) string {
	cleaned := filepath.Join("/", path)
	if strings.HasSuffix(path, "/.") {
		return strings.TrimSuffix(cleaned, "/") + "/."
	}
	if strings.HasSuffix(path, "/") && cleaned != "/" {
		return cleaned + "/"
	}
	return cleaned
}

// containsWildcards tells whether BuildKit looks for matches of a path.
func containsWildcards(path string) bool {
	for i := 0; i < len(path); i++ {
		switch path[i] {
		case '\\':
			i++
		case '*', '?', '[':
			return true
		}
	}
	return false
}
