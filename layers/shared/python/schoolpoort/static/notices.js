// Shows what the helpdesk lets everybody know, from a static copy that is there when the store is not.
// Asked again every half minute, so that a page that stands open shows a notice within a minute, and takes it away.
"use strict";
(() => {
  const EVERY_MS = 30_000;
  const place = document.querySelector("[data-notices]");
  if (!place) return;
  const language = document.documentElement.lang;
  const begin = Number(place.dataset.now);
  const opened = performance.now();
  let last = "";

  // The house's clock and not the device's: that may be wrong, and then a notice would stand too long.
  const now = () => begin + (performance.now() - opened) / 1000;

  const isForThisPage = (notice) => {
    if (!place.dataset.school) return true;
    return notice.audience === "all" || (notice.audience === "school" && notice.ref === place.dataset.school);
  };

  const drawn = (notice) => {
    const box = document.createElement("div");
    box.className = `notice notice--${["info", "warning", "danger"].includes(notice.severity) ? notice.severity : "info"}`;
    const text = document.createElement("div");
    if (notice.label) {
      const title = document.createElement("p");
      title.className = "notice-title";
      title.textContent = `${place.dataset.for} ${notice.label}`;
      text.append(title);
    }
    const words = document.createElement("p");
    words.textContent = language === "en" ? notice.en : notice.nl;
    text.append(words);
    box.append(text);
    return box;
  };

  const look = async () => {
    try {
      const answer = await fetch(place.dataset.notices, { credentials: "omit" });
      if (!answer.ok) return;
      const { notices } = await answer.json();
      const shown = notices.filter((one) => one.starts <= now() && now() < one.ends && isForThisPage(one));
      const key = JSON.stringify(shown);
      if (key === last) return;
      last = key;
      place.replaceChildren(...shown.map(drawn));
      place.hidden = shown.length === 0;
    } catch {
      // No connection, or no copy yet: the page itself works, and says so where it does not.
    }
  };

  look();
  window.setInterval(look, EVERY_MS);
})();
