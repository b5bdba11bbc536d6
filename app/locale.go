package app

import "embed"

// Files are the words and pages that belong to the house as a whole.
//
//go:embed locale/*.json pages/*.html
var Files embed.FS
