package sync

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/twiza/twiza/base/id"
)

// walker is a phone with what was written down on it.
type walker struct {
	Phone
	records []record
	photos  []picture
}

type record struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	MadeAt string `json:"made_at"`
	Body   any    `json:"body"`
}

type picture struct{ id, record string }

const atOnce = 20 // records of one call, as the app sends them

// load writes a day down on every phone, and counts it.
func (h *house) load(phones []Phone) (all []*walker, want Count) {
	at := time.Now().Add(-8 * time.Hour)
	for i, p := range phones {
		w := &walker{Phone: p}
		for n := range h.Records {
			r := record{ID: id.New[record](at.Add(time.Duration(n) * time.Minute)).String(), MadeAt: at.Format(time.RFC3339)}
			stop := p.Stops[(n*6/10)%len(p.Stops)]
			switch k := n % 10; {
			case k < 6:
				stop = p.Stops[n/10*6+k]
				if k == 5 {
					r.Kind, r.Body = "not_reached", map[string]any{"mission": p.Mission, "stop": stop, "reason": "road_closed"}
					want.NotReached++
				} else {
					r.Kind, r.Body = "delivery", map[string]any{"mission": p.Mission, "stop": stop, "goods": map[string]int{"blanket": 1 + k}, "proof": "witness", "witness": "Brahim", "relation": "elder"}
					want.Deliveries++
				}
			case k < 8:
				r.Kind, r.Body = "visit", map[string]any{"mission": p.Mission, "stop": stop, "answers": map[string]any{"home": "cracked", "water": "spring", "lacks": []string{"warm"}}}
				want.Visits++
			default:
				r.Kind, r.Body = "request", map[string]any{"service": p.Service, "lang": "fr", "consent": "spoken", "help": "association",
					"answers": map[string]any{"need": []string{"food", "warm"}, "where": map[string]string{"text": "au-dessus du pont"}, "people": 4, "phone": fmt.Sprintf("06%08d", i*h.Records+n)}}
				want.Requests++
			}
			w.records = append(w.records, r)
			want.Records++
			if n%h.Photos == 0 {
				w.photos = append(w.photos, picture{id.New[picture](at).String(), r.ID})
				want.Photos++
			}
		}
		all = append(all, w)
	}
	return all, want
}

// drain sends a phone's records, oldest first, each until it is acknowledged.
func (h *house) drain(ctx context.Context, w *walker) error {
	left := w.records
	for len(left) > 0 {
		some := left[:min(atOnce, len(left))]
		body, err := json.Marshal(map[string]any{"device": w.Device, "records": some})
		if err != nil {
			return err
		}
		begin := time.Now()
		status, answer, err := h.call(ctx, "POST", "/api/v1/round/records", w.Token, body, nil)
		if err != nil || status >= 500 {
			if err := h.again(ctx); err != nil {
				return err
			}
			continue
		}
		var out struct {
			Results []struct{ ID, State, Message string }
		}
		if status != 200 || json.Unmarshal(answer, &out) != nil || len(out.Results) != len(some) {
			return fmt.Errorf("%s: %d %.300s", h.name, status, answer)
		}
		for _, r := range out.Results {
			if r.State != "taken" && r.State != "again" {
				return fmt.Errorf("%s: record %s is %s: %s", h.name, r.ID, r.State, r.Message)
			}
		}
		h.acknowledged(len(some), time.Since(begin))
		left = left[len(some):]
	}
	return nil
}

// show sends a phone's photos, in pieces, each until it is whole.
func (h *house) show(ctx context.Context, w *walker) error {
	sum := sha256.Sum256(h.picture)
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, x := range w.photos {
		begin := time.Now()
		for have := -1; have < len(h.picture); {
			method, path, head, body := "POST", "/api/v1/round/photos", map[string]string{"Upload-Length": strconv.Itoa(len(h.picture)),
				"Upload-Metadata": "id " + b64(x.id) + ",record " + b64(x.record) + ",sha256 " + b64(hex.EncodeToString(sum[:]))}, []byte(nil)
			if have >= 0 {
				method, path, body = "PATCH", path+"/"+x.id, h.picture[have:min(len(h.picture), have+piece)]
				head = map[string]string{"Upload-Offset": strconv.Itoa(have), "Content-Type": "application/offset+octet-stream"}
			}
			status, answer, err := h.call(ctx, method, path, w.Token, body, head)
			if err != nil || status >= 500 {
				if err := h.again(ctx); err != nil {
					return err
				}
				have = -1 // ask where it stands
				continue
			}
			if status != 201 && status != 204 {
				return fmt.Errorf("%s: photo %s: %d %.300s", h.name, x.id, status, answer)
			}
			if have, err = strconv.Atoi(head["got"]); err != nil {
				return fmt.Errorf("%s: photo %s: no offset: %w", h.name, x.id, err)
			}
		}
		h.acknowledged(1, time.Since(begin))
	}
	return nil
}

// piece is how much of a photo goes at once.
const piece = 64 << 10

// call asks the house. The offset that a photo stands at comes back in head.
func (h *house) call(ctx context.Context, method, path, token string, body []byte, head map[string]string) (int, []byte, error) {
	q, err := http.NewRequestWithContext(ctx, method, "http://"+h.address()+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	q.Header.Set("Authorization", "Bearer "+token)
	if head == nil {
		q.Header.Set("Content-Type", "application/json")
	}
	for k, v := range head {
		q.Header.Set(k, v)
	}
	w, err := h.client.Do(q)
	if err != nil {
		return 0, nil, err
	}
	defer w.Body.Close()
	answer, err := io.ReadAll(w.Body)
	if head != nil {
		head["got"] = w.Header.Get("Upload-Offset")
	}
	return w.StatusCode, answer, err
}

// again waits as a phone does before it tries once more.
func (h *house) again(ctx context.Context) error {
	h.retries.Add(1)
	select {
	case <-time.After(300 * time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
