/* Without a network, 3 of 8: what goes to the house and what comes from it. One run at a time, oldest first; the house knows each record by its identifier, so whatever is sent twice counts once. */
const Send = (() => {
const API = '/api/v1/round/', PATIENCE = 45e3, MOST = 20, HEAVY = 1e6, PIECE = 48 * 1024;

/* Why a call came to nothing: away (no network, or the house has trouble), signin, cut, or no (it says why). */
class Trouble extends Error { constructor(kind, say, status) { super(say || kind); this.kind = kind; this.say = say; this.status = status; } }

async function call(method, path, body, head) {
  const phone = await Store.get('phone'), stop = new AbortController(), timer = setTimeout(() => stop.abort(), PATIENCE);
  const url = API + path + (path.includes('?') ? '&' : '?') + 'lang=' + Words.lang + (phone && phone.device ? '&device=' + phone.device : '');
  let got;
  try {
    got = await fetch(url, { method, signal: stop.signal, headers: { Accept: 'application/json', ...head }, body, cache: 'no-store' });
    if (got.status === 401) {
      const said = await got.json().catch(() => ({}));
      throw new Trouble(said.state === 'cut' ? 'cut' : 'signin', said.title, 401);
    }
    return got;
  } catch (e) {
    throw e instanceof Trouble ? e : new Trouble('away');
  } finally { clearTimeout(timer); }
}
/* json is call for what answers with JSON; what the house refuses is Trouble with its words. */
async function json(method, path, body) {
  const got = await call(method, path, body && JSON.stringify(body), body && { 'Content-Type': 'application/json' });
  let said;
  try { said = await got.json(); } catch (_) { throw new Trouble('away'); }
  if (got.ok) return said;
  if (got.status >= 500 || got.status === 429) throw new Trouble('away', said.title, got.status);
  throw new Trouble('no', (said.fields || []).map(f => f.title).join(' ') || said.title, got.status);
}

/* ---- one run at a time, whatever the number of windows ---- */
async function alone(work) {
  if (navigator.locks) return navigator.locks.request('round', { ifAvailable: true }, mine => mine && work());
  const mine = Store.mint(), lease = await Store.get('lease'); // older browsers: a lease of a minute
  if (lease && lease.until > Date.now()) return;
  await Store.set('lease', { mine, until: Date.now() + 60e3 });
  if ((await Store.get('lease')).mine !== mine) return;
  try { return await work(); } finally { await Store.set('lease'); }
}

const state = { busy: false, trouble: null, again: '', under: new Set() };
const tell = () => document.dispatchEvent(new CustomEvent('round'));

/* drain sends what waits. asked is a person who pressed the button: pressed during a run that fails, it is one more run at once. */
async function drain(asked) {
  if (navigator.onLine === false) return;
  if (state.busy) { state.again = asked ? 'asked' : state.again || 'written'; return; }
  state.busy = true;
  tell();
  try {
    await alone(async () => {
      const is = await Store.state();
      if (is === 'cut') return handIn();
      if (is === 'none') return;
      if (is === 'locked') { await json('POST', 'records', { device: (await Store.get('phone')).device, records: [] }); return; } // only to learn whether it is cut off
      await records();
      await photos();
      await Store.set('synced', Date.now());
    });
    state.trouble = null;
  } catch (e) {
    if (!(e instanceof Trouble) && Store.isOpen()) throw e;
    state.trouble = e; // anything else is a phone that was locked in the middle of it: it goes on when it is opened
    if (e.kind === 'cut') await cut();
  } finally {
    state.busy = false;
    state.under.clear();
    if (Store.isOpen()) await Store.rescue();
    await Store.tidy();
    tell();
  }
  if (state.again === 'asked' || state.again && !state.trouble) { state.again = ''; return drain(); } // something was written down meanwhile
}

/* records sends what waits, and asks again about what waits for a person at home, who may have decided. */
async function records() {
  const { device } = await Store.get('phone'), all = await Store.all();
  const queue = all.filter(r => r.state === 'waiting').concat(all.filter(r => r.state === 'conflict'));
  let most = MOST;
  while (queue.length) {
    const batch = [];
    for (let weight = 0; queue.length && batch.length < most; batch.push(queue.shift())) {
      weight += JSON.stringify(queue[0].body).length;
      if (weight > HEAVY && batch.length) break;
    }
    for (const r of batch) state.under.add(r.id);
    tell();
    let said;
    try { said = await json('POST', 'records', { device, records: batch.map(Store.wire) }); } catch (e) {
      if (e.kind !== 'no' || e.status === 403 || e.status === 404) throw e;
      if (batch.length === 1) { await Store.stands(batch[0].id, 'refused', { message: e.say }); continue; }
      queue.unshift(...batch); // one of them spoils the call: find out which
      most = 1;
      continue;
    }
    let later = false;
    for (const r of said.results) later = await became(r) || later;
    if (later) throw new Trouble('away');
  }
}
const ends = { taken: 'sent', again: 'sent', conflict: 'conflict', refused: 'refused' };
async function became(r) {
  state.under.delete(r.id);
  if (!ends[r.state]) return true;
  await Store.stands(r.id, ends[r.state], { message: r.message, receipt: r.receipt, other: r.other });
  return false;
}

/* ---- photos, by tus 1.0.0: from where the line broke the last time ---- */
const hex = b => [...new Uint8Array(b)].map(x => x.toString(16).padStart(2, 0)).join('');
async function photos() {
  const home = new Set((await Store.all()).filter(r => r.state === 'sent' || r.state === 'conflict').map(r => r.id));
  for (const p of await Store.photos()) {
    if (home.has(p.record)) await photo(p);
    tell();
  }
}
async function photo(p) {
  const data = await Store.photo(p), sum = hex(await crypto.subtle.digest('SHA-256', data)), { device } = await Store.get('phone');
  const meta = Object.entries({ id: p.id, record: p.record, device, sha256: sum }).map(([k, v]) => k + ' ' + btoa(v)).join(',');
  const at = got => Number(got.headers.get('Upload-Offset'));
  let got = await call('POST', 'photos', null, { 'Tus-Resumable': '1.0.0', 'Upload-Length': data.length, 'Upload-Metadata': meta });
  if (got.status !== 201) return notTaken(p, got);
  for (let from = at(got), tries = 0; from < data.length;) {
    got = await call('PATCH', 'photos/' + p.id, data.subarray(from, from + PIECE), { 'Tus-Resumable': '1.0.0', 'Upload-Offset': from, 'Content-Type': 'application/offset+octet-stream' });
    if (got.status === 204) { from = at(got); continue; }
    if (++tries > 3 || got.status !== 409 && got.status !== 460) return notTaken(p, got);
    got = await call('HEAD', 'photos/' + p.id, null, { 'Tus-Resumable': '1.0.0' });
    if (got.status !== 200) return notTaken(p, got);
    from = at(got);
  }
  await Store.dropPhoto(p.id);
}
/* A photo that the house will never take is let go; the record says so. */
async function notTaken(p, got) {
  if (got.status >= 500 || got.status === 429) throw new Trouble('away');
  const said = await got.json().catch(() => ({})), r = await Store.one(p.record);
  await Store.stands(p.record, r.state, { lost: (r.lost || 0) + 1, lostWhy: said.title });
  await Store.dropPhoto(p.id);
}

/* ---- a phone that was cut off ---- */
/* What is not sent goes to the house once, sealed; then everything goes. */
async function cut() {
  const kept = await Store.get('rescue');
  let letters = kept ? [kept.file] : [];
  if (Store.isOpen()) letters = await Store.files().catch(() => letters);
  await Store.cutOff(letters);
  await handIn();
}
async function handIn() {
  const letters = await Store.get('cut') || [];
  while (letters.length) {
    try {
      const got = await call('POST', 'rescue', letters[0], { 'Content-Type': 'application/octet-stream' });
      if (got.status >= 500 || got.status === 429) return;
    } catch (e) { if (e.kind === 'away') return; }
    letters.shift();
    await Store.set('cut', letters);
  }
  await Store.erase();
  state.erased = 'cut';
}
/* handOver gives in the sealed copy of a phone that nobody can open any more, in the name of whoever is signed in. */
async function handOver() {
  const kept = await Store.get('rescue');
  if (!kept) return;
  const got = await call('POST', 'rescue', kept.file, { 'Content-Type': 'application/octet-stream' });
  if (!got.ok) throw new Trouble(got.status >= 500 || got.status === 429 ? 'away' : 'no', ((await got.json().catch(() => ({}))).title));
}

/* ---- what comes from the house ---- */
const enrol = (id, name, password) => json('POST', 'devices', { id, name, password });
async function pack() {
  const got = await json('GET', 'pack');
  await Store.keepPack(got);
  return got;
}
async function settle(id, choice, reason) {
  const r = await json('POST', 'records/' + id + '/settle', { choice, reason });
  await became({ ...r, id });
  return r;
}

return { drain, enrol, pack, settle, handOver, state, Trouble };
})();
