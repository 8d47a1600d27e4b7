// The workbench's pages: sending files, and hearing of cases. Nothing is loaded from elsewhere, and every text
// goes into the page as text.

const api = "/api/v1";
const $ = (id) => document.getElementById(id);

async function ask(path, options) {
  const response = await fetch(api + path, options);
  const text = await response.text();
  let said = {};
  try { said = JSON.parse(text); } catch { said = { error: text }; }
  if (!response.ok) throw new Error(said.error || `the server says ${response.status}`);
  return said;
}

function size(bytes) {
  if (bytes < 1e4) return `${bytes} bytes`;
  if (bytes < 1e7) return `${Math.round(bytes / 1e3)} kB`;
  if (bytes < 1e10) return `${Math.round(bytes / 1e6)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

function lasting(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return `${Math.ceil(seconds / 60)} min`;
}

// How far a case is, in words.
function progressOf(job) {
  if (job.state === "queued") return job.before ? `waits; ${job.before} come first` : "waits; next";
  if (job.state !== "running") return "";
  const at = job.progress;
  if (!at) return "being looked at";
  const pace = at.per_second ? `, ${at.per_second.toFixed(1)} a second, ${lasting(at.seconds_left)} left` : "";
  return `${at.done} of ${at.total} frames${pace}`;
}

const classes = { forged: "is-forged", uncertain: "is-uncertain", real: "is-clear" };

// ---------------------------------------------------------------- the page of all cases

function index(main) {
  const list = $("cases"), known = new Map();
  let search = "", lastAsked = 0;
  // An answer to what was asked may be older than an event that came before it: of a case, the event counts.
  let clock = 0;
  const heard = new Map();
  const heardSince = (id, asked) => (heard.get(id) ?? 0) > asked;

  const fill = (item, job) => {
    const part = (name) => item.querySelector(name);
    const ended = job.state !== "queued" && job.state !== "running";
    item.className = `case ${job.verdict ? classes[job.verdict] || "is-unjudged" : ""}`;
    part(".case-name").textContent = job.name;
    part(".case-name").href = job.page;
    const when = new Date(job.added).toLocaleString();
    part(".case-told").textContent = [`case ${job.id}`, when, size(job.bytes), job.notes.split("\n")[0].slice(0, 80)].filter(Boolean).join(" · ");
    const verdict = part(".case-verdict");
    verdict.textContent = job.in_words || (ended ? (job.state === "failed" ? "cannot judge" : job.state) : progressOf(job));
    if (job.score != null) {
      const small = document.createElement("small");
      small.textContent = `probability ${Math.round(Math.min(99, Math.max(1, job.score * 100)))} %`;
      verdict.append(small);
    }
    const bar = part("progress");
    bar.hidden = job.state !== "running";
    if (job.progress) bar.value = job.progress.done / job.progress.total; else bar.removeAttribute("value");
    part(".cancel").hidden = ended;
    part(".again").hidden = !(job.state === "failed" || job.state === "cancelled");
    for (const [name, what] of [[".cancel", "Cancel"], [".again", "Try again"], [".delete", "Delete"]]) {
      part(name).setAttribute("aria-label", `${what}: ${job.name}`);
    }
  };

  const item = (job) => {
    const item = $("case").content.firstElementChild.cloneNode(true);
    const act = (name, work) => item.querySelector(name).addEventListener("click", () => work().catch((error) => say(error.message)));
    act(".cancel", () => ask(`/jobs/${job.id}/cancel`, { method: "POST" }));
    act(".again", () => ask(`/jobs/${job.id}/again`, { method: "POST" }));
    act(".delete", async () => {
      if (confirm(`Delete ${job.name}, its answer and its notes?`)) await ask(`/jobs/${job.id}`, { method: "DELETE" });
    });
    return item;
  };

  const show = (job, atEnd) => {
    let one = known.get(job.id);
    if (!one) {
      if (search && !atEnd) return;
      one = item(job);
      known.set(job.id, one);
      if (atEnd) list.append(one); else list.prepend(one);
    }
    fill(one, job);
    $("none").hidden = known.size > 0;
  };

  const say = (text) => { $("said").textContent = text; };

  const page = 100;
  const load = async (below) => {
    const asked = lastAsked = ++clock;
    const query = new URLSearchParams({ search, most: String(page) });
    if (below) query.set("below", String(below));
    const { jobs } = await ask(`/jobs?${query}`);
    if (asked !== lastAsked) return;
    for (const [id, one] of below ? [] : known) {
      if (!heardSince(id, asked)) { one.remove(); known.delete(id); }
    }
    for (const job of jobs) if (!heardSince(job.id, asked)) show(job, true);
    $("more").hidden = jobs.length < page;
    $("none").hidden = known.size > 0;
    $("none").textContent = search ? "No case has that in it." : "No case yet.";
  };
  const reload = () => load().catch((error) => say(error.message));

  $("more").addEventListener("click", () => load(Math.min(...known.keys())).catch((error) => say(error.message)));
  let pause;
  $("search").addEventListener("input", (event) => {
    clearTimeout(pause);
    pause = setTimeout(() => { search = event.target.value.trim(); reload(); }, 200);
  });

  const events = new EventSource(`${api}/events`);
  events.addEventListener("job", (event) => {
    const job = JSON.parse(event.data);
    heard.set(job.id, ++clock);
    show(job, false);
  });
  events.addEventListener("deleted", (event) => {
    const { id } = JSON.parse(event.data);
    heard.set(id, ++clock);
    known.get(id)?.remove();
    known.delete(id);
    $("none").hidden = known.size > 0;
  });
  events.addEventListener("missed", reload);
  // Also after the connection was lost: what happened meanwhile is asked for.
  events.addEventListener("open", reload);

  // Files on their way: two at a time, so that the server can answer others.
  const waiting = [];
  let sending = 0;
  const most = Number(main.dataset.mostBytes);

  const settings = () => new URLSearchParams({
    frames: $("frames").value || "64",
    whole: String($("whole").checked),
    any_compression: String($("any_compression").checked),
  });

  const add = (files) => {
    say("");
    for (const { file, name } of files) {
      const row = $("sending").content.firstElementChild.cloneNode(true);
      row.querySelector(".sending-name").textContent = name;
      row.querySelector("button").setAttribute("aria-label", `Stop sending ${name}`);
      const one = { file, name, row, query: settings() };
      row.querySelector("button").addEventListener("click", () => {
        one.stopped = true;
        one.request?.abort();
        row.remove();
      });
      if (file.size > most) { say(`${name}: larger than the ${size(most)} that are allowed`); continue; }
      $("arriving").append(row);
      waiting.push(one);
    }
    next();
  };

  const next = () => {
    while (sending < 2 && waiting.length) {
      const one = waiting.shift();
      if (one.stopped) continue;
      sending += 1;
      send(one).finally(() => { sending -= 1; next(); });
    }
  };

  const send = (one) => new Promise((done) => {
    const request = new XMLHttpRequest();
    one.request = request;
    const told = one.row.querySelector(".sending-told"), bar = one.row.querySelector("progress");
    const over = (why) => { one.row.remove(); if (why) say(`${one.name}: ${why}`); done(); };
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.value = event.loaded / event.total;
      told.textContent = `${Math.floor(100 * bar.value)} %`;
    });
    request.addEventListener("load", () => {
      if (request.status === 429) {
        // The server says when there will be room.
        told.textContent = "waits for room";
        setTimeout(() => { if (!one.stopped) waiting.unshift(one); done(); }, 1000 * Number(request.getResponseHeader("Retry-After") || 5));
        return;
      }
      let said = {};
      try { said = JSON.parse(request.responseText); } catch { said = { error: request.responseText }; }
      if (request.status === 201) { if (!heard.has(said.id)) show(said, false); over(); } else over(said.error || `the server says ${request.status}`);
    });
    request.addEventListener("error", () => over("it could not be sent: is the server still there?"));
    request.addEventListener("abort", () => over());
    one.query.set("name", one.name);
    // The ZIP of a case brings that back.
    const to = one.name.toLowerCase().endsWith(".zip") ? "import" : `jobs?${one.query}`;
    request.open("POST", `${api}/${to}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(one.file);
  });

  const chosen = (input) => {
    add([...input.files].filter((file) => !file.name.startsWith(".")).map((file) => ({ file, name: file.webkitRelativePath || file.name })));
    input.value = "";
  };
  for (const id of ["files", "folder"]) $(id).addEventListener("change", (event) => chosen(event.target));

  // All files below what was dropped.
  const below = async (entry, path) => {
    const name = path + entry.name;
    if (entry.isFile) return [{ file: await new Promise((yes, no) => entry.file(yes, no)), name }];
    const reader = entry.createReader(), found = [];
    for (;;) {
      const some = await new Promise((yes, no) => reader.readEntries(yes, no));
      if (!some.length) return found;
      for (const one of some) if (!one.name.startsWith(".")) found.push(...await below(one, `${name}/`));
    }
  };
  const drop = $("drop");
  drop.addEventListener("submit", (event) => event.preventDefault());
  let depth = 0;
  addEventListener("dragenter", (event) => { event.preventDefault(); depth += 1; drop.classList.add("over"); });
  addEventListener("dragleave", () => { depth -= 1; if (depth <= 0) drop.classList.remove("over"); });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", async (event) => {
    event.preventDefault();
    depth = 0;
    drop.classList.remove("over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = [...event.dataTransfer.files].map((file) => ({ file, name: file.name }));
    try {
      add(entries.length ? (await Promise.all(entries.map((entry) => below(entry, "")))).flat() : files);
    } catch (error) { say(`what was dropped could not be read: ${error.message}`); }
  });
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files || [])];
    if (!files.length) return;
    event.preventDefault();
    add(files.map((file) => ({ file, name: file.name || "pasted" })));
  });
}

// ---------------------------------------------------------------- the page of one case

function one(main) {
  const id = main.dataset.id;
  const act = (button, work) => $(button)?.addEventListener("click", () => work().catch((error) => alert(error.message)));
  act("cancel", () => ask(`/jobs/${id}/cancel`, { method: "POST" }));
  act("again", async () => { await ask(`/jobs/${id}/again`, { method: "POST" }); location.reload(); });
  act("delete", async () => {
    if (!confirm("Delete this case, its file, its answer and its notes?")) return;
    await ask(`/jobs/${id}`, { method: "DELETE" });
    location.href = "/";
  });

  // Notes are kept while they are written.
  const notes = $("notes");
  let pause, kept = notes.value;
  const keep = async () => {
    clearTimeout(pause);
    const text = notes.value;
    if (text === kept) return;
    try {
      await ask(`/jobs/${id}`, { method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ notes: text }) });
      kept = text;
      $("noted").textContent = "Kept.";
    } catch (error) { $("noted").textContent = `Not kept: ${error.message}`; }
  };
  notes.addEventListener("input", () => {
    $("noted").textContent = "";
    clearTimeout(pause);
    pause = setTimeout(keep, 600);
  });
  notes.addEventListener("blur", keep);

  if (main.dataset.state === "queued" || main.dataset.state === "running") {
    const events = new EventSource(`${api}/jobs/${id}/events`);
    events.addEventListener("job", async (event) => {
      const job = JSON.parse(event.data);
      if (job.state === "queued" || job.state === "running") {
        const told = progressOf(job);
        $("told").textContent = told.charAt(0).toUpperCase() + told.slice(1) + ".";
        if (job.progress) $("progress").value = job.progress.done / job.progress.total; else $("progress").removeAttribute("value");
        return;
      }
      events.close();
      await keep();
      location.reload();
    });
    events.addEventListener("deleted", () => { events.close(); location.href = "/"; });
  }
}

const main = document.querySelector("main");
if (main.classList.contains("index")) index(main);
if (main.classList.contains("one")) one(main);
