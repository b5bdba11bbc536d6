// Package packs carries the data that let one program serve many countries and
// crises: places, services, kinds of crises, demonstration stories. It holds no
// code, and no code names what is in it: a folder more is a country more.
package packs

import "embed"

// FS holds every pack in its folder: ma/country.yaml, ma/places/regions.csv …
// A new folder is one more line here.
//
//go:embed ma/*.yaml ma/*.csv ma/*.md ma/*.model ma/places ma/outlines/*.json ma/outlines/*.md
//go:embed tamurt
//go:embed demo imports services crises visits sectors.yaml
var FS embed.FS
