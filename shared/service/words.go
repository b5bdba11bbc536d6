package service

// The engine's own words. A service file says where they lead and who may say
// them; it cannot add one.

// deeds is every deed that can move a request.
var deeds = []string{"receive", "contact", "claim", "release", "expire", "assign", "depart", "deliver",
	"confirm_yes", "confirm_partly", "confirm_no", "close_silent", "refuse", "redirect", "reopen", "merge", "unmerge"}

// narrowed is every other deed whose roles a file may narrow.
var narrowed = []string{"ask", "take_down", "see", "confirm", "confirm_for", "reopen_for", "turn_back", "tell_apart",
	"reveal", "locate", "prioritise", "change", "erase", "rate", "check_code"}

// doers besides the roles of staff: whoever comes, whoever holds the receipt,
// and the house itself when a delay has passed.
var doers = []string{"anybody", "asker", "clock"}

// next is the delay that begins with a deed.
var next = map[string]string{
	"receive": "first_contact", "unmerge": "first_contact", "reopen": "first_contact", "release": "first_contact",
	"expire": "first_contact", "confirm_partly": "first_contact", "confirm_no": "first_contact",
	"contact": "deliver", "claim": "deliver", "assign": "deliver", "deliver": "silence",
}

// traits is what an answer may be marked to tell about a person. Every one of
// them may raise a priority and none may lower it (requirement T5).
var traits = []string{"sex", "age", "disability", "health", "pregnancy", "family", "language", "income"}

// colours is every fill of a tile (DESIGN §3.1).
var colours = []string{"teal", "night", "brick", "blue", "plum", "sky", "olive", "saffron"}

// parts is what an answer bound to a part may be, by the part's name in a file.
var parts = map[string][]string{
	"need": {"select_one", "select_multiple"}, "place": {"place", "geopoint"}, "people": {"integer"}, "phone": {"phone"},
	"name": {"text"}, "text": {"text"}, "secret": {"text"}, "family_phone": {"phone"}, "for_whom": {"select_one"}, "fragile": {"select_multiple"},
	"spoken": {"select_one"},
}

// alwaysPrivate is the parts that name a person wherever they occur.
var alwaysPrivate = []string{"phone", "family_phone", "name", "text", "secret"}

// neededTexts is the texts that every service has.
var neededTexts = []string{"name", "question", "purpose", "done_title", "done_next"}

// messageArgs is what a message can be filled with.
var messageArgs = []string{"receipt", "service", "need", "place", "people", "phone", "team", "org", "window", "when", "reason", "code"}

// levels there are, the most urgent first.
const levels = 4

// mostRequired is how much somebody whose life may hang on it can be asked
// (requirement F03: a request in four fields at most).
const mostRequired = 4
