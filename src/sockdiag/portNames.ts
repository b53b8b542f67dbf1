/** Well-known ports by name (IANA), for filters. A host's own /etc/services may know more; numbers always work. */
const ports: Readonly<Record<string, number>> = {
  "ftp-data": 20, ftp: 21, ssh: 22, telnet: 23, smtp: 25, domain: 53, dns: 53, bootps: 67, bootpc: 68, tftp: 69, http: 80, kerberos: 88, pop3: 110,
  sunrpc: 111, ntp: 123, imap: 143, imap2: 143, snmp: 161, bgp: 179, ldap: 389, https: 443, "microsoft-ds": 445, submissions: 465, syslog: 514,
  submission: 587, ipp: 631, ldaps: 636, "domain-s": 853, rsync: 873, imaps: 993, pop3s: 995, openvpn: 1194, "ms-sql-s": 1433, mqtt: 1883, nfs: 2049, mysql: 3306,
  "ms-wbt-server": 3389, sip: 5060, "xmpp-client": 5222, postgresql: 5432, amqp: 5672, x11: 6000, redis: 6379, "http-alt": 8080, memcached: 11211,
};

/** undefined when it is neither a number up to 65535 nor a known name. */
export function parsePort(text: string): number | undefined {
  if (/^\d{1,5}$/.test(text)) return Number(text) <= 0xffff ? Number(text) : undefined;
  return Object.hasOwn(ports, text.toLowerCase()) ? ports[text.toLowerCase()] : undefined;
}

export const portNames: readonly string[] = Object.keys(ports);
