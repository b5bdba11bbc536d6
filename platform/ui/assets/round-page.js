/* Without a network, 5 of 8: the page itself. Views are templates of the shell with places to fill (data-f) and things to press (data-on); the part of the address behind # says which is shown. */
const Page = (() => {
const main = document.getElementById('main'), HIDE = 2 * 60e3, AWAY = 15 * 60e3;
const views = {}, drawn = { seq: 0, view: '', node: null };
let touched = Date.now(), flash = null, where = null, pack = null;

const make = id => document.getElementById(id).content.firstElementChild.cloneNode(true);
/* fill puts values where data-f names them: nothing takes the place away, true leaves it as it is. */
function fill(root, values) {
  for (const [name, v] of Object.entries(values)) {
    for (const at of [root, ...root.querySelectorAll('[data-f="' + name + '"]')].filter(x => x.dataset && x.dataset.f === name)) {
      if (v === null || v === undefined || v === false) at.remove();
      else if (v !== true) at.replaceChildren(...(Array.isArray(v) ? v : [typeof v === 'number' ? Words.number(v) : v instanceof DocumentFragment ? v.cloneNode(true) : v]));
    }
  }
  return root;
}
const on = (root, name, work) => root.querySelectorAll('[data-on="' + name + '"]').forEach(x => x.addEventListener(x.tagName === 'FORM' ? 'submit' : 'click', e => { e.preventDefault(); work(e, x); }));
const options = (select, rows) => select.append(...rows.map(([value, label]) => new Option(label, value)));
/* joined sets things apart by a comma of the language, and each of them too. */
function joined(all) {
  const out = document.createDocumentFragment();
  all.filter(x => x && (x.textContent === undefined || x.textContent || x.childNodes.length)).forEach((x, i) => { if (i) out.append(Words.text('comma') + ' '); const b = document.createElement('bdi'); b.append(x); out.append(b); });
  return out;
}

/* errors shows what is wrong at the top and beside each field, and goes there. */
function errors(node, wrong) {
  node.querySelectorAll('.errs, .err').forEach(x => x.remove());
  node.querySelectorAll('[aria-invalid]').forEach(x => { x.removeAttribute('aria-invalid'); x.removeAttribute('aria-describedby'); });
  if (!wrong.length) return false;
  const box = make('f-errors');
  fill(box, { title: Words.say('errors', { n: wrong.length }) });
  wrong.forEach((w, i) => {
    const li = document.createElement('li'), to = w.box && w.box.querySelector('input, select, textarea');
    if (to) {
      const a = Object.assign(document.createElement('a'), { href: '#', textContent: w.label ? w.label + Words.text('colon') + ' ' + w.why : w.why }), err = make('f-error');
      fill(err, { why: w.why });
      err.id = 'e-' + i;
      to.setAttribute('aria-invalid', 'true');
      to.setAttribute('aria-describedby', err.id);
      (to.closest('.opts, .ck, .count') || to).before(err);
      a.addEventListener('click', e => { e.preventDefault(); to.focus(); to.scrollIntoView({ block: 'center' }); });
      li.append(a);
    } else li.textContent = w.why;
    box.querySelector('ul').append(li);
  });
  (node.matches('form') ? node : node.querySelector('form') || node).prepend(box);
  box.focus();
  return true;
}
/* busy keeps a button from being pressed twice while its work goes on. */
async function busy(button, work) {
  if (button.ariaDisabled === 'true') return;
  button.ariaDisabled = 'true';
  try { return await work(); } finally { button.ariaDisabled = null; }
}

/* ---- what is known while the phone is open ---- */
async function load() {
  pack = Store.isOpen() ? await Store.pack() : null;
  if (!pack) return;
  const names = Object.fromEntries(pack.places.map(p => [p[0], p[1]]));
  for (const s of pack.stops) s.place = names[s.place] || names[s.commune] || s.place;
}
const here = () => new Promise((ok, no) => navigator.geolocation.getCurrentPosition(({ coords: c }) => { where = { lat: c.latitude, lon: c.longitude }; ok(where); }, no, { enableHighAccuracy: true, timeout: 20e3, maximumAge: 300e3 }));
/* lock forgets the key, and with it all that is shown. */
function lock() {
  Store.lock();
  pack = where = flash = null;
  return show();
}

/* ---- what is shown ---- */
const note = (key, args) => { flash = Words.say(key, args); };
async function show(quiet) {
  const seq = ++drawn.seq, is = await Store.state(), [name, ...args] = location.hash.replace(/^#\/?/, '').split('/');
  const view = is === 'open' ? views[name] && !views[name].shut ? name : 'home' : { none: 'setup', locked: 'unlock', cut: 'cut' }[is];
  const node = await views[view].draw(...args);
  if (seq !== drawn.seq) return; // somebody went on meanwhile
  if (flash && is === 'open') { const f = make('f-flash'); fill(f, { text: flash }); node.prepend(f); flash = null; }
  Object.assign(drawn, { view, node });
  document.body.dataset.is = is;
  main.replaceChildren(node);
  main.querySelectorAll('.opt').forEach(o => o.classList.toggle('is-on', o.querySelector('input').checked));
  const h1 = main.querySelector('h1');
  document.title = (h1 ? h1.textContent + ' · ' : '') + document.body.dataset.brand;
  if (!quiet) { scrollTo(0, 0); main.focus({ preventScroll: true }); }
}
const go = to => { const there = to || '/'; if ((location.hash.slice(1) || '/') === there) return show(); location.hash = there; };
/* redraw is for views that live: what waits may be sent while one looks. */
async function redraw() {
  const is = await Store.state();
  if (is !== 'open') pack = where = null;
  if (is !== document.body.dataset.is || views[drawn.view].live) return show(true);
}

/* ---- time: what is shown of a family goes after two minutes, the key after a quarter of an hour without a touch ---- */
function tick() {
  if (!Store.isOpen()) return;
  if (Date.now() - touched > AWAY) return lock();
  const card = main.querySelector('[data-facts]');
  if (card && !card.hidden && Date.now() - card.since > HIDE) cover(card, true);
}
function cover(card, on) {
  card.hidden = on;
  card.since = Date.now();
  main.querySelectorAll('[data-covered]').forEach(x => { x.hidden = !on; });
}

function start() {
  for (const e of ['pointerdown', 'keydown']) addEventListener(e, () => { touched = Date.now(); }, true);
  addEventListener('change', () => main.querySelectorAll('.opt').forEach(o => o.classList.toggle('is-on', o.querySelector('input').checked)));
  addEventListener('hashchange', () => show());
  addEventListener('visibilitychange', tick, true);
  document.addEventListener('round', redraw);
  setInterval(tick, 1000);
}

return { views, make, fill, on, options, joined, errors, busy, load, here, lock, note, show, go, cover, start, touch: () => { touched = Date.now(); },
  get pack() { return pack; }, get where() { return where; } };
})();
