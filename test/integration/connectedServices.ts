import { commands, extensions } from "vscode";
import type { Services } from "../../src/vscode/services";

/** What the extension works with, as it gives it to tests, with this machine connected. */
export async function connectedServices(): Promise<Services> {
  const extension = extensions.getExtension<Services | undefined>("knetscope.knetscope");
  const services = await extension?.activate();
  if (!services) throw new Error("The extension gives its services only when it runs under test.");
  await commands.executeCommand("knetscope.connectHost", "local");
  if (!services.hosts.host("local")) throw new Error(`local is not connected: ${JSON.stringify(services.hosts.get("local")?.state)}`);
  return services;
}
