/* streamer-s3-keys.c: where in a bucket documents can be
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-s3-storage-private.h"
#include "streamer-staged-name.h"

static gboolean
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID, sentence);
  return FALSE;
}

gboolean
streamer_s3_storage_check_key (const StreamerS3Storage *self, const char *key, GError **error)
{
  if (self->prefix_bytes + strlen (key) > STREAMER_KEY_MAX_BYTES)
    return refuse (error, "The name is longer than 1,024 bytes with the folder that the server has "
                          "in its bucket.");
  if (g_str_has_prefix (key, STREAMER_STAGED_PREFIX) || strcmp (key, STREAMER_S3_PROBE_KEY) == 0)
    return refuse (error, "The name is kept for temporary objects of the server: choose another.");
  return TRUE;
}
