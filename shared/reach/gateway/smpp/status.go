package smpp

import (
	"fmt"

	"github.com/twiza/twiza/shared/reach/channel"
)

// What an answer says, §5.1.3.
const (
	statusOK        = 0x00
	statusLength    = 0x02 // ESME_RINVCMDLEN
	statusCommand   = 0x03 // ESME_RINVCMDID
	statusNotBound  = 0x04 // ESME_RINVBNDSTS
	statusBound     = 0x05 // ESME_RALYBND
	statusSystem    = 0x08 // ESME_RSYSERR
	statusNoNumber  = 0x0B // ESME_RINVDSTADR
	statusPassword  = 0x0E // ESME_RINVPASWD
	statusQueueFull = 0x14 // ESME_RMSGQFUL
	statusThrottled = 0x58 // ESME_RTHROTTLED
	statusNotNow    = 0x64 // ESME_RX_T_APPN
	statusNever     = 0x65 // ESME_RX_P_APPN
	statusRejected  = 0x66 // ESME_RX_R_APPN
)

// verdict is the name of a status and what it means for a message.
type verdict struct {
	name string
	err  error
}

// verdicts are those of §5.1.3. Anything else, the vendors' own from 0x400
// among them, says that the message was not taken and not that it never will
// be: it is tried again.
var verdicts = map[uint32]verdict{
	0x01: {"ESME_RINVMSGLEN", channel.ErrRefused},
	0x02: {"ESME_RINVCMDLEN", channel.ErrRefused},
	0x03: {"ESME_RINVCMDID", channel.ErrRefused},
	0x04: {"ESME_RINVBNDSTS", channel.ErrAway},
	0x05: {"ESME_RALYBND", channel.ErrAway},
	0x06: {"ESME_RINVPRTFLG", channel.ErrRefused},
	0x07: {"ESME_RINVREGDLVFLG", channel.ErrRefused},
	0x08: {"ESME_RSYSERR", channel.ErrAway},
	0x0A: {"ESME_RINVSRCADR", channel.ErrRefused},
	0x0B: {"ESME_RINVDSTADR", channel.ErrRefused},
	0x0C: {"ESME_RINVMSGID", channel.ErrRefused},
	0x0D: {"ESME_RBINDFAIL", channel.ErrAway},
	0x0E: {"ESME_RINVPASWD", channel.ErrAway},
	0x0F: {"ESME_RINVSYSID", channel.ErrAway},
	0x11: {"ESME_RCANCELFAIL", channel.ErrAway},
	0x13: {"ESME_RREPLACEFAIL", channel.ErrAway},
	0x14: {"ESME_RMSGQFUL", channel.ErrBusy},
	0x15: {"ESME_RINVSERTYP", channel.ErrRefused},
	0x33: {"ESME_RINVNUMDESTS", channel.ErrRefused},
	0x34: {"ESME_RINVDLNAME", channel.ErrRefused},
	0x40: {"ESME_RINVDESTFLAG", channel.ErrRefused},
	0x42: {"ESME_RINVSUBREP", channel.ErrRefused},
	0x43: {"ESME_RINVESMCLASS", channel.ErrRefused},
	0x44: {"ESME_RCNTSUBDL", channel.ErrRefused},
	0x45: {"ESME_RSUBMITFAIL", channel.ErrAway},
	0x48: {"ESME_RINVSRCTON", channel.ErrRefused},
	0x49: {"ESME_RINVSRCNPI", channel.ErrRefused},
	0x50: {"ESME_RINVDSTTON", channel.ErrRefused},
	0x51: {"ESME_RINVDSTNPI", channel.ErrRefused},
	0x53: {"ESME_RINVSYSTYP", channel.ErrRefused},
	0x54: {"ESME_RINVREPFLAG", channel.ErrRefused},
	0x55: {"ESME_RINVNUMMSGS", channel.ErrRefused},
	0x58: {"ESME_RTHROTTLED", channel.ErrBusy},
	0x61: {"ESME_RINVSCHED", channel.ErrRefused},
	0x62: {"ESME_RINVEXPIRY", channel.ErrRefused},
	0x63: {"ESME_RINVDFTMSGID", channel.ErrRefused},
	0x64: {"ESME_RX_T_APPN", channel.ErrAway},
	0x65: {"ESME_RX_P_APPN", channel.ErrRefused},
	0x66: {"ESME_RX_R_APPN", channel.ErrRefused},
	0x67: {"ESME_RQUERYFAIL", channel.ErrAway},
	0xC0: {"ESME_RINVOPTPARSTREAM", channel.ErrRefused},
	0xC1: {"ESME_ROPTPARNOTALLWD", channel.ErrRefused},
	0xC2: {"ESME_RINVPARLEN", channel.ErrRefused},
	0xC3: {"ESME_RMISSINGOPTPARAM", channel.ErrRefused},
	0xC4: {"ESME_RINVOPTPARAMVAL", channel.ErrRefused},
	0xFE: {"ESME_RDELIVERYFAILURE", channel.ErrRefused},
	0xFF: {"ESME_RUNKNOWNERR", channel.ErrAway},
}

// nameOf is the name of a status.
func nameOf(status uint32) string {
	if v, ok := verdicts[status]; ok {
		return v.name
	}
	if status == statusOK {
		return "ESME_ROK"
	}
	return fmt.Sprintf("ESME_%#08x", status)
}

// wrong is the error of an answer that says no.
func wrong(status uint32) error {
	v, ok := verdicts[status]
	if !ok {
		v.err = channel.ErrAway
	}
	return channel.Wrong(v.err, nameOf(status))
}
