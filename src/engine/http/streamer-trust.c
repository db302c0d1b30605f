/* streamer-trust.c: whose certificates are trusted
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-trust.h"

/* Where the system's certificates are not at their usual place. Reading them takes longer than a
 * whole start without, so it is done once, and only for https. */
static gpointer
read_trusted_file (gpointer unused)
{
  const char *path = g_getenv ("SSL_CERT_FILE");

  return path == NULL ? NULL : g_tls_file_database_new (path, NULL);
}

void
streamer_trust_file (SoupSession *session, SoupMessage *message)
{
  static GOnce once = G_ONCE_INIT;

  if (g_str_equal (g_uri_get_scheme (soup_message_get_uri (message)), "https") &&
      g_once (&once, read_trusted_file, NULL) != NULL)
    soup_session_set_tls_database (session, once.retval);
}
