package i18n

import (
	"strings"

	"golang.org/x/text/language"
)

// maxHeader is as much of an Accept-Language header as is read; browsers send
// under 200 bytes.
const maxHeader = 1000

// spoken leads from a language that phones and browsers name to the written
// language its speakers read here. golang.org/x/text alone matches neither
// Darija to Arabic nor Tachelhit to Amazigh.
var spoken = map[string]Lang{
	"ar": AR, "ary": AR, "arb": AR, "arq": AR, "aeb": AR, "arz": AR, "apc": AR, "mey": AR, // mey: Hassania
	"zgh": ZGH, "shi": ZGH, "tzm": ZGH, "rif": ZGH, "ber": ZGH, "kab": ZGH,
	"fr": FR,
	"en": EN,
}

// Match chooses the language of a first visit from the browser's
// Accept-Language header. Whoever asks for none of the four reads Arabic.
func Match(acceptLanguage string) Lang {
	for _, tag := range wanted(acceptLanguage) {
		base, _ := tag.Base()
		if l, ok := spoken[base.String()]; ok && base.String() != "und" {
			return l
		}
	}
	return AR
}

// wanted is the languages of the header, most wanted first. A part that cannot
// be read is passed over, so that one strange tag does not cost a reader of
// French their page.
func wanted(header string) []language.Tag {
	if len(header) > maxHeader {
		header = header[:strings.LastIndexByte(header[:maxHeader], ',')+1]
	}
	if tags, _, err := language.ParseAcceptLanguage(header); err == nil {
		return tags
	}
	var good []string
	for part := range strings.SplitSeq(header, ",") {
		if _, _, err := language.ParseAcceptLanguage(part); err == nil {
			good = append(good, part)
		}
	}
	tags, _, err := language.ParseAcceptLanguage(strings.Join(good, ","))
	if err != nil {
		return nil
	}
	return tags
}
