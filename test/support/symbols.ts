import fc from "fast-check";

/** Names as they stand in kallsyms, clones included; never one that reads as a 16-digit address. */
export const symbols = fc.stringMatching(/^[a-z_][a-z0-9_]{0,20}(\.(isra|part|constprop)\.[0-9])?(\.cold)?$/).filter((name) => !/^[0-9a-f]{16}$/.test(name));
