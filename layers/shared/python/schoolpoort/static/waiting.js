// Waiting at the door of a class, on both sides, and what a camera read: the code of a lesson, a badge.
// Without this script the buttons do the same.
"use strict";
(() => {
  const EVERY_MS = 3000;

  // The child: comes in as soon as the teacher pressed, or hears that it waits no more.
  const form = document.querySelector("form[data-wait]");
  const ask = async () => {
    try {
      const answer = await fetch(form.dataset.wait);
      if (answer.ok && (await answer.json()).state !== "waiting") {
        form.submit();
        return;
      }
    } catch {
      // No connection for a moment: the next time again.
    }
    setTimeout(ask, EVERY_MS);
  };
  if (form) setTimeout(ask, EVERY_MS);

  // The teacher: the list of who waits is fetched anew, the rest of the page stays as it is.
  const list = document.querySelector("[data-live]");
  const look = async () => {
    try {
      const answer = await fetch(list.dataset.live);
      const text = answer.ok && !answer.redirected ? await answer.text() : "";
      const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(list.id);
      const isHeld = list.contains(document.activeElement);
      if (fresh && !isHeld && fresh.innerHTML !== list.innerHTML) list.innerHTML = fresh.innerHTML;
    } catch {
      // The same.
    }
    setTimeout(look, EVERY_MS);
  };
  if (list) setTimeout(look, EVERY_MS);

  // A badge: the same way as a lesson's code below.
  const badge = document.querySelector("form[data-badge]");
  if (badge && location.hash.length > 1) {
    badge.elements.badge.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
    badge.submit();
  }

  // A lesson's code comes behind the #, which never leaves the browser; it is gone from the address at once.
  const lesson = document.querySelector("form[data-lesson]");
  if (lesson && location.hash.length > 1) {
    lesson.elements.lesson.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, "", location.pathname);
    lesson.submit();
  }
})();
