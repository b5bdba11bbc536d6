package service

import "github.com/twiza/twiza/shared/forms"

// file is a service as it is written.
type file struct {
	Kind          ref                   `yaml:"kind"`
	Code          ref                   `yaml:"code"`
	Version       ref                   `yaml:"version"`
	EffectiveFrom ref                   `yaml:"effective_from"`
	Domain        ref                   `yaml:"domain"`
	Icon          ref                   `yaml:"icon"`
	Colour        ref                   `yaml:"colour"`
	Digit         ref                   `yaml:"digit"`
	Always        bool                  `yaml:"always"`
	LegalBasis    words                 `yaml:"legal_basis"`
	Drafts        []ref                 `yaml:"draft_languages"`
	Vital         []ref                 `yaml:"vital"`
	Texts         map[string]words      `yaml:"texts"`
	Form          fileForm              `yaml:"form"`
	Bind          map[string]ref        `yaml:"bind"`
	Private       []ref                 `yaml:"private"`
	Attributes    map[string][]ref      `yaml:"attributes"`
	Priority      filePriority          `yaml:"priority"`
	Sources       map[string]words      `yaml:"sources"`
	Delays        map[string]fileDelay  `yaml:"delays"`
	States        []fileState           `yaml:"states"`
	Moves         []fileMove            `yaml:"moves"`
	Who           map[string][]ref      `yaml:"who"`
	Reasons       map[string][]fileCode `yaml:"reasons"`
	Units         []fileCode            `yaml:"units"`
	Goods         []fileGood            `yaml:"goods"`
	Duplicates    Duplicates            `yaml:"duplicates"`
	Complaints    []fileComplaint       `yaml:"complaints"`
	Safeguarding  fileSafeguarding      `yaml:"safeguarding"`
	Messages      map[string]words      `yaml:"messages"`
	Narrow        []ref                 `yaml:"narrow"`
	Said          map[string][]ref      `yaml:"said"`
	Retention     fileRetention         `yaml:"retention"`
}

type fileForm struct {
	Survey  ref `yaml:"survey"`
	Choices ref `yaml:"choices"`
	Line    int
}

type filePriority struct {
	Default ref        `yaml:"default"`
	Rules   []fileRule `yaml:"rules"`
	Line    int
}

type fileRule struct {
	Code       string `yaml:"code"`
	Level      ref    `yaml:"level"`
	When       ref    `yaml:"when"`
	Args       []ref  `yaml:"args"`
	First      bool   `yaml:"first"`      // life in danger now: before everything else
	Restricted bool   `yaml:"restricted"` // would give a concern away: shown in no queue
	Texts      words  `yaml:"texts"`
	Line       int
}

type fileDelay struct {
	One    ref `yaml:"1"`
	Two    ref `yaml:"2"`
	Three  ref `yaml:"3"`
	Four   ref `yaml:"4"`
	All    ref `yaml:"all"`
	Source ref `yaml:"source"`
	Line   int
}

type fileState struct {
	Code  string `yaml:"code"`
	Texts words  `yaml:"texts"`
	Staff words  `yaml:"staff_texts"`
	Icon  ref    `yaml:"icon"`
	SMS   bool   `yaml:"sms"`
	Phase ref    `yaml:"phase"`
	Line  int
}

type fileMove struct {
	Deed ref   `yaml:"deed"`
	From []ref `yaml:"from"`
	To   ref   `yaml:"to"`
	Line int
}

type fileCode struct {
	Code  string `yaml:"code"`
	Texts words  `yaml:"texts"`
	Line  int
}

type fileGood struct {
	Code   string `yaml:"code"`
	Unit   ref    `yaml:"unit"`
	Kg     ref    `yaml:"kg"`
	Litres ref    `yaml:"litres"`
	Texts  words  `yaml:"texts"`
	Line   int
}

type fileComplaint struct {
	Code       string `yaml:"code"`
	Restricted bool   `yaml:"restricted"`
	Clock      ref    `yaml:"clock"`
	Texts      words  `yaml:"texts"`
	Line       int
}

type fileSafeguarding struct {
	Kinds []fileComplaint  `yaml:"kinds"`
	Rules []fileRule       `yaml:"rules"`
	Hides map[string][]ref `yaml:"hides"`
}

type fileRetention struct {
	Days   ref `yaml:"days"`
	Source ref `yaml:"source"`
	Line   int
}

// fileCrisis is a crisis as it is written.
type fileCrisis struct {
	Kind          ref                             `yaml:"kind"`
	Code          ref                             `yaml:"code"`
	Version       ref                             `yaml:"version"`
	EffectiveFrom ref                             `yaml:"effective_from"`
	Hazard        ref                             `yaml:"hazard"`
	Icon          ref                             `yaml:"icon"`
	Drafts        []ref                           `yaml:"draft_languages"`
	Texts         map[string]words                `yaml:"texts"`
	Services      []ref                           `yaml:"services"`
	Layers        []fileCode                      `yaml:"layers"`
	Sources       map[string]words                `yaml:"sources"`
	Delays        map[string]map[string]fileDelay `yaml:"delays"`
	Advice        []words                         `yaml:"advice"`
	Numbers       []ref                           `yaml:"numbers"`
}

// ref is one scalar and where it stands. Of a block of lines, the line is that
// of its first.
type ref struct {
	Is   string
	Line int
}

// words is one sentence in each language and where it stands.
type words struct {
	Text forms.Text
	Line int
}
