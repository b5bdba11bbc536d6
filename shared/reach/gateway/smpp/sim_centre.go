package smpp

import (
	"crypto/subtle"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/twiza/twiza/base/sms"
	"github.com/twiza/twiza/shared/reach/channel"
)

// mostSeries is how many messages may be in pieces on their way at once.
const mostSeries = 10_000

// accept takes connections until the centre closes.
func (s *Simulator) accept() {
	for {
		conn, err := s.ln.Accept()
		if err != nil {
			return
		}
		s.all.Go(func() { s.serve(conn) })
	}
}

// serve is one connection: nothing is believed before it is bound.
func (s *Simulator) serve(conn net.Conn) {
	l := newLink(conn, s.set.AnswerWithin)
	s.mu.Lock()
	s.open[l] = true
	s.mu.Unlock()
	if s.ctx.Err() != nil {
		l.close("stopped")
	}
	bound := false
	l.read(func(p pdu) {
		switch {
		case p.id == bindTransceiver || p.id == bindReceiver || p.id == bindTransmitter:
			bound = s.bind(l, p, bound) || bound
		case !bound:
			l.reply(p, statusNotBound, nil)
		case p.id == submitSM:
			s.all.Go(func() { s.submit(l, p) })
		default:
			l.write(pdu{id: genericNack, status: statusCommand, seq: p.seq})
		}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, l)
	s.bound = slices.DeleteFunc(s.bound, func(b *link) bool { return b == l })
}

// bind checks who it is, and says whether they are bound now.
func (s *Simulator) bind(l *link, p pdu, already bool) bool {
	b, err := readBind(p.body)
	same := subtle.ConstantTimeCompare([]byte(b.systemID+"\x00"+b.password), []byte(s.set.SystemID+"\x00"+s.set.Password)) == 1
	switch {
	case err != nil:
		l.reply(p, statusLength, nil)
	case already:
		l.reply(p, statusBound, nil)
	case !same:
		l.reply(p, statusPassword, nil)
	default:
		l.reply(p, statusOK, tlvs{{tagVersion, []byte{version34}}}.append(appendText(nil, "SIMULATOR", sizeSystemID)))
		s.all.Go(func() { l.watch(s.set.Enquire) })
		s.mu.Lock()
		defer s.mu.Unlock()
		if p.id != bindTransmitter {
			s.bound = append(s.bound, l)
			s.changed.Broadcast()
		}
		return true
	}
	return false
}

// submit takes a message, or does with it what was asked for.
func (s *Simulator) submit(l *link, p pdu) {
	trip := func(which func(*channel.Faults) *int) bool { return s.net.Trip(which) }
	m, err := readMessage(p.body)
	late := s.net.Late()
	no := uint32(statusOK)
	switch {
	case err != nil:
		no = statusLength
	case m.to.text == "" || strings.Trim(m.to.text, "0123456789") != "":
		no = statusNoNumber
	case trip(func(f *channel.Faults) *int { return &f.Away }):
		no = statusSystem
	case trip(func(f *channel.Faults) *int { return &f.Busy }):
		no = statusThrottled
	case trip(func(f *channel.Faults) *int { return &f.Refuse }):
		no = statusNoNumber
	}
	if no != statusOK {
		wait(s.ctx, late)
		l.reply(p, no, nil)
		return
	}
	hangs := trip(func(f *channel.Faults) *int { return &f.Hang })
	lies := trip(func(f *channel.Faults) *int { return &f.Lie })
	name := s.net.Next()
	if !lies {
		s.arrive(m)
	}
	told := func() {
		if m.registered&wantReceipt != 0 && !trip(func(f *channel.Faults) *int { return &f.Unsure }) {
			s.send(&errand{m: s.receipt(m, name, !lies)})
		}
	}
	if late > 0 {
		told()
		wait(s.ctx, late)
	}
	if !hangs {
		l.reply(p, statusOK, appendText(nil, write(name, s.set.AnswerID), sizeMessageID))
	}
	if late == 0 {
		told()
	}
}

// arrive puts a message on its phone once all its parts are there, as phones do.
func (s *Simulator) arrive(m message) {
	content, h := m.content(), sarHeader(m.optional)
	if m.class&esmUserHeader != 0 {
		var err error
		if h, content, err = sms.ParseUDH(content); err != nil {
			return
		}
	}
	text, _ := decode(m.coding, content)
	whole, parts := true, 1
	if h.Parts > 1 {
		key := fmt.Sprintf("%s %s %d %t %d", m.from.text, m.to.text, h.Ref, h.Wide, h.Parts)
		s.mu.Lock()
		j := s.series[key]
		if j == nil || j.Add(h.Part, h.Parts, text) != nil { // the reference is used for another message now
			if len(s.series) >= mostSeries {
				clear(s.series)
			}
			j = &sms.Joiner{}
			s.series[key] = j
			_ = j.Add(h.Part, h.Parts, text)
		}
		if text, whole = j.Text(); whole {
			delete(s.series, key)
		}
		s.mu.Unlock()
		parts = h.Parts
	}
	if whole {
		s.net.Arrive("", channel.Arrived{To: "+" + m.to.text, Text: text, At: s.now.Now(), Parts: parts})
	}
}

// write is how a name is written.
func write(name int, form IDForm) string {
	switch form {
	case Hex:
		return fmt.Sprintf("%X", name)
	case Decimal:
		return fmt.Sprintf("%010d", name)
	}
	return "SIM-" + strconv.Itoa(name)
}

// receipt is the receipt of a message, in the form of Appendix B and with the
// parameters of §4.6.1.
func (s *Simulator) receipt(m message, name int, arrived bool) message {
	state, code, number := "DELIVRD", "000", byte(2)
	if !arrived {
		state, code, number = "UNDELIV", "069", 5
	}
	form := s.set.ReceiptID
	if form == Same {
		form = s.set.AnswerID
	}
	id, at := write(name, form), s.now.Now().Format("0601021504")
	out := message{from: m.to, to: m.from, class: esmReceipt}
	if !s.set.ParamsOnly {
		out.short = fmt.Appendf(nil, "id:%s sub:001 dlvrd:%03d submit date:%s done date:%s stat:%s err:%s Text:",
			id, map[bool]int{true: 1}[arrived], at, at, state, code)
	}
	if !s.set.TextOnly {
		out.optional = tlvs{{tagReceiptedID, append([]byte(id), 0)}, {tagMessageState, []byte{number}}}
	}
	if v, has := m.optional.get(tagUserReference); has && !s.set.NoUserRef {
		out.optional = append(out.optional, tlv{tagUserReference, v})
	}
	return out
}
