/** Copies the end-to-end tests' pictures that are meant for the README (artifacts/e2e/readme-NAME.png) to media/readme/NAME.png. */
import { copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const [from, to] = [join(root, "artifacts/e2e"), join(root, "media/readme")];
const pictures = existsSync(from) ? readdirSync(from).filter((name) => /^readme-.*\.png$/.test(name)) : [];
if (pictures.length === 0) {
  console.error(`No readme-*.png in ${from}: run npm run test:e2e first.`);
  process.exit(1);
}
mkdirSync(to, { recursive: true });
for (const name of pictures) {
  copyFileSync(join(from, name), join(to, name.slice("readme-".length)));
  console.log(`media/readme/${name.slice("readme-".length)}`);
}
