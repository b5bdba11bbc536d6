// Package ship carries what an SQLite store writes to another place while the
// house works, and brings it back as it was at any moment that is still kept.
//
// What travels are LTX files (github.com/superfly/ltx): the pages that changed,
// compressed, with the sums of the store before and after. Each is sealed before
// it leaves (platform/crypt), under a name that says which, of when, and nothing
// else. There are three kinds: whole copies, fine steps every few seconds, and
// coarse ones that save reading a day of fine ones. A run of files that
// continue each other is a generation; a store whose past is not known for
// certain begins a new one.
//
// What always holds: a file that is missing, damaged or of another store is
// named, and nothing is ever restored around it.
package ship

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Place keeps files under names with slashes. Put is whole or not at all: what
// it did not confirm may be there or not, and is not counted on.
type Place interface {
	Put(ctx context.Context, name string, body io.Reader, size int64) error
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	List(ctx context.Context) ([]string, error)
	Remove(ctx context.Context, name string) error
	String() string
}

// At opens a place: a folder, or s3://BUCKET/PREFIX?endpoint=https://HOST:PORT
// with the optional region=, ca=FILE and credentials=FILE.
func At(where string, getenv func(string) string) (Place, error) {
	if !strings.Contains(where, "://") {
		abs, err := filepath.Abs(where)
		return folder{abs}, err
	}
	u, err := url.Parse(where)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User != nil {
		return nil, errors.New("ship: a place is a folder, or s3://BUCKET/PREFIX?endpoint=https://HOST:PORT")
	}
	return openS3(u, getenv)
}

// folder is a place on this machine: another disk, or a share.
type folder struct{ path string }

func (f folder) String() string { return f.path }

// incoming is the name of what is not whole yet: one for each kind of file, for a
// whole copy and fine steps arrive side by side. The next of its kind writes over
// what a crash left.
func incoming(name string) string {
	kind, _, _ := strings.Cut(filepath.Base(filepath.FromSlash(name)), "-")
	return kind + ".part"
}

func (f folder) Put(ctx context.Context, name string, body io.Reader, size int64) (err error) {
	part, whole := filepath.Join(f.path, incoming(name)), filepath.Join(f.path, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(whole), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, body)
	if err == nil && n != size {
		err = fmt.Errorf("ship: %d bytes of %d", n, size)
	}
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err == nil {
		err = os.Rename(part, whole)
	}
	if err != nil {
		os.Remove(part)
		return err
	}
	return syncFolder(filepath.Dir(whole))
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f folder) Get(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(filepath.Join(f.path, filepath.FromSlash(name)))
}

func (f folder) List(context.Context) (names []string, err error) {
	err = filepath.WalkDir(f.path, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(f.path, path)
		names = append(names, filepath.ToSlash(rel))
		return err
	})
	return names, err
}

func (f folder) Remove(_ context.Context, name string) error {
	path := filepath.Join(f.path, filepath.FromSlash(name))
	err := os.Remove(path)
	os.Remove(filepath.Dir(path)) // when that was the last of its generation
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
