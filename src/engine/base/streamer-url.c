/* streamer-url.c: which URLs may be used
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-url.h"

#include <string.h>

/* As it is once `%0D` and its like are decoded, which ends up in a header. */
static gboolean
is_host (const char *host)
{
  for (const char *c = host; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && (guchar) *c < 0x80 && strchr ("-._:", *c) == NULL &&
        /* `fe80::1%eth0`. */
        (*c != '%' || strchr (host, ':') == NULL))
      return FALSE;
  return *host != '\0' && g_utf8_validate (host, -1, NULL);
}

gboolean
streamer_url_is_usable (const char *url)
{
  g_autoptr (GUri) uri = NULL;
  const char *scheme;
  const char *host;

  g_return_val_if_fail (url != NULL, FALSE);

  if (strlen (url) > STREAMER_URL_MAX_BYTES || !g_utf8_validate (url, -1, NULL))
    return FALSE;
  for (const char *c = url; *c != '\0'; c++)
    if ((guchar) *c <= ' ' || *c == 0x7f)
      return FALSE;

  uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  if (uri == NULL)
    return FALSE;

  scheme = g_uri_get_scheme (uri);
  host = g_uri_get_host (uri);
  return (g_str_equal (scheme, "http") || g_str_equal (scheme, "https")) && host != NULL &&
         is_host (host) && g_uri_get_userinfo (uri) == NULL;
}
