/* The queue while it is open: it learns that something was done and never moves by itself; and its keys.
   Everything here is a link, a form or a page without it. */
(() => {
const d = document, one = (s, r = d) => r.querySelector(s), all = (s, r = d) => [...r.querySelectorAll(s)]
const lang = d.documentElement.lang, list = one('[data-watch]')
let skew = 0 // of the house's clock over this one, in ms
const now = () => Date.now() + skew

/* how long ago, in words where the browser has them, else by the clock */
const local = [lang + '-MA', lang].find(l => { try { return Intl.RelativeTimeFormat.supportedLocalesOf([l]).length } catch { return 0 } })
const rel = local && new Intl.RelativeTimeFormat(local, {style: 'short'})
const ago = at => {
  const s = Math.max(1, Math.round((now() - at) / 1000))
  if (!rel) return new Date(at).toTimeString().slice(0, 5)
  return s < 60 ? rel.format(-s, 'second') : s < 3600 ? rel.format(-Math.floor(s / 60), 'minute') : rel.format(-Math.floor(s / 3600), 'hour')
}

/* leases run while one looks: hours, minutes and seconds are the same in every language */
const two = n => String(n).padStart(2, '0')
const run = () => {
  for (const e of all('[data-till]')) {
    const left = Math.max(0, Math.floor((e.dataset.till - now()) / 1000)), bar = one('.b i', e), out = one('[data-left]', e)
    if (bar) bar.className = 'w-' + Math.min(100, Math.round(100 * left / e.dataset.all))
    if (out) { out.hidden = false; out.textContent = `${Math.floor(left / 3600)}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}` }
    e.classList.toggle('late', !left)
  }
  for (const e of all('[data-due]')) if (e.dataset.due < now()) e.classList.add('late')
  for (const e of all('[data-ago]')) e.textContent = ago(+e.dataset.ago)
}
if (one('[data-till],[data-due]') || list) setInterval(run, 1000), run()

/* the line that stays open */
if (list && window.EventSource) {
  const {watch, many} = list.dataset, said = JSON.parse(list.dataset.new), fresh = new Set()
  const show = (name, on) => { one(`[data-${name}]`, list).hidden = !on }
  let es, last = list.dataset.since, tries = 0, heard = 0, again = 0, old = false, first = true
  const newer = () => {
    const a = one('[data-newer]', list), n = fresh.size, text = old || n > said.length ? many : n ? said[n - 1] : ''
    if (a.textContent !== text) a.textContent = text
    a.hidden = !text
  }
  const mark = (box, c) => {
    let m = one('.chg', box)
    if (!m) {
      m = d.createElement('span'); m.className = 'chg'
      m.append(d.createElement('span'), ' ', d.createElement('span'))
      box.style.minBlockSize = box.offsetHeight + 'px' // what is under the hand stays there
      one('.m,[data-said]', box).append(m)
    }
    m.firstChild.textContent = c.say; m.lastChild.dataset.ago = c.at; m.lastChild.textContent = ago(c.at)
    box.classList.add('was'); box.classList.toggle('gone', !c.in); box.dataset.v = c.v
  }
  const cases = e => {
    const {cases, many} = JSON.parse(e.data); old ||= many
    for (const c of cases || []) {
      const line = one(`.qi[data-id="${c.id}"]`, list)
      if (!line) c.in ? fresh.add(c.id) : fresh.delete(c.id)
      else if (c.v > line.dataset.v) mark(line, c)
      const open = one(`[data-open="${c.id}"]`)
      if (open && c.v > open.dataset.v) { const s = one('[data-stale]', open); s.hidden = false; mark(open, c) }
    }
    if (e.lastEventId) last = e.lastEventId
    newer()
    d.dispatchEvent(new Event('twiza:changed')) // the map beside the list
  }
  const alive = e => {
    const n = JSON.parse(e.data)
    skew = n.at - Date.now(); tries = 0
    if (e.lastEventId) last = e.lastEventId
    all('[data-clock]', list).forEach(x => { x.textContent = n.clock })
    for (const c of n.counts || []) {
      all(`[data-tab="${c.phase}"] .n`).forEach(x => { x.textContent = c.n; x.hidden = c.n === '0' })
      all(`[data-figure="cases.phase.${c.phase}"] bdi`).forEach(x => { x.textContent = c.n })
    }
    show('then', false); show('live', true); show('lost', false)
  }
  const on = fn => e => { heard = Date.now(); fn(e) }
  const close = () => { es && es.close(); es = null; clearTimeout(again) }
  const open = () => {
    close(); heard = Date.now()
    es = new EventSource(watch + (watch.includes('?') ? '&' : '?') + 'since=' + last)
    es.addEventListener('cases', on(cases)); es.addEventListener('now', on(alive))
    es.onerror = cut
  }
  /* the house said nothing for too long, or the link broke: it is said, and tried again, more and more seldom */
  const cut = () => {
    close()
    if (tries++ > 0 || !first) lost()
    first = false
    again = setTimeout(open, Math.min(30000, 500 * 2 ** Math.min(tries, 6)) * (.75 + Math.random() / 2))
  }
  const lost = () => { show('then', false); show('live', false); show('lost', true) }
  setInterval(() => { if (es && Date.now() - heard > 25000) cut() }, 5000)
  addEventListener('offline', () => { close(); lost() })
  addEventListener('online', open)
  d.addEventListener('visibilitychange', () => d.hidden ? close() : open()) // a window that nobody sees keeps no line
  addEventListener('pagehide', close)
  addEventListener('pageshow', e => e.persisted && open())
  if (!d.hidden) open()
}

/* keys, by what is printed on them and where they lie: an Arabic keyboard has its letters in other places */
const help = one('#keys'), box = help && one('[data-keys]', help), off = () => localStorage.queueKeys === 'off'
if (box) { box.closest('[hidden]').hidden = false; box.checked = !off(); box.onchange = () => { box.checked ? delete localStorage.queueKeys : localStorage.queueKeys = 'off' } }
all('[data-help]').forEach(a => a.addEventListener('click', e => { if (help.showModal && !e.ctrlKey && !e.metaKey) { e.preventDefault(); help.showModal() } }))
const key = e => {
  const k = e.key.toLowerCase()
  if (/^[a-z]$/.test(k)) return k
  if (k === '؟') return '?'
  if (k === '/' || k === '?') return k
  if (k.length !== 1 || k.charCodeAt(0) < 128) return ''
  return e.code === 'Slash' ? (e.shiftKey ? '?' : '/') : /^Key[A-Z]$/.test(e.code) ? e.code[3].toLowerCase() : ''
}
const typing = t => t.closest('select,textarea,[contenteditable],input:not([type=radio]):not([type=checkbox])')
const lines = () => all('.tri .qi'), at = () => { const l = lines(), i = l.indexOf(d.activeElement.closest('.qi')); return i >= 0 ? i : l.findIndex(x => x.ariaCurrent === 'true' || x.getAttribute('aria-current')) }
const step = by => { const l = lines(), i = at(), n = l[i < 0 ? (by > 0 ? 0 : l.length - 1) : i + by]; if (n) { n.focus(); n.scrollIntoView({block: 'nearest'}) } }
/* act on the line under the hand: open it first where another one is beside the list */
const act = what => {
  const open = one('[data-open]'), line = d.activeElement.closest('.qi')
  if (line && (!open || open.dataset.open !== line.dataset.id)) { location.assign(line.href + '#do-' + what); return }
  reach(what)
}
const reach = what => {
  const t = one(`[data-do="${what}"]`)
  if (!t) return
  if (t.dataset.go !== undefined) location.assign(t.href)
  else { t.focus(); t.scrollIntoView({block: 'nearest'}) }
}
const does = {j: () => step(1), k: () => step(-1), a: () => act('assign'), m: () => act('merge'), i: () => act('ask'),
  '/': () => one('.find input').focus(), '?': () => help.showModal ? help.showModal() : location.assign(one('[data-help]').href)}
if (one('.tri')) {
  d.addEventListener('keydown', e => {
    if (off() || e.ctrlKey || e.altKey || e.metaKey || e.isComposing || help.open || typing(e.target)) return
    const k = key(e), fn = does[k]
    if (!fn || e.repeat && k !== 'j' && k !== 'k' || e.shiftKey && /[a-z]/.test(k)) return
    e.preventDefault(); fn()
  })
  const m = location.hash.match(/^#do-(\w+)$/)
  if (m) { history.replaceState(null, '', location.pathname + location.search); reach(m[1]) }
}
})()
