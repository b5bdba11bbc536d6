package audit

import (
	"bytes"
	"compress/gzip"
	"io"

	"github.com/twiza/twiza/platform/db"
)

const sampleColumns = `s.id, s.kind, s.seed, s.wanted, s.population, s.digest, s.account, s.drawn_at`

func scanSample(r db.Row) (s Sample, err error) {
	return s, r.Scan(&s.ID, &s.Kind, &s.Seed, &s.Wanted, &s.Population, &s.Digest, &s.By, db.Time(&s.DrawnAt))
}

// insertSample keeps a sample with the list that it was drawn from; the same identifier
// again is not fresh.
func insertSample(t *db.Tx, s Sample, all []byte, items []string) (fresh bool, err error) {
	n, err := t.Exec(`INSERT INTO audit_sample (id, kind, seed, wanted, population, digest, account, drawn_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING`,
		s.ID, s.Kind, s.Seed, s.Wanted, s.Population, s.Digest, s.By, s.DrawnAt)
	if err != nil || n == 0 {
		return false, err
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err = z.Write(all); err == nil {
		err = z.Close()
	}
	if err == nil {
		_, err = t.Exec(`INSERT INTO audit_population (sample, list) VALUES (?1, ?2)`, s.ID, packed.Bytes())
	}
	for i, subject := range items {
		if err != nil {
			break
		}
		_, err = t.Exec(`INSERT INTO audit_item (sample, n, subject) VALUES (?1, ?2, ?3)`, s.ID, i+1, subject)
	}
	return true, err
}

// populationOf is the list that a sample was drawn from.
func populationOf(t *db.Tx, sid SampleID) ([]byte, error) {
	packed, err := db.One(t, func(r db.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT p.list FROM audit_population p WHERE p.sample = ?1`, sid)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

func sampleByID(t *db.Tx, sid SampleID) (Sample, error) {
	return db.One(t, scanSample, `SELECT `+sampleColumns+` FROM audit_sample s WHERE s.id = ?1`, sid)
}

// samples are the newest, latest first.
func samples(t *db.Tx, limit int) ([]Sample, error) {
	return db.List(t, scanSample, `SELECT `+sampleColumns+` FROM audit_sample s ORDER BY s.drawn_at DESC, s.id DESC LIMIT ?1`, limit)
}

func itemsOf(t *db.Tx, sid SampleID) ([]Item, error) {
	return db.List(t, func(r db.Row) (i Item, err error) { return i, r.Scan(&i.N, &i.Subject) }, `SELECT n, subject FROM audit_item WHERE sample = ?1 ORDER BY n`, sid)
}

func itemAt(t *db.Tx, sid SampleID, n int) (Item, error) {
	return db.One(t, func(r db.Row) (i Item, err error) { return i, r.Scan(&i.N, &i.Subject) }, `SELECT n, subject FROM audit_item WHERE sample = ?1 AND n = ?2`, sid, n)
}

const findingColumns = `f.id, f.sample, f.n, f.verdict, f.words, f.account, f.at`

func scanFinding(r db.Row) (f Finding, err error) {
	return f, r.Scan(&f.ID, &f.Sample, &f.N, &f.Verdict, &f.Words, &f.By, db.Time(&f.At))
}

// insertFinding keeps a finding; the same identifier again is not fresh.
func insertFinding(t *db.Tx, f Finding) (bool, error) {
	n, err := t.Exec(`INSERT INTO audit_finding (id, sample, n, verdict, words, account, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING`, f.ID, f.Sample, f.N, string(f.Verdict), f.Words, f.By, f.At)
	return n == 1, err
}

// findingsOf are those of a sample, in the order in which they were made.
func findingsOf(t *db.Tx, sid SampleID) ([]Finding, error) {
	return db.List(t, scanFinding, `SELECT `+findingColumns+` FROM audit_finding f WHERE f.sample = ?1 ORDER BY f.seq`, sid)
}
