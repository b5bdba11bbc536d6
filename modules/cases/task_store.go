package cases

import (
	"fmt"
	"strings"
	"time"

	"github.com/twiza/twiza/base/receipt"
	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/shared/actor"
)

const taskColumns = `k.id, k.case_id, k.part, k.sector, k.org, k.state, k.blocked_reason, k.since, k.made_at, k.made_by, k.version`

func (k *Task) into() []any {
	return []any{&k.ID, &k.Case, &k.Part, &k.Sector, &k.Org, (*string)(&k.State), db.Opt(&k.Blocked), db.Time(&k.Since), db.Time(&k.MadeAt), &k.MadeBy, &k.Revision}
}

func scanTask(r db.Row) (*Task, error) {
	var k Task
	return &k, r.Scan(k.into()...)
}

func getTask(t *db.Tx, tid TaskID) (*Task, error) {
	return db.One(t, scanTask, `SELECT `+taskColumns+` FROM cases_task k WHERE k.id = ?1`, tid)
}

// taskBefore is the task of that identifier, or nil when there is none yet.
func taskBefore(t *db.Tx, tid TaskID) (*Task, error) {
	all, err := db.List(t, scanTask, `SELECT `+taskColumns+` FROM cases_task k WHERE k.id = ?1`, tid)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

func addTask(t *db.Tx, k *Task) error {
	_, err := t.Exec(`INSERT INTO cases_task (id, case_id, part, sector, org, state, blocked_reason, since, made_at, made_by, version)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)`,
		k.ID, k.Case, k.Part, k.Sector, k.Org, string(k.State), db.OrNull(k.Blocked), k.Since, k.MadeAt, k.MadeBy)
	return err
}

// saveTask writes back what was read, unless somebody else did first.
func saveTask(t *db.Tx, k *Task) error {
	n, err := t.Exec(`UPDATE cases_task SET org = ?1, state = ?2, blocked_reason = ?3, since = ?4, version = version + 1 WHERE id = ?5 AND version = ?6`,
		k.Org, string(k.State), db.OrNull(k.Blocked), k.Since, k.ID, k.Revision)
	if err == nil && n == 0 {
		err = db.Changed()
	}
	k.Revision++
	return err
}

// tasksOf are the parts of a case and of the voices joined to it, oldest first.
func tasksOf(t *db.Tx, cid CaseID) ([]*Task, error) {
	return db.List(t, scanTask, `SELECT `+taskColumns+` FROM cases_task k
		WHERE k.case_id = ?1 OR k.case_id IN (SELECT c.id FROM cases_case c WHERE c.merged_into = ?1) ORDER BY k.made_at, k.id`, cid)
}

// heldTasks are the live parts that an organisation was asked for or does.
func heldTasks(t *db.Tx, org actor.OrganisationID, limit int) ([]TaskID, error) {
	return db.List(t, func(r db.Row) (tid TaskID, err error) { return tid, r.Scan(&tid) },
		`SELECT id FROM cases_task WHERE org = ?1 AND state IN ('open', 'doing', 'blocked') ORDER BY since, id LIMIT ?2`, org, limit)
}

// PlacedTask is a task with what a list shows of its case: nothing in it names
// a person.
type PlacedTask struct {
	Task
	Receipt  receipt.Number
	Page     CaseID // the case, or the one that it was joined to
	Service  string
	Version  int // of the service
	Level    int
	Place    string
	Province string
}

const placedColumns = taskColumns + `, c.receipt, COALESCE(c.merged_into, c.id), c.service, c.service_version, c.level, c.place, c.province`

func scanPlaced(r db.Row) (*PlacedTask, error) {
	var p PlacedTask
	return &p, r.Scan(append(p.into(), &p.Receipt, &p.Page, &p.Service, &p.Version, &p.Level, db.Opt(&p.Place), db.Opt(&p.Province))...)
}

// TaskFind says which live tasks a reader wants.
type TaskFind struct {
	Of      []actor.OrganisationID // those that these were asked for or do; none is all
	Not     []actor.OrganisationID // but not those of these
	Sectors []string               // none is all
	Reach   Reach
	Before  time.Time // only what has been open or blocked since before this; zero is all
	After   TaskMark
	Limit   int
}

// TaskMark is where a page of tasks ended: by Rank where blocked ones are
// first, by Head (sector) and Place (province) on the weekly list.
type TaskMark struct {
	Rank        int // 0: blocked
	Head, Place string
	Since       time.Time
	ID          string
}

// asking collects arguments while a query is written.
type asking struct{ args []any }

func (a *asking) put(v any) string {
	a.args = append(a.args, v)
	return fmt.Sprintf("?%d", len(a.args))
}

func (a *asking) in(column string, values ...any) string {
	var holes []string
	for _, v := range values {
		holes = append(holes, a.put(v))
	}
	return column + ` IN (` + strings.Join(holes, ", ") + `)`
}

func anys[T any](list []T) (out []any) {
	for _, x := range list {
		out = append(out, x)
	}
	return out
}

func (f TaskFind) where(a *asking) string {
	w := []string{`k.state IN ('open', 'doing', 'blocked')`}
	if len(f.Of) > 0 {
		w = append(w, a.in(`k.org`, anys(f.Of)...))
	}
	if len(f.Not) > 0 {
		w = append(w, `(k.org IS NULL OR NOT `+a.in(`k.org`, anys(f.Not)...)+`)`)
	}
	if len(f.Sectors) > 0 {
		w = append(w, a.in(`k.sector`, anys(f.Sectors)...))
	}
	if f.Reach != nil {
		w = append(w, f.Reach.where(a, "c."))
	}
	if !f.Before.IsZero() {
		w = append(w, `k.state <> 'doing' AND k.since < `+a.put(f.Before))
	}
	return strings.Join(w, " AND ")
}

// blockedFirst is the order of what to do: blocked parts first, then the oldest.
const blockedFirst = `CASE WHEN k.state = 'blocked' THEN 0 ELSE 1 END`

// listTasks is a page of live tasks, blocked ones first, each by its age.
func listTasks(t *db.Tx, f TaskFind) ([]*PlacedTask, error) {
	var a asking
	q := `SELECT ` + placedColumns + ` FROM cases_task k JOIN cases_case c ON c.id = k.case_id WHERE ` + f.where(&a)
	if m := f.After; m.ID != "" {
		q += ` AND (` + blockedFirst + `, k.since, k.id) > (` + a.put(m.Rank) + `, ` + a.put(m.Since) + `, ` + a.put(m.ID) + `)`
	}
	return db.List(t, scanPlaced, q+` ORDER BY `+blockedFirst+`, k.since, k.id LIMIT `+a.put(f.Limit), a.args...)
}

// listWaiting is a page of live tasks by sector and province, each by its age.
func listWaiting(t *db.Tx, f TaskFind) ([]*PlacedTask, error) {
	var a asking
	q := `SELECT ` + placedColumns + ` FROM cases_task k JOIN cases_case c ON c.id = k.case_id WHERE ` + f.where(&a)
	if m := f.After; m.ID != "" {
		q += ` AND (k.sector, COALESCE(c.province, ''), k.since, k.id) > (` + a.put(m.Head) + `, ` + a.put(m.Place) + `, ` + a.put(m.Since) + `, ` + a.put(m.ID) + `)`
	}
	return db.List(t, scanPlaced, q+` ORDER BY k.sector, COALESCE(c.province, ''), k.since, k.id LIMIT `+a.put(f.Limit), a.args...)
}

// mark is where a list that ends with p goes on: in listTasks, and in listWaiting.
func (p *PlacedTask) mark() TaskMark {
	m := TaskMark{Rank: 1, Head: p.Sector, Place: p.Province, Since: p.Since, ID: p.ID.String()}
	if p.State == TaskBlocked {
		m.Rank = 0
	}
	return m
}
