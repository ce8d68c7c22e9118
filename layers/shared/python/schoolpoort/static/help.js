// The help: shows answers while somebody types. Without this script the button does the same.
"use strict";
(() => {
  const form = document.querySelector("form[data-live]");
  const place = form && document.getElementById(form.dataset.live);
  if (!place) return;
  const input = form.querySelector("[name=q]");
  let waiting = 0;
  let latest = 0;

  const ask = async () => {
    const question = input.value.trim();
    const number = ++latest;
    if (question.length < 3) {
      place.replaceChildren();
      return;
    }
    try {
      const answer = await fetch(`/help?part=list&q=${encodeURIComponent(question)}`);
      const text = await answer.text();
      // An answer that comes later than a newer one is old news.
      if (answer.ok && number === latest) place.innerHTML = text;
    } catch {
      // No connection: the button still says so in the browser's own words.
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 250);
  });
})();
