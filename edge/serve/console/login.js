// The form that asks for the token of a box that wants one.

import { byId, say, show } from "./dom.js";
import { bearer, use } from "./token.js";

// Shows it; `retry` is called with the next token in force.
export function askForToken(retry) {
  const form = byId("login");
  const refused = "Authorization" in bearer();
  say(byId("login-failed"), refused ? "The box does not know this token." : "");
  if (!form.hidden) return;
  show(form, true);
  form.elements.token.focus();
  form.onsubmit = (submitted) => {
    submitted.preventDefault();
    use(form.elements.token.value.trim());
    form.elements.token.value = "";
    retry();
  };
}

export function letIn() {
  show(byId("login"), false);
}
