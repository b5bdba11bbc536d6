/* Pairs judged by keyboard: J and K move, M joins, N tells apart, U takes back. Each key presses the button that stands on the page; without scripts the buttons are there. */
(()=>{const d=document,box=d.querySelector('[data-pairs]'),all=[...d.querySelectorAll('[data-pair]')];let at=+(box&&box.dataset.pairs)||0,busy=false;
const go=n=>{if(!all.length)return;at=Math.max(0,Math.min(all.length-1,n));all[at].focus();all[at].scrollIntoView({block:'nearest'})};
const press=b=>{if(b&&!busy){busy=true;b.click()}};
if(/[?&]at=/.test(location.search))go(at);const cur=()=>all.find(p=>p.contains(d.activeElement));all.forEach((p,i)=>p.addEventListener('focusin',()=>at=i));addEventListener('pageshow',()=>busy=false);
d.addEventListener('keydown',e=>{if(e.ctrlKey||e.metaKey||e.altKey||e.repeat||/^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName))return;
const k=/^[a-z]$/i.test(e.key)?e.key.toLowerCase():e.code.replace('Key','').toLowerCase();
if(k==='j')go(cur()?at+1:at);else if(k==='k')go(at-1);else if(k==='m'||k==='n')press(cur()&&cur().querySelector('[data-key='+k+']'));else if(k==='u')press(d.querySelector('[data-undo] button'));else return;e.preventDefault()})})()
