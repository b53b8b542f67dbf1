import assert from "node:assert/strict";
import { endpointText } from "../../src/collectors/endpointText";

describe("endpointText", () => {
  for (const [address, port, text] of [["10.0.0.1", 80, "10.0.0.1:80"], ["::1", 80, "[::1]:80"], ["0.0.0.0", 0, "0.0.0.0:*"], ["::", 0, "[::]:*"], ["@abstract", undefined, "@abstract"], ["::1", undefined, "::1"]] as const) {
    it(text, () => assert.equal(endpointText({ address, ...(port !== undefined && { port }) }), text));
  }
});
