/* Without a network, 4 of 8: forms of the pack. Which questions show and which answers will do is said by XForms expressions, of which shared/forms reads the same few; the house checks everything again. */
const Form = (() => {

/* ---- expressions: literals, ${name}, ".", = != < <= > >= + - * div mod and or, and the functions below ---- */
const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|'([^']*)'|"([^"]*)"|\$\{([^}]+)\}|([a-z][a-z-]*)|(!=|<=|>=|[=<>+\-*().,]))/y;
const RANK = { or: 1, and: 2, '=': 3, '!=': 3, '<': 4, '<=': 4, '>': 4, '>=': 4, '+': 5, '-': 5, '*': 6, div: 6, mod: 6 };
function tokens(src) {
  const out = [];
  for (TOKEN.lastIndex = 0; src.slice(TOKEN.lastIndex).trim();) {
    const m = TOKEN.exec(src);
    if (!m) throw new Error('not read: ' + src);
    const [, num, one, two, ref, name, mark] = m;
    out.push(num !== undefined ? { is: 'lit', v: Number(num) } : one !== undefined ? { is: 'lit', v: one } : two !== undefined ? { is: 'lit', v: two } : ref ? { is: 'ref', v: ref } : { is: 'mark', v: name || mark });
  }
  return out;
}
const list = v => Array.isArray(v) ? v : v === '' || v === undefined || v === null ? [] : [String(v)];
const blank = v => v === undefined || v === null || v === '' || Array.isArray(v) && !v.length;
const num = v => blank(v) ? NaN : Number(v);
const CALLS = {
  true: () => true, false: () => false, not: a => !a, if: (a, b, c) => a ? b : c, coalesce: (a, b) => blank(a) ? b : a,
  selected: (a, b) => list(a).includes(String(b)), 'count-selected': a => list(a).length,
  'string-length': a => [...String(blank(a) ? '' : a)].length, regex: (a, b) => new RegExp('^(?:' + b + ')$', 'u').test(String(blank(a) ? '' : a)),
};
const same = (a, b) => blank(a) || blank(b) ? blank(a) && blank(b) : typeof a === 'number' || typeof b === 'number' ? num(a) === num(b) : String(a) === String(b);
const INFIX = {
  or: (a, b) => a || b, and: (a, b) => a && b, '=': same, '!=': (a, b) => !same(a, b),
  '<': (a, b) => num(a) < num(b), '<=': (a, b) => num(a) <= num(b), '>': (a, b) => num(a) > num(b), '>=': (a, b) => num(a) >= num(b),
  '+': (a, b) => num(a) + num(b), '-': (a, b) => num(a) - num(b), '*': (a, b) => num(a) * num(b), div: (a, b) => num(a) / num(b), mod: (a, b) => num(a) % num(b),
};
function evaluate(src, answers, self) {
  const all = tokens(src);
  let i = 0;
  const is = v => all[i] && all[i].is === 'mark' && all[i].v === v && ++i;
  const must = v => { if (!is(v)) throw new Error('wanted ' + v + ': ' + src); };
  function atom() {
    const t = all[i++];
    if (!t) throw new Error('ends: ' + src);
    if (t.is === 'lit') return t.v;
    if (t.is === 'ref') { if (!(t.v in answers)) throw new Error('no ' + t.v); return answers[t.v]; }
    if (t.v === '.') return self;
    if (t.v === '-') return -num(atom());
    if (t.v === '(') { const v = expr(1); must(')'); return v; }
    if (!CALLS[t.v]) throw new Error('no ' + t.v);
    must('(');
    const args = [];
    while (!is(')')) { args.push(expr(1)); is(','); }
    return CALLS[t.v](...args);
  }
  function expr(rank) {
    let v = atom();
    while (all[i] && all[i].is === 'mark' && RANK[all[i].v] >= rank) { const op = all[i++].v, other = expr(RANK[op] + 1); v = INFIX[op](v, other); }
    return v;
  }
  const v = expr(1);
  if (i < all.length) throw new Error('goes on: ' + src);
  return v;
}
/* holds is what an expression says, and otherwise where it cannot be read here: the house knows better then. */
const holds = (src, answers, self, otherwise) => { try { return !!evaluate(src, answers, self); } catch (_) { return otherwise; } };

/* ---- questions ---- */
const KINDS = { integer: ['text', 'numeric'], decimal: ['text', 'decimal'], phone: ['tel', 'tel'], date: ['date', 'text'], text: ['text', 'text'] };
const western = s => s.replace(/[٠-٩۰-۹]/g, d => d.charCodeAt(0) & 15).trim();

/* A choice in rows that are drawn, each the label of its own field. */
function choice(q, many, given) {
  const box = Page.make('f-choice');
  Page.fill(box, { label: q.label, hint: q.hint || null, spare: q.required ? null : true });
  q.choices.forEach(([value, label]) => {
    const opt = Page.make(many ? 'f-many' : 'f-one'), input = opt.querySelector('input');
    input.name = q.name;
    input.value = value;
    input.checked = list(given).includes(value);
    Page.fill(opt, { label });
    box.querySelector('.opts').append(opt);
  });
  const read = () => [...box.querySelectorAll('input:checked')].map(x => x.value);
  return { box, read: () => many ? read() : read()[0] || '' };
}
function line(q, given) {
  const box = Page.make(q.multiline ? 'f-long' : 'f-line'), input = box.querySelector('.inp'), kind = KINDS[q.type] || KINDS.text;
  if (!q.multiline) { input.type = kind[0]; input.inputMode = kind[1]; if (q.type !== 'text') input.dir = 'ltr'; else input.dir = 'auto'; }
  input.name = q.name;
  input.value = blank(given) ? '' : given;
  Page.fill(box, { label: q.label, hint: q.hint || null, spare: q.required ? null : true });
  return { box, read: () => q.type === 'text' ? input.value.trim() : western(input.value) };
}
/* A place: from the lists of the pack, in one's own words, or where the phone is. */
function place(q, given, places) {
  const box = Page.make('f-place'), pick = box.querySelector('select'), words = box.querySelector('[type=text]'), at = given || {}, known = new Set(places.map(p => p[0]));
  Page.fill(box, { label: q.label, hint: q.hint || null, spare: q.required ? null : true });
  words.name = q.name + '.text';
  pick.name = q.name + '.code';
  for (const [code, name, parent] of places.filter(p => !known.has(p[2]))) {
    const group = Object.assign(document.createElement('optgroup'), { label: name });
    group.append(new Option(name, code), ...places.filter(p => p[2] === code).map(p => new Option(p[1], p[0])));
    pick.append(group);
  }
  if (q.type === 'geopoint' || !places.length) pick.closest('.fld').hidden = true;
  if (q.type === 'geopoint') words.closest('.fld').hidden = true;
  pick.value = at.code || '';
  words.value = at.text || '';
  let point = at.lat === undefined ? null : { lat: at.lat, lon: at.lon };
  const said = box.querySelector('[role=status]'), ask = box.querySelector('[data-on=gps]');
  const show = () => said.replaceChildren(point ? Words.say('gps_done') : '');
  show();
  ask.hidden = !navigator.geolocation;
  ask.addEventListener('click', () => {
    said.replaceChildren(Words.say('gps_wait'));
    Page.here().then(p => { point = { lat: Number(p.lat.toFixed(6)), lon: Number(p.lon.toFixed(6)) }; show(); }, () => said.replaceChildren(Words.say('gps_fail')));
  });
  const read = () => {
    const v = { ...(pick.value && { code: pick.value }), ...(words.value.trim() && { text: words.value.trim() }), ...point };
    return Object.keys(v).length ? v : '';
  };
  return { box, read };
}

/* build draws a form of the pack; read gives the answers, and the questions whose answer will not do. */
function build(form, given, places) {
  const node = document.createElement('div'), asked = [];
  form.questions.forEach(q => {
    const had = (given || {})[q.name];
    const a = q.type === 'select_one' ? choice(q, false, had) : q.type === 'select_multiple' ? choice(q, true, had) : q.type === 'place' || q.type === 'geopoint' ? place(q, had, places) : line(q, had);
    asked.push({ q, ...a });
    node.append(a.box);
  });
  const answers = () => Object.fromEntries(asked.map(a => [a.q.name, a.read()]));
  const relevant = () => {
    const now = answers();
    for (const a of asked) a.box.hidden = (a.q.relevant || []).some(e => !holds(e, now, undefined, true));
  };
  node.addEventListener('input', relevant);
  node.addEventListener('change', relevant);
  relevant();
  function read() {
    const all = answers(), out = {}, wrong = [];
    for (const a of asked) if (a.box.hidden) all[a.q.name] = '';
    for (const { q, box } of asked) {
      const v = all[q.name];
      let why = null;
      if (box.hidden) continue;
      if (blank(v)) { if (q.required || q.required_if && holds(q.required_if, all, v, false)) why = q.required_message || Words.text('wrong_missing'); }
      else if (/^(integer|decimal)$/.test(q.type)) {
        const n = Number(v.replace(',', '.'));
        if (Number.isNaN(n) || q.type === 'integer' && !Number.isInteger(n)) why = Words.text('wrong_number');
        else if (q.constraint && !holds(q.constraint, all, n, true)) why = q.constraint_message || Words.text('wrong_value');
        else out[q.name] = n;
      } else if (q.constraint && !holds(q.constraint, all, v, true)) why = q.constraint_message || Words.text('wrong_value');
      else out[q.name] = v;
      if (why) wrong.push({ box, label: q.label, why });
    }
    return { answers: out, wrong };
  }
  return { node, read };
}

return { build, evaluate, western };
})();
