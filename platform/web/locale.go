package web

import "embed"

// Locale holds the sentences for what cannot be done, error.*; the kinds of
// faults that every module knows share them.
//
//go:embed locale/*.json
var Locale embed.FS

// Pages holds the template of ErrorPage, "error".
//
//go:embed pages/*.html
var Pages embed.FS
