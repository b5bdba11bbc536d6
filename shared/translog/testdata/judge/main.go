// Command judge lets strangers look at a log: fsck of transparency-dev/tessera reads
// its public files over HTTP or from a folder, and transparency-dev/merkle verifies
// proofs. It is a module of its own, so that what these stand on is no part of the house.
//
//	judge fsck URL ORIGIN KEY
//	judge proofs < lines of JSON
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 5 && os.Args[1] == "fsck":
		err = check(os.Args[2], os.Args[3], os.Args[4])
	case len(os.Args) == 2 && os.Args[1] == "proofs":
		err = proofs(os.Stdin)
	default:
		err = errors.New("judge fsck URL ORIGIN KEY, or judge proofs")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(where, origin, key string) error {
	v, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	u, err := url.Parse(where)
	if err != nil {
		return err
	}
	var f fsck.Fetcher = &client.FileFetcher{Root: u.Path}
	if u.Scheme != "file" {
		if f, err = client.NewHTTPFetcher(u, http.DefaultClient); err != nil {
			return err
		}
	}
	return fsck.New(origin, v, f, hashes, fsck.Opts{N: 2}).Check(context.Background())
}

func hashes(bundle []byte) (all [][]byte, err error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	for _, e := range b.Entries {
		all = append(all, rfc6962.DefaultHasher.HashLeaf(e))
	}
	return all, nil
}

// claim is a proof of inclusion where it has an entry, else of consistency.
type claim struct {
	Index, Size, Earlier uint64
	Entry, Root, Before  []byte
	Path                 [][]byte
}

func proofs(in io.Reader) error {
	n := 0
	for d := json.NewDecoder(in); ; n++ {
		var c claim
		switch err := d.Decode(&c); {
		case errors.Is(err, io.EOF):
			fmt.Println(n, "proofs hold")
			return nil
		case err != nil:
			return err
		}
		h := rfc6962.DefaultHasher
		err := error(nil)
		if c.Entry != nil {
			err = proof.VerifyInclusion(h, c.Index, c.Size, h.HashLeaf(c.Entry), c.Path, c.Root)
		} else {
			err = proof.VerifyConsistency(h, c.Earlier, c.Size, c.Path, c.Before, c.Root)
		}
		if err != nil {
			return fmt.Errorf("claim %d: %w", n, err)
		}
	}
}
