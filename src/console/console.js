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
