"""What pages are held to: hostile texts to show, what can be read, what has a name."""

import base64
import hashlib
import re
from html.parser import HTMLParser

HOSTILE = (
    "<script>hacked()</script>",
    "<img src=x onerror=hacked()>",
    '"><svg onload=hacked()>',
    "{{constructor.constructor('hacked()')()}}",
    "</style></script><iframe srcdoc='<script>parent.hacked()</script>'>",
    "javascript:hacked()",
    "\u202egnp.exe",
)
# What would change how the text around it is read is written out.
WRITTEN_OUT = {HOSTILE[-1]: "\\u202egnp.exe"}

# The contrast of every visible text with what lies behind it, where it falls below that of WCAG AA.
TOO_FAINT = """
() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const found = channels(getComputedStyle(one).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return channels(getComputedStyle(document.body).backgroundColor);
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || !node.checkVisibility()) continue;
    if (node.closest("svg, option, :disabled")) continue;
    const [one, other] = [channels(getComputedStyle(node).color), behind(node)].map(light);
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) faint.push(`${text.data.trim()}: ${ratio.toFixed(2)}`);
  }
  return faint;
}
"""
NAMELESS = """
() => [...document.querySelectorAll("button, input, select, summary, dialog, svg, progress")]
  .filter((node) => !node.ariaHidden)
  .filter((node) => node.checkVisibility())
  .filter((node) => !(node.ariaLabel || node.textContent.trim() || node.labels?.length))
  .map((node) => node.outerHTML)
"""


# What would make markup, or a script, of a text.
NO_MARKUP = (
    *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser"),
    *("eval(", "new Function", "srcdoc", "javascript:"),
)


class Parts(HTMLParser):
    """The elements of a page, the texts of its scripts and styles, and its ids."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self._within = ""

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._within = tag
        if tag in self.texts:
            self.texts[tag].append("")

    def handle_endtag(self, tag):
        if tag == self._within:
            self._within = ""

    def handle_data(self, data):
        if self._within in self.texts:
            self.texts[self._within][-1] += data


def policy_of(header: str) -> dict[str, str]:
    """A Content-Security-Policy by its directives."""
    return dict(one.strip().partition(" ")[::2] for one in header.split(";"))


def assert_closed(page: str, header: str) -> None:
    """The page is whole, its policy lets its own style and script work, and nothing else."""
    found = Parts()
    found.feed(page)
    found.close()
    allowed = policy_of(header)
    for kind, directive in (("script", "script-src"), ("style", "style-src")):
        (text,) = found.texts[kind]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert allowed.pop(directive) == f"'sha256-{digest}'"
    assert allowed == {
        "default-src": "'none'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    for _, attributes in found.elements:
        assert not {"src", "srcset", "style", "action", "formaction", "ping"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
    (script,), (style,) = found.texts["script"], found.texts["style"]
    # The one address is the name of SVG's elements, which nobody asks.
    assert re.findall(r"https?://[\w.][^\"']+", script + style) == ["http://www.w3.org/2000/svg"]
    assert "url(" not in style
    assert "@import" not in style
    assert [name for name in NO_MARKUP if name in script] == []
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert ids_named_in(script) <= set(ids)
    for _, attributes in found.elements:
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            assert set((attributes.get(name) or "").split()) <= set(ids)


def ids_named_in(script: str) -> set[str]:
    """The elements that a script asks for by their ids."""
    return set(re.findall(r'byId\("([\w-]+)"\)', script)) | set(
        re.findall(r'onClick\("([\w-]+)"', script)
    )
