/* streamer-url-signer.c: URLs that allow one thing, and their checks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-url-signer.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-key.h"

void
streamer_part_grant_clear (StreamerPartGrant *grant)
{
  g_clear_pointer (&grant->id, g_free);
}

static gboolean
refuse (GError **error)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN,
                       "This address was not made by this server.");
  return FALSE;
}

/* Returns: (nullable): what comes behind @start in the path */
static const char *
skip_start (const StreamerHttpRequest *request, const char *start)
{
  return g_str_has_prefix (request->path, start) ? request->path + strlen (start) : NULL;
}

static gboolean
check_expiry (gint64 expires, GError **error)
{
  if (g_get_real_time () / G_USEC_PER_SEC < expires)
    return TRUE;
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_EXPIRED,
                       "This address is no longer valid.");
  return FALSE;
}

/* The texts that are signed are the texts of the URL: nothing is compared but what was given. */
static char *
sign_part (StreamerSeal *seal,
           const char *id,
           const char *number,
           const char *length,
           const char *expires,
           const char *crc32)
{
  const char *fields[] = { id, number, length, expires, crc32 ? crc32 : "", NULL };

  return streamer_seal_sign (seal, "part", fields);
}

char *
streamer_url_signer_part_url (StreamerSeal *seal, const StreamerPartGrant *grant)
{
  g_autofree char *number = g_strdup_printf ("%u", grant->number);
  g_autofree char *length = g_strdup_printf ("%" G_GUINT64_FORMAT, grant->length);
  g_autofree char *expires = g_strdup_printf ("%" G_GINT64_FORMAT, grant->expires);
  g_autofree char *crc32 = grant->has_crc32 ? g_strdup_printf ("%08x", grant->crc32) : NULL;
  g_autofree char *signature = sign_part (seal, grant->id, number, length, expires, crc32);

  return g_strconcat (STREAMER_PARTS_PATH, grant->id, "/", number, "?length=", length,
                      "&expires=", expires, crc32 ? "&crc32=" : "", crc32 ? crc32 : "",
                      "&signature=", signature, NULL);
}

gboolean
streamer_url_signer_check_part (StreamerSeal *seal,
                                const StreamerHttpRequest *request,
                                StreamerPartGrant *grant,
                                GError **error)
{
  const char *path = skip_start (request, STREAMER_PARTS_PATH);
  g_auto (GStrv) names = g_strsplit (path ? path : "", "/", 3);
  g_autofree char *length = streamer_http_request_get_parameter (request, "length");
  g_autofree char *expires = streamer_http_request_get_parameter (request, "expires");
  g_autofree char *crc32 = streamer_http_request_get_parameter (request, "crc32");
  g_autofree char *signature = streamer_http_request_get_parameter (request, "signature");
  const char *fields[] = { NULL, NULL, length, expires, crc32 ? crc32 : "", NULL };

  if (g_strv_length (names) != 2 || !length || !expires)
    return refuse (error);
  fields[0] = names[0];
  fields[1] = names[1];
  if (!streamer_seal_verify (seal, "part", fields, signature))
    return refuse (error);

  grant->expires = g_ascii_strtoll (expires, NULL, 10);
  grant->number = g_ascii_strtoull (names[1], NULL, 10);
  grant->length = g_ascii_strtoull (length, NULL, 10);
  grant->has_crc32 = crc32 != NULL;
  grant->crc32 = crc32 ? g_ascii_strtoull (crc32, NULL, 16) : 0;
  if (!check_expiry (grant->expires, error))
    return FALSE;
  grant->id = g_strdup (names[0]);
  return TRUE;
}

char *
streamer_url_signer_download_url (StreamerSeal *seal, const char *key, gint64 expires)
{
  g_autofree char *path = streamer_key_to_url (STREAMER_DOWNLOADS_PATH, key);
  g_autofree char *time = g_strdup_printf ("%" G_GINT64_FORMAT, expires);
  const char *fields[] = { key, expires ? time : "", NULL };
  g_autofree char *signature = streamer_seal_sign (seal, "download", fields);

  if (expires)
    return g_strconcat (path, "?expires=", time, "&signature=", signature, NULL);
  return g_strconcat (path, "?signature=", signature, NULL);
}

char *
streamer_url_signer_check_download (StreamerSeal *seal,
                                    const StreamerHttpRequest *request,
                                    gboolean is_public,
                                    GError **error)
{
  g_autofree char *key =
      g_uri_unescape_string (skip_start (request, STREAMER_DOWNLOADS_PATH), NULL);
  g_autofree char *expires = streamer_http_request_get_parameter (request, "expires");
  g_autofree char *signature = streamer_http_request_get_parameter (request, "signature");
  const char *fields[] = { key, expires ? expires : "", NULL };

  if (is_public && key && !signature)
    {
      g_autofree char *canonical = streamer_key_canonicalize (key, -1, NULL);

      if (g_strcmp0 (canonical, key) == 0)
        return g_steal_pointer (&key);
    }
  if (!key || !streamer_seal_verify (seal, "download", fields, signature))
    {
      refuse (error);
      return NULL;
    }
  if (expires && !check_expiry (g_ascii_strtoll (expires, NULL, 10), error))
    return NULL;
  return g_steal_pointer (&key);
}
