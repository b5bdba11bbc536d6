/* The page of the public log: what is checked, and what is said of it. All of the checking is in log-verify.js. */
(() => {
const box = document.querySelector('[data-log]');
if (!box || !window.crypto || !crypto.subtle) return;
const c = JSON.parse(document.getElementById('log-words').textContent), out = box.querySelector('[data-out]'), kept = 'twiza-log ' + c.origin;
const say = (key, args = {}) => Object.entries(args).reduce((s, [k, v]) => s.replaceAll('{' + k + '}', v), c.words[key] || key);
const about = f => (f.file ? f.file + ': ' : '') + say(f.key, f.args);
const el = (name, text, cls) => { const e = document.createElement(name); if (text !== undefined) e.textContent = text; if (cls) e.className = cls; return e; };
const tag = good => box.querySelector(good ? '#t-good' : '#t-wrong').content.cloneNode(true);
const list = (title, all) => { if (!all.length) return []; const ul = el('ul', undefined, 'list'); ul.append(...all.map(x => { const li = el('li'), b = el('bdi', x); li.append(b); return li; })); return [el('h3', title), ul]; };
const show = (good, line, ...more) => { const p = el('p'); p.append(tag(good), ' ', line); out.replaceChildren(p, ...more); out.scrollIntoView({ block: 'nearest' }); };

/* Always what the house serves now, never what this browser kept of it. */
async function get(name) {
  let r;
  try { r = await fetch(name, { cache: 'no-store' }); } catch { throw new Error(say('network')); }
  if (r.status === 404) return null;
  if (!r.ok) throw new Error(say('network') + ' (' + r.status + ')');
  return new Uint8Array(await r.arrayBuffer());
}
/* The files of this house. A head and its totals are of one moment: while leaves come, both are asked for again. */
async function house() {
  let head, sums;
  for (let turn = 0; turn < 5; turn++) {
    head = await get('/log/checkpoint');
    sums = await get('/log/totals.csv');
    const again = await get('/log/checkpoint');
    if (head && again && String(head) === String(again)) break;
  }
  return {
    names: size => [...LogVerify.tilesOf(size).map(t => LogVerify.tilePath(t.level, t.n, t.w)), 'totals.csv', ...c.older.filter(n => n < size).map(n => 'checkpoints/' + n)],
    read: name => name === 'checkpoint' ? head : name === 'totals.csv' ? sums : get('/log/' + name),
  };
}
/* A folder of this machine: nothing of it is sent anywhere. */
function folder(all) {
  const files = new Map([...all].map(f => [f.webkitRelativePath.split('/').slice(1).join('/'), f]));
  return { names: () => [...files.keys()], read: async name => files.has(name) ? new Uint8Array(await files.get(name).arrayBuffer()) : null };
}

const keys = async () => {
  try { return await LogVerify.readKeys(box.querySelector('[name=key]').value); } catch (e) { throw new Error(say(e.old ? 'browser_old' : 'key_wrong')); }
};
/* What this browser saw last is compared with what it is shown now, for as long as it remembers. */
const recall = () => { try { return localStorage.getItem(kept); } catch { return null; } };
const remember = text => { try { localStorage.setItem(kept, text); } catch { /* a browser that keeps nothing */ } };

async function whole(from, ours) {
  const k = await keys(), files = await from(), last = ours && recall(), head = await files.read('checkpoint');
  const r = await LogVerify.folder(files, k, c.forms, last ? [new TextEncoder().encode(last)] : [], (done, all) => { out.textContent = say('working', { done, all }); });
  const more = [];
  if (r.head) {
    more.push(el('p', say('log', { origin: r.head.origin, size: r.head.size, root: r.head.shown }), 'hash'), el('p', say('looked', r)));
    if (last && !r.wrong.some(w => w.file.startsWith('since'))) more.push(el('p', say('since')));
    for (const name of r.head.witnesses) more.push(el('p', say('witnessed', { name })));
  }
  more.push(...list(say('wrong_head'), r.wrong.map(about)), ...list(say('unchecked_head'), [...r.unchecked.map(about), say('unchecked_always').trim()]));
  const large = r.unchecked.some(u => u.key === 'too_large');
  show(!r.wrong.length && !large, r.wrong.length ? say('found', { n: r.wrong.length }) : say(large ? 'browser_large' : 'fine'), ...more);
  if (ours && !r.wrong.length && r.head) remember(new TextDecoder().decode(head));
}

async function one(bytes, name) {
  const k = await keys();
  let p;
  try { p = await LogVerify.receipt(bytes, k, c.forms); } catch (e) { return show(false, about({ key: 'proof_wrong', file: name, args: { why: e.message } })); }
  show(true, about({ key: 'proof_fine', file: name, args: p }), el('p', p.entry, 'hash'), p.body ? el('p', say('proof_opens', { body: p.body }), 'hash') : el('p', say('proof_closed')));
}

let busy = false;
async function run(work) {
  if (busy) return;
  busy = true;
  box.setAttribute('aria-busy', 'true');
  try { await work(); } catch (e) { show(false, e.message); } finally { busy = false; box.removeAttribute('aria-busy'); }
}
box.querySelector('[data-all]').addEventListener('click', () => run(() => whole(house, true)));
const input = (name, work) => { const i = box.querySelector(name); i.addEventListener('change', () => { if (i.files.length) run(() => work(i.files)).finally(() => { i.value = ''; }); }); return i; };
input('[name=receipt]', async all => one(new Uint8Array(await all[0].arrayBuffer()), all[0].name));
const dir = input('[name=folder]', all => whole(async () => folder(all), false));
if (!('webkitdirectory' in dir)) dir.closest('.fld').hidden = true;
box.hidden = false;
if (box.dataset.file) run(async () => {
  const bytes = await get(box.dataset.file);
  if (!bytes) throw new Error(say('not_receipt'));
  await one(bytes, '');
});
})();
