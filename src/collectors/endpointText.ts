import type { Endpoint } from "./socketModel";

/** `10.0.0.1:80`, `[::1]:80`, the address alone where there are no ports, and `*` for the port of nobody yet: 0. */
export function endpointText({ address, port }: Endpoint): string {
  if (port === undefined) return address;
  return `${address.includes(":") ? `[${address}]` : address}:${port === 0 ? "*" : port}`;
}
