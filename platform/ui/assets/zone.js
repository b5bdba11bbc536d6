/* Whoever reads from another zone sees each time in their own too. Without scripts the page tells the zone of the house alone. */
(()=>{const d=document,p=d.querySelector('[data-zone]'),L=d.documentElement.lang,o={day:'numeric',month:'short',hour:'2-digit',minute:'2-digit',hour12:false};
if(!p||!window.Intl)return;const say=(t,z)=>new Intl.DateTimeFormat({ar:'ar-MA',zgh:'fr'}[L]||L,{...o,timeZone:z}).format(t);
d.querySelectorAll('main time[datetime*=T]').forEach(x=>{const t=new Date(x.dateTime);if(isNaN(t)||say(t)==say(t,'Africa/Casablanca'))return;p.hidden=false;const s=d.createElement('span');s.className='small muted';s.textContent=' '+p.dataset.zone.replace('%',say(t));x.after(s)})})()
