// Makes the pages of the console live. Every page works without it.
"use strict";

// What rings for a lead is shown within ten seconds, whatever page is open.
function watchRinging() {
    const place = document.getElementById("ringing");
    if (!place) return;
    setInterval(async () => {
        try {
            const answer = await fetch("/console/safeguarding/ringing", {
                redirect: "error",
                headers: { "x-unattended": "1" }, // it keeps no idle session alive
            });
            if (!answer.ok) return;
            const bells = document.createElement("template");
            bells.innerHTML = await answer.text();
            // What has not changed stays, with the focus that may be on it.
            if (bells.innerHTML !== place.innerHTML) place.replaceChildren(bells.content);
        } catch {
            // The next look may find it.
        }
    }, 10_000);
}

watchRinging();
// What young people wrote can be blurred until its reader asks for it. Each member of staff chooses
// when, for this browser; whoever has not chosen, and whoever has no script, reads on.
function blurring() {
    const place = document.querySelector("[data-blur-choice]");
    const texts = [...document.querySelectorAll("[data-sensitive]")];
    if (!place || texts.length === 0) return;
    const choices = {
        never: ["Never blur words", []],
        grave: ["Blur words of red and crisis", ["red", "crisis"]],
        always: ["Blur all words", ["green", "amber", "red", "crisis"]],
    };
    const remembered = () => {
        try { return localStorage.getItem("blur"); } catch { return null; }
    };
    const remember = (choice) => {
        try { localStorage.setItem("blur", choice); } catch { /* it holds for this page */ }
    };
    const select = document.createElement("select");
    select.setAttribute("aria-label", "When to blur words");
    for (const [value, [label]] of Object.entries(choices)) select.add(new Option(label, value));
    select.value = Object.hasOwn(choices, remembered()) ? remembered() : "never";

    for (const text of texts) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "quiet";
        button.addEventListener("click", () => blur(text, button, !text.classList.contains("blurred")));
        text.before(button);
    }
    function blur(text, button, blurred) {
        text.classList.toggle("blurred", blurred);
        text.inert = blurred;
        const matched = text.classList.contains("quoted") ? [] : text.parentElement.querySelectorAll("q");
        for (const words of matched) words.classList.toggle("blurred", blurred);
        button.setAttribute("aria-expanded", String(!blurred));
        button.textContent = blurred ? "Show the words" : "Blur the words";
    }
    function applyChoice() {
        const [, levels] = choices[select.value];
        for (const text of texts) {
            blur(text, text.previousElementSibling, levels.includes(text.dataset.sensitive));
        }
    }
    select.addEventListener("change", () => { remember(select.value); applyChoice(); });
    place.append(select);
    applyChoice();
}

// A number key chooses what is to be done, and puts the focus where it goes on. It never sends the
// form by itself: Enter does.
function choosingByNumber() {
    const next = { decline: "reason", hold: "hours", escalate: "note" };
    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
        if (event.target.matches("textarea, select, input:not([type=radio], [type=checkbox])")) return;
        const chosen = /^[1-9]$/.test(event.key) && document.querySelector(`[data-key="${event.key}"]`);
        if (!chosen) return;
        event.preventDefault();
        if (chosen.type !== "radio") return chosen.focus();
        chosen.checked = true;
        const follows = document.getElementById(next[chosen.value] ?? "");
        (follows ?? chosen.form.querySelector("button[type=submit]")).focus();
    });
}

blurring();
choosingByNumber();
// Says something to whoever listens to a page in place of seeing it.
function announce(text) {
    const line = document.createElement("p");
    line.textContent = text;
    document.getElementById("announcer").append(line);
    setTimeout(() => line.remove(), 10_000);
}

// A box to tick whose state this browser remembers; it is shown now that it does something.
function rememberedBox(id, byDefault) {
    const box = document.getElementById(id);
    const key = `hearth.${id}`;
    let kept = null;
    try { kept = localStorage.getItem(key); } catch { /* a browser that keeps nothing */ }
    box.checked = kept === null ? byDefault : kept === "true";
    box.addEventListener("change", () => {
        try { localStorage.setItem(key, box.checked); } catch { /* it holds for this page */ }
    });
    box.closest("[hidden]")?.removeAttribute("hidden");
    return box;
}

// Two short tones: heard, and not alarming.
function beep() {
    const audio = new AudioContext();
    for (const [tone, at] of [[660, 0], [880, 0.18]]) {
        const [source, volume] = [audio.createOscillator(), audio.createGain()];
        source.frequency.value = tone;
        volume.gain.value = 0.15;
        source.connect(volume).connect(audio.destination);
        source.start(audio.currentTime + at);
        source.stop(audio.currentTime + at + 0.15);
    }
    setTimeout(() => audio.close(), 1_000);
}

// --- Time left -----------------------------------------------------------------------------------

// A length of time in its two largest units, as the server writes it.
function inWords(milliseconds) {
    const minutes = Math.floor(milliseconds / 60_000);
    const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24, minutes % 60];
    if (minutes === 0) return "under a minute";
    if (days === 0) return hours === 0 ? `${rest} min` : `${hours} h ${rest} min`;
    return `${days} ${days === 1 ? "day" : "days"} ${hours} h`;
}

// Counts down every deadline of a page, by the server's clock. Answers what sets that clock.
function countDown(serverNow) {
    let ahead = serverNow - Date.now();
    const show = () => {
        const now = Date.now() + ahead;
        for (const due of document.querySelectorAll("time.due")) {
            const left = Number(due.dataset.due) - now;
            const text = `${inWords(Math.abs(left))} ${left >= 0 ? "left" : "late"}`;
            if (due.textContent !== text) due.textContent = text;
            due.classList.toggle("breached", left < 0);
        }
    };
    setInterval(show, 5_000);
    return (serverNow) => { ahead = serverNow - Date.now(); show(); };
}

// --- The queue -----------------------------------------------------------------------------------

const caseRows = () => [...document.querySelectorAll("table.queue tbody tr")];
const controls = (row) => [...row.querySelectorAll("a, button")];

// Where the focus is on the board, in words that hold after the board is made anew.
function focusOn(board) {
    const focused = document.activeElement;
    if (!board.contains(focused)) return null;
    const row = focused.closest("table.queue tbody tr");
    if (!row) return { href: focused.getAttribute("href") };
    return { id: row.id, at: caseRows().indexOf(row), control: controls(row).indexOf(focused) };
}

function focusAgain(board, was) {
    if (was.href) {
        [...board.querySelectorAll("a")].find((link) => link.getAttribute("href") === was.href)?.focus();
        return;
    }
    const rows = caseRows();
    const same = rows.find((row) => row.id === was.id);
    // Where its case is gone, whoever was on it goes on with the one that is there now.
    const row = same ?? rows[Math.min(was.at, rows.length - 1)];
    if (!row) return document.getElementById("content").focus();
    (same && controls(row)[was.control] || row.querySelector("a.open")).focus({ preventScroll: true });
}

// Puts the board's new state on the page, and leaves whoever works on it where they are.
function swapBoard(board, html) {
    const before = new Set(caseRows().map((row) => row.id));
    const focus = focusOn(board);
    board.innerHTML = html;
    if (focus) focusAgain(board, focus);
    for (const row of caseRows()) row.classList.toggle("arrived", !before.has(row.id));
}

function liveQueue() {
    const board = document.getElementById("board");
    if (!board) return;
    rememberedBox("hide-words", false);
    const sound = rememberedBox("sound", false);
    sound.addEventListener("change", () => sound.checked && beep());
    const setClock = countDown(Number(board.dataset.now));
    const connection = document.getElementById("connection");
    const stream = new EventSource(board.dataset.live);
    stream.addEventListener("open", () => { connection.textContent = "Live"; });
    stream.addEventListener("error", () => {
        connection.textContent = stream.readyState === EventSource.CLOSED
            ? "Not live any more: load the page again."
            : "Connecting again…";
    });
    stream.addEventListener("board", (event) => {
        swapBoard(board, event.data);
        setClock(Number(event.lastEventId) / 1_000);
    });
    stream.addEventListener("announce", (event) => {
        announce(event.data);
        if (sound.checked) beep();
    });
    queueKeys();
}

// j and k move, c claims, ? lists the keys: never while somebody writes, and only where they want.
function queueKeys() {
    const dialog = document.getElementById("keys");
    const wanted = rememberedBox("use-keys", true);
    const button = document.getElementById("show-keys");
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
    const move = (by) => {
        const rows = caseRows();
        const at = rows.findIndex((row) => row.contains(document.activeElement));
        const to = at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1);
        rows[to]?.querySelector("a.open").focus();
    };
    const claim = () => {
        const row = caseRows().find((row) => row.contains(document.activeElement));
        if (!row) return announce("Choose a case first, with j or k.");
        const form = row.querySelector("form[data-act=claim]");
        return form ? form.requestSubmit() : announce("This case cannot be claimed just now.");
    };
    const acts = { j: () => move(1), k: () => move(-1), c: claim, "?": () => dialog.showModal() };
    document.addEventListener("keydown", (event) => {
        const writes = event.target.closest("input, select, textarea, [contenteditable]");
        if (writes || dialog.open || !wanted.checked) return;
        if (event.ctrlKey || event.altKey || event.metaKey || !Object.hasOwn(acts, event.key)) return;
        event.preventDefault();
        acts[event.key]();
    });
}

liveQueue();
