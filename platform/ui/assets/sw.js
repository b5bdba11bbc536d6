/* Twiza without a network. V names this edition of the assets; ui.Worker puts it in front. docs/offline.md tells the whole. */
const BOX='tw-'+V,LATE=4e3,LOST=2e4,ID='[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}',IN=RegExp('^(.+)/('+ID+')/(\\w+)$'),AWAY=[429,502,503,504],HERE=/^(\?all=1)?$/,
box=()=>caches.open(BOX),found=async k=>(await box()).match(k,{ignoreVary:true}),go=(p,s)=>Response.redirect(p,s||302),wait=ms=>new Promise(ok=>setTimeout(ok,ms)),
/* the language of an address; where it has none, the one whose copies are here */
lang=async u=>(u.pathname.match(/^\/(ar|zgh|fr|en)(?=\/)/)||[])[0]||(await(await box()).keys()).map(x=>new URL(x.url).pathname).filter(p=>/^\/\w+\/offline$/.test(p)).map(p=>p.slice(0,-8)).pop()||'',
/* an identifier as base/id mints them: milliseconds, then chance (RFC 9562, 5.7) */
mint=()=>{const t=Date.now().toString(16).padStart(12,0),h=[...crypto.getRandomValues(new Uint8Array(10))].map(b=>b.toString(16).padStart(2,0)).join('');return t.slice(0,8)+'-'+t.slice(8)+'-7'+h.slice(1,4)+'-'+'89ab'[parseInt(h[4],16)&3]+h.slice(5,8)+'-'+h.slice(8)},
/* what waits to be sent: {id, url, rows, at} and then bad, why it was refused, or got, its receipt */
out=(mode,fn)=>new Promise((ok,no)=>{const r=indexedDB.open('twiza',1);r.onupgradeneeded=()=>r.result.createObjectStore('out',{keyPath:'id'});r.onerror=()=>no(r.error);
r.onsuccess=()=>{const d=r.result,t=d.transaction('out',mode),q=fn(t.objectStore('out'));t.oncomplete=()=>{d.close();ok(q.result)};t.onabort=t.onerror=()=>{d.close();no(t.error)}}}),
all=()=>out('readonly',s=>s.getAll()),one=id=>out('readonly',s=>s.get(id)),put=x=>out('readwrite',s=>s.put(x)),drop=id=>out('readwrite',s=>s.delete(id)),
/* others use this phone: said by the house with each page, remembered until it says otherwise */
shared=()=>found('/-shared'),others=async()=>(await box()).put('/-shared',new Response('')),
may=s=>s.ok&&!s.redirected&&s.headers.get('X-Cache-Page')=='1';

/* ---- copies of pages ---- */
async function keep(k,s){const c=await box(),t=await s.clone().text();await c.put(k,s);
for(const a of new Set(t.match(/\/assets\/[\w./-]+/g)))if(!await found(a))await c.add(a).catch(()=>{});
for(const p of(s.headers.get('X-Cache-Also')||'').split(' '))await fresh(p)}
async function fresh(p){if(!p)return;const o=await found(p);if(o&&Date.now()-new Date(o.headers.get('Date'))<864e5)return;const s=await fetch(p).catch(()=>0);if(s&&may(s))await keep(p,s)}
async function seen(u,s,k){if(s.type!='basic'||!/html/.test(s.headers.get('Content-Type')))return;const c=await box(),m=u.pathname.match(IN);
if(s.ok&&!s.headers.get('X-Shared'))await c.delete('/-shared');
if(m&&m[3]=='done'&&s.ok){await drop(m[2]);await tell()}
if(k&&HERE.test(u.search))await keep(u.pathname+u.search,k)}
/* a copy as it is shown: it says so, and a form has an identifier that no other copy has */
async function show(s,id){const t=await s.text(),o=t.match(ID),h=new Headers(s.headers);if(o&&await shared())return;h.delete('Content-Encoding');h.delete('Content-Length');
return new Response((o?t.split(o[0]).join(id||mint()):t).replace('data-copy hidden','data-copy'),{headers:h})}
async function copy(u,any){const m=u.pathname.match(IN);
if(m){const s=(any||m[3]=='all')&&await found(m[1]+'?all=1');return s&&show(s,m[2])}
if(u.pathname=='/'){const l=await lang(u);return l&&await found(l+'/')&&go(l+'/')}
const s=HERE.test(u.search)&&await found(u.pathname+u.search);if(!s||/saved$/.test(u.pathname)&&await shared())return;
return u.search&&!await shared()?go(u.pathname+'/'+mint()+'/all'):show(s)}
async function none(u){const l=await lang(u);return await shared()?go(l+'/offline#shared',303):await found(l+'/offline')||Response.error()}
/* what is left when the network is not there at all */
async function without(u){const m=u.pathname.match(IN);
if(m&&!await shared()){const o=await one(m[2]).catch(()=>0),l=await lang(u);
if(m[3]=='done'){if(!o)await put({id:m[2],url:m[1]+'/'+m[2]+'/send',rows:[],at:Date.now()});return go(l+'/saved')}
if(o&&!o.bad)return go(l+'/saved')}
return await copy(u,!m||m[3]!='helper')||none(u)}
async function page(net,u){const late=wait(LATE).then(()=>copy(u)).catch(()=>0).then(c=>c||new Promise(()=>{}));
try{const s=await Promise.race([net,late]);return AWAY.includes(s.status)&&await copy(u)||s}catch(_){return without(u)}}

/* ---- forms ---- */
async function post(r,u){const k=/urlencoded/.test(r.headers.get('Content-Type')||'')&&r.clone(),m=u.pathname.match(IN),form=m&&await found(m[1]+'?all=1');let s;
try{s=await Promise.race([fetch(r),form?wait(LOST).then(()=>{throw 0}):new Promise(()=>{})]);if(!k||!AWAY.includes(s.status))return s}catch(_){}
const f=new URLSearchParams(k?await k.text():''),to=f.get('_keep'),l=await lang(u);if(form&&m[3]=='shared')await others();
if(!await shared()){if(to&&!f.has('act'))try{await put({id:to.match(ID)[0],url:to,rows:[...f],at:Date.now()});registration.sync&&registration.sync.register('out').catch(()=>{});await tell();return go(l+'/saved',303)}catch(_){}
if(form&&m[3]!='helper')return go(m[1]+'/'+m[2]+'/all',303)}
return s||none(u)}
/* oldest first, one run at a time whatever the number of windows; trouble stops it, a refusal holds up nobody else */
let busy;const run=async()=>{for(const x of(await all()).sort((a,b)=>a.at-b.at)){
if(x.got&&Date.now()-x.got.at>864e5)await drop(x.id);
if(x.got||x.bad)continue;
const s=await fetch(x.url,{method:'POST',credentials:'omit',headers:{Accept:'application/json'},body:new URLSearchParams(x.rows)}),j=await s.json();
if(s.ok&&j.receipt)await put({id:x.id,at:x.at,got:{...j,at:Date.now()}});
else if(s.status<500&&s.status!=429&&j.title)await put({...x,bad:(j.fields||[j]).map(f=>f.title).join(' ')});
else throw s.status}},
drain=()=>busy=busy||(navigator.locks?navigator.locks.request('out',run):run()).finally(()=>{busy=0;return tell()}),
tell=async()=>{const n=(await all()).filter(x=>!x.got).length;for(const c of await clients.matchAll({includeUncontrolled:true}))c.postMessage({n})};

/* ---- what the browser calls ---- */
addEventListener('install',e=>e.waitUntil((async()=>{await skipWaiting();for(const n of await caches.keys())if(/^tw-/.test(n)&&n!=BOX)for(const k of await(await caches.open(n)).keys()){const u=new URL(k.url);if(!/^\/(assets\/|-)/.test(u.pathname))await fresh(u.pathname+u.search).catch(()=>{})}})()));
addEventListener('activate',e=>e.waitUntil((async()=>{for(const n of await caches.keys())if(/^tw-/.test(n)&&n!=BOX)await caches.delete(n);await clients.claim()})()));
addEventListener('fetch',e=>{const r=e.request,u=new URL(r.url);if(u.origin!=location.origin)return;
if(r.mode=='navigate'&&r.method=='POST')return e.respondWith(post(r,u));
if(r.mode=='navigate'&&r.method=='GET'){let k;const net=fetch(r).then(async s=>{k=may(s)&&s.clone();if(s.headers.get('X-Shared'))await others();return s});e.waitUntil(net.then(s=>seen(u,s,k)).catch(()=>{}));return e.respondWith(page(net,u))}
if(r.method=='GET'&&/^\/assets\//.test(u.pathname))e.respondWith(found(r).then(h=>h||fetch(r).then(async s=>{if(s.ok)await(await box()).put(r,s.clone());return s})))});
addEventListener('sync',e=>{if(e.tag=='out')e.waitUntil(drain())});
addEventListener('message',e=>e.waitUntil((async()=>{const u=new URL(e.source.url),l=await lang(u);await drain().catch(()=>{});
for(const p of l?['/offline','/saved']:[])await fresh(l+p);
if(e.data&&HERE.test(u.search))await fresh(u.pathname+u.search)})()));
