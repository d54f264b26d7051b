// The token by which the box knows who asks: kept until the tab is closed, and sent in no other way.

const NAME = "fenceline-token";

let token = remembered();

export const bearer = () => (token ? { Authorization: `Bearer ${token}` } : {});

export function use(told) {
  token = told;
  try {
    sessionStorage.setItem(NAME, told);
  } catch {
    // a browser may be set to keep nothing
  }
}

// Shows a picture or a clip in its element. An address can't carry a token: with one it is fetched first.
export async function source(node, path) {
  if (!token) {
    node.src = path;
    return;
  }
  try {
    const response = await fetch(path, { headers: bearer() });
    if (!response.ok) throw new Error(`answer ${response.status}`);
    const url = URL.createObjectURL(await response.blob());
    if (node instanceof HTMLImageElement) node.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
    node.src = url;
  } catch {
    node.dispatchEvent(new Event("error"));
  }
}

const inView = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    inView.unobserve(target);
    source(target, target.dataset.source);
  }
});

// The same, once it comes into view.
export function sourceInView(node, path) {
  node.dataset.source = path;
  inView.observe(node);
}

function remembered() {
  try {
    return sessionStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}
