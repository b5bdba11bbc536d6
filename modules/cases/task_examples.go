package cases

import (
	"time"

	"github.com/twiza/twiza/platform/ui"
	"github.com/twiza/twiza/shared/module"
)

// exampleTasks are parts in every state, with every button.
func exampleTasks() []TaskLine {
	at := exampleAt.Add(-200 * time.Hour)
	line := TaskLine{ID: exampleID, Href: "/fr/cases/" + exampleID, Receipt: "482719064", Level: 1, Part: "Aa", Sector: "Bb", Place: "Cc", Since: at, Age: "Dd"}
	open, asked, doing, blocked, done, gone := line, line, line, line, line, line
	open.State, open.Late, open.Can = "open", true, TaskCan{Take: true, Withdraw: true}
	asked.State, asked.Org, asked.Place, asked.Can = "open", "Ee", "", TaskCan{GiveBack: true}
	doing.State, doing.Org, doing.Can, doing.ID = "doing", "Ee", TaskCan{Block: true, Finish: true, GiveBack: true}, "01900000-0000-7000-8000-000000000002"
	blocked.State, blocked.Org, blocked.Why, blocked.Late, blocked.Can = "blocked", "Ee", "Ff", true, TaskCan{Unblock: true, Finish: true}
	done.State, done.Org = "done", "Ee"
	gone.State, gone.Voice = "withdrawn", true
	return []TaskLine{blocked, open, asked, doing, done, gone}
}

// taskGallery is every page about parts of needs, with invented data.
func taskGallery() []module.Example {
	options := []ui.Option{{Value: "a", Title: "Gg", Chosen: true}, {Value: "b", Title: "Hh"}}
	all := exampleTasks()
	d := Detail{ID: exampleID, Receipt: "482719064", Level: 2, Title: "Aa", State: "Bb", Phase: "owned", Owner: "Cc", MadeAt: exampleAt, Channel: "web",
		Tasks: all, TasksCan: TasksCan{Add: true, ID: exampleID, Parts: options, Sectors: options, Orgs: options, Why: options}}
	first := d
	first.Tasks = nil
	wrong := exampleStaff("queue")
	wrong.Errors = []ui.FieldError{{Field: "part", Text: "Ii"}}
	rows := []WaitRow{{all[0], "Jj", 12}, {all[1], "", 8}}
	return []module.Example{
		{Template: "cases_case", Page: &casePage{Frame: exampleStaff("queue"), D: d}},
		{Template: "cases_case", Page: &casePage{Frame: wrong, D: first}},
		{Template: "cases_tasks", Page: &tasksPage{Frame: exampleStaff("tasks"), Lines: all, Pager: ui.Pager{More: "/fr/tasks?after=x", Shown: 60, Step: tasksPerPage},
			Tabs: []ui.Link{{Href: "/fr/tasks?list=ours", Key: "cases.tasks.list_ours", Current: true}, {Href: "/fr/tasks?list=sectors", Key: "cases.tasks.list_sectors"}, {Href: "/fr/tasks?list=all", Key: "cases.tasks.list_all"}}}},
		{Template: "cases_tasks", Page: &tasksPage{Frame: exampleStaff("tasks"), Sectors: options}},
		{Template: "cases_waiting", Page: &waitingPage{Frame: ui.Frame{Kind: ui.Print}, At: exampleAt, Days: 7, CSV: "/fr/tasks/waiting.csv",
			Groups: []WaitGroup{{"Kk", rows}, {"Ll", rows[:1]}}, Pager: ui.Pager{More: "/fr/tasks/waiting?after=x", Shown: 500, Step: waitingPerPage}}},
		{Template: "cases_waiting", Page: &waitingPage{Frame: ui.Frame{Kind: ui.Print}, At: exampleAt, Days: 7}},
	}
}
