// File fields: says which file was chosen and that it is on its way, and keeps it from being sent twice.
"use strict";
(() => {
  const UNITS = ["B", "kB", "MB", "GB"];

  const readable = (bytes) => {
    const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
    const value = bytes / 1000 ** power;
    return `${value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} ${UNITS[power]}`;
  };

  for (const input of document.querySelectorAll('input[type="file"][data-sending]')) {
    const state = input.closest(".field").querySelector(".file-state");
    input.addEventListener("change", () => {
      const file = input.files[0];
      state.textContent = file ? `${file.name} (${readable(file.size)})` : "";
    });
    input.form?.addEventListener("submit", (event) => {
      if (input.form.dataset.sent) {
        event.preventDefault();
        return;
      }
      input.form.dataset.sent = "yes";
      state.textContent = input.dataset.sending;
    });
    // Coming back with the back button shows the page as it was left; then it may be sent again.
    window.addEventListener("pageshow", () => { delete input.form?.dataset.sent; });
  }
})();
