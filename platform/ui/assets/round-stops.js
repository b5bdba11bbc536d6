/* Without a network, 7 of 8: at a stop. The card of a stop, a delivery, a stop that was not reached, a visit; and a request of somebody met on the way, in clear or sealed. */
(() => {
const { views, make, fill, on, joined, options } = Page;
const LONGEST = 1280, HEAVY = 150e3, MOST_BOXES = 50, MOST_PHOTOS = 6;
const stopOf = id => (Page.pack ? Page.pack.stops : []).find(s => s.id === id);
const about = s => ({ receipt: s.receipt, place: s.place });

/* ---- the card: what one must know at the door, for two minutes ---- */
views.stop = { async draw(id) {
  const s = stopOf(id);
  if (!s) return views.home.draw();
  const node = make('t-stop'), km = Page.far(s), m = Page.pack.missions.find(x => x.id === s.mission) || { goods: [] }, left = await aboard(m);
  node.querySelector('[data-f=tile]').replaceWith(make('tile-' + (s.level >= 1 && s.level <= 4 ? s.level : 0)));
  fill(node, { title: s.receipt ? Words.say('stop_of', { code: Words.code(s.receipt) }) : Words.say('stop'), place: s.place, people: Words.say('people', { n: s.people }), needs: joined(s.needs), due: Page.due(s) < Infinity ? Words.when(s.due) : Words.say('no_due'),
    far: km === null ? null : Words.say('km', { n: km }), state: s.state === 'waiting' ? null : Words.say('is_' + s.state), reason: s.reached_by || null, aboard: joined(m.goods.filter(g => left[g.code] > 0).map(g => Words.say('goods', { name: g.name, n: left[g.code] }))) });
  for (const name of ['deliver', 'missed', 'visit']) node.querySelector('[data-go=' + name + ']').href = '#/' + name + '/' + id;
  if (!Page.pack.forms.some(f => f.kind === 'visit')) node.querySelector('[data-go=visit]').remove();
  node.querySelector('[data-facts]').since = Date.now();
  on(node, 'again', () => Page.cover(node.querySelector('[data-facts]'), false));
  return node;
} };

/* ---- photos: made small here, which also leaves out where and with what they were taken ---- */
async function shrink(file) {
  const img = await createImageBitmap(file, { imageOrientation: 'from-image' }), canvas = document.createElement('canvas');
  let side = Math.min(1, LONGEST / Math.max(img.width, img.height)), blob;
  for (let quality = .8; ; quality -= .15) {
    if (quality < .3) { quality = .6; side *= .7; }
    canvas.width = Math.max(1, Math.round(img.width * side));
    canvas.height = Math.max(1, Math.round(img.height * side));
    canvas.getContext('2d').drawImage(img, 0, 0, canvas.width, canvas.height);
    blob = await new Promise(ok => canvas.toBlob(ok, 'image/jpeg', quality));
    if (blob.size <= HEAVY || side < .1) break;
  }
  canvas.className = 'shot';
  return { id: Store.mint(), data: new Uint8Array(await blob.arrayBuffer()), canvas };
}
function photos(node) {
  const input = node.querySelector('[data-photo]'), box = node.querySelector('[data-list=shots]'), kept = [];
  if (!input) return kept;
  input.addEventListener('change', async () => {
    for (const f of input.files) {
      if (kept.length >= MOST_PHOTOS) break;
      let p;
      try { p = await shrink(f); } catch (_) { Page.errors(node, [{ box: input.parentNode, why: Words.text('wrong_photo') }]); continue; }
      kept.push(p);
      const li = make('f-shot');
      fill(li, { canvas: p.canvas, size: Words.size(p.data.length) });
      on(li, 'off', () => { kept.splice(kept.indexOf(p), 1); li.remove(); });
      box.append(li);
    }
    input.value = '';
  });
  return kept;
}

/* keep writes a record down, in place of the one that it mends, and goes back. */
async function keep(kind, body, more, shots, old) {
  const had = [];
  if (old) {
    body.instead_of = old.id;
    for (const p of (await Store.photos()).filter(p => p.record === old.id)) had.push({ id: Store.mint(), data: await Store.photo(p) });
  }
  const all = [...had, ...(shots || [])];
  if (all.length) body.photos = all.map(p => p.id);
  await Store.save({ id: Store.mint(), state: 'waiting', at: Date.now(), kind, made_at: new Date().toISOString().replace(/\.\d+/, ''), body, about: more }, all, old && old.id);
  Page.note(kind === 'relay' ? 'kept_sealed' : 'kept', {});
  Send.drain();
  return Page.go('');
}
const older = async id => id ? Store.one(id) : null;

/* ---- a delivery: which stop? ---- */
/* numberIn finds a receipt in what a square says or somebody types. */
const numberIn = text => { const m = Form.western(text).replace(/[\s\u00a0.-]/g, '').match(/(?:^|\D)(\d{9})(?!\d)/); return m && m[1]; };
async function whichStop() {
  const node = make('t-which'), list = Page.stops(await Store.all()), square = node.querySelector('[data-square]');
  const lead = text => {
    const n = numberIn(text), s = n && list.find(x => x.receipt === n);
    if (!Page.errors(node, s ? [] : [{ box: node.querySelector('.fld'), why: Words.text(n ? 'wrong_stop' : 'wrong_receipt') }])) Page.go('/deliver/' + s.id);
  };
  on(node, 'number', (e, f) => lead(f.querySelector('input').value));
  square.closest('p').hidden = !('BarcodeDetector' in window);
  square.addEventListener('change', async () => {
    const found = await createImageBitmap(square.files[0]).then(b => new BarcodeDetector({ formats: ['qr_code'] }).detect(b)).catch(() => []);
    square.value = '';
    lead(found.length ? found[0].rawValue : '');
  });
  const ul = node.querySelector('[data-list=stops]');
  list.filter(s => !s.done).forEach(s => {
    const li = make('t-pick');
    li.querySelector('a').href = '#/deliver/' + s.id;
    fill(li, { title: s.receipt ? Words.code(s.receipt) : Words.say('stop'), where: joined([s.place, Words.say('people', { n: s.people })]) });
    ul.append(li);
  });
  fill(node, { stops: ul.children.length ? true : null });
  return node;
}
/* aboard is what the vehicle still carries, after what this phone has told and the house does not know. */
async function aboard(mission, but) {
  const left = Object.fromEntries(mission.goods.map(g => [g.code, g.aboard])), since = Page.pack.here.at;
  for (const r of await Store.all()) {
    if (r.kind !== 'delivery' || r.body.mission !== mission.id || r.id === but || r.state === 'refused' || r.state === 'conflict' || r.state === 'sent' && r.at < since) continue;
    for (const [code, n] of Object.entries(r.body.goods || {})) left[code] -= n;
  }
  return left;
}
function amounts(node, mission, left, had) {
  const box = node.querySelector('[data-list=goods]');
  return mission.goods.map(g => {
    const f = make('t-good'), input = f.querySelector('input');
    input.name = g.code;
    input.id = f.querySelector('label').htmlFor = 'f-g-' + g.code;
    f.querySelectorAll('button').forEach(b => b.setAttribute('aria-label', b.getAttribute('aria-label') + ' ' + g.name));
    input.value = had[g.code] || '';
    fill(f, { name: g.unit ? joined([g.name, g.unit]) : g.name, aboard: Words.say('aboard', { n: Math.max(0, left[g.code]) }) });
    const step = by => { input.value = Math.max(0, (Number(Form.western(input.value)) || 0) + by) || ''; };
    on(f, 'less', () => step(-1));
    on(f, 'more', () => step(1));
    box.append(f);
    return { g, box: f, input };
  });
}
views.deliver = { async draw(id, instead) {
  const s = stopOf(id), m = s && Page.pack.missions.find(x => x.id === s.mission);
  if (!s || !m) return whichStop();
  const old = await older(instead), had = old ? old.body : {}, left = await aboard(m, instead), node = make('t-deliver'), form = node.querySelector('form');
  fill(node, { title: s.receipt ? Words.code(s.receipt) : Words.say('stop'), where: s.place, message: old && old.message || null });
  const rows = amounts(node, m, left, had.goods || {}), shots = photos(node), by = name => form.querySelector('[name=' + name + ']'), side = () => (form.querySelector('[name=proof]:checked') || {}).value;
  options(by('relation'), Page.pack.relations);
  by('no_goods').checked = !!had.no_goods;
  for (const n of ['code', 'witness', 'relation']) by(n).value = had[n] || '';
  if (had.proof) form.querySelector('[name=proof][value=' + had.proof + ']').checked = true;
  const sides = () => form.querySelectorAll('[data-side]').forEach(x => { x.hidden = x.dataset.side !== side(); });
  form.addEventListener('change', sides);
  sides();
  on(node, 'keep', (e, f) => Page.busy(f.querySelector('.bar button'), async () => {
    const goods = {}, wrong = [];
    for (const { g, box, input } of rows) {
      const v = Form.western(input.value), n = Number(v || 0);
      if (!Number.isInteger(n) || n < 0) wrong.push({ box, label: g.name, why: Words.text('wrong_number') });
      else if (n > left[g.code]) wrong.push({ box, label: g.name, why: Words.text('wrong_aboard', { n: Math.max(0, left[g.code]) }) });
      else if (n) goods[g.code] = n;
    }
    const none = by('no_goods').checked, proof = side(), body = { mission: m.id, stop: s.id, goods, no_goods: none && !Object.keys(goods).length, proof, code: '', witness: '', relation: '' };
    if (!wrong.length && !Object.keys(goods).length && !none) wrong.push({ box: rows.length ? rows[0].box : by('no_goods').closest('.fld'), why: Words.text('wrong_nothing') });
    if (!proof) wrong.push({ box: form.querySelector('[data-proof]'), why: Words.text('wrong_proof') });
    if (proof === 'code' && !(body.code = Form.western(by('code').value).replace(/\D/g, ''))) wrong.push({ box: by('code').parentNode, why: Words.text('wrong_code') });
    if (proof === 'witness' && !(body.witness = by('witness').value.trim())) wrong.push({ box: by('witness').parentNode, why: Words.text('wrong_witness') });
    if (proof === 'witness' && !(body.relation = by('relation').value)) wrong.push({ box: by('relation').parentNode, why: Words.text('wrong_relation') });
    if (!Page.errors(node, wrong)) await keep('delivery', body, about(s), shots, old);
  }));
  return node;
} };

/* ---- not reached ---- */
views.missed = { async draw(id, instead) {
  const s = stopOf(id);
  if (!s) return views.home.draw();
  const old = await older(instead), node = make('t-missed'), box = node.querySelector('.opts');
  fill(node, { title: s.receipt ? Words.code(s.receipt) : Words.say('stop'), where: s.place, message: old && old.message || null });
  for (const [value, label] of Page.pack.reasons.not_reached) {
    const o = make('f-one'), input = o.querySelector('input');
    Object.assign(input, { name: 'reason', value, checked: old && old.body.reason === value });
    fill(o, { label });
    box.append(o);
  }
  on(node, 'keep', (e, f) => Page.busy(f.querySelector('.bar button'), async () => {
    const reason = (f.querySelector('[name=reason]:checked') || {}).value;
    if (!Page.errors(node, reason ? [] : [{ box, why: Words.text('wrong_reason') }])) await keep('not_reached', { mission: s.mission, stop: s.id, reason }, about(s), [], old);
  }));
  return node;
} };

/* ---- a visit ---- */
views.visit = { async draw(id, instead) {
  const s = stopOf(id), form = s && Page.pack.forms.find(f => f.kind === 'visit');
  if (!form) return views.home.draw();
  const old = await older(instead), node = make('t-visit'), asked = Form.build(form, old && old.body.answers, Page.pack.places), shots = photos(node);
  fill(node, { title: form.name, where: joined([s.receipt && Words.code(s.receipt), s.place]), message: old && old.message || null });
  node.querySelector('[data-list=form]').append(asked.node);
  on(node, 'keep', (e, f) => Page.busy(f.querySelector('.bar button'), async () => {
    const { answers, wrong } = asked.read();
    if (!Page.errors(node, wrong)) await keep('visit', { mission: s.mission, stop: s.id, form: form.code || '', answers }, about(s), shots, old);
  }));
  return node;
} };

/* ---- somebody met on the way ---- */
function services(node, to) {
  const ul = node.querySelector('[data-list=services]'), all = Page.pack ? Page.pack.forms.filter(f => f.kind === 'request') : [];
  for (const f of all) {
    const li = make('t-pick');
    li.querySelector('a').href = '#/' + to + '/' + f.service;
    fill(li, { title: f.name, where: null });
    ul.append(li);
  }
  fill(node, { none: all.length ? null : true });
  return node;
}
const serviceOf = code => Page.pack && Page.pack.forms.find(f => f.kind === 'request' && f.service === code);
views.request = { async draw(service, instead) {
  const form = serviceOf(service);
  if (!form) return services(fill(make('t-services'), { relay: null }), 'request');
  const old = await older(instead), node = make('t-request'), asked = Form.build(form, old && old.body.answers, Page.pack.places);
  fill(node, { title: form.name, message: old && old.message || null });
  node.querySelector('[data-list=form]').append(asked.node);
  if (old) node.querySelector('[name=consent][value=' + old.body.consent + ']').checked = true;
  on(node, 'keep', (e, f) => Page.busy(f.querySelector('.bar button'), async () => {
    const { answers, wrong } = asked.read(), consent = (f.querySelector('[name=consent]:checked') || {}).value;
    if (!consent) wrong.push({ box: f.querySelector('[data-consent]'), why: Words.text('wrong_consent') });
    if (!Page.errors(node, wrong)) await keep('request', { service, answers, lang: Words.lang, spoken: '', consent, help: 'association' }, { place: form.name }, [], old);
  }));
  return node;
} };
/* The person writes, agrees and seals: from then on the phone carries what it cannot read. */
views.relay = { async draw(service) {
  const form = serviceOf(service), n = (await Store.all()).filter(r => r.kind === 'relay' && r.state !== 'sent').length;
  const node = make(form ? 't-relay' : 't-services');
  if (n >= MOST_BOXES) { const full = make('t-full'); fill(full, { text: Words.say('boxes_full', { n: MOST_BOXES }) }); return full; }
  if (!form) { fill(node, { relay: true, carried: Words.say('boxes', { n, most: MOST_BOXES }) }); return services(node, 'relay'); }
  const asked = Form.build(form, null, Page.pack.places);
  fill(node, { title: form.name });
  node.querySelector('[data-list=form]').append(asked.node);
  on(node, 'keep', (e, f) => Page.busy(f.querySelector('.bar button'), async () => {
    const { answers, wrong } = asked.read();
    if (!f.querySelector('[name=agree]').checked) wrong.push({ box: f.querySelector('[data-consent]'), why: Words.text('wrong_consent') });
    if (Page.errors(node, wrong)) return;
    const at = new Date().toISOString().replace(/\.\d+/, '');
    const letter = await Store.letter({ id: Store.mint(), kind: 'request', made_at: at, body: { service, answers, lang: Words.lang, spoken: '', consent: 'written', help: 'association' } });
    asked.node.remove();
    await keep('relay', { box: Store.to64(letter) }, { place: form.name }, []);
  }));
  return node;
} };
})();
