package ship

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// simulator is a store that speaks as much of S3 as a Place needs, checks every
// signature (AWS Signature Version 4), and fails on command, both ways: "it
// failed", and "it failed, but happened".
type simulator struct {
	mu     sync.Mutex
	files  map[string][]byte
	parts  map[string]map[int][]byte
	fail   string // what the next Puts do: see put
	asked  map[string]int
	secret string
}

const simAccess, simSecret, simBucket = "key-of-the-test", "secret-of-the-test", "copies"

func simulate(t *testing.T) (*simulator, *bucket, string) {
	t.Helper()
	s := &simulator{files: map[string][]byte{}, parts: map[string]map[int][]byte{}, asked: map[string]int{}, secret: simSecret}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	where := "s3://" + simBucket + "/twiza?endpoint=" + url.QueryEscape(server.URL)
	p, err := At(where, simKeys)
	if err != nil {
		t.Fatal(err)
	}
	return s, p.(*bucket), where
}

func simKeys(name string) string {
	return map[string]string{"TWIZA_S3_ACCESS_KEY": simAccess, "TWIZA_S3_SECRET_KEY": simSecret}[name]
}

func (s *simulator) set(fail string) {
	s.mu.Lock()
	s.fail = fail
	s.mu.Unlock()
}

func (s *simulator) no(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<Error><Code>%s</Code><Message>%s</Message></Error>`, code, code)
}

func (s *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if !s.signed(r) {
		s.no(w, http.StatusForbidden, "SignatureDoesNotMatch")
		return
	}
	if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		body = chunks(body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[r.Method]++
	key := strings.TrimPrefix(r.URL.Path, "/"+simBucket+"/")
	q := r.URL.Query()
	switch {
	case s.fail == "denied":
		s.no(w, http.StatusForbidden, "AccessDenied")
	case r.Method == http.MethodPut:
		s.put(w, r, key, body, q)
	case r.Method == http.MethodPost && q.Has("uploads"):
		s.parts[key] = map[int][]byte{}
		fmt.Fprintf(w, `<InitiateMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><UploadId>u1</UploadId></InitiateMultipartUploadResult>`, simBucket, key)
	case r.Method == http.MethodPost && q.Has("uploadId"):
		s.join(w, key)
	case r.Method == http.MethodDelete:
		delete(s.files, key)
		w.WriteHeader(http.StatusNoContent)
	case key == "" || q.Has("list-type"):
		s.list(w, q)
	default:
		s.get(w, r, key)
	}
}

func (s *simulator) put(w http.ResponseWriter, r *http.Request, key string, body []byte, q url.Values) {
	sum := md5.Sum(body)
	if want := r.Header.Get("Content-Md5"); want != "" && want != base64.StdEncoding.EncodeToString(sum[:]) {
		s.no(w, http.StatusBadRequest, "BadDigest")
		return
	}
	tag := hex.EncodeToString(sum[:])
	switch s.fail {
	case "500":
		s.no(w, http.StatusInternalServerError, "InternalError")
		return
	case "full":
		s.no(w, http.StatusInsufficientStorage, "XMinioStorageFull")
		return
	case "happened": // kept, and then the line broke
		s.files[key] = body
		panic(http.ErrAbortHandler)
	case "timeout":
		time.Sleep(1500 * time.Millisecond)
		panic(http.ErrAbortHandler)
	case "truncated":
		body = body[:len(body)/2]
		half := md5.Sum(body)
		tag = hex.EncodeToString(half[:])
	case "etag":
		tag = strings.Repeat("0", 32)
	}
	if n := q.Get("partNumber"); n != "" {
		number, _ := strconv.Atoi(n)
		s.parts[key][number] = body
	} else {
		s.files[key] = body
	}
	w.Header().Set("ETag", `"`+tag+`"`)
}

func (s *simulator) join(w http.ResponseWriter, key string) {
	var numbers []int
	for n := range s.parts[key] {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	var all []byte
	for _, n := range numbers {
		all = append(all, s.parts[key][n]...)
	}
	s.files[key] = all
	fmt.Fprintf(w, `<CompleteMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><ETag>"joined-%d"</ETag></CompleteMultipartUploadResult>`, simBucket, key, len(numbers))
}

func (s *simulator) list(w http.ResponseWriter, q url.Values) {
	type content struct {
		Key  string
		Size int
		ETag string
	}
	type result struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		Name                  string
		IsTruncated           bool
		NextContinuationToken string `xml:",omitempty"`
		Contents              []content
	}
	var keys []string
	for k := range s.files {
		if strings.HasPrefix(k, q.Get("prefix")) && k > q.Get("continuation-token") {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	out := result{Name: simBucket}
	for _, k := range keys {
		if len(out.Contents) == 5 { // small pages, so that there are several
			out.IsTruncated, out.NextContinuationToken = true, out.Contents[4].Key
			break
		}
		out.Contents = append(out.Contents, content{Key: k, Size: len(s.files[k]), ETag: `"x"`})
	}
	w.Header().Set("Content-Type", "application/xml")
	xml.NewEncoder(w).Encode(out)
}

func (s *simulator) get(w http.ResponseWriter, r *http.Request, key string) {
	body, ok := s.files[key]
	if !ok {
		s.no(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	sum := md5.Sum(body)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
	http.ServeContent(w, r, "", time.Unix(1, 0), bytes.NewReader(body))
}

// signed checks the signature as the store would (docs.aws.amazon.com, "Signature Version 4").
func (s *simulator) signed(r *http.Request) bool {
	fields := map[string]string{}
	for f := range strings.SplitSeq(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(f), "=")
		fields[name] = value
	}
	scope := strings.SplitN(fields["Credential"], "/", 2)
	if len(scope) != 2 || scope[0] != simAccess {
		return false
	}
	var heads strings.Builder
	for h := range strings.SplitSeq(fields["SignedHeaders"], ";") {
		v := r.Header.Get(h)
		switch h {
		case "host":
			v = r.Host
		case "content-length":
			v = strconv.FormatInt(r.ContentLength, 10)
		}
		fmt.Fprintf(&heads, "%s:%s\n", h, strings.TrimSpace(v))
	}
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20"), heads.String(),
		fields["SignedHeaders"], r.Header.Get("X-Amz-Content-Sha256")}, "\n")
	sum := sha256.Sum256([]byte(canonical))
	text := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), scope[1], hex.EncodeToString(sum[:])}, "\n")
	key := []byte("AWS4" + s.secret)
	for part := range strings.SplitSeq(scope[1], "/") {
		key = mac(key, part)
	}
	return hmac.Equal([]byte(hex.EncodeToString(mac(key, text))), []byte(fields["Signature"]))
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// chunks takes the frames off a body that was signed piece by piece.
func chunks(body []byte) (out []byte) {
	for {
		head, rest, ok := bytes.Cut(body, []byte("\r\n"))
		n, err := strconv.ParseInt(string(bytes.SplitN(head, []byte(";"), 2)[0]), 16, 64)
		if !ok || err != nil || n == 0 || n > int64(len(rest)) {
			return out
		}
		out, body = append(out, rest[:n]...), bytes.TrimPrefix(rest[n:], []byte("\r\n"))
	}
}
