/* script-socket.c: what an HTTP server that misbehaves needs of sockets and certificates
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "script-socket.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <poll.h>

static void
assert_gnutls (int code)
{
  if (code < 0)
    g_error ("GnuTLS: %s", gnutls_strerror (code));
}

GTlsCertificate *
script_certificate_new (void)
{
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t crt;
  gnutls_datum_t key_pem, crt_pem;
  g_autofree char *pem = NULL;
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate;

  assert_gnutls (gnutls_x509_privkey_init (&key));
  assert_gnutls (gnutls_x509_privkey_generate (
      key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0));
  assert_gnutls (gnutls_x509_crt_init (&crt));
  assert_gnutls (gnutls_x509_crt_set_version (crt, 3));
  assert_gnutls (gnutls_x509_crt_set_serial (crt, "\x01", 1));
  assert_gnutls (gnutls_x509_crt_set_dn (crt, "CN=127.0.0.1", NULL));
  assert_gnutls (gnutls_x509_crt_set_activation_time (crt, time (NULL) - 3600));
  assert_gnutls (gnutls_x509_crt_set_expiration_time (crt, time (NULL) + 24 * 3600));
  assert_gnutls (gnutls_x509_crt_set_key (crt, key));
  assert_gnutls (gnutls_x509_crt_sign2 (crt, crt, key, GNUTLS_DIG_SHA256, 0));
  assert_gnutls (gnutls_x509_privkey_export2 (key, GNUTLS_X509_FMT_PEM, &key_pem));
  assert_gnutls (gnutls_x509_crt_export2 (crt, GNUTLS_X509_FMT_PEM, &crt_pem));

  pem = g_strdup_printf ("%.*s%.*s", (int) crt_pem.size, (char *) crt_pem.data, (int) key_pem.size,
                         (char *) key_pem.data);
  certificate = g_tls_certificate_new_from_pem (pem, -1, &error);
  g_assert_no_error (error);

  gnutls_free (key_pem.data);
  gnutls_free (crt_pem.data);
  gnutls_x509_crt_deinit (crt);
  gnutls_x509_privkey_deinit (key);
  return certificate;
}

/* GSocket's own binding does not let two have one port. */
GSocket *
script_socket_new (GSocket *before)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  const int yes = 1;
  g_autoptr (GError) error = NULL;
  GSocket *socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  int fd;

  g_assert_no_error (error);
  fd = g_socket_get_fd (socket);
  if (before != NULL)
    getsockname (g_socket_get_fd (before), (struct sockaddr *) &address, &length);
  if (setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) != 0 ||
      bind (fd, (const struct sockaddr *) &address, sizeof address) != 0)
    g_error ("no port: %s", g_strerror (errno));
  return socket;
}

guint16
script_socket_get_peer (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_remote_address (socket, NULL);

  return address != NULL ? g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)) : 0;
}

void
script_socket_reset (GSocket *socket)
{
  const struct linger linger = { .l_onoff = 1 };

  setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

gboolean
script_socket_is_left (int fd)
{
  struct pollfd left = { .fd = fd, .events = POLLRDHUP };

  return poll (&left, 1, 0) > 0;
}
