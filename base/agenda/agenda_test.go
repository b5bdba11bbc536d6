package agenda

import (
	"slices"
	"testing"
	"time"
)

func TestTheNextComesFirstAndOfTwoTheOneThatWasPutDownFirst(t *testing.T) {
	var a Agenda[string]
	a.Put(2*time.Second, "third")
	a.Put(time.Second, "first")
	a.Put(time.Second, "second")
	a.Put(time.Hour, "last")
	var order []string
	for {
		at, what, ok := a.Next()
		if !ok {
			break
		}
		if order = append(order, what); what == "first" {
			a.Put(at, "added") // after what stood at that moment already
		}
	}
	if want := []string{"first", "second", "added", "third", "last"}; !slices.Equal(order, want) {
		t.Errorf("%v, not %v", order, want)
	}
}
