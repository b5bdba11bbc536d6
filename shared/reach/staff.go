package reach

import (
	"html/template"
	"strconv"
	"strings"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
	"github.com/twiza/twiza/shared/module"
)

// staffDeeds are what staff do on the pages of reach.
var staffDeeds = []deed.Deed{DeedChannelSee, DeedPause, DeedResume, DeedHeardAgain, DeedSendAgain, DeedLetGo,
	DeedCallSee, DeedCallTake, DeedCallReveal, DeedCallFinish, DeedListen, DeedPromptSee, DeedPromptRecord, DeedPromptRemove, DeedPlanSee, DeedNetworkSay,
	DeedCampaignSee, DeedCampaignWrite, DeedCampaignSend, DeedCampaignWithdraw}

// mostUpload lets a recording in with what stands round it in a form.
const mostUpload = mostSound + 16<<10

func (s *Service) staffDoors() []module.Door {
	record := module.Post("/prompts/{lang}/{name}", DeedPromptRecord, s.recordPost)
	record.MaxBody = mostUpload
	return []module.Door{
		module.Get("/channels", DeedChannelSee, s.channels),
		module.Post("/channels/pause/{gateway}", DeedPause, s.pause),
		module.Post("/channels/resume/{gateway}", DeedResume, s.resume),
		module.Post("/channels/heard", DeedHeardAgain, s.heardAgain),
		module.Get("/channels/unsent", DeedChannelSee, s.unsentPage),
		module.Post("/channels/unsent/again", DeedSendAgain, s.unsentPost("reach.unsent.sending", s.sendAgainPost)),
		module.Post("/channels/unsent/drop", DeedLetGo, s.unsentPost("reach.unsent.left", s.letGoPost)),
		module.Get("/channels/plan", DeedPlanSee, s.plan),
		module.Post("/channels/plan/{place}", DeedNetworkSay, s.sayNetworkPost),
		module.Get("/channels/campaigns", DeedCampaignSee, s.campaigns),
		module.Get("/channels/campaigns/new", DeedCampaignWrite, s.newCampaign),
		module.Post("/channels/campaigns", DeedCampaignWrite, s.writeCampaignPost),
		module.Get("/channels/campaigns/{id}", DeedCampaignSee, s.campaign),
		module.Post("/channels/campaigns/{id}/send", DeedCampaignSend, s.sendCampaignPost),
		module.Post("/channels/campaigns/{id}/withdraw", DeedCampaignWithdraw, s.withdrawCampaignPost),
		module.Get("/calls", DeedCallSee, s.calls),
		module.Get("/calls/{id}", DeedCallSee, s.callPage),
		module.Post("/calls/{id}/take", DeedCallTake, s.takeCallPost),
		module.Post("/calls/{id}/reveal", DeedCallReveal, s.revealCallPost),
		module.Post("/calls/{id}/finish", DeedCallFinish, s.finishCallPost),
		module.Get("/notes/{id}", DeedListen, s.listen),
		module.Get("/prompts", DeedPromptSee, s.prompts),
		module.Get("/prompts/{lang}", DeedPromptSee, s.promptList),
		module.Get("/prompts/{lang}/{name}", DeedPromptSee, s.prompt),
		module.Get("/prompts/{lang}/{name}/sound", DeedPromptSee, s.promptSound),
		record,
		module.Post("/prompts/{lang}/{name}/remove", DeedPromptRemove, s.removePromptPost),
	}
}

// Say puts the facts of the lines of reach into words.
func (s *Service) Say(c *web.Ctx, _ *db.Tx, r deed.Record, all []module.Fact) error {
	for i := range all {
		f := &all[i]
		if n, err := strconv.Atoi(f.Value); err == nil && strings.HasPrefix(r.Subject, ofCampaign) {
			f.Words = s.campaignFact(c, f.Name, n)
			continue
		}
		k := "reach.fact." + f.Name + "_" + f.Value
		switch {
		case f.Name == "channel":
			k = "reach.kind." + f.Value
		case f.Name == "result" || f.Name == "reason":
			k = "reach.call." + f.Name + "_" + f.Value
		case f.Name == "spoken":
			f.Words = s.spokenName(c, f.Value)
			continue
		}
		if c.Site.Cat.Has(k) {
			f.Words = c.P.T(k)
		}
	}
	return nil
}

// campaignFact is a number that the journal keeps of a campaign.
func (s *Service) campaignFact(c *web.Ctx, name string, n int) template.HTML {
	switch name {
	case "minor":
		return c.P.T("reach.campaign.fact_minor", "money", c.P.Money(int64(n), s.places.Country().Currency))
	case "communes", "people", "parts":
		return c.P.T("reach.campaign.fact_"+name, "n", n)
	}
	return ""
}
