// Package agenda is what is still to happen in a story that is played: the next
// thing first, and of two at one moment the one that was put down first.
package agenda

import (
	"container/heap"
	"time"
)

// Agenda is empty as it stands. It is not for two goroutines at once.
type Agenda[T any] struct {
	all list[T]
	seq int
}

// Put notes what happens so long after the beginning.
func (a *Agenda[T]) Put(at time.Duration, what T) {
	a.seq++
	heap.Push(&a.all, moment[T]{at, a.seq, what})
}

// Next takes the next thing off. Not ok when nothing is left.
func (a *Agenda[T]) Next() (at time.Duration, what T, ok bool) {
	if len(a.all) == 0 {
		return 0, what, false
	}
	m := heap.Pop(&a.all).(moment[T])
	return m.at, m.what, true
}

type moment[T any] struct {
	at   time.Duration
	seq  int
	what T
}

type list[T any] []moment[T]

func (l list[T]) Len() int { return len(l) }
func (l list[T]) Less(i, j int) bool {
	return l[i].at < l[j].at || l[i].at == l[j].at && l[i].seq < l[j].seq
}
func (l list[T]) Swap(i, j int) { l[i], l[j] = l[j], l[i] }
func (l *list[T]) Push(x any)   { *l = append(*l, x.(moment[T])) }
func (l *list[T]) Pop() any {
	last := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return last
}
