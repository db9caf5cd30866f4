// Record a sound, choose a file or an example; Python, which has the network, says what it hears.
// params: { examples: [text, …], longest: seconds, most_bytes }; told: { text, html, count } comes from Python.
// To Python: { kind: "example", place }, { kind: "file", name } with the file's bytes, or { kind: "recording", rate }
// with samples as float32.

import { box, button, frame, hosted, inside, menu, short, tag } from "../shared/common.js";

const RATE = 16000; // of a recording, after the browser has resampled it

// Several channels as one: their mean.
const mixed = (channels) => channels[0].map((_, n) => channels.reduce((sum, one) => sum + one[n], 0) / channels.length);

// What there is to say about a file before it is sent; nothing: send it.
function refusal({ name, size }, { most_bytes }) {
  if (!size) return `${name} is empty. Choose a sound file: WAV, FLAC or Ogg.`;
  if (size > most_bytes) return `${name} has ${short(size / 1e6)} MB, and ${short(most_bytes / 1e6)} MB can be sent. Choose a shorter sound.`;
  return "";
}

// Why there is no recording, by the name of the browser's error.
const unheard = ({ name }) => ({
  NotAllowedError: "The browser was not allowed to use the microphone. Allow it, or choose a file.",
  NotFoundError: "No microphone was found. Choose a file instead.",
}[name] ?? "The microphone could not be used. Choose a file instead.");

async function samplesOf(blob) {
  const context = new OfflineAudioContext(1, 1, RATE);
  const sound = await context.decodeAudioData(await blob.arrayBuffer()); // resampled to RATE
  return mixed([...Array(sound.numberOfChannels).keys()].map((channel) => sound.getChannelData(channel)));
}

const LOUD = 0.25; // the root mean square that fills the meter: near speech has about a third of it, and more

// How full a meter is, from 0 to 1, while these samples between -1 and 1 are heard.
export const level = (samples) =>
  Math.min(1, Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length) / LOUD);

// Shows on `meter` how loud it is as long as the stream goes on; returns what ends that.
function metered(stream, meter) {
  const context = new AudioContext();
  const heard = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(heard);
  const samples = new Float32Array(heard.fftSize);
  const timer = setInterval(() => {
    heard.getFloatTimeDomainData(samples);
    meter.value = level(samples);
  }, 60);
  meter.hidden = false;
  return () => {
    clearInterval(timer);
    meter.hidden = true;
    context.close();
  };
}

// The button that records: at most `longest` seconds; then `done(samples)`.
function recorder(longest, meter, say, done) {
  let running = null;
  const control = button("● Record", async () => {
    if (running) return running.stop();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const parts = [];
      running = new MediaRecorder(stream);
      const unmeter = metered(stream, meter);
      running.ondataavailable = ({ data }) => parts.push(data);
      running.onstop = async () => {
        stream.getTracks().forEach((track) => track.stop());
        unmeter();
        clearTimeout(limit);
        const { mimeType } = running;
        running = null;
        control.textContent = "● Record";
        try {
          done(await samplesOf(new Blob(parts, { type: mimeType })));
        } catch {
          say("Nothing was recorded. Press Record, speak, and press Stop.");
        }
      };
      running.start();
      const limit = setTimeout(() => running?.stop(), 1000 * longest);
      control.textContent = "■ Stop";
      say(`Speak now. Press Stop when you are done; it ends by itself after ${longest} seconds.`);
    } catch (error) {
      running = null;
      say(unheard(error));
    }
    return undefined;
  });
  return control;
}

export function mount(element, model) {
  const params = model.get("params");
  const root = frame("listen", "Listen");
  const status = tag("div", { class: "told", role: "status" });
  const found = box("");
  const say = (text) => { status.textContent = text; };
  const send = (message, ...buffers) => {
    say("Listening …");
    model.send(message, undefined, buffers);
  };
  const meter = tag("meter", { min: 0, max: 1, value: 0,
    "aria-label": "How loud it is", hidden: "" });
  const record = recorder(params.longest, meter, say, (samples) => send({ kind: "recording", rate: RATE }, samples.buffer));
  const canRecord = Boolean(globalThis.navigator?.mediaDevices?.getUserMedia && globalThis.MediaRecorder);
  record.disabled = !canRecord;
  const file = tag("input", { type: "file", accept: "audio/*,.wav,.flac,.ogg" });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    const refused = refusal(chosen, params);
    if (refused) say(refused);
    else send({ kind: "file", name: chosen.name }, await chosen.arrayBuffer());
    file.value = ""; // so that the same file can be chosen again
  });
  const p = { example: "" };
  const items = [["", "choose one"], ...params.examples.map((text, place) => [String(place), text])];
  const examples = menu(p, "example", "an example", items, () => {
    if (p.example) send({ kind: "example", place: Number(p.example) });
  });
  const update = () => {
    const { html, text } = model.get("told");
    found.innerHTML = html;
    say(text);
  };
  model.on("change:told", update);
  root.append(box("row", record, meter, inside(tag("label", { class: "menu" }), tag("span", {}, "or a file"), file),
    ...(params.examples.length ? [examples] : [])), status, found);
  element.append(root);
  update();
  if (!canRecord) say(`${model.get("told").text} (No microphone can be used here; choose a file.)`.trim());
  return () => model.off("change:told", update);
}

const render = hosted(mount, (model) => model);

export default { render };
