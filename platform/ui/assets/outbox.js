/* What waits on this phone, and which pages it has copies of: /saved and /offline, after twiza.js. The worker sends (sw.js). */
(()=>{const d=document,w=navigator.serviceWorker,list=d.getElementById('waits'),pages=d.getElementById('copies'),L='/'+d.documentElement.lang+'/';if(!w)return;
const out=(mode,fn)=>new Promise((ok,no)=>{const r=indexedDB.open('twiza',1);r.onupgradeneeded=()=>r.result.createObjectStore('out',{keyPath:'id'});r.onerror=no;
r.onsuccess=()=>{const db=r.result,t=db.transaction('out',mode),q=fn(t.objectStore('out'));t.oncomplete=()=>{db.close();ok(q.result)}}}),
clone=id=>d.getElementById(id).content.firstElementChild.cloneNode(true),
fill=(x,n,v)=>x.querySelectorAll('[data-'+n+']').forEach(e=>{e.hidden=!v;const b=e.querySelector('[data-v]')||e;if(v&&v!==true)b.textContent=v}),
time=t=>{const x=new Date(t),p=n=>(''+n).padStart(2,0);return p(x.getDate())+'/'+p(x.getMonth()+1)+' '+p(x.getHours())+':'+p(x.getMinutes())};
/* to be mended, a form goes to its own page with all that was said in it */
const mend=x=>{const f=d.createElement('form');f.method='post';f.action=x.url.replace(/send$/,'all');x.rows.forEach(([name,value])=>f.append(Object.assign(d.createElement('input'),{type:'hidden',name,value})));d.body.append(f);f.submit()};
const draw=async()=>{const all=(await out('readonly',s=>s.getAll())).sort((a,b)=>a.at-b.at);
all.forEach(x=>Object.keys(sessionStorage).forEach(k=>k.startsWith('d:'+x.id)&&sessionStorage.removeItem(k)));
list.replaceChildren(...all.map(x=>{const li=clone('wait'),to=li.querySelector('[data-drop]'),g=x.got;
fill(li,'number',!g&&''+(parseInt(x.id.slice(-6),16)%9000+1000));fill(li,'at',!g&&time(x.at));
fill(li,'wait',!g&&!x.bad&&!!x.rows.length);fill(li,'there',!g&&!x.rows.length);fill(li,'bad',x.bad);fill(li,'got',g&&g.say);fill(li,'see',!!g);fill(li,'mend',!!x.bad);
if(g)li.querySelector('[data-see]').href=g.done;
li.querySelector('[data-mend]').onclick=()=>mend(x);to.hidden=!!g;
to.onclick=async()=>{const y=li.querySelector('[data-sure]');if(y.hidden){y.hidden=false;return}await out('readwrite',s=>s.delete(x.id));draw();send()};return li}));
d.querySelectorAll('[data-waits]').forEach(e=>e.hidden=!all.length);d.querySelectorAll('[data-none]').forEach(e=>e.hidden=!!all.length);d.querySelectorAll('[data-go]').forEach(e=>e.hidden=!all.some(x=>!x.got&&!x.bad))};
const send=()=>w.ready.then(r=>r.active.postMessage(0));
if(list){draw();w.addEventListener('message',draw);d.querySelectorAll('[data-go] button').forEach(b=>b.onclick=()=>{b.ariaDisabled=true;send();setTimeout(()=>b.ariaDisabled=null,3e3)})}
if(pages)(async()=>{const names={};for(const n of await caches.keys())if(/^tw-/.test(n)){const c=await caches.open(n);for(const k of await c.keys()){const u=new URL(k.url),p=u.pathname;
if(p.startsWith(L)&&!/\/(offline|saved)$/.test(p)&&(u.search||!names[p])){const t=new DOMParser().parseFromString(await(await c.match(k)).text(),'text/html');names[p]=t.title.split(' · ')[0]}}}
for(const p in names){const li=clone('copy'),a=li.querySelector('a');a.href=p;a.textContent=names[p];pages.append(li)}
d.querySelectorAll('[data-copies]').forEach(e=>e.hidden=!pages.children.length)})()})()
