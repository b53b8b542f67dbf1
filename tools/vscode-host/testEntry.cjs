/**
 * Stands between the extension host and the real test entry. The window reports success too when the extension host is lost (killed, out of
 * memory, a test that calls process.exit), so this leaves a note when the real entry has come to its end: no note means failure.
 */
const { writeFileSync } = require("node:fs");

const { KNETSCOPE_TEST_ENTRY: entry = "", KNETSCOPE_TEST_NOTE: file = "" } = process.env;

exports.run = async () => {
  /** @param {{ ok: boolean, error?: string }} result */
  const note = (result) => writeFileSync(file, JSON.stringify(result));
  try {
    await require(entry).run();
    note({ ok: true });
  } catch (error) {
    note({ ok: false, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    throw error;
  }
};
