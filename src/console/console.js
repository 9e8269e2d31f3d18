// Makes the pages of the console live. Every page works without it.
"use strict";

// What rings for a lead is shown within ten seconds, whatever page is open.
function watchRinging() {
    const place = document.getElementById("ringing");
    if (!place) return;
    setInterval(async () => {
        try {
            const answer = await fetch("/console/safeguarding/ringing", { redirect: "error" });
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
