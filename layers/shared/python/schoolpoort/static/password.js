// Password fields: a checklist that follows the typing, a repeat field that compares, a show button.
// Without this script the rules stand there as plain text and the server checks them.
"use strict";
(() => {
  const PASSES = {
    length: (password) => { const count = [...password].length; return count >= 8 && count <= 20; },
    letter: (password) => /\p{L}/u.test(password),
    digit: (password) => /\p{Nd}/u.test(password),
  };

  const stateOf = (input) => document.querySelector(`[data-state-of="${input.id}"]`);

  // A live region speaks only when its text changes, so it is left alone while nothing is new.
  const say = (state, text, isGood) => {
    if (!state || state.textContent === text) return;
    state.textContent = text;
    state.classList.toggle("is-good", isGood);
  };

  const followRules = (input) => {
    const list = document.getElementById(input.dataset.rules);
    const marks = new Map();
    for (const item of list.querySelectorAll("[data-rule]")) {
      const spoken = document.createElement("span");
      spoken.className = "visually-hidden";
      item.append(spoken);
      marks.set(item, spoken);
    }
    const update = () => {
      const password = input.value.normalize("NFKC");
      let allMet = true;
      for (const [item, spoken] of marks) {
        const met = PASSES[item.dataset.rule](password);
        item.classList.toggle("is-met", met);
        spoken.textContent = met ? ` (${list.dataset.met})` : "";
        allMet &&= met;
      }
      say(stateOf(input), allMet ? list.dataset.allMet : "", true);
    };
    input.addEventListener("input", update);
    update();
  };

  const followFirst = (input) => {
    const first = document.getElementById(input.dataset.againOf);
    const update = () => {
      // Half a word is not yet a mistake: it is compared once as many keys were pressed as before.
      const isFinished = input.value.length >= first.value.length || document.activeElement !== input;
      const differs = input.value !== "" && isFinished && input.value !== first.value;
      say(stateOf(input), differs ? input.dataset.differs : "", false);
    };
    for (const event of ["input", "change", "blur"]) input.addEventListener(event, update);
    first.addEventListener("input", update);
  };

  const offerToShow = (button) => {
    const input = document.getElementById(button.getAttribute("aria-controls"));
    const show = (isShown) => {
      input.type = isShown ? "text" : "password";
      button.setAttribute("aria-pressed", String(isShown));
    };
    button.hidden = false;
    button.addEventListener("click", () => show(input.type === "password"));
    // Sent as a password again, so that the browser offers to keep it and does not keep it as a word.
    input.form?.addEventListener("submit", () => show(false));
  };

  for (const input of document.querySelectorAll("input[data-rules]")) followRules(input);
  for (const input of document.querySelectorAll("input[data-again-of]")) followFirst(input);
  for (const button of document.querySelectorAll(".reveal")) offerToShow(button);
})();
