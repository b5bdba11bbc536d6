/* Keys for triage: each presses what the page shows. Without this script every one of them is a button, a link or a tick. */
(()=>{const d=document,one=k=>d.querySelector('[data-key="'+k+'"]'),
/* the letter as typed, or, on a keyboard without Latin letters, where it lies */
name=e=>e.code.match(/^(?:Digit|Numpad)(\d)$/)?.[1]||(/^[a-z?]$/i.test(e.key)?e.key.toLowerCase():e.key=='؟'?'?':e.code.match(/^Key(.)$/)?.[1].toLowerCase()||e.key.replace(/^NumpadEnter$/,'Enter'));
let gone=0;d.addEventListener('keydown',e=>{if(e.ctrlKey||e.metaKey||e.altKey||e.isComposing||e.repeat&&e.key=='Enter')return;
const t=e.target,typing=t.matches('input:not([type=checkbox]):not([type=radio]),textarea,select'),k=name(e);
if(k=='Escape'){d.querySelectorAll('details[open]').forEach(x=>x.open=false);t.blur();return}
if(typing&&!(k=='Enter'&&t.matches('input')))return;
if(k=='Enter'&&t.matches('a,button,summary'))return;
const open=d.querySelector('details.aside[open]');
let x=open&&d.querySelector('[data-aside="'+k+'"]')||one(k);if(!x)return;
if(k=='Enter'&&typing&&t.name=='place_text')x=d.querySelector('[value=look]');
e.preventDefault();
if(x.matches('summary')){const f=x.parentNode;f.open=!f.open;f.scrollIntoView({block:'nearest'});return}
if(x.matches('[type=checkbox],[type=radio]')){x.checked=x.type=='radio'||!x.checked;x.dispatchEvent(new Event('change',{bubbles:true}));x.scrollIntoView({block:'nearest'});return}
if(gone++)return;x.click();setTimeout(()=>gone=0,3e3)})})()
