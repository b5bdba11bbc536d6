/* Without a network, 2 of 8: what is kept on the phone (IndexedDB "twiza-round"). In clear: the device's identifier, the salt, the wrapped key, which records there are and how they stand, and what is sealed to the house already. All else is under a key that comes from the password and lives in memory. */
const Store = (() => {
const NAME = 'twiza-round', HOUR = 3600e3, DAY = 24 * HOUR, bytes = new TextEncoder(), words = new TextDecoder();
let link = null, key = null;

/* An identifier as base/id mints them: milliseconds, then chance (RFC 9562, 5.7). */
const mint = () => {
  const t = Date.now().toString(16).padStart(12, 0), h = [...crypto.getRandomValues(new Uint8Array(10))].map(b => b.toString(16).padStart(2, 0)).join('');
  return t.slice(0, 8) + '-' + t.slice(8) + '-7' + h.slice(1, 4) + '-' + '89ab'[parseInt(h[4], 16) & 3] + h.slice(5, 8) + '-' + h.slice(8);
};
const to64 = b => { let s = ''; for (let i = 0; i < b.length; i += 8192) s += String.fromCharCode(...b.subarray(i, i + 8192)); return btoa(s); };
const from64 = s => Uint8Array.from(atob(s), c => c.charCodeAt(0));

/* ---- the database ---- */
const open = () => link = link || new Promise((ok, no) => {
  const r = indexedDB.open(NAME, 1);
  r.onupgradeneeded = () => {
    r.result.createObjectStore('meta');
    r.result.createObjectStore('records', { keyPath: 'id' });
    r.result.createObjectStore('photos', { keyPath: 'id' }).createIndex('record', 'record');
  };
  r.onerror = () => { link = null; no(r.error); };
  r.onsuccess = () => { const d = r.result; d.onversionchange = d.onclose = () => { d.close(); link = null; }; ok(d); };
});
/* What is written is on the disk before anybody is told so: a battery may be taken out. */
async function tx(mode, work, again) {
  const at = open(), d = await at;
  let t;
  try { t = d.transaction(['meta', 'records', 'photos'], mode, { durability: 'strict' }); }
  catch (e) { /* whoever erased it, or another window, closed it while we waited: it is opened once more */
    if (again || e.name !== 'InvalidStateError') throw e;
    if (link === at) link = null;
    return tx(mode, work, true);
  }
  return new Promise((ok, no) => {
    const asked = work(name => t.objectStore(name));
    t.oncomplete = () => ok(asked && asked.result);
    t.onabort = t.onerror = () => no(t.error || new Error('not kept'));
  });
}
const get = name => tx('readonly', s => s('meta').get(name));
const set = (name, v) => tx('readwrite', s => v === undefined ? s('meta').delete(name) : s('meta').put(v, name));

/* ---- sealing ---- */
async function seal(where, raw, by) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bytes.encode(where) }, by || key, raw)) };
}
const unseal = async (where, box, by) => new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: box.iv, additionalData: bytes.encode(where) }, by || key, box.data));
const sealed = (where, v) => seal(where, bytes.encode(JSON.stringify(v)));
const opened = async (where, box) => JSON.parse(words.decode(await unseal(where, box)));

async function fromPassword(password, salt, iterations) {
  const base = await crypto.subtle.importKey('raw', bytes.encode(password.normalize('NFC')), 'PBKDF2', false, ['deriveKey']);
  return crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}
const asKey = raw => crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);

/* ---- the phone and its key ---- */
/* setUp begins anew: out is what the house answered when the phone was enrolled. */
async function setUp(out, name, password) {
  const salt = from64(out.salt), raw = crypto.getRandomValues(new Uint8Array(32)), kek = await fromPassword(password, salt, out.iterations);
  const phone = { device: out.id, salt, iterations: out.iterations, recipient: out.recipient, until: Date.now() + 7 * DAY, wrapped: await seal('key', raw, kek) };
  key = await asKey(raw);
  await wipe();
  await set('phone', phone);
  await set('self', await sealed('self', { name }));
  raw.fill(0);
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
}
/* unlock tells true, or how many milliseconds to wait, or false for a wrong password. Ten wrong ones in a row, and waits grow up to an hour; nothing is ever erased for it. */
async function unlock(password) {
  const phone = await get('phone'), tries = await get('tries') || { n: 0, until: 0 };
  if (tries.until > Date.now()) return tries.until - Date.now();
  tries.n++;
  tries.until = tries.n < 10 ? 0 : Date.now() + Math.min(HOUR, 60e3 * 2 ** (tries.n - 10));
  await set('tries', tries); // before the try: closing the page does not take it back
  let raw;
  try { raw = await unseal('key', phone.wrapped, await fromPassword(password, phone.salt, phone.iterations)); } catch (_) { return tries.until ? tries.until - Date.now() : false; }
  key = await asKey(raw);
  raw.fill(0);
  await set('tries');
  return true;
}
const lock = () => { key = null; };
/* rewrap puts the key under another password, once the house has said that it is the one. */
async function rewrap(old, password) {
  const phone = await get('phone');
  let raw;
  try { raw = await unseal('key', phone.wrapped, await fromPassword(old, phone.salt, phone.iterations)); } catch (_) { return false; }
  phone.wrapped = await seal('key', raw, await fromPassword(password, phone.salt, phone.iterations));
  raw.fill(0);
  await set('phone', phone);
  return true;
}

/* ---- what was taken along ---- */
/* here is when it came and until when it is good by this phone's own clock, which may be wrong. */
async function keepPack(pack) {
  const now = Date.now(), here = { at: now, until: now + Date.parse(pack.until) - Date.parse(pack.at) };
  const box = await sealed('pack', { ...pack, here }), phone = await get('phone');
  await tx('readwrite', s => { s('meta').put(box, 'pack'); return s('meta').put({ ...phone, until: here.until, recipient: pack.recipient }, 'phone'); });
}
const pack = async () => { const box = await get('pack'); return box ? opened('pack', box) : null; };
const self = async () => { const box = await get('self'); return box ? opened('self', box) : {}; };

/* ---- what was written down ---- */
/* A record is {id, state, at, kind, made_at, body, about, photos} and what the house said: message, receipt, other. state: waiting, refused, conflict, sent; at: when it came to that. */
async function row(r) {
  const { id, state, at, ...rest } = r;
  return { id, state, at, box: await sealed('records/' + id, rest) };
}
const plainRow = async x => ({ id: x.id, state: x.state, at: x.at, ...await opened('records/' + x.id, x.box) });
/* forget drops a record with its photos. */
function forget(s, id) {
  s('photos').index('record').openKeyCursor(IDBKeyRange.only(id)).onsuccess = e => { const c = e.target.result; if (c) { s('photos').delete(c.primaryKey); c.continue(); } };
  return s('records').delete(id);
}
/* save keeps a record with its photos, in place of an older one if it mends that. */
async function save(r, photos, instead) {
  const kept = await row({ ...r, photos: (photos || []).map(p => p.id) }), shots = [];
  for (const p of photos || []) shots.push({ id: p.id, record: r.id, size: p.data.length, box: await seal('photos/' + p.id, p.data) });
  await tx('readwrite', s => {
    if (instead) forget(s, instead);
    for (const x of shots) s('photos').put(x);
    return s('records').put(kept);
  });
  await rescue();
}
/* stands notes what became of a record. */
async function stands(id, state, more) {
  const x = await tx('readonly', s => s('records').get(id));
  if (!x) return;
  const r = { ...await plainRow(x), ...more, state, at: x.state === state ? x.at : Date.now() };
  if (state === 'sent') for (const secret of ['code', 'box', 'answers']) delete r.body[secret]; // of no more use here
  const kept = await row(r);
  await tx('readwrite', s => s('records').put(kept));
}
const rows = () => tx('readonly', s => s('records').getAll());
const all = async () => Promise.all((await rows()).map(plainRow));
const one = async id => { const x = await tx('readonly', s => s('records').get(id)); return x && plainRow(x); };
async function drop(id) {
  await tx('readwrite', s => forget(s, id));
  await rescue();
}
const photos = () => tx('readonly', s => s('photos').getAll());
const photo = p => unseal('photos/' + p.id, p.box);
const dropPhoto = id => tx('readwrite', s => s('photos').delete(id));

/* ---- what only the house can open ---- */
async function letter(plain) {
  const e = new age.Encrypter();
  e.addRecipient((await get('phone')).recipient);
  return e.encrypt(JSON.stringify(plain));
}
const wire = r => ({ id: r.id, kind: r.kind, made_at: r.made_at, body: r.body });
const unsent = r => r.state === 'waiting' || r.state === 'refused';
/* rescue seals a copy of what is not sent, so that a phone that is locked, or cut off, still can hand it in. */
async function rescue() {
  const all_ = (await all()).filter(unsent), phone = await get('phone');
  await set('rescue', all_.length ? { n: all_.length, file: await letter({ device: phone.device, records: all_.map(wire) }) } : undefined);
}
/* files is the whole outbox with its photos, in sealed files that the house takes. */
async function files() {
  const phone = await get('phone'), kept = await all(), out = [], MOST = 12e6;
  let now = { device: phone.device, records: kept.filter(unsent).map(wire), photos: [] }, weight = 0;
  for (const p of await photos()) {
    if (weight + p.size > MOST) { out.push(await letter(now)); now = { device: phone.device, records: [], photos: [] }; weight = 0; }
    now.photos.push({ id: p.id, record: p.record, data: to64(await photo(p)) });
    weight += p.size;
  }
  if (now.records.length || now.photos.length) out.push(await letter(now));
  return out;
}

/* ---- what is forgotten ---- */
/* tidy erases a day after sending, and everything a week after the pack has run out, when nothing is left to send. */
async function tidy() {
  const phone = await get('phone'), now = Date.now();
  if (!phone) return false;
  const kept = await rows(), shots = await photos(), pending = new Set(shots.map(p => p.record));
  const old = kept.filter(x => x.state === 'sent' && now - x.at > DAY && !pending.has(x.id));
  if (old.length) await tx('readwrite', s => { for (const x of old) s('records').delete(x.id); });
  if (now > phone.until + 7 * DAY && kept.length === old.length && !shots.length) { await erase(); return true; }
  return false;
}
const wipe = () => tx('readwrite', s => { for (const n of ['meta', 'records', 'photos']) s(n).clear(); });
async function erase() {
  key = null;
  await wipe();
  const d = await open();
  d.close();
  link = null;
  await new Promise(ok => { const r = indexedDB.deleteDatabase(NAME); r.onsuccess = r.onerror = r.onblocked = ok; });
}
/* cutOff forgets all but the sealed files that are still to be handed in. */
async function cutOff(letters) {
  key = null;
  await tx('readwrite', s => { for (const n of ['meta', 'records', 'photos']) s(n).clear(); return s('meta').put(letters, 'cut'); });
}
async function weight() {
  const box = await get('pack'), all_ = await rows(), shots = await photos();
  return (box ? box.data.length : 0) + all_.reduce((n, x) => n + x.box.data.length, 0) + shots.reduce((n, x) => n + x.size, 0);
}

return { mint, to64, bytes, get, set, setUp, unlock, lock, rewrap, keepPack, pack, self, save, stands, rows, all, one, drop, photos, photo, dropPhoto, letter, wire, unsent, rescue, files, tidy, erase, cutOff, weight,
  isOpen: () => !!key, state: async () => await get('cut') ? 'cut' : !await get('phone') ? 'none' : key ? 'open' : 'locked' };
})();
