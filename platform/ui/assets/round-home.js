/* Without a network, 6 of 8: my round, the outbox, one record, two accounts of one stop. */
(() => {
const { views, make, fill, on, joined } = Page;
const KM = 6371, rad = x => x * Math.PI / 180;
/* km is as the crow flies (haversine, mean radius of the earth). */
function km(a, b) {
  const h = Math.sin(rad(b[0] - a[0]) / 2) ** 2 + Math.cos(rad(a[0])) * Math.cos(rad(b[0])) * Math.sin(rad(b[1] - a[1]) / 2) ** 2;
  return Math.round(2 * KM * Math.asin(Math.sqrt(h)) * 10) / 10;
}
const due = s => Date.parse(s.due) > 1e12 ? Date.parse(s.due) : Infinity;
const far = s => Page.where && s.point ? km([Page.where.lat, Page.where.lon], s.point) : null;

/* ---- the outbox ---- */
const TAGS = { waiting: 'ob-waiting', sending: 'ob-sending', refused: 'ob-needs', conflict: 'ob-needs', sent: 'ob-sent' };
const stateOf = r => r.state === 'waiting' && Send.state.under.has(r.id) ? 'sending' : r.state;
function goods(all, mission) {
  const known = Object.fromEntries(((Page.pack && Page.pack.missions || []).find(m => m.id === mission) || { goods: [] }).goods.map(g => [g.code, g]));
  return Object.entries(all || {}).filter(([, n]) => n).map(([code, n]) => Words.say('goods', { name: (known[code] || {}).name || code, n }));
}
/* what a record holds, in a line. */
function holds(r) {
  const b = r.body || {}, all = r.kind === 'delivery' ? [...goods(b.goods, b.mission), b.no_goods && Words.say('no_goods'), Words.say(b.proof === 'code' ? 'with_code' : 'with_witness')]
    : r.kind === 'not_reached' ? [new Text((Page.pack ? Page.pack.reasons.not_reached.find(x => x[0] === b.reason) || [] : [])[1] || '')]
    : r.kind === 'relay' ? [Words.say('sealed')] : [];
  if ((r.photos || []).length) all.push(Words.say('photos', { n: r.photos.length }));
  return joined(all);
}
const titled = r => { const a = r.about || {}; return Words.say('title_' + r.kind, { about: joined([a.receipt && Words.code(a.receipt), a.place]) }); };
function line(r) {
  const li = make('t-line'), is = stateOf(r), why = is === 'refused' ? r.message : '';
  const go = is === 'conflict' && r.other && r.other.kind !== 'cut' ? '#/two/' + r.id : is === 'sent' ? null : '#/record/' + r.id;
  li.querySelector('[data-f=tag]').replaceWith(make(TAGS[is]));
  fill(li, { title: titled(r), what: is === 'sent' ? joined([Words.when(r.at), r.receipt && Words.say('got_receipt', { code: Words.code(r.receipt) })]) : is === 'conflict' ? Words.say('told_twice') : why || holds(r) });
  const a = li.querySelector('a');
  if (go && (is === 'refused' || is === 'conflict')) { a.href = go; a.replaceChildren(Words.say(is === 'conflict' ? 'compare' : 'mend')); } else a.remove();
  return li;
}
/* news is how things stand with the house, in a line. */
async function news(waits) {
  const t = Send.state.trouble, at = await Store.get('synced');
  if (t && t.kind === 'signin') { const p = make('t-signin'); p.querySelector('a').href += '?next=' + encodeURIComponent(location.pathname); return p; }
  const say = Send.state.busy ? Words.say('sending_now') : t && t.kind === 'no' ? t.say : t && navigator.onLine ? Words.say('house_away') : waits ? Words.say('goes_by_itself') : '';
  const p = document.createDocumentFragment();
  p.append(say);
  if (at) p.append(' ', Words.say('synced', { when: Words.when(at) }));
  return p;
}
const order = { refused: 0, conflict: 0, waiting: 1, sent: 2 };
const pending = all => all.filter(r => r.state !== 'sent').sort((a, b) => order[a.state] - order[b.state] || (a.id < b.id ? -1 : 1));

views.outbox = { live: true, async draw() {
  const node = make('t-outbox'), all = await Store.all(), put = (name, rows) => { fill(node, { [name]: rows.length ? true : null }); const ul = node.querySelector('[data-list=' + name + ']'); if (ul) ul.append(...rows.map(line)); };
  const left = await Store.photos();
  fill(node, { news: await news(all.some(r => r.state === 'waiting') || left.length), none: all.length ? null : true, photos: left.length ? Words.say('photos_left', { n: left.length }) : null });
  put('needs', all.filter(r => r.state === 'refused' || r.state === 'conflict'));
  put('waiting', all.filter(r => r.state === 'waiting'));
  put('sent', all.filter(r => r.state === 'sent').reverse());
  on(node, 'send', (e, b) => Page.busy(b, () => Send.drain(true)));
  return node;
} };

/* ---- a record that the house refused, or that waits ---- */
const EDIT = { delivery: r => '#/deliver/' + r.body.stop + '/' + r.id, not_reached: r => '#/missed/' + r.body.stop + '/' + r.id, visit: r => '#/visit/' + r.body.stop + '/' + r.id, request: r => '#/request/' + r.body.service + '/' + r.id };
views.record = { async draw(id) {
  const r = await Store.one(id);
  if (!r) return views.outbox.draw();
  const node = make('t-record');
  node.querySelector('[data-f=tag]').replaceWith(make(TAGS[stateOf(r)]));
  fill(node, { title: titled(r), message: r.message || null, what: holds(r), made: Words.when(r.made_at), lost: r.lost ? Words.say('photo_lost', { n: r.lost, why: r.lostWhy || '' }) : null });
  const edit = node.querySelector('[data-f=edit]');
  if (r.state === 'refused' && EDIT[r.kind]) edit.href = EDIT[r.kind](r); else edit.remove();
  fill(node, { cut: r.other && r.other.kind === 'cut' ? true : null, away: r.state === 'refused' ? true : null });
  on(node, 'drop', async (e, b) => {
    const sure = node.querySelector('[data-sure]');
    if (sure.hidden) { sure.hidden = false; return; }
    await Page.busy(b, () => Store.drop(id));
    Page.go('/outbox');
  });
  return node;
} };

/* ---- two accounts of one stop: choose, and say why ---- */
views.two = { async draw(id) {
  const r = await Store.one(id);
  if (!r || r.state !== 'conflict' || !r.other) return views.outbox.draw();
  if (r.other.kind === 'cut') return views.record.draw(id);
  const node = make('t-two'), o = r.other;
  const side = x => joined([...goods(x.goods, r.body.mission), x.no_goods && Words.say('no_goods'), x.proof && Words.say(x.proof === 'code' ? 'with_code' : 'with_witness'), x.reason && new Text((Page.pack.reasons.not_reached.find(y => y[0] === x.reason) || [])[1] || '')]);
  fill(node, { title: titled(r), mine_what: Words.say('is_' + r.kind), mine_at: Words.when(r.made_at), mine: side(r.body), their_what: Words.say('is_' + o.kind), their_at: o.at ? Words.when(o.at) : '', theirs: side(o), yours: o.yours ? true : null });
  const form = node.querySelector('form'), why = form.querySelector('select');
  Page.options(why, Page.pack.reasons.settle);
  on(node, 'settle', (e, f) => Page.busy(f.querySelector('button'), async () => {
    const choice = (f.querySelector('[name=choice]:checked') || {}).value, wrong = [];
    if (!choice) wrong.push({ box: f.querySelector('fieldset'), why: Words.text('wrong_choice') });
    if (!why.value) wrong.push({ box: why.parentNode, why: Words.text('wrong_reason') });
    if (Page.errors(node, wrong)) return;
    try { await Send.settle(id, choice, why.value); Page.note('settled'); } catch (x) {
      if (!(x instanceof Send.Trouble)) throw x;
      if (x.status !== 409) { Page.errors(node, [{ why: x.kind === 'away' ? Words.text('needs_network') : x.kind === 'signin' ? Words.text('needs_signin') : x.say }]); return; }
      Page.note('settled_before'); // somebody else decided: learn what
      await Send.drain();
    }
    await Page.go('/outbox');
  }));
  return node;
} };

/* ---- my round ---- */
/* told is which stops this phone has told of, and what is still aboard after it. */
function told(all) {
  return new Set(all.filter(r => (r.kind === 'delivery' || r.kind === 'not_reached') && r.state !== 'refused').map(r => r.body.stop));
}
function stops(all) {
  const done = told(all), list = (Page.pack ? Page.pack.stops : []).map(s => ({ ...s, done: s.state !== 'waiting' || done.has(s.id), km: far(s) }));
  return list.sort((a, b) => due(a) - due(b) || (a.km === null ? Infinity : a.km) - (b.km === null ? Infinity : b.km) || a.seq - b.seq || 0);
}
function stopLine(s) {
  const li = make('t-stop-line');
  li.querySelector('a').href = '#/stop/' + s.id;
  li.querySelector('[data-f=tile]').replaceWith(make('tile-' + (s.level >= 1 && s.level <= 4 ? s.level : 0)));
  fill(li, { title: joined([Words.say('people', { n: s.people }), ...s.needs.slice(0, 2)]), where: joined([s.place, s.km !== null && Words.say('km', { n: s.km }), due(s) < Infinity && Words.say('before', { when: Words.when(s.due) })]) });
  return li;
}
views.home = { live: true, async draw() {
  const node = make('t-home'), all = await Store.all(), wait = pending(all), list = stops(all), left = list.filter(s => !s.done), p = Page.pack;
  fill(node, { h1: wait.length ? Words.say('in_phone', { n: wait.length }) : Words.say('nothing_waits'), news: await news(wait.some(r => r.state === 'waiting')), none: left.length ? null : true });
  node.querySelector('[data-list=wait]').append(...wait.slice(0, 4).map(line));
  node.querySelector('[data-list=stops]').append(...left.map(stopLine));
  fill(node, { count: list.length ? Words.say('left_of', { left: left.length, all: list.length }) : null, loaded: p ? Words.say('stops_loaded', { n: p.stops.length }) : Words.say('no_pack'), size: Words.size(await Store.weight()),
    old: p && Date.now() > p.here.until ? true : null });
  const ask = node.querySelector('[data-on=near]');
  ask.hidden = !!Page.where || !navigator.geolocation || !left.some(s => s.point);
  on(node, 'near', () => Page.here().then(() => Page.show(true), () => { ask.replaceChildren(Words.say('gps_fail')); }));
  on(node, 'send', (e, b) => Page.busy(b, () => Send.drain(true)));
  return node;
} };
Page.due = due;
Page.stops = stops;
Page.far = far;
})();
