package app

import (
	"github.com/twiza/twiza/shared/module"
)

// setEmergency ends the emergency that a visitor began, for in it the other doors
// are closed; and begins one where there is one to end.
func (s *stage) setEmergency(d module.Door) {
	if on, _ := s.h.Cases.Emergency(s.Context()); on {
		s.must(s.h.Cases.EndEmergency(s.Context(), System("test")))
	}
	if d.Path == "/emergency/end" {
		s.must(s.h.Cases.BeginEmergency(s.Context(), System("test")))
	}
}
