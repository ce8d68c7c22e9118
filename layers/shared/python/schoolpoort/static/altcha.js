// Our own check: the device finds the number that a challenge asks for (ALTCHA, protocol 2) while the form is
// filled in. A few tries at a time, each off the page's own thread, so that typing never stutters.
"use strict";
(() => {
  const AT_ONCE = 8;

  const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const hexOf = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

  const attempt = async (parameters, counter) => {
    const nonce = bytesOf(parameters.nonce);
    const password = new Uint8Array(nonce.length + 4);
    password.set(nonce);
    new DataView(password.buffer).setUint32(nonce.length, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const settings = { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(parameters.salt), iterations: parameters.cost };
    const derivedKey = hexOf(await crypto.subtle.deriveBits(settings, key, parameters.keyLength * 8));
    return { counter, derivedKey };
  };

  const solve = async (challenge, tell) => {
    const { parameters } = challenge;
    const most = parameters.data.most;
    for (let start = 0; start < most; start += AT_ONCE) {
      const counters = Array.from({ length: AT_ONCE }, (_, offset) => start + offset);
      const tried = await Promise.all(counters.map((counter) => attempt(parameters, counter)));
      const solution = tried.find((found) => found.derivedKey.startsWith(parameters.keyPrefix));
      if (solution) return btoa(JSON.stringify({ challenge, solution }));
      tell(start / most);
      await new Promise((resolve) => { window.setTimeout(resolve); });
    }
    throw new Error("no solution");
  };

  const prepare = (holder) => {
    const form = holder.closest("form");
    const answer = holder.querySelector('[name="altcha"]');
    const bar = holder.querySelector(".altcha-progress");
    const state = holder.querySelector(".altcha-state");
    const failed = holder.querySelector(".captcha-failed");
    let isStarted = false;
    let isWanted = false;

    const say = (text) => { if (state.textContent !== text) state.textContent = text; };

    const tell = (part) => {
      bar.value = Math.round(part * 100);
      if (!isWanted && part >= 0.5) say(holder.dataset.half);
    };

    const start = async () => {
      if (isStarted) return;
      isStarted = true;
      say(holder.dataset.working);
      try {
        answer.value = await solve(JSON.parse(holder.dataset.altcha), tell);
      } catch {
        say("");
        failed.hidden = false;
        return;
      }
      bar.value = 100;
      say(holder.dataset.done);
      if (isWanted) form.requestSubmit();
    };

    form.addEventListener("focusin", start);
    form.addEventListener("pointerdown", start);
    form.addEventListener("submit", (event) => {
      if (answer.value !== "") return;
      event.preventDefault();
      isWanted = true;
      start();
      if (failed.hidden) say(holder.dataset.waiting);
      holder.scrollIntoView({ block: "nearest" });
    });

    if ("eager" in holder.dataset || form.contains(document.activeElement)) start();
  };

  for (const holder of document.querySelectorAll("[data-altcha]")) prepare(holder);
})();
