import type { Endpoint } from "../socketModel";

/** `10.0.0.1:80`, `[::1]:80`, or the address alone where there are no ports. */
export function endpointText({ address, port }: Endpoint): string {
  if (port === undefined) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
