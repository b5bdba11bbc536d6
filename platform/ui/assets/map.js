/* Moves the map beside a list: MapLibre on demand, from this house alone. docs/atlas.md tells the whole. */
(() => {
const pane = document.querySelector('[data-atlas]');
if (!pane) return;
const d = pane.dataset, $ = s => pane.querySelector(s), all = s => [...pane.querySelectorAll(s)];
const canvas = $('.canvas'), tell = $('.tell'), cap = $('.cap'), drawing = $('svg.m');
const keep = {get: k => { try { return sessionStorage.getItem('atlas:' + k); } catch { return null; } }, set: (k, v) => { try { sessionStorage.setItem('atlas:' + k, v); } catch {} }};
const say = text => { tell.hidden = !text; tell.textContent = text || ''; };
const colour = name => getComputedStyle(pane).getPropertyValue(name).trim();
const levels = {1: ['#b23a26', '#fff'], 2: ['#f5b63a', '#231700'], 3: ['#3350b8', '#fff'], 4: ['#56645c', '#fff']};
const sources = ['outlines', 'damage', 'roads', 'places', 'teams', 'cases'];
let map, shown = false;

/* image draws on a canvas twice as large, as sharp screens want it. */
const image = (size, draw) => {
  const c = document.createElement('canvas'); c.width = c.height = size * 2;
  const g = c.getContext('2d'); g.scale(2, 2); draw(g, size);
  return g.getImageData(0, 0, size * 2, size * 2);
};
const corners = (g, n, r, turn) => { g.beginPath(); for (let i = 0; i < n; i++) { const a = turn + i * 2 * Math.PI / n; g.lineTo(20 + r * Math.cos(a), 20 + r * Math.sin(a)); } g.closePath(); };
const shape = level => image(40, g => {
  g.lineJoin = 'round';
  if (level == 1) corners(g, 8, 17, Math.PI / 8);
  else if (level == 2) corners(g, 4, 18, 0);
  else if (level == 3) { g.beginPath(); g.arc(20, 20, 16, 0, 7); }
  else { g.beginPath(); g.rect(6, 6, 28, 28); }
  g.fillStyle = levels[level][0]; g.fill(); g.strokeStyle = '#fff'; g.lineWidth = 2; g.stroke();
});
const noEntry = () => image(24, g => { g.beginPath(); g.arc(12, 12, 11, 0, 7); g.fillStyle = '#b23a26'; g.fill(); g.strokeStyle = '#fff'; g.lineWidth = 1.5; g.stroke(); g.fillStyle = '#fff'; g.fillRect(6, 10, 12, 4); });
const hatch = () => image(8, g => { g.strokeStyle = colour('--m-hz'); g.lineWidth = 1.2; g.globalAlpha = .75; g.beginPath(); g.moveTo(-1, 9); g.lineTo(9, -1); g.moveTo(-1, 1); g.lineTo(1, -1); g.moveTo(7, 9); g.lineTo(9, 7); g.stroke(); });
/* team wears the pictogram of its chip. */
const team = () => image(28, g => {
  g.beginPath(); g.roundRect(1, 1, 26, 26, 7); g.fillStyle = '#06332a'; g.fill(); g.strokeStyle = '#fff'; g.lineWidth = 2; g.stroke();
  g.translate(6, 6); g.scale(16 / 256, 16 / 256); g.fillStyle = '#f5b63a';
  for (const p of all('[data-layer=teams] svg path')) g.fill(new Path2D(p.getAttribute('d')));
});

const images = {'no-entry': noEntry, hatch, team, 'level-1': () => shape(1), 'level-2': () => shape(2), 'level-3': () => shape(3), 'level-4': () => shape(4)};

const fonts = ['Twiza', 'TwizaTf', 'sans-serif'];
const name = ['coalesce', ...d.names.split(' ').map(l => ['get', l])];
const label = (id, kind, size, min, max) => ({id, type: 'symbol', source: 'places', 'source-layer': 'places', minzoom: min, maxzoom: max, filter: ['==', ['get', 'kind'], kind],
  layout: {'text-field': name, 'text-font': fonts, 'text-size': size, 'text-padding': 6, 'symbol-sort-key': ['-', 0, ['get', 'people']]}, paint: {'text-color': colour('--m-tx2'), 'text-halo-color': colour('--m-halo'), 'text-halo-width': 1.4}});
const line = (kind, width, opacity) => ({id: 'line-' + kind, type: 'line', source: 'outlines', 'source-layer': 'outlines', filter: ['==', ['get', 'kind'], kind], paint: {'line-color': colour(kind == 'commune' ? '--m-line' : '--m-pv'), 'line-width': width, 'line-opacity': opacity}});
const empty = {type: 'geojson', data: {type: 'FeatureCollection', features: []}};

const style = () => {
  const tiles = {};
  for (const s of sources) tiles[s] = {type: 'vector', tiles: [location.origin + '/tiles/' + s + '/{z}/{x}/{y}.mvt' + (s == 'cases' && d.phase ? '?phase=' + d.phase : '')], minzoom: 0, maxzoom: 14};
  return {version: 8, sources: {...tiles, reach: empty, chosen: empty}, layers: [
    {id: 'sea', type: 'background', paint: {'background-color': colour('--mb')}},
    {id: 'land', type: 'fill', source: 'outlines', 'source-layer': 'outlines', filter: ['==', ['get', 'kind'], 'land'], paint: {'fill-color': colour('--m-land'), 'fill-antialias': false}},
    {id: 'damage', type: 'fill', source: 'damage', 'source-layer': 'damage', paint: {'fill-color': '#8c2a14', 'fill-opacity': ['step', ['get', 'level'], .12, 2, .22, 3, .36, 4, .5]}},
    {id: 'roads-cut', type: 'fill', source: 'roads', 'source-layer': 'roads', filter: ['all', ['==', ['get', 'state'], 'cut_off'], ['==', ['geometry-type'], 'Polygon']], paint: {'fill-color': colour('--m-cut'), 'fill-opacity': .35}},
    {id: 'roads-hatch', type: 'fill', source: 'roads', 'source-layer': 'roads', filter: ['all', ['==', ['get', 'state'], 'cut_off'], ['==', ['geometry-type'], 'Polygon']], paint: {'fill-pattern': 'hatch'}},
    line('commune', .8, .8), line('province', ['interpolate', ['linear'], ['zoom'], 5, .8, 10, 2], .9), line('region', ['interpolate', ['linear'], ['zoom'], 4, 1, 10, 2.6], 1),
    {id: 'roads-edge', type: 'line', source: 'roads', 'source-layer': 'roads', filter: ['all', ['==', ['get', 'state'], 'cut_off'], ['==', ['geometry-type'], 'LineString']], layout: {'line-cap': 'round'}, paint: {'line-color': colour('--m-brick'), 'line-width': 3, 'line-dasharray': [.1, 2.2]}},
    {id: 'dots', type: 'circle', source: 'places', 'source-layer': 'places', filter: ['!=', ['get', 'kind'], 'province'], paint: {'circle-radius': ['interpolate', ['linear'], ['zoom'], 8, 1.2, 13, 3], 'circle-color': colour('--m-dz')}},
    {...label('names-province', 'province', 14, 5, 9), layout: {...label('', 'province', 14).layout, 'text-font': fonts}}, label('names-commune', 'commune', 12.5, 9, 24), label('names-douar', 'douar', 12, 11, 24),
    {id: 'reach', type: 'line', source: 'reach', paint: {'line-color': ['match', ['get', 'level'], 1, colour('--m-brick'), colour('--m-tx2')], 'line-width': 1.6, 'line-dasharray': [3, 3]}},
    {id: 'roads', type: 'symbol', source: 'roads', 'source-layer': 'roads', filter: ['all', ['==', ['get', 'state'], 'closed'], ['==', ['geometry-type'], 'Point']], layout: {'icon-image': 'no-entry', 'icon-allow-overlap': true, 'icon-size': .9}},
    {id: 'teams', type: 'symbol', source: 'teams', 'source-layer': 'teams', layout: {'icon-image': 'team', 'icon-allow-overlap': true}},
    {id: 'cases', type: 'symbol', source: 'cases', 'source-layer': 'cases', layout: {'icon-image': ['concat', 'level-', ['get', 'level']], 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'symbol-sort-key': ['-', 0, ['get', 'level']],
      'icon-size': ['step', ['get', 'n'], .72, 10, .86, 100, 1, 1000, 1.2, 10000, 1.4, 100000, 1.6], 'text-field': ['to-string', ['get', 'n']], 'text-font': fonts, 'text-size': 13, 'text-allow-overlap': true, 'text-ignore-placement': true},
      paint: {'text-color': ['match', ['get', 'level'], 2, '#231700', '#fff']}},
    {id: 'chosen', type: 'circle', source: 'chosen', paint: {'circle-radius': 21, 'circle-color': 'rgba(0,0,0,0)', 'circle-stroke-width': 3, 'circle-stroke-color': colour('--m-tx')}},
  ]};
};
const layersOf = {cases: ['cases', 'reach'], teams: ['teams'], roads: ['roads', 'roads-cut', 'roads-hatch', 'roads-edge'], damage: ['damage'], places: ['dots', 'names-province', 'names-commune', 'names-douar']};

const circle = (lon, lat, metres, level) => {
  const ring = [];
  for (let i = 0; i <= 48; i++) { const a = i * Math.PI / 24; ring.push([lon + metres / 111195 / Math.cos(lat * Math.PI / 180) * Math.sin(a), lat + metres / 111195 * Math.cos(a)]); }
  return {type: 'Feature', properties: {level}, geometry: {type: 'LineString', coordinates: ring}};
};
const kilometres = metres => new Intl.NumberFormat(document.documentElement.lang == 'en' ? 'en' : 'fr', {maximumFractionDigits: 1}).format(metres / 1000);
const about = metres => metres > 0 ? d.about.replace('KM', kilometres(metres)) : d.exact;
const chosen = () => { const [lon, lat, metres] = (d.at || '').split(' ').map(Number); return d.case && isFinite(lat) ? {lon, lat, metres: metres || 0} : null; };

/* reach draws how far around each lone request it may lie, close up; of the chosen one always. */
let drawn = '';
const reach = () => {
  const rings = [], seen = new Set(), c = chosen();
  if (c && c.metres) rings.push(circle(c.lon, c.lat, c.metres, 1));
  if (map.getZoom() >= 9) for (const f of map.queryRenderedFeatures({layers: ['cases']})) {
    const p = f.properties;
    if (!p.id || p.id == d.case || !p.radius || seen.has(p.id) || seen.size >= 150) continue;
    seen.add(p.id); rings.push(circle(...f.geometry.coordinates, p.radius, p.level));
  }
  const now = JSON.stringify(rings.map(r => r.geometry.coordinates[0]));
  if (now == drawn) return;
  drawn = now;
  map.getSource('reach').setData({type: 'FeatureCollection', features: rings});
};
const ring = () => {
  const c = chosen();
  map.getSource('chosen').setData({type: 'FeatureCollection', features: c ? [{type: 'Feature', properties: {}, geometry: {type: 'Point', coordinates: [c.lon, c.lat]}}] : []});
};
const caption = (point, text) => {
  cap.hidden = !text;
  if (!text) return;
  cap.textContent = text;
  const box = pane.getBoundingClientRect(), rtl = getComputedStyle(pane).direction == 'rtl';
  const x = Math.max(4, Math.min(box.width - cap.offsetWidth - 4, point.x - cap.offsetWidth / 2)), y = point.y < 70 ? point.y + 24 : point.y - cap.offsetHeight - 24;
  cap.style.translate = (rtl ? x + cap.offsetWidth - box.width : x) + 'px ' + y + 'px';
};
const hit = e => map.queryRenderedFeatures(e.point, {layers: ['cases']}).sort((a, b) => a.properties.level - b.properties.level)[0];
const choose = e => {
  const f = hit(e);
  if (!f) return;
  const p = f.properties;
  if (p.id) {
    const to = d.queue + '?case=' + p.id, go = new CustomEvent('twiza:choose', {detail: {id: p.id, href: to}, cancelable: true});
    if (document.dispatchEvent(go)) location.assign(to);
  } else if (p.place && map.getZoom() >= 12) location.assign(d.table + '?place=' + encodeURIComponent(p.place) + (d.phase ? '&phase=' + d.phase : ''));
  else map.easeTo({center: f.geometry.coordinates, zoom: map.getZoom() + 2});
};
const box = text => { const [w, s, e, n] = text.split(' ').map(Number); return [[w, s], [e, n]]; };

const up = () => {
  shown = true; say('');
  canvas.hidden = false;
  for (const x of all('.lay,[data-do],.moving')) x.hidden = x.dataset.do == 'move';
  ring(); reach();
  map.on('idle', reach);
  map.on('click', choose);
  map.on('mousemove', e => { const f = hit(e), p = f && f.properties; canvas.classList.toggle('hit', !!f); caption(e.point, p && (p.id ? about(p.radius) : d.several.replace('N', p.n))); });
  map.on('mouseout', () => caption());
  map.on('movestart', () => caption());
  map.on('moveend', () => keep.set('at', JSON.stringify([map.getCenter().lng, map.getCenter().lat, map.getZoom()])));
  const fresh = () => { if (!document.hidden) for (const s of ['cases', 'teams', 'roads']) map.refreshTiles(s); };
  let soon; /* many changes at once are one question */
  document.addEventListener('twiza:changed', () => { soon ||= setTimeout(() => { soon = 0; fresh(); }, 1000); });
  setInterval(fresh, 20000); /* teams and roads, and what no line told */
  pane.dispatchEvent(new Event('atlas:ready', {bubbles: true}));
  d.state = 'moving';
};
/* down leaves the drawing where it was: this device cannot, or the network did not. */
const down = why => { if (shown) return; say(d.failed); canvas.hidden = true; d.state = 'drawing'; keep.set('on', ''); $('[data-do=move]').hidden = false; if (map) { try { map.remove(); } catch {} map = null; } console.info('map:', why); };

const able = () => { try { const c = document.createElement('canvas'); return !!c.getContext('webgl2'); } catch { return false; } };
const start = async () => {
  if (map) return;
  $('[data-do=move]').hidden = true;
  if (!able()) return down('no WebGL');
  say(d.loading);
  try {
    const lib = await import(d.lib);
    lib.setWorkerUrl(d.worker);
    if (lib.setWorkerCount) lib.setWorkerCount(1);
    await Promise.all([document.fonts.load('16px Twiza'), document.fonts.load('16px Twiza', 'عربية')]).catch(() => {});
    canvas.hidden = false;
    let at; try { at = JSON.parse(keep.get('at')); } catch {}
    map = new lib.Map({container: canvas, style: style(), attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxZoom: 18, minZoom: 3, fadeDuration: 0, ...(at && !d.case ? {center: [at[0], at[1]], zoom: at[2]} : {bounds: box(d.box), fitBoundsOptions: {padding: 24, maxZoom: 12}})});
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.getCanvas().setAttribute('aria-label', pane.getAttribute('aria-label'));
    map.setMissingStyleImageResolver(id => { if (images[id] && !map.hasImage(id)) map.addImage(id, images[id](), {pixelRatio: 2}); }); // tiles wait for it
    map.once('load', up);
    map.on('error', e => { if (!shown) down(e.error && e.error.message); });
    setTimeout(() => down('it did not come in time'), 60000);
    keep.set('on', '1');
  } catch (e) { down(e.message); }
};

pane.addEventListener('click', e => {
  const b = e.target.closest('button');
  if (!b) return;
  if (b.dataset.do == 'move') start();
  else if (b.dataset.do == 'in') map.zoomIn();
  else if (b.dataset.do == 'out') map.zoomOut();
  else if (b.dataset.do == 'fit') map.fitBounds(box(d.all), {padding: 24});
  else if (b.dataset.layer) {
    const on = !b.classList.contains('on');
    b.classList.toggle('on', on); b.setAttribute('aria-pressed', on);
    for (const l of layersOf[b.dataset.layer]) map.setLayoutProperty(l, 'visibility', on ? 'visible' : 'none');
  }
});
/* Whoever changes the case under the hand without a new page says so. */
document.addEventListener('twiza:case', e => { d.case = e.detail.id || ''; d.at = e.detail.at || ''; if (map && shown) { ring(); reach(); const c = chosen(); if (c && !map.getBounds().contains([c.lon, c.lat])) map.easeTo({center: [c.lon, c.lat]}); } });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { if (map && shown) { map.setStyle(style()); map.once('idle', () => { ring(); drawn = ''; reach(); }); } });
$('[data-do=move]').hidden = false;
if (keep.get('on')) start();
})();
