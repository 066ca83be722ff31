/** Making elements, and writing numbers and moments. Text only ever enters the page as text. */

const ZONE = "Europe/Amsterdam";
const WHOLE = new Intl.NumberFormat("en-GB");
const MOMENT = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short", timeStyle: "short" });
const TIME = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, timeStyle: "medium" });

/** An element with attributes, listeners (`onclick`) and children; null and false are left out. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A whole number, with separators; nothing for null. */
export const whole = (value) => (value === null || value === undefined ? "" : WHOLE.format(value));
/** A moment, in Amsterdam. */
export const moment = (value) => (value ? MOMENT.format(new Date(value)) : "");
/** The time of a moment, in Amsterdam. */
export const time = (value) => TIME.format(new Date(value));

/** Seconds, as people say them. */
export function seconds(value) {
  if (value === null || value === undefined) return "";
  if (value < 10) return `${value.toFixed(1)} s`;
  if (value < 120) return `${Math.round(value)} s`;
  if (value < 7200) return `${Math.round(value / 60)} min`;
  return `${(value / 3600).toFixed(1)} h`;
}

/** "1 organisation", "2 organisations". */
export const count = (n, noun) => `${whole(n)} ${noun}${n === 1 ? "" : "s"}`;
