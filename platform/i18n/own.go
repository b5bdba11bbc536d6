package i18n

// Own is a sentence in the printer's own language, without its holes filled, and
// whether it is a draft. Where the language lacks it, ok is false: nothing stands
// in for it.
func (p *Printer) Own(key string) (text string, draft, ok bool) {
	s := p.cat.sentence(key)
	if s == nil || p.lang.index() < 0 {
		return "", false, false
	}
	e := s.in[p.lang.index()]
	if e == nil {
		return "", false, false
	}
	return e.text, e.draft, true
}
