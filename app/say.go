package app

import (
	"strings"

	"github.com/twiza/twiza/shared/actor"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// say is how the module of a deed puts the facts of its lines into words; nil
// where it has none.
func (h *House) say(word string) module.Say {
	name, _, _ := strings.Cut(word, ".")
	for _, m := range h.Modules {
		if m.Name == name {
			return m.Say
		}
	}
	return nil
}

// opens tells whether somebody may open a page of the house, as far as their
// roles go; whether they reach the very thing, the page asks itself.
func (h *House) opens(by actor.Actor, path string) bool {
	for _, m := range h.Modules {
		for _, d := range m.Doors {
			if d.Method == "GET" && !d.API && leads(d.Path, path) {
				return deed.May(by, d.Deed) == nil
			}
		}
	}
	return false
}

// leads tells whether an address goes through a door: "/cases/{id}".
func leads(door, path string) bool {
	a, b := strings.Split(door, "/"), strings.Split(path, "/")
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && (!strings.HasPrefix(a[i], "{") || b[i] == "") {
			return false
		}
	}
	return true
}
