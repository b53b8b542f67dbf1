/** Where the kernel decides what the findings of listeners and modules are about; other findings carry their own. */
const citations: Readonly<Record<string, string>> = {
  "accept-queue-overflow": "tcp_conn_request, net/ipv4/tcp_input.c, and tcp_v4_syn_recv_sock, net/ipv4/tcp_ipv4.c: sk_acceptq_is_full, include/net/sock.h",
  "accept-queue-full": "sk_acceptq_is_full, include/net/sock.h; tcp_conn_request, net/ipv4/tcp_input.c",
  "syn-queue-full": "inet_csk_reqsk_queue_is_full, include/net/inet_connection_sock.h; tcp_conn_request, net/ipv4/tcp_input.c",
  "syn-flood": "tcp_syn_flood_action and tcp_conn_request, net/ipv4/tcp_input.c",
  "listener-drops": "tcp_listendrop, include/net/tcp.h",
  "somaxconn-cap": "__sys_listen_socket (earlier __sys_listen), net/socket.c: the backlog is cut to net.core.somaxconn",
  "tcp-diag-missing": "sock_diag_lock_handler, net/core/sock_diag.c; inet_diag_lock_handler, net/ipv4/inet_diag.c",
  "udp-diag-missing": "inet_diag_lock_handler, net/ipv4/inet_diag.c",
  "unix-diag-missing": "sock_diag_lock_handler, net/core/sock_diag.c",
};

export const citationOf = ({ id, citation }: { readonly id: string; readonly citation?: string }): string | undefined => citation ?? citations[id];
