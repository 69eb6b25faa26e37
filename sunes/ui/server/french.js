// The words that Streamlit writes itself, in French. It has no translations; ours replace its words where it puts them,
// and only there: what a page says and what the data hold is never looked at, even if it is the same word.
(() => {
  const COUNT = "(\\d+(?:[.,]\\d+)?)"
  const FRENCH_SIZE = (size, unit) => `${size.replace(".", ",").replace(/,0$/, "")}\u00a0${unit}o`
  const option = (count) => `${count} ${count > 1 ? "options disponibles" : "option disponible"}.`

  const TOOLS = {
    "Show/hide columns": "Afficher ou masquer des colonnes",
    "Download as CSV": "Télécharger (CSV)",
    "Clear selection": "Effacer la sélection",
    "Search": "Rechercher",
    "Fullscreen": "Plein écran",
    "Close fullscreen": "Quitter le plein écran",
    "Copy to clipboard": "Copier",
    "Copied": "Copié",
  }
  const RECORDING = {
    "Record screen": "Enregistrer l’écran",
    "Stop recording": "Arrêter l’enregistrement",
    "Cancel recording": "Annuler l’enregistrement",
  }
  const LOST = "Connexion perdue\u00a0: attendez qu’elle revienne, puis réessayez."
  const SILENT = "Le serveur ne répond pas. Vérifiez la connexion au réseau."

  // Where texts stand → what they are: exactly, or round what they name.
  const TEXTS = {
    '[data-testid="stStatusWidget"]': [{
      "Running...": "Calcul en cours…", "Stop": "Arrêter", "Stopping...": "Arrêt…",
      "File change.": "Le programme a changé.", "Rerun": "Relancer", "Always rerun": "Toujours relancer",
    }],
    '[data-testid="stConnectionStatus"]': [{ "Connecting": "Connexion…", "Error": "Erreur" }],
    '[data-testid="stMainMenuPopover"]': [{
      "System": "Système", "Light": "Clair", "Dark": "Sombre", "Print": "Imprimer", "Rerun": "Relancer",
      "Clear cache": "Vider le cache", "Settings": "Paramètres", "About": "À propos", "Get help": "Aide",
      "Report a bug": "Signaler un défaut", "Made with Streamlit v": "Fait avec Streamlit v", ...RECORDING,
    }],
    '[data-testid="stFileUploaderDropzone"]': [{
      "Upload": "Choisir des fichiers",
      "Drag and drop a file here": "Déposez le fichier ici",
      "Drag and drop files here": "Déposez les fichiers ici",
    }, [`^${COUNT}([KMG]?)B per file$`, (size, unit) => `${FRENCH_SIZE(size, unit)} par fichier`],
    [`^${COUNT}([KMG]?)B$`, FRENCH_SIZE], ["^[a-z0-9_]+ icon$", () => "icône"]],
    '[data-testid="stTooltipErrorContent"], [data-testid="stFileChips"] [role="alert"]': [{
      "Error: ": "Erreur\u00a0: ",
      "File size is too small.": "Ce fichier est trop petit.",
      "Only one file is allowed.": "Un seul fichier est accepté.",
      "Unexpected error. Please try again.": "Échec inattendu. Réessayez.",
      "Connection lost. Please wait for the app to reconnect, then try again.": LOST,
      "Network error": "Le serveur n’a pas été joint.",
    }, [`^File must be ${COUNT}([KMG]?)B or smaller\\.$`, (size, unit) => `${FRENCH_SIZE(size, unit)} au plus.`],
    ["^(.*) files are not allowed\\.$", (type) => `Ce type de fichier n’est pas accepté (${type || "inconnu"}).`]],
    '[data-testid="InputInstructions"]': [{
      "Press Enter to apply": "Entrée pour valider", "Press Enter to submit form": "Entrée pour valider",
    }, ["^Press (?:Ctrl|⌘)\\+Enter to (?:apply|submit form)$", () => "Ctrl + Entrée pour valider"]],
    '[data-testid="stMultiSelectDropdown"]': [{
      "No results": "Aucun résultat", "Select all": "Tout choisir",
    }, ["^Select (\\d+) matches$", (count) => `Choisir ces ${count} options`]],
    '[data-testid="stSelectboxVirtualDropdown"]': [{ "No results": "Aucun résultat" }],
    "[data-live-announcer]": [{},
      ["^(\\d+) options? available\\.$", option], ["^(.+), selected$", (name) => `${name}, option choisie`]],
    '[data-testid="stDataFrameColumnMenu"], [data-testid="stDataFrameColumnFormattingMenu"]': [{
      "Sort ascending": "Trier par ordre croissant", "Sort descending": "Trier par ordre décroissant",
      "Statistics": "Statistiques", "Autosize": "Ajuster la largeur", "Pin column": "Figer la colonne",
      "Unpin column": "Libérer la colonne", "Hide column": "Masquer la colonne", "Automatic": "Automatique",
      "Localized": "Selon la langue", "Plain": "Brut", "Compact": "Abrégé", "Percent": "Pourcentage",
      "Scientific": "Scientifique", "Accounting": "Comptable", "Duration": "Durée", "Distance": "Durée écoulée",
      "Calendar": "Calendrier",
    }],
    '[data-testid="stDataFrameColumnVisibilityMenu"]': [{
      "Select all": "Toutes les colonnes", "(index)": "Numéro de ligne",
    }],
    '[data-testid="stDataFrameStatisticsMenu"]': [{
      "Count": "Nombre", "Distinct": "Valeurs distinctes", "Empty": "Vides", "Minimum": "Minimum", "Maximum": "Maximum",
      "Sum": "Somme", "Average": "Moyenne", "Median": "Médiane", "Standard deviation": "Écart type", "Range": "Étendue",
      "Minimum length": "Longueur minimale", "Maximum length": "Longueur maximale", "Average length": "Longueur moyenne",
      "Values": "Valeurs", "No data": "Aucune donnée", "Based on sample": "Sur un échantillon", "Loading...": "Calcul…",
    }],
    ".gdg-search-bar, .gdg-search-status": [{ "Type to search": "Tapez un texte" },
      ["^(\\d+) results?$", (count) => `${count} ${count > 1 ? "résultats" : "résultat"}`],
      ["^(\\d+) of (?:over )?(\\d+)(?: results?)?$", (rank, count) => `${rank} sur ${count}`]],
    '[data-testid="stTooltipContent"]': [{
      ...TOOLS,
      "Connecting to Streamlit server": "Connexion au serveur…",
      "Unable to connect to Streamlit server": "Le serveur ne répond pas.",
    }],
    '[data-testid="stDialog"], [role="dialog"]:has([data-testid="stDialogIcon"], [data-testid^="stScreencast"])': [{
      "Connection error": "Connexion perdue", "Page not found": "Page introuvable", "Close": "Fermer",
      "Streamlit server is not responding. Are you connected to the internet?": SILENT,
      "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:":
        "Le serveur est-il arrêté\u00a0? Il se relance ainsi, dans un terminal\u00a0:",
      "streamlit run yourscript.py": "make run",
      "Record a screencast": "Enregistrer l’écran", "Also record audio": "Enregistrer aussi le son",
      "Start recording!": "Commencer", "Press ": "Appuyez sur ", "Esc": "Échap",
      " any time to stop recording.": " pour arrêter l’enregistrement.",
    }, ["^This will record a video with the contents of your screen", () => "L’écran est filmé, pour vous seul."]],
  }

  // The same for what only a screen reader or a pointer that rests is told.
  const LABELS = {
    "button": [{
      ...TOOLS, "Main menu": "Menu principal", "Help": "Aide", "Open": "Ouvrir la liste", "Dismiss": "Fermer",
      "Close": "Fermer", "Clear all": "Tout effacer", "Clear value": "Effacer", "Clear entry": "Effacer",
      "Add files": "Ajouter des fichiers", "Copy version to clipboard": "Copier le numéro de version",
      "Previous Result": "Résultat précédent", "Next Result": "Résultat suivant", "Close Search": "Fermer la recherche",
      "Copy column name": "Copier le nom de la colonne",
      "Scroll tabs left": "Onglets précédents", "Scroll tabs right": "Onglets suivants",
    }, ["^Help for (.+)$", (name) => `Aide\u00a0: ${name}`], ["^Remove (.+)$", (name) => `Enlever ${name}`],
    ["^Cancel upload of (.+)$", (name) => `Annuler l’envoi de ${name}`],
    [`^(${Object.keys(TOOLS).join("|")}): (.+)$`, (tool, table) => `${TOOLS[tool]}\u00a0: ${table}`]],
    '[role="menu"], [role="listbox"], [role="group"], [data-testid="stThemeSwitcher"]': [{
      "Main menu": "Menu principal", "Theme": "Thème", "Selected values": "Valeurs choisies",
      "Multiselect options": "Options", "Selectbox options": "Options", "Dataframe column menu": "Menu de la colonne",
    }],
    '[data-testid="stStatusWidgetRunningIcon"]': [{ "Running...": "Calcul en cours…" }],
    '[role="img"]': [{}, ["^[a-z0-9_]+ icon$", () => "Icône"]],
    '[data-testid="stToastContainer"]': [{}, ["^(\\d+) notifications?\\.$", (count) => `${count} avis.`]],
    '[data-testid="stFileUploaderDropzoneInput"]': [{ "file upload": "Choisir des fichiers" }],
    '[data-testid="stFileChip"]': [{ "Click to retry upload": "Réessayer l’envoi" },
      [`^(.+), ${COUNT}([KMG]?)B$`, (name, size, unit) => `${name}, ${FRENCH_SIZE(size, unit)}`]],
    '[data-testid="stDataFrameColumnVisibilityMenu"] input': [{
      "Select all": "Toutes les colonnes", "(index)": "Numéro de ligne",
    }],
    "input": [{
      "Choose an option": "Choisir", "Choose options": "Choisir", "Also record audio": "Enregistrer aussi le son",
    }],
  }
  const ATTRIBUTES = ["aria-label", "title", "placeholder"]
  const WRITTEN = Object.keys(TEXTS).join()
  const LABELLED = Object.keys(LABELS).join()
  // What Streamlit shows of ours or of the data where it also writes itself.
  const OURS =
    '[data-testid="stFileChipName"], [data-testid="stDataFrameStatisticsChart"], ' +
    '[role="option"][data-key]:not([data-key^="__"])'

  function french(words, text) {
    const [exact, ...patterns] = words
    if (Object.hasOwn(exact, text)) return exact[text]
    for (const [pattern, said] of patterns) {
      const found = new RegExp(pattern, "s").exec(text)
      if (found) return said(...found.slice(1))
    }
    return text
  }

  function write(node) {
    const place = node.parentElement?.closest(WRITTEN)
    if (!place || node.parentElement.closest(OURS)) return
    for (const [selector, words] of Object.entries(TEXTS)) {
      if (!place.matches(selector)) continue
      const said = french(words, node.data)
      if (said !== node.data) node.data = said
    }
  }

  function label(element, attributes) {
    for (const name of attributes) {
      const text = element.getAttribute(name)
      if (!text) continue
      for (const [selector, words] of Object.entries(LABELS)) {
        if (!element.matches(selector)) continue
        const said = french(words, text)
        if (said !== text) {
          element.setAttribute(name, said)
          break
        }
      }
    }
  }

  function read(added) {
    if (added.nodeType === Node.TEXT_NODE) return write(added)
    if (added.nodeType !== Node.ELEMENT_NODE || added instanceof SVGElement) return
    for (const element of added.querySelectorAll(LABELLED)) label(element, ATTRIBUTES)
    if (added.matches(LABELLED)) label(added, ATTRIBUTES)
    for (const place of added.closest(WRITTEN) ? [added] : added.querySelectorAll(WRITTEN)) {
      const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT)
      while (texts.nextNode()) write(texts.currentNode)
    }
  }

  // React keeps what it has written in mind, not in the document: it does not write again what it has not changed.
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "characterData") write(change.target)
      else if (change.type === "childList") change.addedNodes.forEach(read)
      else if (change.target.matches(LABELLED)) label(change.target, [change.attributeName])
    }
  }).observe(document, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES,
  })
})()
