package web

// classNames are how the figures call the classes.
var classNames = [classes]string{Public: "public", Vital: "vital", Intake: "intake", Staff: "staff", Bulk: "bulk", Live: "live", Always: "always"}

// String is what the figures call a class.
func (c Class) String() string {
	if c >= classes {
		return "other"
	}
	return classNames[c]
}

// Listeners is how many lines stay open for somebody who watches.
func (s *Shed) Listeners() int {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live
}
