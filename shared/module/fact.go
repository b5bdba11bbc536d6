package module

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"

	"github.com/twiza/twiza/platform/db"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/deed"
)

// Fact is one thing that a journal line tells: a code, an identifier, a number,
// and what it says in the words of whoever reads the line.
type Fact struct {
	Name, Value string        // as the line has them: "state", "taken"
	Words       template.HTML // "" when nobody has words for it: then the code is what there is
	Href        string        // the page of what it names, without the language; "" is none
	Silent      bool          // known, and nothing worth saying: no goods were lost
}

// Say is how a module puts the facts of its own lines into the reader's words.
// It fills in Words where it has them and leaves the rest: an unknown fact is
// shown as it is, never left out.
type Say func(c *web.Ctx, t *db.Tx, r deed.Record, all []Fact) error

// Facts spells out what a line tells, in its order. A list is a fact of the same
// name for each of its members; what is within another is named after both:
// "goods.blanket", and "goods.2.lost" in a list.
func Facts(told json.RawMessage) []Fact {
	d := json.NewDecoder(bytes.NewReader(told))
	d.UseNumber() // a receipt must not become 4.8e+08
	var all []Fact
	if err := spell(d, "", 0, &all); err != nil {
		return []Fact{{Name: "?", Value: string(told)}} // not ours, or altered: shown as it is
	}
	return all
}

// spell reads one value; nth counts it within a list, from 1.
func spell(d *json.Decoder, name string, nth int, all *[]Fact) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	mark, nested := token.(json.Delim)
	switch {
	case !nested && token == nil:
		return nil
	case !nested:
		*all = append(*all, Fact{Name: name, Value: fmt.Sprint(token)})
		return nil
	case nth > 0:
		name = fmt.Sprintf("%s.%d", name, nth)
	}
	for n := 1; d.More(); n++ {
		if mark == '[' {
			err = spell(d, name, n, all)
		} else {
			var key json.Token
			if key, err = d.Token(); err == nil {
				err = spell(d, within(name, key), 0, all)
			}
		}
		if err != nil {
			return err
		}
	}
	_, err = d.Token() // its end
	return err
}

func within(name string, key json.Token) string {
	if name == "" {
		return fmt.Sprint(key)
	}
	return fmt.Sprintf("%s.%s", name, key)
}
