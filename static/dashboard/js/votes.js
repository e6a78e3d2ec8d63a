/* Voting with a security key: the server gives a challenge for this very decision, the key signs it, the form goes. */
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function signed(publicKey) {
  publicKey.challenge = bytes(publicKey.challenge);
  publicKey.allowCredentials = publicKey.allowCredentials.map((each) => ({ ...each, id: bytes(each.id) }));
  const made = await navigator.credentials.get({ publicKey });
  return JSON.stringify({
    id: made.id,
    type: made.type,
    response: {
      clientDataJSON: text(made.response.clientDataJSON),
      authenticatorData: text(made.response.authenticatorData),
      signature: text(made.response.signature),
    },
  });
}

function tell(form, sentence) {
  const place = form.querySelector("[data-told]");
  place.textContent = sentence;
  place.hidden = !sentence;
}

const REASONS = {
  NotAllowedError: "The key was not touched, or the browser refused it. Nothing was sent; try again.",
  SecurityError: "The browser does not accept this address for the key. Open the desk at its configured address.",
};

async function confirm(form, decision) {
  tell(form, "Touch your security key…");
  const answer = await fetch(`${form.dataset.challenge}?decision=${decision}`, { credentials: "same-origin" });
  if (!answer.ok) throw new Error("challenge");
  const { token, publicKey } = await answer.json();
  form.elements.credential.value = await signed(publicKey);
  form.elements.token.value = token;
  const chosen = Object.assign(document.createElement("input"), { type: "hidden", name: "decision", value: decision });
  form.append(chosen);
  form.submit();
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-challenge]");
  if (!form || !window.PublicKeyCredential) return;
  event.preventDefault();
  try {
    await confirm(form, event.submitter.value);
  } catch (error) {
    tell(form, REASONS[error.name] || "The key could not be asked. Nothing was sent; reload the page and try again.");
  }
});
