package app

import "fmt"

// manual is what --help says of each command, under its one line.
var manual = map[string]string{
	"serve": `  twiza serve --data DIR [--listen 127.0.0.1:8080] [--key FILE]
  twiza serve --demo

The first start makes the tables, a master key and a link for the first
administrator. Stop it with Ctrl-C or SIGTERM: what is under way is finished.
`,
	"migrate": `  twiza migrate --data DIR

"serve" does this at each start; this does nothing else. On an empty folder it
makes a house without anybody in it.
`,
	"backup": `  twiza backup FILE --data DIR

Works while the house serves. FILE must not be there yet. Copies that follow the
house all the time: "twiza serve --backup-to". For PostgreSQL use
scripts/pg-backup.sh. Keep the master key and KEYFILE.erasures in a place of their own.
`,
	"restore": `  twiza restore FILE --data EMPTY --key KEYFILE
  twiza restore --from PLACE --backup-secret FILE [--at MOMENT] --data EMPTY

From a copied FILE, or from the place that "twiza serve --backup-to" copies to,
as it was at any moment that is kept. A file that is missing or damaged is named
and nothing is restored around it.

Needs the master key that the copy was made under. Whoever asked to be
forgotten since then (KEYFILE.erasures) is forgotten again. For PostgreSQL use
scripts/pg-restore.sh, then "twiza check".
`,
	"seal": `  twiza seal --backup-key PUBLIC <FROM >TO
`,
	"unseal": `  twiza unseal --backup-secret SECRET <FROM >TO
`,
	"key backup": `  twiza key backup SECRET PUBLIC

Draws a pair of keys for copies. The house needs PUBLIC alone, and can seal with
it and not open. Keep SECRET away from the house and from its copies.
`,
	"log": `  twiza log key --log NAME --data DIR
  twiza log export FOLDER --log NAME --data DIR
  twiza log cosign FILE --log NAME --log-witnesses KEYS --data DIR

key shows the public half of the log's keys, which everybody should have from you
by another way than the files. export writes the public files, for others to copy;
the folder may be one that holds an older export. cosign keeps the signature of a
witness, as the witness gave it back, and serves it from then on (docs/proof.md).
`,
	"verify": `  twiza verify --key KEYS [--since CHECKPOINT] [--lang ar|fr|en|zgh] FOLDER|RECEIPT

What the program twiza-verify does, which needs nothing of a house. KEYS is a file
of public keys that you were given by another way than the files to check. Exit
code 1 if anything is wrong, which is named (docs/proof.md).
`,
	"drill": `  twiza drill --from PLACE --backup-secret FILE [--at MOMENT] --data DIR

Brings the copies back into a temporary folder (TMPDIR), reads every page,
compares the journal up to the copy's last line with the house's, opens the
copy's keys, counts rows, and says how much would be lost. It leaves a line in
the journal. Exit code 1 if anything is wrong. Works while the house serves,
which does it every week by itself when it has --backup-secret.
`,
	"emergency": `  twiza emergency [on|off] --data DIR

While it is on, everything can be read, nothing changes, and requests for help
are taken as always. A house that serves sees it within two seconds. An empty
file "emergency" in the data folder says the same, also while the store is away.
`,
	"check": `  twiza check --data DIR

Works while the house serves. One line for each thing that is wrong, the first
altered line of the journal among them; exit code 1 if there is any.
`,
	"import": `  twiza import requests FILE --data DIR
  twiza import outlines FILE.geojson --data DIR
`,
	"import requests": `  twiza import requests FILE --data DIR

FILE is a sheet (CSV, XLSX), a survey (KoboToolbox), JSON lines, points
(GeoJSON), or the export of a chat (WhatsApp, Telegram). Each message of a chat
waits for a person at /triage; each row becomes a request. A row that is wrong
is left out and comes back with
its reason in FILE.errors.csv, in the folder where you stand (exit code 1).
Bringing the same file in again adds nothing. Works while the house serves.
`,
	"import outlines": `  twiza import outlines FILE.geojson --data DIR

Borders finer than the pack's. Each feature carries a "code" of the country
pack; one without is refused. They are drawn from the next start on, and
whoever imports them answers for their source.
`,
	"pack": `  twiza pack check DIR

Names file and line of a missing translation, an unknown field, a rule that uses
a forbidden attribute. Exit code 1 if there is any. It needs no house.
`,
	"key rotate": `  twiza key rotate --data DIR [--key FILE]

Works while the house serves. The old key stays in the file under the new one,
for backups made before. Copy the file again to its safe place afterwards.
`,
	"bench intake": `  twiza bench intake [--json]

Starts houses of its own in a temporary folder and leaves nothing behind. With
TWIZA_TEST_PG=postgres://… it measures PostgreSQL as well, in a schema of its own.
`,
	"bench sms": `  twiza bench sms [--json] [--rate 10000]

Plays a gateway of text messages and the people behind it to houses of its own,
lets it fail in every way, and ends with an error when a message was lost or
answered twice. With TWIZA_TEST_PG=postgres://… it measures PostgreSQL as well.
`,
	"bench sync": `  twiza bench sync [--json] [--phones 400] [--records 50]

Sends phones out in houses of its own, lets all of them come back at once, kills
the house in the middle, and ends with an error when a record was lost or
counted twice. With TWIZA_TEST_PG=postgres://… it measures PostgreSQL as well.
`,
	"bench merge": `  twiza bench merge [--seed 2] [--stored 300000] [--estimate]

Makes a night of reports, says which tell of one need, and counts how often that
is right; then fills a house of its own and measures what looking costs. With
TWIZA_TEST_PG=postgres://… it measures PostgreSQL as well. --estimate counts the
weights of packs/ma/linkage.yaml anew, on the training night.
`,
	"version": `  twiza version
`,
}

// explain prints the manual of a command that has no flags of its own.
func explain(e *env, name, about string) error {
	fmt.Fprintf(e.out, "twiza %s: %s\n\n%s", name, about, manual[name])
	return errHelped
}
