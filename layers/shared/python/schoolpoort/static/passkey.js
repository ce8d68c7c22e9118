// Passkeys: asks the browser for a finger, a face or a PIN, and sends what it says as a form.
// Without this script, or in a browser without passkeys, the other way on the page stays.
"use strict";
(() => {
  const RENEW_MS = 12 * 60 * 1000; // a question of ours holds for fifteen minutes

  const bytesOf = (text) => {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  };
  const textOf = (buffer) => {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const listOf = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytesOf(key.id) }));

  const optionsOf = (question, kind) => {
    const options = { ...question, challenge: bytesOf(question.challenge) };
    if (kind === "make") {
      options.user = { ...question.user, id: bytesOf(question.user.id) };
      options.excludeCredentials = listOf(question.excludeCredentials);
    } else {
      options.allowCredentials = listOf(question.allowCredentials);
    }
    return options;
  };

  // The form of RegistrationResponseJSON and AuthenticationResponseJSON, for browsers without toJSON().
  const answerOf = (key) => {
    const said = key.response;
    const response = { clientDataJSON: textOf(said.clientDataJSON) };
    if (said.attestationObject) {
      response.attestationObject = textOf(said.attestationObject);
      response.transports = said.getTransports?.() ?? [];
    } else {
      response.authenticatorData = textOf(said.authenticatorData);
      response.signature = textOf(said.signature);
      if (said.userHandle) response.userHandle = textOf(said.userHandle);
    }
    return JSON.stringify({ id: key.id, rawId: textOf(key.rawId), type: key.type, response });
  };

  // One question to the browser at a time: the one that waits in a field gives way to a button.
  let waiting = null;

  const prepare = (form) => {
    const { passkey: kind, question, questionFrom } = form.dataset;
    const state = form.querySelector(".passkey-state");
    const say = (text) => { state.textContent = text; };

    const asked = async () => {
      if (question) return JSON.parse(question);
      const answer = await fetch(questionFrom, { method: "POST", credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    };

    const ask = async (more) => {
      waiting?.abort();
      const mine = new AbortController();
      waiting = mine;
      const publicKey = optionsOf(await asked(), kind);
      const method = kind === "make" ? "create" : "get";
      return navigator.credentials[method]({ publicKey, signal: mine.signal, ...more });
    };

    const send = (key) => {
      form.elements.credential.value = answerOf(key);
      form.submit();
    };

    const whyNot = (error) => {
      if (error.name === "NotAllowedError" || error.name === "AbortError") return form.dataset.stopped;
      return error.name === "InvalidStateError" ? form.dataset.known : form.dataset.failed;
    };

    // The browser offers passkeys among the addresses it knows, while somebody fills in the form.
    let renewal;
    const offer = async () => {
      const can = window.PublicKeyCredential.isConditionalMediationAvailable;
      if (!questionFrom || !can || !(await can.call(window.PublicKeyCredential))) return;
      window.clearTimeout(renewal);
      renewal = window.setTimeout(offer, RENEW_MS);
      try {
        send(await ask({ mediation: "conditional" }));
      } catch {
        // Given up for the button, or never chosen: nothing that somebody must hear of.
      }
    };

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      say(form.dataset.busy);
      try {
        send(await ask({}));
      } catch (error) {
        say(whyNot(error));
        offer();
      }
    });

    if (!window.PublicKeyCredential) {
      say(form.dataset.unable);
      return;
    }
    form.querySelector(".passkey-ready").hidden = false;
    offer();
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) prepare(form);
})();
