/* Without a network, 8 of 8: the phone itself. Setting it up, opening it, what is on it, and how all of that goes away; and the start of the app. */
(() => {
const { views, make, fill, on } = Page;
const RENEW = 3600e3, AGAIN = 60e3;
const trouble = e => { if (!(e instanceof Send.Trouble)) throw e; return e.kind === 'away' ? e.say || Words.text('needs_network') : e.kind === 'signin' ? Words.text('needs_signin') : e.say; };
const signIn = a => { a.href += '?next=' + encodeURIComponent(location.pathname); };

/* renew fetches the pack anew, as far as there is a network. */
async function renew() { await Send.pack(); await Page.load(); }

/* ---- for the first time on this phone ---- */
let fresh = '';
views.setup = { shut: true, async draw() {
  if (!window.crypto || !crypto.subtle || !window.indexedDB) return make('t-old');
  const node = make('t-setup');
  signIn(node.querySelector('[data-go=signin]'));
  fill(node, { cut: Send.state.erased === 'cut' ? true : null, old: Send.state.erased === 'old' ? true : null });
  on(node, 'setup', (e, f) => Page.busy(f.querySelector('.bar button'), async () => {
    const [name, password] = ['name', 'password'].map(n => f.querySelector('[name=' + n + ']')), wrong = [];
    if (!name.value.trim()) wrong.push({ box: name.parentNode, why: Words.text('wrong_name') });
    if (!password.value) wrong.push({ box: password.parentNode, why: Words.text('wrong_empty') });
    if (Page.errors(node, wrong)) return;
    fresh = fresh || Store.mint(); // tried again it is the same phone
    try {
      await Store.setUp(await Send.enrol(fresh, name.value.trim(), password.value), name.value.trim(), password.value);
    } catch (x) { Page.errors(node, [{ box: x.status === 422 ? password.parentNode : null, why: trouble(x) }]); return; }
    Send.state.erased = '';
    await renew().catch(x => Page.note('pack_missing', { why: trouble(x) }));
    Page.touch();
    return Page.go('');
  }));
  return node;
} };

/* ---- opening it, also without a network ---- */
views.unlock = { shut: true, async draw() {
  const node = make('t-unlock'), waiting = (await Store.rows()).filter(x => x.state !== 'sent').length, kept = await Store.get('rescue');
  fill(node, { waits: waiting ? Words.say('in_phone', { n: waiting }) : null });
  on(node, 'unlock', (e, f) => Page.busy(f.querySelector('button'), async () => {
    const input = f.querySelector('input'), said = node.querySelector('[data-said]');
    if (!input.value) return Page.errors(node, [{ box: input.parentNode, why: Words.text('wrong_empty') }]);
    Page.errors(node, []);
    said.replaceChildren(Words.say('opening'));
    const is = await Store.unlock(input.value);
    said.replaceChildren();
    if (is !== true) { input.value = ''; return Page.errors(node, [{ box: input.parentNode, why: is ? Words.text('wrong_wait', { n: Math.ceil(is / 60e3) }) : Words.text('wrong_password') }]); }
    await opened();
  }));
  on(node, 'lost', (e, b) => Page.busy(b, async () => {
    try { await Send.handOver(); } catch (x) { return Page.errors(node, [{ why: trouble(x) }]); }
    await Store.erase();
    return Page.go('');
  }));
  fill(node, { lost_n: kept ? Words.say('lost_n', { n: kept.n }) : Words.say('lost_none') });
  return node;
} };
async function opened() {
  Page.touch();
  await Page.load();
  if (navigator.permissions) navigator.permissions.query({ name: 'geolocation' }).then(p => p.state === 'granted' && Page.here().then(() => document.dispatchEvent(new CustomEvent('round'))), () => {});
  await Page.show();
  await Send.drain();
  if (navigator.onLine && Store.isOpen() && !Send.state.trouble && (!Page.pack || Date.now() - Page.pack.here.at > RENEW)) await renew().then(() => document.dispatchEvent(new CustomEvent('round')), () => {});
}

/* ---- what is on it ---- */
/* hand gives a file to the phone's owner. */
function hand(name, data) {
  const a = Object.assign(document.createElement('a'), { href: URL.createObjectURL(new Blob([data], { type: 'application/octet-stream' })), download: name });
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(a.href), 60e3);
}
views.phone = { async draw() {
  const node = make('t-phone'), p = Page.pack, all = await Store.all(), unsent = all.filter(Store.unsent).length, boxes = all.filter(r => r.kind === 'relay' && r.state !== 'sent').length;
  const size = await Store.weight(), shots = (await Store.photos()).length, said = node.querySelector('[data-said]'), tell = x => said.replaceChildren(x);
  fill(node, { holder: p ? Page.joined([p.holder.name, p.holder.org]) : '', name: (await Store.self()).name, pack: p ? Words.say('pack_holds', { missions: p.missions.length, stops: p.stops.length }) : Words.say('no_pack'), taken: p ? Words.when(p.here.at) : '', until: p ? Words.when(p.here.until) : '',
    unsent: Words.say('records', { n: unsent }), photos: Words.say('photos', { n: shots }), boxes: Words.say('boxes', { n: boxes, most: 50 }), size: Words.size(size), forms: p ? Page.joined(p.forms.map(f => new Text(f.name))) : '', warn: unsent + shots ? Words.say('erase_unsent', { n: unsent }) : null });
  on(node, 'renew', (e, b) => Page.busy(b, () => renew().then(() => { Page.note('renewed'); return Page.show(true); }, x => tell(trouble(x)))));
  on(node, 'lock', Page.lock);
  on(node, 'rescue', (e, b) => Page.busy(b, async () => {
    const files = await Store.files();
    files.forEach((f, i) => hand('twiza-' + new Date().toISOString().slice(0, 10) + (files.length > 1 ? '-' + (i + 1) : '') + '.age', f));
    tell(Words.say(files.length ? 'rescued' : 'rescue_empty', { n: files.length }));
  }));
  on(node, 'erase', (e, b) => Page.busy(b, async () => {
    const sure = node.querySelector('[data-sure]');
    if (sure.hidden) { sure.hidden = false; return; }
    await Store.erase();
    return Page.lock();
  }));
  on(node, 'password', (e, f) => Page.busy(f.querySelector('button'), async () => {
    const [old, now] = ['old', 'new'].map(n => f.querySelector('[name=' + n + ']')), phone = await Store.get('phone');
    try { await Send.enrol(phone.device, (await Store.self()).name, now.value); } catch (x) { Page.errors(f, [{ box: now.parentNode, why: trouble(x) }]); return; }
    if (!await Store.rewrap(old.value, now.value)) { Page.errors(f, [{ box: old.parentNode, why: Words.text('wrong_password') }]); return; }
    Page.note('password_changed');
    return Page.show();
  }));
  return node;
} };

views.cut = { shut: true, live: true, async draw() { return make('t-cut'); } };

/* ---- the start ---- */
async function start() {
  if (!window.crypto || !crypto.subtle || !window.indexedDB) { document.getElementById('main').replaceChildren(make('t-old')); return; }
  document.querySelectorAll('[data-day]').forEach(x => { x.textContent = Words.date(new Date(), true); });
  Page.start();
  if (await Store.tidy()) Send.state.erased = 'old';
  await Page.show(true);
  addEventListener('online', () => Send.drain());
  const w = navigator.serviceWorker;
  if (w) {
    w.addEventListener('message', () => Send.drain()); // Background Sync wakes the worker, which tells its windows
    document.addEventListener('round', async () => { if (!navigator.onLine) (await w.ready).sync && (await w.ready).sync.register('out').catch(() => {}); });
  }
  setInterval(async () => { if (navigator.onLine && await Store.state() !== 'none' && (Send.state.trouble || (await Store.rows()).some(x => x.state === 'waiting'))) Send.drain(); }, AGAIN);
  await Send.drain();
}
start();
})();
