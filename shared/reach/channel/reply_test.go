package channel

import "testing"

func TestAButtonBringsItsStepBackAndAnythingElseIsAText(t *testing.T) {
	t.Parallel()
	for _, r := range []Reply{{Key: "2", Step: "k3f9x"}, {Key: "10"}, {Key: "1", Step: "0123456789abcdef"}} {
		if key, step := Tap(r.Payload()); key != r.Key || step != r.Step {
			t.Errorf("%+v came back as %q of %q", r, key, step)
		}
	}
	for _, odd := range []string{"", "~", "2~", "~k3", "2~K3", "2~k3~k4", "2~0123456789abcdefg", "نعم~لا", "a ~ b"} {
		if key, step := Tap(odd); key != odd || step != "" {
			t.Errorf("%q is read as %q of %q", odd, key, step)
		}
	}
}

func FuzzATapNeverBringsMoreThanAStep(f *testing.F) {
	f.Add("2~k3")
	f.Fuzz(func(t *testing.T, s string) {
		key, step := Tap(s)
		if step == "" && key != s || step != "" && (Reply{Key: key, Step: step}).Payload() != s {
			t.Errorf("%q is read as %q of %q", s, key, step)
		}
	})
}
