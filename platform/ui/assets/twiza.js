/* Twiza enhancement script. Every page works without it; what needs it is marked data-js and stays hidden until it runs. */
(()=>{const d=document,$=(s,f,r=d)=>r.querySelectorAll(s).forEach(f),on=(e,f,t=d)=>t.addEventListener(e,f),st=sessionStorage,sp=window.speechSynthesis,nv=navigator,L=d.documentElement.lang;
/* what this phone can do is shown; what it cannot stays hidden */
const can={gps:()=>isSecureContext&&nv.geolocation,copy:()=>nv.clipboard,say:b=>b.dataset.listen||sp&&sp.getVoices().some(v=>v.lang.startsWith(L))},
show=()=>$('[data-js]',x=>x.hidden=Object.keys(can).some(k=>k in x.dataset&&!can[k](x)));show();if(sp)sp.onvoiceschanged=show;
const net=()=>$('[data-offline]',x=>x.hidden=nv.onLine);on('online',net,window);on('offline',net,window);net();$('.errs',x=>x.focus({preventScroll:true}));
/* a chosen row is coloured */
const mark=()=>$('.opt',x=>x.classList.toggle('is-on',x.querySelector('input').checked));on('change',mark);
/* answers stay in this tab of this phone until the receipt is shown; a copy of the whole form takes over those of the steps */
const kept=d.querySelector('[data-copy]:not([hidden])');$('[data-sent]',x=>Object.keys(st).forEach(k=>k.startsWith('d:'+x.dataset.sent)&&delete st[k]));
$('form[data-draft]',f=>{const k='d:'+f.dataset.draft,p=k.split('.all')[0]+'.';
Object.keys(st).filter(x=>x==k||kept&&!st[k]&&x.startsWith(p)).forEach(x=>{try{JSON.parse(st[x]).forEach(([n,v])=>{let no=1;$('[name="'+n+'"]',i=>{no=0;if(/radio|checkbox/.test(i.type))i.checked|=i.value==v;else i.value=i.value||v},f);if(no&&kept)f.append(Object.assign(d.createElement('input'),{type:'hidden',name:n,value:v,className:'was'}))})}catch(_){}});
on('input',e=>{if(/text$/.test(e.target.name))$('.was',x=>x.remove(),f);st[k]=JSON.stringify([...new FormData(f)].filter(x=>x[1].big&&x[0][0]!='_'))},f)});mark();
/* the worker keeps copies of pages and what could not be sent (sw.js) */
const w=nv.serviceWorker;if(w){w.onmessage=e=>$('[data-outbox]',x=>{x.hidden=!e.data.n;$('b',b=>b.textContent=e.data.n,x)});
on('load',()=>w.register('/sw.js').then(()=>w.ready).then(r=>{const go=()=>r.active.postMessage(!!d.querySelector('[data-copy]'));go();on('online',go,window)}).catch(()=>{}),window)}
/* sent once: a second tap waits */
on('submit',e=>{const f=e.target,b=e.submitter||{},h=b.innerHTML,t=h&&b.dataset.busy;if(f.method!='post')return;if(f.busy)return e.preventDefault();f.busy=1;if(t){b.textContent=t;b.ariaDisabled=true}setTimeout(()=>{f.busy=0;if(t){b.innerHTML=h;b.ariaDisabled=null}},9e3)});
let au;on('click',e=>{const b=e.target.closest('[data-js]');if(!b)return;const t=b.dataset,say=x=>$('[role=status]',s=>s.textContent=x,b.parentNode);
if('print'in t)print();
if(t.copy)nv.clipboard.writeText(t.copy).then(()=>say(t.done));
if('gps'in t){say(t.wait);nv.geolocation.getCurrentPosition(({coords:c})=>{const v={lat:c.latitude.toFixed(6),lon:c.longitude.toFixed(6),acc:c.accuracy|0};for(const n in v)$('[name='+n+']',i=>i.value=v[n],b.form);say(t.done)},()=>say(t.fail),{enableHighAccuracy:true,timeout:2e4})}
if(t.say){const go=()=>{if(!sp)return;const u=new SpeechSynthesisUtterance(t.say);u.lang=L;sp.speak(u)};if(au)au.pause();sp&&sp.cancel();au=new Audio(t.listen);t.listen?au.play().catch(go):go()}})})()
