import { randomBytes } from "node:crypto";
import { Uri, type Webview } from "vscode";

/** The shell of a page: its bundle and style sheet from the extension's folder, no inline script, no network. */
export function pageHtml(webview: Webview, extensionUri: Uri, page: string, title: string): string {
  const nonce = randomBytes(16).toString("base64");
  const script = webview.asWebviewUri(Uri.joinPath(extensionUri, "dist", "webview", `${page}.js`));
  const style = webview.asWebviewUri(Uri.joinPath(extensionUri, "media", `${page}.css`));
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'; font-src ${webview.cspSource}">
  <meta name="viewport" content="width=device-width, initial-scale=1.0">
  <link rel="stylesheet" href="${style.toString()}">
  <title>${escapeHtml(title)}</title>
</head>
<body>
  <main id="page"></main>
  <script nonce="${nonce}" src="${script.toString()}"></script>
</body>
</html>`;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
