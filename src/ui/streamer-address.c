/* streamer-address.c: what can be wrong with a web address that somebody typed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-address.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

static GUri *
parse (const char *text)
{
  return g_uri_parse (text, G_URI_FLAGS_SCHEME_NORMALIZE, NULL);
}

static gboolean
is_this_computer (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);

  return g_ascii_strcasecmp (host, "localhost") == 0;
}

static gboolean
has_blank (const char *text)
{
  return strpbrk (text, " \t\r\n") != NULL;
}

StreamerAddressCheck
streamer_address_check (const char *text, const char **sentence)
{
  g_autoptr (GUri) uri = NULL;
  const char *scheme;

  g_return_val_if_fail (text != NULL && sentence != NULL, STREAMER_ADDRESS_BAD);

  *sentence = NULL;
  if (*text == '\0')
    return STREAMER_ADDRESS_EMPTY;

  uri = has_blank (text) ? NULL : parse (text);
  scheme = uri != NULL ? g_uri_get_scheme (uri) : "";
  if (g_strcmp0 (scheme, "http") != 0 && g_strcmp0 (scheme, "https") != 0)
    *sentence = _ ("This is not a web address. It begins with https:// or http://.");
  else if (g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    *sentence = _ ("The name of the server is missing after “://”.");
  else if (g_uri_get_userinfo (uri) != NULL)
    *sentence = _ ("Leave the name and password out of the address.");
  else if (g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    *sentence = _ ("Leave out “?” and “#” and what follows.");
  if (*sentence != NULL)
    return STREAMER_ADDRESS_BAD;

  if (g_str_equal (scheme, "https") || is_this_computer (g_uri_get_host (uri)))
    return STREAMER_ADDRESS_GOOD;

  *sentence = _ ("This address is not encrypted: everybody on the way can read what is sent. Use "
                 "https:// where the server has it.");

  return STREAMER_ADDRESS_OPEN;
}

char *
streamer_address_get_host (const char *text)
{
  g_autoptr (GUri) uri = parse (text);

  return uri != NULL ? g_strdup (g_uri_get_host (uri)) : NULL;
}
