/* Records a sentence with the microphone and puts it into the form's file field, as a telephone line carries it. Without this script a file is chosen by hand. */
const rate = 8000, box = document.querySelector('[data-record]');
if (box && isSecureContext && navigator.mediaDevices && window.MediaRecorder && window.OfflineAudioContext) {
	const of = s => box.querySelector(s), say = k => of('[role=status]').textContent = box.dataset[k] || '';
	const field = box.closest('form').querySelector('[type=file]'), start = of('[data-start]'), stop = of('[data-stop]'), player = of('audio');
	let recorder, timer, address;
	const show = on => { start.hidden = on; stop.hidden = !on; (on ? stop : start).focus(); };
	const line = async blob => {
		const context = new OfflineAudioContext(1, rate, rate), heard = await context.decodeAudioData(await blob.arrayBuffer());
		const slow = new OfflineAudioContext(1, Math.ceil(heard.duration * rate), rate), source = slow.createBufferSource();
		source.buffer = heard; source.connect(slow.destination); source.start();
		return (await slow.startRendering()).getChannelData(0);
	};
	const wav = values => {
		const v = new DataView(new ArrayBuffer(44 + 2 * values.length)), text = (at, s) => [...s].forEach((c, i) => v.setUint8(at + i, c.charCodeAt(0)));
		text(0, 'RIFF'); v.setUint32(4, 36 + 2 * values.length, true); text(8, 'WAVEfmt '); v.setUint32(16, 16, true); v.setUint16(20, 1, true); v.setUint16(22, 1, true);
		v.setUint32(24, rate, true); v.setUint32(28, 2 * rate, true); v.setUint16(32, 2, true); v.setUint16(34, 16, true); text(36, 'data'); v.setUint32(40, 2 * values.length, true);
		values.forEach((x, i) => v.setInt16(44 + 2 * i, Math.max(-1, Math.min(1, x)) * 32767, true));
		return v.buffer;
	};
	const take = async pieces => {
		const file = new File([wav(await line(new Blob(pieces)))], 'recording.wav', {type: 'audio/wav'}), all = new DataTransfer();
		all.items.add(file); field.files = all.files;
		URL.revokeObjectURL(address); player.src = address = URL.createObjectURL(file); player.hidden = false; say('done');
	};
	start.addEventListener('click', async () => {
		say('wait');
		try {
			const stream = await navigator.mediaDevices.getUserMedia({audio: true}), pieces = [];
			recorder = new MediaRecorder(stream);
			recorder.ondataavailable = e => pieces.push(e.data);
			recorder.onstop = () => { clearTimeout(timer); stream.getTracks().forEach(t => t.stop()); show(false); take(pieces).catch(() => say('fail')); };
			recorder.start(); show(true); say('on');
			timer = setTimeout(() => recorder.stop(), 30000); /* what fits into a file of that kind */
		} catch (_) { say('fail'); }
	});
	stop.addEventListener('click', () => recorder.stop());
	box.hidden = false;
}
