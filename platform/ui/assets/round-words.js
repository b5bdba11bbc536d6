/* Without a network, 1 of 8: the words. Sentences come from the page's catalogue (#words) as the house writes them, and are said here as platform/i18n says them: plural forms of the language, Western digits, everything foreign set apart with bdi. */
const Words = (() => {
const root = document.documentElement, lang = root.lang.split('-')[0], zone = root.dataset.zone || undefined;
const raw = JSON.parse(document.getElementById('words').textContent), read = {};
const rules = ['ar', 'fr', 'en'].includes(lang) && new Intl.PluralRules(lang);

/* No browser has rules for zgh: those of Tachelhit stand in, as on the server (platform/i18n/plural.go). */
const form = n => rules ? rules.select(n) : n === 0 || n === 1 ? 'one' : n <= 10 && Number.isInteger(n) ? 'few' : 'other';

/* A message is a list of texts, of '#', and of holes {name, kind, forms}. It ends at the } that closes it. */
function parse(src, at, counts) {
  const out = [];
  let text = '';
  const flush = () => { if (text) out.push(text); text = ''; };
  for (; at.i < src.length && src[at.i] !== '}'; at.i++) {
    const c = src[at.i], next = src[at.i + 1];
    if (c === "'" && next === "'") { text += c; at.i++; }
    else if (c === "'" && (next === '{' || next === '}' || next === '#' && counts)) {
      for (at.i++; at.i < src.length && src[at.i] !== "'"; at.i++) text += src[at.i];
    } else if (c === '#' && counts) { flush(); out.push('#'); }
    else if (c === '{') { flush(); out.push(hole(src, at, counts)); }
    else text += c;
  }
  flush();
  return out;
}

function hole(src, at, counts) {
  const upTo = stops => { const from = at.i; while (at.i < src.length && !stops.includes(src[at.i])) at.i++; return src.slice(from, at.i).trim(); };
  at.i++;
  const h = { name: upTo(',}') };
  if (src[at.i] === '}') return h;
  at.i++;
  h.kind = upTo(',');
  at.i++;
  h.forms = {};
  for (;;) {
    const name = upTo('{}');
    if (!name) return h;
    at.i++;
    h.forms[name] = parse(src, at, counts || h.kind === 'plural');
    at.i++;
  }
}

/* A number as people here read it (DESIGN 5.2): thousands apart by a space that does not break, in English by a comma; at most one decimal. */
function number(n) {
  const [whole, part] = (Math.round(Math.abs(n) * 10) / 10).toString().split('.');
  const english = lang === 'en';
  return (n < 0 ? '−' : '') + whole.replace(/\B(?=(\d{3})+$)/g, english ? ',' : '\u00a0') + (part ? (english ? '.' : ',') + part : '');
}

const apart = (text, num) => { const b = document.createElement('bdi'); if (num) b.className = 'num'; b.textContent = text; return b; };
const value = v => v === undefined || v === null ? '' : v instanceof Node ? v : typeof v === 'number' ? apart(number(v), true) : apart(v);

function write(message, args, count, to) {
  for (const m of message) {
    if (m === '#') to.append(apart(number(count), true));
    else if (typeof m === 'string') to.append(m);
    else if (m.kind === 'plural') {
      const n = args[m.name];
      write(m.forms['=' + n] || m.forms[form(n)] || m.forms.other, args, n, to);
    } else if (m.kind === 'select') write(m.forms[args[m.name]] || m.forms.other, args, count, to);
    else to.append(value(args[m.name]));
  }
  return to;
}

/* say gives a sentence as nodes, text the same as plain letters. */
function say(key, args) {
  const full = 'round.app.' + key;
  if (raw[full] === undefined) throw new Error('no words for ' + full);
  read[key] = read[key] || parse(raw[full], { i: 0 }, false);
  return write(read[key], args || {}, 0, document.createDocumentFragment());
}
const text = (key, args) => say(key, args).textContent;

/* Moments, in the zone of the house. What Intl does not know is said with the catalogue's own months and days. */
const parts = t => Object.fromEntries(new Intl.DateTimeFormat('en-GB-u-nu-latn', { timeZone: zone, year: 'numeric', month: 'numeric', day: 'numeric', weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(t).map(p => [p.type, p.value]));
const clock = t => { const p = parts(t); return apart(p.hour + ':' + p.minute, true); };
const dayOf = t => { const p = parts(t); return p.year + '-' + p.month + '-' + p.day; };
function date(t, weekday) {
  if (lang === 'zgh') {
    const p = parts(t), week = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(p.weekday) + 1;
    return (weekday ? raw['i18n.weekday.' + week] + ' ' : '') + p.day + ' ' + raw['i18n.month.' + p.month];
  }
  return new Intl.DateTimeFormat({ ar: 'ar-MA-u-nu-latn', fr: 'fr', en: 'en-GB' }[lang] || 'en-GB', { timeZone: zone, weekday: weekday ? 'long' : undefined, day: 'numeric', month: 'long' }).format(t);
}
/* when is today's clock alone; another day is named. */
function when(t) {
  t = new Date(t);
  if (!(t > new Date('2000-01-01'))) return '';
  if (dayOf(t) === dayOf(new Date())) return clock(t);
  return say('when', { day: apart(date(t)), clock: clock(t) });
}
/* A receipt, in threes, from left to right. */
const code = s => apart(String(s).replace(/(\d{3})(?=\d)/g, '$1\u00a0'), true);
/* Sizes in KB and MB of a thousand, as telephones say them. */
const size = bytes => bytes < 1e6 ? say('kb', { n: Math.max(1, Math.round(bytes / 1e3)) }) : say('mb', { n: Math.round(bytes / 1e5) / 10 });

return { say, text, number, clock, date, when, code, size, lang };
})();
