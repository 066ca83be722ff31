/** The look of the Airflow around us: its theme, its colours, and changes of either while the page is open. */

// Ours, and the token of Airflow's theme it follows; without an Airflow around us the stylesheet has defaults. The
// colours of states are always ours: Airflow's are to be written on, and too dark or too light to be read.
const TOKENS = {
  "--bg": "bg",
  "--bg-subtle": "bg-subtle",
  "--bg-muted": "bg-muted",
  "--fg": "fg",
  "--fg-muted": "fg-muted",
  "--border": "border",
  "--border-strong": "border-emphasized",
  "--accent": "brand-solid",
  "--on-accent": "brand-contrast",
  "--link": "blue-fg",
};

function outerRoot() {
  try {
    return window.parent === window ? null : window.parent.document.documentElement;
  } catch {
    return null; // framed by another site
  }
}

/** Follow the page around us, or else the system's preference. */
export function followTheme() {
  const outer = outerRoot();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const named = ["dark", "light"].find((theme) => outer?.classList.contains(theme));
    document.documentElement.dataset.theme = named ?? (dark.matches ? "dark" : "light");
    if (!named) return;
    const tokens = getComputedStyle(outer);
    for (const [ours, theirs] of Object.entries(TOKENS)) {
      const value = tokens.getPropertyValue(`--chakra-colors-${theirs}`).trim();
      if (value) document.documentElement.style.setProperty(ours, value);
    }
  };
  apply();
  dark.addEventListener("change", apply);
  if (outer) {
    new MutationObserver(apply).observe(outer, { attributes: true, attributeFilter: ["class", "style"] });
  }
}
