// What Google's api.js does, in the local house: a box that, ticked, brings a token (v2), or a token for an action
// without a box when the script was asked for with a site key to render (v3).
"use strict";
(() => {
  const TOKEN_ADDRESS = new URL("token", document.currentScript.src);

  const render = (widget, number) => {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.id = `recaptcha-stand-in-${number}`;
    const label = document.createElement("label");
    label.htmlFor = box.id;
    label.textContent = document.documentElement.lang === "en" ? "I'm not a robot (stand-in)" : "Ik ben geen robot (stand-in)";
    const answer = document.createElement("textarea");
    answer.name = "g-recaptcha-response";
    answer.hidden = true;
    box.addEventListener("change", async () => {
      answer.value = "";
      if (!box.checked) return;
      const token = await fetch(TOKEN_ADDRESS, { credentials: "omit" });
      answer.value = await token.text();
    });
    widget.append(box, " ", label, answer);
  };

  if (new URL(document.currentScript.src).searchParams.has("render")) {
    const score = {
      ready: (go) => { go(); },
      execute: async (_key, { action }) => {
        const address = new URL(TOKEN_ADDRESS);
        address.searchParams.set("action", action);
        return (await fetch(address, { credentials: "omit" })).text();
      },
    };
    window.grecaptcha = { ...score, enterprise: score };
    return;
  }

  document.querySelectorAll(".g-recaptcha").forEach(render);
})();
