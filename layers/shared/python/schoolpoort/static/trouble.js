// Why can I not sign in: looks at the clock, at a private window, and, when a code is asked, at Google's script.
// What it finds is shown here and sent with the form as one of a few words; without it the page works all the same.
"use strict";
(() => {
  const LARGEST_SKEW_S = 300;
  const PATIENCE_MS = 5000;
  const SMALL_QUOTA_BYTES = 1.2e9; // ordinary windows of today's browsers get a share of the disk, private ones of the memory

  const place = document.querySelector("[data-trouble]");
  const form = place?.querySelector("form");
  if (!form) return;

  const tell = (name, value, isBad) => {
    form.elements.namedItem(name).value = value;
    place.querySelector(`[data-finding="${name}"]`).hidden = !isBad;
  };

  const lookAtClock = () => {
    // The page may come back from the browser's cache: then its moment says nothing.
    if (performance.now() > 60_000) return;
    const skewS = Math.abs(Date.now() / 1000 - Number(place.dataset.now));
    tell("clock", skewS > LARGEST_SKEW_S ? "wrong" : "right", skewS > LARGEST_SKEW_S);
  };

  const isPrivate = async () => {
    if (!("serviceWorker" in navigator)) return true; // Firefox
    try {
      await navigator.storage.getDirectory(); // Safari refuses
      const { quota } = await navigator.storage.estimate();
      return quota < SMALL_QUOTA_BYTES; // Chrome, Edge
    } catch {
      return true;
    }
  };

  const lookAtGoogle = async () => {
    if (!place.dataset.google) return;
    try {
      await fetch(place.dataset.google, { mode: "no-cors", credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS) });
      tell("captcha", "loads", false);
    } catch {
      tell("captcha", "blocked", true);
    }
  };

  lookAtClock();
  if (navigator.storage) isPrivate().then((found) => { tell("private", found ? "yes" : "no", found); });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await lookAtGoogle();
    form.submit();
  });
})();
