/* What twiza-verify does (shared/translog/verify), for whoever has a browser and nothing else: the public files of a log against each other and the log's keys, by Web Crypto alone. It asks the network nothing: files come from whoever calls. Findings have the names that the program gives them; a test flips the same bytes before both. */
const LogVerify = (() => {
const WIDTH = 256, HASH = 32, MOST = 2_000_000, LONGEST = 4096, CHECKPOINT = 'checkpoint', TOTALS = 'totals.csv', OLDER = 'checkpoints/', PROOF = '.tlog-proof';
const utf8 = new TextEncoder(), strictly = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const wrong = why => { throw new Error(why); };
const hex = b => Array.from(b, x => x.toString(16).padStart(2, '0')).join('');
const unhex = s => /^([0-9a-f]{2})*$/.test(s) ? Uint8Array.from(s.match(/../g) || [], x => parseInt(x, 16)) : wrong('no hexadecimal');
const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
const join = (...parts) => {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  parts.reduce((at, p) => (out.set(p, at), at + p.length), 0);
  return out;
};
const sha = async b => new Uint8Array(await crypto.subtle.digest('SHA-256', b));
const leafHash = entry => sha(join([0], entry));
const nodeHash = (a, b) => sha(join([1], a, b)); // RFC 6962, 2.1
const to64 = b => btoa(String.fromCharCode(...b));
/* Base64 in one spelling only: no bit of it can be changed without changing what it says. */
function from64(s) {
  let raw;
  try { raw = Uint8Array.from(atob(s), c => c.charCodeAt(0)); } catch { wrong('no base64'); }
  return to64(raw) === s ? raw : wrong('no base64');
}
const whole = s => /^(0|[1-9][0-9]{0,14})$/.test(s) ? Number(s) : wrong('no number');

/* JSON in one spelling only (RFC 8785): names in order, no spaces. */
function spell(v) {
  if (Array.isArray(v)) return '[' + v.map(spell).join() + ']';
  if (v === null || typeof v !== 'object') return typeof v !== 'number' || Number.isSafeInteger(v) ? JSON.stringify(v) : wrong('a number that is not whole');
  return '{' + Object.keys(v).sort().map(k => /^[ -~]*$/.test(k) ? JSON.stringify(k) + ':' + spell(v[k]) : wrong('a name that is not plain')).join() + '}';
}
function parseSpelt(text) {
  const v = JSON.parse(text);
  return spell(v) === text ? v : wrong('not spelled canonically');
}

/* ---- keys and heads ---- */
async function readKeys(text) {
  const keys = new Map();
  for (const line of text.split('\n').map(l => l.trim())) {
    if (!line || line.startsWith('#')) continue;
    const m = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(line) || wrong('no key'), raw = from64(m[3]);
    if (raw.length !== HASH + 1 || raw[0] !== 1 && raw[0] !== 4 || hex(await sha(join(utf8.encode(m[1] + '\n'), raw))).slice(0, 8) !== m[2]) wrong('no key');
    const who = m[1] + '+' + m[2];
    if (keys.has(who)) wrong('the key ' + who + ' is there twice');
    let key;
    try { key = await crypto.subtle.importKey('raw', raw.slice(1), 'Ed25519', false, ['verify']); } catch (e) { throw Object.assign(new Error('browser_old'), { old: true, cause: e }); }
    keys.set(who, { name: m[1], witness: raw[0] === 4, key });
  }
  return [...keys.values()].some(k => !k.witness) ? keys : wrong('no key of a log');
}

/* A head: origin, size and root, a line each, in no other spelling (C2SP tlog-checkpoint). */
function parseHead(text) {
  const [origin, size, root, end, more] = text.split('\n');
  if (!origin || end !== '' || more !== undefined) wrong('no checkpoint');
  const out = { origin, size: whole(size), root: from64(root) };
  out.shown = root;
  return out.root.length === HASH ? out : wrong('no checkpoint');
}

/* A signed head (C2SP signed-note): one key of the log must have signed it, and a signature of a known key that does not fit is wrong whatever else is there. */
async function open(bytes, keys) {
  const msg = strictly.decode(bytes), at = msg.lastIndexOf('\n\n');
  if (at < 0 || /[\x00-\x09\x0b-\x1f]/.test(msg)) wrong('no signed note');
  const text = msg.slice(0, at + 1), lines = msg.slice(at + 2).split('\n'), out = { witnesses: [], unknown: [] }, seen = new Set();
  if (lines.pop() !== '' || !lines.length || lines.length > 100) wrong('no signed note');
  const head = parseHead(text);
  let ours = false;
  for (const line of lines) {
    const m = /^— ([^+\s]+) (\S+)$/.exec(line) || wrong('no signature'), raw = from64(m[2]);
    if (raw.length < 5) wrong('no signature');
    const who = m[1] + '+' + hex(raw.slice(0, 4)), k = keys.get(who), sig = raw.slice(4);
    if (seen.has(who)) wrong('two signatures of one key');
    seen.add(who);
    if (!k) { out.unknown.push(who); continue; }
    const ok = k.witness ? await cosigned(k.key, text, sig) : await crypto.subtle.verify('Ed25519', k.key, sig, utf8.encode(text));
    if (!ok) wrong('a signature that does not fit: ' + m[1]);
    if (k.witness) out.witnesses.push(m[1]); else ours = ours || m[1] === head.origin;
  }
  return ours ? Object.assign(out, head) : wrong('the log itself did not sign it');
}
/* C2SP tlog-cosignature: eight bytes of time, then Ed25519 over the time and the head. */
function cosigned(key, text, sig) {
  if (sig.length !== 72 || sig[0] > 127) return false;
  const at = new DataView(sig.buffer, sig.byteOffset).getBigUint64(0);
  return crypto.subtle.verify('Ed25519', key, sig.slice(8), utf8.encode('cosignature/v1\ntime ' + at + '\n' + text));
}

/* ---- leaves and receipts ---- */
const LEAST = -(2n ** 63n), LARGEST = 2n ** 63n - 1n;
/* forms: what a leaf may say and how, by name (verify.Forms). */
function parseLeaf(entry, forms) {
  if (entry.length > LONGEST) wrong('a leaf that is too long');
  const l = parseSpelt(strictly.decode(entry));
  if (spell(Object.keys(l).sort()) !== '["commitment","day","fields","v","word"]' || l.v !== 1) wrong('no leaf that this program reads');
  if (!/^[0-9a-f]{64}$/.test(l.commitment) || !/^[a-z]+(\.[a-z_]+)+$/.test(l.word) || l.word.length > 100) wrong('no leaf');
  if (!/^\d{4}-\d\d-\d\d$/.test(l.day) || new Date(l.day + 'T00:00:00Z').toISOString().slice(0, 10) !== l.day) wrong('no day');
  if (!l.fields || Array.isArray(l.fields) || typeof l.fields !== 'object') wrong('no leaf');
  for (const [name, v] of Object.entries(l.fields)) {
    if (!Object.hasOwn(forms, name) || typeof v !== 'string' || v.length > 100 || !new RegExp(forms[name]).test(v)) wrong('a leaf may not say ' + name);
    if (name === 'amount' && (BigInt(v) < LEAST || BigInt(v) > LARGEST)) wrong('an amount that is too large');
  }
  return l;
}

/* A receipt (C2SP tlog-proof): the signature on its head, the path from the leaf to the root (RFC 9162, 2.1.3.2), and what the leaf commits to, if it is told. */
async function receipt(bytes, keys, forms) {
  const msg = strictly.decode(bytes), at = msg.indexOf('\n\n');
  if (at < 0) wrong('no proof of a log');
  const lines = msg.slice(0, at).split('\n');
  if (lines.shift() !== 'c2sp.org/tlog-proof@v1' || !(lines[0] || '').startsWith('extra ')) wrong('no proof of a log');
  const r = parseSpelt(strictly.decode(from64(lines.shift().slice(6))));
  if (!(lines[0] || '').startsWith('index ') || typeof r.leaf !== 'string' || Object.keys(r).some(k => !['leaf', 'body', 'salt'].includes(k))) wrong('no proof of a log');
  const index = whole(lines.shift().slice(6)), path = lines.map(from64), head = await open(utf8.encode(msg.slice(at + 2)), keys), entry = utf8.encode(r.leaf);
  if (index >= head.size || path.some(h => h.length !== HASH)) wrong('the proof is of a leaf behind the end of the log');
  let fn = index, sn = head.size - 1, root = await leafHash(entry);
  for (const h of path) {
    if (!sn) wrong('a path that is too long');
    if (fn % 2 || fn === sn) {
      root = await nodeHash(h, root);
      while (fn && !(fn % 2)) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
    } else root = await nodeHash(root, h);
    fn = Math.floor(fn / 2); sn = Math.floor(sn / 2);
  }
  if (sn || !same(root, head.root)) wrong('the leaf does not stand in the log at ' + index);
  const leaf = parseLeaf(entry, forms), told = r.salt !== undefined || r.body !== undefined;
  if (told) {
    const salt = unhex(String(r.salt));
    if (salt.length !== HASH || r.body === undefined || hex(await sha(join(salt, utf8.encode(spell(r.body))))) !== leaf.commitment) wrong('the leaf commits to something else than the receipt tells');
  }
  return Object.assign(head, { index, leaf, entry: r.leaf, body: told ? spell(r.body) : '' });
}

/* ---- tiles (C2SP tlog-tiles) ---- */
function tilePath(level, n, w) {
  let at = String(n % 1000).padStart(3, '0');
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) at = 'x' + String(rest % 1000).padStart(3, '0') + '/' + at;
  return 'tile/' + (level < 0 ? 'entries' : level) + '/' + at + (w < WIDTH ? '.p/' + w : '');
}
function parseTile(path) {
  const m = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path);
  if (!m) return null;
  const t = { level: m[1] === 'entries' ? -1 : Number(m[1]), n: Number(m[2].replace(/[x/]/g, '')), w: m[3] === undefined ? WIDTH : Number(m[3]) };
  return t.w > 0 && (m[3] === undefined || t.w < WIDTH) && tilePath(t.level, t.n, t.w) === path ? t : null;
}
/* How many hashes of a tile a tree of that size has. */
const inTile = (level, n, size) => Math.min(Math.max(Math.floor(size / WIDTH ** Math.max(level, 0)) - n * WIDTH, 0), WIDTH);
function tilesOf(size) {
  const all = [];
  const row = (level, have) => { for (let n = 0; n * WIDTH < have; n++) all.push({ level, n, w: Math.min(have - n * WIDTH, WIDTH) }); };
  row(-1, size);
  for (let level = 0, have = size; have > 0; level++, have = Math.floor(have / WIDTH)) row(level, have);
  return all;
}
/* A bundle is entries, each after its length in two bytes. */
function parseBundle(b) {
  const all = [];
  for (let at = 0; at < b.length;) {
    const end = at + 2 + (b[at] << 8) + b[at + 1];
    if (!(end <= b.length)) return null;
    all.push(b.subarray(at + 2, end));
    at = end;
  }
  return all;
}

/* A tree over hashes, all its full subtrees by level: root(m) is that of its first m leaves. */
async function grow(leaves, pause) {
  const levels = [leaves];
  for (let below = leaves; below.length >= 2 * HASH; below = levels.at(-1)) {
    const n = Math.floor(below.length / (2 * HASH)), up = new Uint8Array(n * HASH);
    for (let from = 0; from < n; from += 1024) {
      const part = Array.from({ length: Math.min(1024, n - from) }, (_, i) => sha(join([1], below.subarray((from + i) * 2 * HASH, (from + i + 1) * 2 * HASH))));
      (await Promise.all(part)).forEach((h, i) => up.set(h, (from + i) * HASH));
      await pause();
    }
    levels.push(up);
  }
  return {
    hashes: (level, n, w) => levels[8 * level].subarray(n * WIDTH * HASH, (n * WIDTH + w) * HASH),
    async root(m) {
      if (!m) return sha(new Uint8Array());
      let out = null;
      for (let at = m, k = 0; at > 0; k++) { // from the smallest subtree, at the right, to the largest
        const size = 2 ** k;
        if (Math.floor(m / size) % 2 === 0) continue;
        at -= size;
        const one = levels[k].subarray(at / size * HASH, (at / size + 1) * HASH);
        out = out ? await nodeHash(one, out) : one;
      }
      return out;
    },
  };
}

/* ---- all public files ---- */
/* folder checks the files of a log, as verify.Folder does. files has names(size), a list or a promise of one, and read(name), null where there is none. since are heads that somebody kept. progress is told how far it is. */
async function folder(files, keys, forms, since = [], progress = () => {}) {
  const f = { wrong: [], unchecked: [], leaves: 0, tiles: 0, older: 0, proofs: 0, totals: [], head: null };
  const bad = (key, file, args = {}) => { f.wrong.push({ key, file, args }); }, skipped = (key, file, args = {}) => { f.unchecked.push({ key, file, args }); };
  const msg = await files.read(CHECKPOINT);
  if (!msg) return bad('missing', CHECKPOINT), f;
  try { f.head = await open(msg, keys); } catch (e) { return bad('checkpoint_unsigned', CHECKPOINT, { why: e.message }), f; }
  const { size } = f.head, all = await files.names(size), older = new Map(), proofs = new Map(), want = new Map();
  if (size > MOST) return skipped('too_large', '', { most: MOST }), f;
  for (const key of f.head.unknown) skipped('unknown_signature', CHECKPOINT, { key });
  if (!f.head.witnesses.length) skipped('no_witness', CHECKPOINT);

  /* what somebody holds of earlier must be the beginning of this */
  const earlier = (name, h) => {
    if (h.origin !== f.head.origin) bad('older_other_log', name, { origin: h.origin });
    else if (h.size > size) bad('shrunk', name, { then: h.size, now: size });
    else { for (const key of h.unknown) skipped('unknown_signature', name, { key }); return true; }
    return false;
  };
  const oldHead = async (name, bytes) => {
    let h;
    try { h = await open(bytes, keys); } catch (e) { return bad('checkpoint_unsigned', name, { why: e.message }); }
    if (earlier(name, h)) { older.set(name, h); return h; }
  };
  for (const [i, bytes] of since.entries()) await oldHead('since ' + (i + 1), bytes);
  for (const name of all) {
    const t = parseTile(name);
    if (name === CHECKPOINT || name === TOTALS) continue;
    if (t && inTile(t.level, t.n, size) >= t.w) want.set(name, t);
    else if (name.startsWith(OLDER)) {
      const h = await oldHead(name, await files.read(name));
      if (h && name !== OLDER + h.size) bad('older_misnamed', name, { size: h.size });
    } else if (name.endsWith(PROOF)) {
      let p;
      try { p = await receipt(await files.read(name), keys, forms); } catch (e) { bad('proof_wrong', name, { why: e.message }); continue; }
      if (earlier(name, p)) proofs.set(name, p);
    } else skipped('strange_file', name);
  }

  /* entries and leaf tiles, side by side */
  const byEntries = new Uint8Array(size * HASH), byTiles = new Uint8Array(size * HASH), differ = [], broken = new Set(), sums = new Map();
  let unread = false, last = performance.now();
  const pause = async () => { if (performance.now() - last > 100) { await new Promise(ok => setTimeout(ok)); last = performance.now(); } };
  const fetched = new Map(), ahead = n => { if (n * WIDTH < size && !fetched.has(n)) { const w = inTile(0, n, size); fetched.set(n, Promise.all([files.read(tilePath(-1, n, w)), files.read(tilePath(0, n, w))])); } };
  for (let n = 0; n * WIDTH < size; n++) {
    for (let k = 0; k < 4; k++) ahead(n + k);
    const w = inTile(0, n, size), names = [tilePath(-1, n, w), tilePath(0, n, w)], [bundle, tile] = await fetched.get(n);
    fetched.delete(n);
    let entries = bundle && parseBundle(bundle), hashes = tile;
    if (!bundle) bad('missing', names[0]);
    else if (!entries || entries.length !== w) { bad('entries_changed', names[0]); broken.add(n); entries = null; }
    if (!tile) bad('missing', names[1]);
    else if (tile.length !== w * HASH) { bad('tile_changed', names[1]); hashes = null; }
    const made = entries ? join(...await Promise.all(entries.map(leafHash))) : hashes || new Uint8Array(w * HASH), at = n * WIDTH * HASH;
    byEntries.set(made, at);
    byTiles.set(hashes || made, at);
    if (entries && hashes && !same(made, hashes)) differ.push(n);
    if (!entries) unread = true;
    (entries || []).forEach((e, i) => {
      let l;
      try { l = parseLeaf(e, forms); } catch { unread = true; return skipped('leaf_unread', names[0], { index: n * WIDTH + i }); }
      f.leaves++;
      const key = [l.word, l.fields.kind || '', l.fields.asset || ''].join('\0'), s = sums.get(key) || { leaves: 0, amount: 0n };
      sums.set(key, { leaves: s.leaves + 1, amount: s.amount + BigInt(l.fields.amount || 0) });
    });
    progress(Math.min((n + 1) * WIDTH, size), size);
    await pause();
  }
  f.totals = [...sums].sort(([a], [b]) => a < b ? -1 : 1).map(([key, s]) => { const [word, kind, asset] = key.split('\0'); return { word, kind, asset, leaves: s.leaves, amount: String(s.amount) }; });

  /* which of two files was changed is told by the root: one of two trees leads to it */
  const first = await grow(byEntries, pause), second = differ.length ? await grow(byTiles, pause) : first;
  const fits = same(await first.root(size), f.head.root), tilesFit = same(await second.root(size), f.head.root);
  const blame = (key, level) => { for (const n of differ) bad(key, tilePath(level, n, inTile(level, n, size))); };
  if (fits || !tilesFit) blame('tile_changed', 0);
  if (!fits) blame('entries_changed', -1);
  if (!fits && !tilesFit) bad('root_other', CHECKPOINT, { size });
  await tiles(f, files, want, fits || !tilesFit ? first : second, broken, bad, pause);
  if (!fits) skipped('totals_uncertain', '');
  else {
    for (const [name, h] of older) if (same(await first.root(h.size), h.root)) f.older++; else bad('older_inconsistent', name, { size: h.size });
    for (const [name, p] of proofs) if (same(await first.root(p.size), p.root)) f.proofs++; else bad('older_inconsistent', name, { size: p.size });
  }
  const told = await files.read(TOTALS), csv = 'word,kind,asset,leaves,amount\n' + f.totals.map(t => [t.word, t.kind, t.asset, t.leaves, t.amount].join() + '\n').join('');
  if (!told) skipped('no_totals', TOTALS);
  else if (unread || !fits) skipped('totals_uncertain', TOTALS);
  else if (!same(told, utf8.encode(csv))) bad('totals_other', TOTALS);
  return f;
}

/* Every file of the tree against what it must hold. */
async function tiles(f, files, want, tree, broken, bad, pause) {
  const named = new Set(f.wrong.map(w => w.file)), { size } = f.head;
  for (const t of tilesOf(size)) { const name = tilePath(t.level, t.n, t.w); if (!want.has(name) && !named.has(name)) bad('missing', name); }
  for (const [name, t] of want) {
    await pause();
    if (named.has(name)) continue;
    let must = null;
    if (t.level >= 0) must = tree.hashes(t.level, t.n, t.w);
    else if (!broken.has(t.n)) {
      const full = await files.read(tilePath(-1, t.n, inTile(-1, t.n, size))), entries = full && parseBundle(full);
      if (entries) must = full.subarray(0, entries.slice(0, t.w).reduce((n, e) => n + 2 + e.length, 0));
    }
    const body = await files.read(name);
    if (!body) bad('missing', name);
    else if (!must) f.unchecked.push({ key: 'tile_uncompared', file: name, args: {} });
    else if (same(body, must)) f.tiles++;
    else bad(t.level < 0 ? 'entries_changed' : 'tile_changed', name);
  }
}
return { readKeys, open, receipt, folder, tilesOf, tilePath };
})();
