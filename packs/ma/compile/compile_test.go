package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// material is the folder of published tables beside the repository.
func material(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "..", "shared", "data")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("the material beside the repository is not here: %v", err)
	}
	return dir
}

func TestThePackIsWhatTheTablesSayByteForByte(t *testing.T) {
	t.Parallel()
	data, to := material(t), t.TempDir()
	if err := os.Mkdir(filepath.Join(to, "places"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := places(data, to); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"regions.csv", "provinces.csv", "communes.csv", "douars.csv"} {
		got, err := os.ReadFile(filepath.Join(to, "places", file))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("..", "places", file))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("places/%s is not what the tables give: run go run ./packs/ma/compile ../shared/data", file)
		}
	}
}

func TestNeighboursKeepOneBorderBetweenThem(t *testing.T) {
	t.Parallel()
	// Two squares share the arc 0, which has a wrinkle too small to keep.
	topo := `{"objects":{"x":{"geometries":[
		{"id":"W","type":"Polygon","arcs":[[0,1]]},
		{"id":"E","type":"MultiPolygon","arcs":[[[-1,2]]]}]}},
		"arcs":[[[1000,0],[1,500],[-1,500]],[[1000,1000],[-1000,0],[0,-1000],[1000,0]],[[1000,0],[1000,0],[0,1000],[-1000,0]]],
		"transform":{"scale":[0.001,0.001],"translate":[10,20]}}`
	file := filepath.Join(t.TempDir(), "t.json")
	if err := os.WriteFile(file, []byte(topo), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := convert(file, map[string]string{"W": "1", "E": "2"})
	if err != nil {
		t.Fatal(err)
	}
	want := "{\n\"1\":[[[11,20],[11,21],[10,21],[10,20]]],\n\"2\":[[[11,21],[11,20],[12,20],[12,21]]]\n}\n"
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := convert(file, map[string]string{"W": "1"}); err == nil {
		t.Error("a shape without a code of ours must not pass")
	}
	if _, err := convert(file, map[string]string{"W": "1", "E": "2", "N": "3"}); err == nil {
		t.Error("a code without a shape must not pass")
	}
}

func TestABorderStraysNoFartherThanItMay(t *testing.T) {
	t.Parallel()
	line := []xy{{0, 0}, {1, 0.005}, {2, -0.005}, {3, 0}, {3, 1}}
	got := simplify(line)
	if len(got) != 3 || got[1] != (xy{3, 0}) {
		t.Errorf("simplified to %v", got)
	}
	for _, p := range line {
		near := false
		for i := 1; i < len(got); i++ {
			near = near || astray(p, got[i-1], got[i]) <= tolerance
		}
		if !near {
			t.Errorf("%v was left out and lies astray", p)
		}
	}
}
