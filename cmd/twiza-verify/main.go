// Command twiza-verify checks the public files of a log, and receipts from it, with
// nothing but the log's public key: no network, no house, no password. See docs/proof.md.
package main

import (
	"os"

	"github.com/twiza/twiza/shared/translog/verify"
)

func main() {
	os.Exit(verify.Main(os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}
