package ship

import (
	"context"
	"crypto/md5"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket is a place in a store that speaks S3.
type bucket struct {
	client       *minio.Client
	name, prefix string
}

// part is from how many bytes on a file is sent in parts.
const part = 16 << 20

// openS3 takes the credentials from a file or from the environment; an address
// with a name and a password in it is refused, for addresses are logged.
func openS3(u *url.URL, getenv func(string) string) (Place, error) {
	q := u.Query()
	end, err := url.Parse(q.Get("endpoint"))
	if err != nil || end.Host == "" || end.Scheme != "https" && end.Scheme != "http" || end.User != nil {
		return nil, errors.New("ship: an S3 place needs endpoint=https://HOST:PORT")
	}
	access, secret, err := credentialsFor(q.Get("credentials"), getenv)
	if err != nil {
		return nil, err
	}
	transport, err := transportFor(q.Get("ca"))
	if err != nil {
		return nil, err
	}
	region := q.Get("region")
	if region == "" {
		region = "us-east-1" // what stores without regions answer to
	}
	c, err := minio.New(end.Host, &minio.Options{Creds: credentials.NewStaticV4(access, secret, ""), Secure: end.Scheme == "https",
		Region: region, BucketLookup: minio.BucketLookupPath, Transport: transport, MaxRetries: 2})
	if err != nil {
		return nil, fmt.Errorf("ship: %w", err)
	}
	return &bucket{c, u.Host, strings.Trim(u.Path, "/")}, nil
}

func transportFor(ca string) (*http.Transport, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout, t.DisableCompression = 30*time.Second, true
	if ca == "" {
		return t, nil
	}
	body, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(body) {
		return nil, fmt.Errorf("ship: %s holds no certificate", ca)
	}
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return t, nil
}

// credentialsFor reads NAME = VALUE lines, as AWS' own file has them, or the
// two variables.
func credentialsFor(file string, getenv func(string) string) (access, secret string, err error) {
	access, secret = getenv("TWIZA_S3_ACCESS_KEY"), getenv("TWIZA_S3_SECRET_KEY")
	if file == "" {
		file = getenv("TWIZA_S3_CREDENTIALS")
	}
	if file != "" {
		body, err := os.ReadFile(file)
		if err != nil {
			return "", "", err
		}
		for line := range strings.Lines(string(body)) {
			name, value, _ := strings.Cut(line, "=")
			switch strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "aws_") {
			case "access_key_id", "access_key":
				access = strings.TrimSpace(value)
			case "secret_access_key", "secret_key":
				secret = strings.TrimSpace(value)
			}
		}
	}
	if access == "" || secret == "" {
		return "", "", errors.New("ship: the S3 place needs its two keys, in the file of credentials= or TWIZA_S3_CREDENTIALS, or in TWIZA_S3_ACCESS_KEY and TWIZA_S3_SECRET_KEY")
	}
	return access, secret, nil
}

func (b *bucket) String() string { return "s3://" + path.Join(b.name, b.prefix) }

// Put sends a file and compares what the store says that it got: the sum where
// it went in one piece, the size where in many.
func (b *bucket) Put(ctx context.Context, name string, body io.Reader, size int64) error {
	sum := md5.New() // S3 names what it keeps by it; age guards what is inside
	o := minio.PutObjectOptions{ContentType: "application/octet-stream", PartSize: part, DisableMultipart: size < part, SendContentMd5: true}
	key := path.Join(b.prefix, name)
	info, err := b.client.PutObject(ctx, b.name, key, io.TeeReader(body, sum), size, o)
	if err != nil {
		return fmt.Errorf("ship: %s: %w", key, err)
	}
	if size < part {
		if tag := strings.Trim(info.ETag, `"`); tag != hex.EncodeToString(sum.Sum(nil)) {
			return fmt.Errorf("ship: %s: the store kept something else (ETag %q)", key, tag)
		}
		return nil
	}
	kept, err := b.client.StatObject(ctx, b.name, key, minio.StatObjectOptions{})
	if err == nil && kept.Size != size {
		err = fmt.Errorf("the store kept %d bytes of %d", kept.Size, size)
	}
	if err != nil {
		return fmt.Errorf("ship: %s: %w", key, err)
	}
	return nil
}

func (b *bucket) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	o, err := b.client.GetObject(ctx, b.name, path.Join(b.prefix, name), minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("ship: %s: %w", name, err)
	}
	return o, nil
}

func (b *bucket) List(ctx context.Context) (names []string, err error) {
	prefix := b.prefix
	if prefix != "" {
		prefix += "/"
	}
	for o := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if o.Err != nil {
			return nil, fmt.Errorf("ship: listing %s: %w", b, o.Err)
		}
		names = append(names, strings.TrimPrefix(o.Key, prefix))
	}
	return names, nil
}

func (b *bucket) Remove(ctx context.Context, name string) error {
	return b.client.RemoveObject(ctx, b.name, path.Join(b.prefix, name), minio.RemoveObjectOptions{})
}
