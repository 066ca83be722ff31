// What the portal's pages do more with JavaScript than without. Nothing here is needed to use them.
"use strict";

/** Have a screen reader say `tekst`; the live region stands in every page, so it is there before it is filled. */
function roepOm(tekst) {
  const omroep = document.getElementById("omroep");
  if (omroep && omroep.textContent !== tekst) omroep.textContent = tekst;
}

function element(naam, kenmerken, tekst = "") {
  const nieuw = document.createElement(naam);
  for (const [kenmerk, waarde] of Object.entries(kenmerken)) nieuw.setAttribute(kenmerk, waarde);
  nieuw.textContent = tekst;
  return nieuw;
}

// -- Errors: the summary gets the focus -----------------------------------------------------------------------------
function wijsOpFouten() {
  document.querySelector("[data-foutoverzicht]")?.focus();
}

// -- Sending a file: how far it is ------------------------------------------------------------------------------------
function toonVerzending(formulier) {
  let vak = formulier.querySelector("[data-verzending]");
  if (!vak) {
    vak = element("div", { "data-verzending": "" });
    vak.append(
      element("p", { class: "nl-paragraph", id: "verzending" }),
      element("progress", { class: "bidn-voortgang__balk", max: "100", value: "0", "aria-labelledby": "verzending" }),
    );
    formulier.append(vak);
  }
  const [tekst, balk] = vak.children;
  return (zin, deel) => {
    tekst.textContent = zin;
    tekst.classList.toggle("bidn-veldfout", deel === null);
    balk.hidden = deel === null;
    if (deel !== null) balk.value = deel;
  };
}

/** Show the answer to a form. After a redirect that is a page with an address; else it is this page with its errors. */
function toonAntwoord(formulier, verzoek) {
  if (verzoek.responseURL && verzoek.responseURL.split("#")[0] !== new URL(formulier.action).href) {
    location.assign(verzoek.responseURL);
    return;
  }
  const pagina = new DOMParser().parseFromString(verzoek.responseText, "text/html");
  const inhoud = pagina.querySelector("main");
  if (!inhoud) {
    location.reload();
    return;
  }
  document.title = pagina.title;
  document.querySelector("main").replaceWith(document.adoptNode(inhoud));
  scrollTo(0, 0);
  begin();
  if (!document.querySelector("[data-foutoverzicht]")) inhoud.focus();
}

function verstuur(gebeurtenis) {
  const formulier = gebeurtenis.currentTarget;
  gebeurtenis.preventDefault();
  if (formulier.dataset.bezig) return;
  formulier.dataset.bezig = "ja";
  const toon = toonVerzending(formulier);
  const zeg = (zin, deel) => {
    toon(zin, deel);
    roepOm(zin);
  };
  const verzoek = new XMLHttpRequest();
  let gezegd = 0;
  verzoek.upload.addEventListener("progress", (stand) => {
    if (!stand.lengthComputable) return;
    const deel = Math.floor((100 * stand.loaded) / stand.total);
    toon(`Uw bestand wordt verstuurd: ${deel} %.`, deel);
    if (deel - gezegd >= 25) roepOm(`${(gezegd = deel)} % verstuurd.`);
  });
  verzoek.upload.addEventListener("load", () => zeg("Uw bestand is verstuurd. Wij slaan het op.", 100));
  verzoek.addEventListener("load", () => toonAntwoord(formulier, verzoek));
  verzoek.addEventListener("error", () => {
    delete formulier.dataset.bezig;
    zeg(
      "De verbinding is verbroken. Kijk in de lijst met aanleveringen of uw bestand is aangekomen. " +
        "Staat het er niet in? Verstuur het dan opnieuw.",
      null,
    );
  });
  verzoek.open("POST", formulier.action);
  verzoek.send(new FormData(formulier, gebeurtenis.submitter));
  zeg("Uw bestand wordt verstuurd.", 0);
}

// -- Work that goes on: fetch how far it is, until it is done ---------------------------------------------------------
const WACHT = 1000;
const LANGST = 10000;

async function volg(deel, wacht = WACHT, mislukt = 0) {
  await new Promise((verder) => setTimeout(verder, wacht));
  if (!deel.isConnected) return;
  let antwoord;
  try {
    antwoord = await fetch(deel.dataset.volg, { credentials: "same-origin", headers: { Accept: "text/html" } });
  } catch {
    antwoord = null;
  }
  if (antwoord && (antwoord.redirected || antwoord.status === 401 || antwoord.status === 403)) {
    location.reload(); // no longer logged in: the page itself says so
    return;
  }
  if (!antwoord?.ok) {
    if (mislukt === 4) roepOm("De voortgang kan nu niet worden opgehaald. Uw bestand is wel ontvangen.");
    volg(deel, Math.min(LANGST, wacht * 2), mislukt + 1);
    return;
  }
  const pagina = new DOMParser().parseFromString(await antwoord.text(), "text/html");
  const nieuw = document.adoptNode(pagina.querySelector("[data-volg], [data-klaar]") ?? pagina.body.firstElementChild);
  if (!nieuw || !deel.isConnected) return;
  const gericht = deel.contains(document.activeElement) ? document.activeElement.id : "";
  deel.replaceWith(nieuw);
  if (gericht) document.getElementById(gericht)?.focus();
  roepOm(nieuw.querySelector("[data-melding]")?.textContent.trim() ?? "");
  if (!("klaar" in nieuw.dataset) && nieuw.dataset.volg) volg(nieuw, Math.min(5000, wacht * 1.2));
}

// -- The session: warn five minutes before its end, and extend it -----------------------------------------------------
const VOORAF = 5 * 60 * 1000;

function bewaakSessie() {
  const vak = document.getElementById("sessie");
  if (!vak) return;
  const titel = vak.querySelector("#sessie-titel");
  const formulier = vak.querySelector("form");
  // By the server's clock: only what passes since the page was made is measured here.
  let einde = Date.now() + Date.parse(vak.dataset.verloopt) - Date.parse(vak.dataset.nu);

  function kijk() {
    const rest = einde - Date.now();
    const minuten = Math.ceil(rest / 60000);
    if (rest > VOORAF) {
      vak.hidden = true;
    } else if (rest > 0) {
      titel.textContent = `Uw sessie verloopt over ${minuten === 1 ? "1 minuut" : `${minuten} minuten`}.`;
      if (vak.hidden) roepOm(`${titel.textContent} Boven aan de pagina kunt u ingelogd blijven.`);
      vak.hidden = false;
    } else {
      titel.textContent = "Uw sessie is verlopen.";
      vak.querySelector(".nl-paragraph").replaceChildren(
        element("a", { class: "nl-link", href: "/inloggen" }, "Log opnieuw in"),
        " om verder te gaan.",
      );
      formulier.hidden = true;
      vak.hidden = false;
      roepOm("Uw sessie is verlopen. Log opnieuw in om verder te gaan.");
      clearInterval(klok);
    }
  }

  async function verleng(gebeurtenis) {
    gebeurtenis.preventDefault();
    try {
      const antwoord = await fetch(formulier.action, {
        method: "POST",
        credentials: "same-origin",
        body: new URLSearchParams(new FormData(formulier)),
      });
      const pagina = new DOMParser().parseFromString(await antwoord.text(), "text/html");
      const nieuw = pagina.getElementById("sessie");
      if (!antwoord.ok || !nieuw) throw new Error("not extended");
      einde = Date.now() + Date.parse(nieuw.dataset.verloopt) - Date.parse(nieuw.dataset.nu);
      document.getElementById("inhoud").focus({ preventScroll: true });
      kijk();
      roepOm("Uw sessie is verlengd.");
    } catch {
      formulier.submit(); // the page that follows says what is wrong
    }
  }

  const klok = setInterval(kijk, 15000);
  formulier.addEventListener("submit", verleng);
  document.addEventListener("visibilitychange", kijk);
  kijk();
}

/** What a page needs, also after its content was replaced. */
function begin() {
  wijsOpFouten();
  for (const formulier of document.querySelectorAll("form[data-voortgang]")) {
    formulier.addEventListener("submit", verstuur);
  }
  for (const deel of document.querySelectorAll("[data-volg]:not([data-klaar])")) volg(deel);
}

begin();
bewaakSessie();
