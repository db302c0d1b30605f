/* streamer-remote.c: which address a request comes from
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-remote.h"

#include <string.h>

/* An IPv4 address, as a socket for both families shows it. */
static GInetAddress *
get_mapped (GInetAddress *address)
{
  static const guint8 prefix[12] = { [10] = 0xff, [11] = 0xff };
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) != G_SOCKET_FAMILY_IPV6 ||
      memcmp (bytes, prefix, sizeof prefix) != 0)
    return g_object_ref (address);
  return g_inet_address_new_from_bytes (bytes + sizeof prefix, G_SOCKET_FAMILY_IPV4);
}

static gboolean
is_proxy (const char *text, GPtrArray *proxies)
{
  g_autoptr (GInetAddress) given = g_inet_address_new_from_string (text);
  g_autoptr (GInetAddress) address = given ? get_mapped (given) : NULL;

  for (guint i = 0; address && i < proxies->len; i++)
    if (g_inet_address_mask_matches (proxies->pdata[i], address))
      return TRUE;
  return FALSE;
}

char *
streamer_remote_find (const char *peer, const char *forwarded, GPtrArray *proxies)
{
  g_autofree char *found = g_strdup (peer);
  g_auto (GStrv) addresses = forwarded ? g_strsplit (forwarded, ",", -1) : NULL;

  for (guint i = addresses ? g_strv_length (addresses) : 0; i > 0; i--)
    {
      const char *next = g_strstrip (addresses[i - 1]);

      if (!found || !is_proxy (found, proxies) || !g_hostname_is_ip_address (next))
        break;
      g_free (found);
      found = g_strdup (next);
    }
  return g_steal_pointer (&found);
}

char *
streamer_remote_get_network (const char *remote)
{
  g_autoptr (GInetAddress) given = remote ? g_inet_address_new_from_string (remote) : NULL;
  g_autoptr (GInetAddress) address = given ? get_mapped (given) : NULL;
  g_autoptr (GInetAddress) network = NULL;
  g_autofree char *text = NULL;
  guint8 bytes[16] = { 0 };

  if (!address)
    return g_strdup ("unknown");
  if (g_inet_address_get_family (address) != G_SOCKET_FAMILY_IPV6)
    return g_inet_address_to_string (address);
  memcpy (bytes, g_inet_address_to_bytes (address), 8);
  network = g_inet_address_new_from_bytes (bytes, G_SOCKET_FAMILY_IPV6);
  text = g_inet_address_to_string (network);
  return g_strconcat (text, "/64", NULL);
}
