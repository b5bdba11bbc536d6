/* Passkeys: what the house asks the browser goes to the device, and its answer into the form. Without scripts the page says so; the code of the app is there. */
(()=>{const d=document,nav=navigator.credentials,able=window.PublicKeyCredential&&nav&&nav.get;
const bytes=s=>Uint8Array.from(atob(s.replace(/-/g,'+').replace(/_/g,'/')),c=>c.charCodeAt(0));
const text=b=>{let s='';new Uint8Array(b).forEach(x=>s+=String.fromCharCode(x));return btoa(s).replace(/\+/g,'-').replace(/\//g,'_').replace(/=+$/,'')};
const read=o=>{o.challenge=bytes(o.challenge);if(o.user)o.user.id=bytes(o.user.id);for(const k of['excludeCredentials','allowCredentials'])if(o[k])o[k].forEach(x=>x.id=bytes(x.id));return o};
const answer=c=>{const r=c.response,out={};for(const k of['clientDataJSON','attestationObject','authenticatorData','signature','userHandle'])if(r[k])out[k]=text(r[k]);
if(r.getTransports)out.transports=r.getTransports();return JSON.stringify({id:c.id,rawId:text(c.rawId),type:c.type,clientExtensionResults:{},response:out})};
d.querySelectorAll('[data-ask]').forEach(b=>{const f=b.form,x=b.dataset,said=f.querySelector('[data-said]');
if(!able){f.querySelectorAll('[data-unable]').forEach(p=>p.hidden=false);return}
b.hidden=false;const say=t=>{said.lastElementChild.textContent=t;said.hidden=!t};
b.addEventListener('click',async()=>{say('');b.disabled=true;try{let r;try{r=await fetch(x.ask,{method:'POST',headers:{Accept:'application/json'}})}catch(e){say(x.lost);return}
const o=await r.json();if(!r.ok){say(o.title);return}
const q={publicKey:read(o.options)},c=x.make?await nav.create(q):await nav.get(q);
f.elements[x.into].value=answer(c);f.submit()}catch(e){say(e.name==='InvalidStateError'&&x.known?x.known:x.no)}finally{b.disabled=false}})})})()
