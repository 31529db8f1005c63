// Which of several versions this is; `build.py --version` writes it.
window.siteVersion = "";
