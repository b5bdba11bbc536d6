package channel

import "strings"

// Reply is one answer that a button can give: its digit and what it says. Step
// names the question that it answers, in up to sixteen letters and digits; a tap
// brings it back as Incoming.Step, so that the button of an old question never
// answers a newer one.
type Reply struct{ Key, Text, Step string }

// Payload is what a button carries: the digit, and the step where there is one.
func (r Reply) Payload() string {
	if r.Step == "" {
		return r.Key
	}
	return r.Key + stepSign + r.Step
}

const stepSign = "~"

// Tap reads what a button carried. What is not of that form is a text like any
// other: a network's callers may send anything.
func Tap(payload string) (key, step string) {
	key, step, ok := strings.Cut(payload, stepSign)
	if !ok || key == "" || step == "" || len(step) > 16 || strings.ContainsFunc(step, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'z') }) {
		return payload, ""
	}
	return key, step
}
