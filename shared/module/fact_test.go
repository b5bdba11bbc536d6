package module

import (
	"encoding/json"
	"fmt"
	"testing"
)

func TestALineTellsItsFactsByNameAndInItsOrder(t *testing.T) {
	t.Parallel()
	var got []string
	for _, f := range Facts(json.RawMessage(`{"z":true,"receipt":482719063,"codes":["b","a"],"goods":[{"kind":"tent","n":3},{"kind":"rope"}],"none":null,"in":{"deep":{"er":1}},"empty":[],"way":[1.50,false]}`)) {
		got = append(got, f.Name+"="+f.Value)
	}
	want := "[z=true receipt=482719063 codes=b codes=a goods.1.kind=tent goods.1.n=3 goods.2.kind=rope in.deep.er=1 way=1.50 way=false]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestALineThatCannotBeReadIsShownAsItIs(t *testing.T) {
	t.Parallel()
	for _, told := range []string{`<script>`, `{"a":`, `{"a":1`, `[1,2`, ``} {
		if got := Facts(json.RawMessage(told)); len(got) != 1 || got[0].Name != "?" || got[0].Value != told {
			t.Errorf("%q reads %v", told, got)
		}
	}
}
