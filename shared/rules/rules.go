// Package rules decides by written rules: how urgent a case is, who may be
// helped by what, and what must reach trained people alone. A rule is one line
// of CEL over typed answers; its code is the reason that is told.
//
// What always holds: the same answers, context and rules give the same
// reasons, in the same order; a missing answer is the empty value of its kind
// and never an error; no rule asks for belief, opinion or origin, and a
// protected trait can only speak for a person, never against (requirements
// C13, T5, M01). What breaks this is refused before it ever runs.
package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"

	"github.com/twiza/twiza/shared/forms"
)

// Bounds of one rule. A rule reads a few answers: these are far above what
// that takes, and far below what a person waiting would notice.
const (
	maxRuleLen  = 2000 // characters
	maxDeep     = 40
	maxNodes    = 2000
	maxNesting  = 2      // of exists, all, filter within each other
	maxRegex    = 500    // instructions
	costOfAsk   = 50_000 // CEL's own units, for one rule and one case
	maxPerGroup = 200
)

// Effect is what follows when a rule holds.
type Effect uint8

const (
	Raises  Effect = iota // more urgent, or entitled
	Lowers                // less urgent
	Refuses               // not entitled
	Opens                 // a restricted concern, for trained people alone
)

// Rule is one written rule.
type Rule struct {
	Code   string // the reason told when it holds
	When   string // CEL, yes or no
	Level  int    // what it sets, where levels are set: 1 is the most urgent
	Effect Effect
	Args   []string // answers told with the reason, by name
	Line   int
}

// Reason is why something was decided: a code that the service's texts put
// into words, and the values those words need.
type Reason struct {
	Code  string         `json:"code"`
	Level int            `json:"level,omitempty"`
	Args  map[string]any `json:"args,omitempty"`
}

// Context is what a rule may lean on besides answers: the moment, the channel
// ("web", "phone" …) and what the gazetteer knows about the place, as far as
// it is known.
type Context struct {
	Now        time.Time
	Channel    string
	Place      string // code
	Kind       string // "region", "province", "commune", "douar"
	Population int    // people, census
	Households int
	Damage     int // how bad what was seen of the place is, 0 to 4; 0 when nobody says
	Shaking    int // how strong it shook there, the same
}

// Env is what the rules of one form may speak about: each question by its
// name, "answers" with all of them, "now", "channel", and "place" as the
// gazetteer has it: place.code, .kind, .known, .population, .households, and as
// maps of damage have it: place.damage, .shaking.
// A place answered is NAME.code, NAME.text, NAME.known, NAME.point, NAME.lat
// and NAME.lon.
type Env struct {
	cel    *cel.Env
	fields map[string]*field
	order  []*field
}

type field struct {
	q      *forms.Question
	traits []string // the protected attributes it tells of
	worked bool     // it is calculated, so what speaks for a person is not to be seen
}

// Reserved says whether a name means something else in rules, so that no
// question may have it.
func Reserved(name string) bool {
	return slices.Contains(strings.Fields("answers now channel place true false null in as break const continue else for function if "+
		"import let loop package namespace return var void while int uint double bool string bytes list map type dyn "+
		"timestamp duration null_type sets has all exists exists_one filter size matches any optional cel google math"), name)
}

// NewEnv makes the language for the rules of a form. Traits are the protected
// attributes each question tells of ("age", "disability"); a calculation has
// those of what it leans on.
func NewEnv(f *forms.Form, traits map[string][]string) (*Env, error) {
	e := &Env{fields: map[string]*field{}}
	opts := []cel.EnvOption{
		cel.StdLib(), ext.Sets(),
		cel.HomogeneousAggregateLiterals(),
		cel.DefaultUTCTimeZone(true),
		cel.ParserExpressionSizeLimit(maxRuleLen), cel.ParserRecursionLimit(maxDeep), cel.ExpressionNodeLimit(maxNodes),
		cel.ASTValidators(cel.ValidateTimestampLiterals(), cel.ValidateDurationLiterals(), cel.ValidateRegexLiterals(),
			cel.ValidateComprehensionNestingLimit(maxNesting), cel.ValidateRegexProgramSizeLimit(maxRegex)),
		cel.RegexProgramSizeLimit(maxRegex),
		cel.Variable("answers", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("now", cel.TimestampType), cel.Variable("channel", cel.StringType),
		cel.Variable("place.code", cel.StringType), cel.Variable("place.kind", cel.StringType),
		cel.Variable("place.known", cel.BoolType),
		cel.Variable("place.population", cel.IntType), cel.Variable("place.households", cel.IntType),
		cel.Variable("place.damage", cel.IntType), cel.Variable("place.shaking", cel.IntType),
	}
	for _, q := range f.Questions {
		if q.Type == forms.TypeNote {
			continue
		}
		if Reserved(q.Name) {
			return nil, fmt.Errorf("rules: a question cannot be called %q, which means something else in rules", q.Name)
		}
		x := &field{q: q, traits: traits[q.Name]}
		if q.Calculation != nil {
			x.inherit(f, traits, map[string]bool{})
		}
		e.fields[q.Name], e.order = x, append(e.order, x)
		opts = append(opts, x.declare()...)
	}
	var err error
	if e.cel, err = cel.NewCustomEnv(opts...); err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	return e, nil
}

// inherit takes over the traits of everything a calculation leans on.
func (x *field) inherit(f *forms.Form, traits map[string][]string, seen map[string]bool) {
	var gather func(q *forms.Question)
	gather = func(q *forms.Question) {
		if q == nil || q.Calculation == nil || seen[q.Name] {
			return
		}
		seen[q.Name] = true
		for _, name := range q.Calculation.Names() {
			for _, t := range traits[name] {
				x.worked = true
				if !slices.Contains(x.traits, t) {
					x.traits = append(slices.Clone(x.traits), t)
				}
			}
			gather(f.Question(name))
		}
	}
	gather(x.q)
}

func (x *field) declare() []cel.EnvOption {
	n := x.q.Name
	switch x.q.Yields() {
	case forms.TypeInteger:
		return []cel.EnvOption{cel.Variable(n, cel.IntType)}
	case forms.TypeDecimal:
		return []cel.EnvOption{cel.Variable(n, cel.DoubleType)}
	case forms.Truth:
		return []cel.EnvOption{cel.Variable(n, cel.BoolType)}
	case forms.TypeMany:
		return []cel.EnvOption{cel.Variable(n, cel.ListType(cel.StringType))}
	case forms.TypePlace, forms.TypePoint:
		return []cel.EnvOption{
			cel.Variable(n+".code", cel.StringType), cel.Variable(n+".text", cel.StringType),
			cel.Variable(n+".known", cel.BoolType), cel.Variable(n+".point", cel.BoolType),
			cel.Variable(n+".lat", cel.DoubleType), cel.Variable(n+".lon", cel.DoubleType),
		}
	}
	return []cel.EnvOption{cel.Variable(n, cel.StringType)}
}

// Set is rules ready to be asked. Many may ask at once.
type Set struct {
	env   *Env
	rules []compiled
}

type compiled struct {
	Rule
	program cel.Program
}

// Compile reads rules that stand in a file, and tells every mistake with its
// line. The set is usable only when there is none.
func (e *Env) Compile(file string, rules []Rule) (*Set, []forms.Finding) {
	s := &Set{env: e}
	var found []forms.Finding
	if len(rules) > maxPerGroup {
		return s, []forms.Finding{{File: file, Line: rules[0].Line, Text: fmt.Sprintf("more than %d rules", maxPerGroup)}}
	}
	for _, r := range rules {
		p, wrong := e.compile(r)
		for _, w := range wrong {
			found = append(found, forms.Finding{File: file, Line: r.Line, Text: fmt.Sprintf("rule %s: %s", r.Code, w)})
		}
		if len(wrong) == 0 {
			s.rules = append(s.rules, compiled{r, p})
		}
	}
	return s, found
}

func (e *Env) compile(r Rule) (cel.Program, []string) {
	var wrong []string
	for _, name := range r.Args {
		if e.fields[name] == nil {
			wrong = append(wrong, fmt.Sprintf("no question is called %q", name))
		}
	}
	if w := Forbidden(r.Code); w != "" {
		wrong = append(wrong, "its name speaks of "+w+", which no rule may use")
	}
	tree, issues := e.cel.Compile(r.When)
	if issues.Err() != nil {
		for _, i := range issues.Errors() {
			where := fmt.Sprintf("column %d", i.Location.Column()+1)
			if i.Location.Line() > 1 {
				where = fmt.Sprintf("line %d of it, %s", i.Location.Line(), where)
			}
			wrong = append(wrong, where+": "+i.Message)
		}
		return nil, wrong
	}
	if t := tree.OutputType(); !t.IsExactType(cel.BoolType) {
		return nil, append(wrong, "it comes to "+cel.FormatCELType(t)+" where yes or no is wanted")
	}
	wrong = append(wrong, e.judge(r, tree.NativeRep().Expr())...)
	// Optimised, so that a pattern or a list that stands in a rule is read once,
	// when the house opens, and not for every person who asks.
	p, err := e.cel.Program(tree, cel.CostLimit(costOfAsk), cel.EvalOptions(cel.OptOptimize), cel.OptimizeRegex(patterns()...))
	if err != nil {
		return nil, append(wrong, err.Error())
	}
	if len(wrong) == 0 {
		// Nothing answered, and everything answered at length: neither may fail.
		for _, a := range []forms.Answers{nil, e.fullest()} {
			if _, err := (compiled{r, p}).holds(e.bind(Context{}, a)); err != nil {
				wrong = append(wrong, "it can fail: "+err.Error())
				break
			}
		}
	}
	return p, wrong
}

func (c compiled) holds(s *situation) (bool, error) {
	v, _, err := c.program.Eval(s)
	if err != nil {
		return false, fmt.Errorf("rule %s: %w", c.Code, err)
	}
	b, _ := v.Value().(bool)
	return b, nil
}

// Ask is the reasons of every rule that holds, in the order they are written.
// A rule that could not be evaluated counts as not holding and is told in the
// error; the reasons of the others stand all the same.
func (s *Set) Ask(c Context, a forms.Answers) ([]Reason, error) {
	now := s.env.bind(c, a)
	var reasons []Reason
	var failed []error
	for _, r := range s.rules {
		yes, err := r.holds(now)
		if err != nil {
			failed = append(failed, err)
		}
		if !yes {
			continue
		}
		why := Reason{Code: r.Code, Level: r.Level}
		for _, name := range r.Args {
			if why.Args == nil {
				why.Args = map[string]any{}
			}
			why.Args[name] = plain(s.env.fields[name].value(a))
		}
		reasons = append(reasons, why)
	}
	return reasons, errors.Join(failed...)
}

// Level is the most urgent level that any rule sets, and otherwise def; with
// the reasons of all that hold, the most urgent first. More answers can make
// more rules hold, never fewer levels count.
func (s *Set) Level(def int, c Context, a forms.Answers) (int, []Reason, error) {
	reasons, err := s.Ask(c, a)
	if len(reasons) == 0 {
		return def, nil, err
	}
	slices.SortStableFunc(reasons, func(x, y Reason) int { return x.Level - y.Level })
	return reasons[0].Level, reasons, err
}

// Union is the reasons of two cases that became one: each once, the most
// urgent first, those of a before those of b.
func Union(a, b []Reason) []Reason {
	out := slices.Clone(a)
	for _, r := range b {
		if !slices.ContainsFunc(out, func(o Reason) bool { return o.Code == r.Code }) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(x, y Reason) int { return x.Level - y.Level })
	return out
}
