/* streamer-staged-name.c: names of temporary objects, bound to who may use them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-staged-name.h"

#include <string.h>

#include "streamer-error.h"

#define PURPOSE       "staged part"
#define DIGEST_BYTES  16
#define MAX_NAME      4096
#define SHA_256_BYTES 32

static void
digest (const char *text, guint8 *bytes)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 whole[SHA_256_BYTES];
  gsize length = sizeof whole;

  g_checksum_update (checksum, (const guchar *) text, strlen (text));
  g_checksum_get_digest (checksum, whole, &length);
  memcpy (bytes, whole, DIGEST_BYTES);
}

char *
streamer_staged_name_make (StreamerSeal *seal,
                           const char *principal,
                           const char *part_name,
                           GError **error)
{
  guint8 digests[2 * DIGEST_BYTES];
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *sealed = NULL;

  if (*part_name == '\0' || strlen (part_name) > MAX_NAME)
    {
      g_set_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                   "The name of a part has to have 1 to %d bytes.", MAX_NAME);
      return NULL;
    }
  digest (principal, digests);
  digest (part_name, digests + DIGEST_BYTES);
  bytes = g_bytes_new (digests, sizeof digests);
  sealed = streamer_seal_close (seal, PURPOSE, bytes);
  return g_strconcat (STREAMER_STAGED_PREFIX, sealed, NULL);
}

/* Returns: (transfer full) (nullable): what is sealed in @key's last segment */
static GBytes *
open_key (StreamerSeal *seal, const char *key, const char **name)
{
  const char *slash = strrchr (key, '/');

  *name = slash ? slash + 1 : key;
  return streamer_seal_open (seal, PURPOSE, *name);
}

char *
streamer_staged_name_resolve (StreamerSeal *seal,
                              const char *principal,
                              const char *key,
                              GError **error)
{
  const char *name;
  g_autoptr (GBytes) sealed = open_key (seal, key, &name);
  guint8 own[DIGEST_BYTES];

  digest (principal, own);
  if (sealed && memcmp (g_bytes_get_data (sealed, NULL), own, sizeof own) == 0)
    return g_strconcat (STREAMER_STAGED_PREFIX, name, NULL);
  if (!sealed && g_str_has_prefix (key, STREAMER_STAGED_PREFIX))
    return streamer_staged_name_make (seal, principal, key + strlen (STREAMER_STAGED_PREFIX),
                                      error);
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN,
                       "This is no temporary object of yours.");
  return NULL;
}

gboolean
streamer_staged_name_is_ours (StreamerSeal *seal, const char *key)
{
  const char *name;
  g_autoptr (GBytes) sealed = open_key (seal, key, &name);

  return sealed != NULL;
}
