package cases

import "github.com/twiza/twiza/shared/module"

func gallery() []module.Example { return nil }
