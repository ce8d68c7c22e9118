// Fetches reCAPTCHA when its form is first touched, or at once when the form came back with an error.
// When Google cannot be reached the form stays usable: the server answers with what to do next.
"use strict";
(() => {
  const NARROW = "(max-width: 419px)"; // the stylesheet reserves the height of the same two sizes
  const DONE = "schoolpoortCaptchaDone"; // Google calls back by the name of a global function
  const PATIENCE_MS = 15000;

  const prepare = (holder) => {
    const form = holder.closest("form");
    const widget = holder.querySelector(".g-recaptcha");
    const first = holder.querySelector(".captcha-first");
    const failed = holder.querySelector(".captcha-failed");
    let state = "idle";

    const answer = () => form.querySelector('[name="g-recaptcha-response"]')?.value ?? "";

    const fail = () => {
      if (state === "ready" || widget.childElementCount > 0) return;
      state = "failed";
      first.hidden = true;
      failed.hidden = false;
    };

    const load = () => {
      if (state !== "idle") return;
      state = "loading";
      window[DONE] = () => { first.hidden = true; };
      widget.dataset.callback = DONE;
      if (window.matchMedia(NARROW).matches) widget.dataset.size = "compact";
      if (window.matchMedia("(prefers-color-scheme: dark)").matches) widget.dataset.theme = "dark";
      const address = new URL(holder.dataset.captcha, document.baseURI);
      address.searchParams.set("hl", document.documentElement.lang);
      const script = document.createElement("script");
      script.src = address.href;
      script.async = true;
      script.addEventListener("error", fail);
      script.addEventListener("load", () => { if (state === "loading") state = "ready"; });
      document.head.append(script);
      window.setTimeout(() => { if (state === "loading") fail(); }, PATIENCE_MS);
    };

    form.addEventListener("focusin", load);
    form.addEventListener("pointerdown", load);
    form.addEventListener("submit", (event) => {
      load();
      if (state === "failed" || answer() !== "") return;
      event.preventDefault();
      first.hidden = false;
      holder.scrollIntoView({ block: "nearest" });
    });

    const cameBack = document.querySelector('main [aria-invalid="true"], main .notice--danger') !== null;
    if (cameBack || "eager" in holder.dataset || form.contains(document.activeElement)) load();
  };

  for (const holder of document.querySelectorAll("[data-captcha]")) prepare(holder);
})();
