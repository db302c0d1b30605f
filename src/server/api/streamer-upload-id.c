/* streamer-upload-id.c: the upload, sealed into its id
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-upload-id.h"

#include <string.h>

#include "streamer-error.h"

#define PURPOSE "upload id"
#define FORMAT  "(sssttsbx)"

char *
streamer_upload_id_close (StreamerSeal *seal, const StreamerStorageUpload *upload)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (
      g_variant_new (FORMAT, upload->id, upload->principal, upload->key, upload->size,
                     upload->part_size, upload->content_type, upload->overwrite, upload->expires));
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (variant);

  return streamer_seal_close (seal, PURPOSE, bytes);
}

StreamerStorageUpload *
streamer_upload_id_open (StreamerSeal *seal,
                         const char *text,
                         const char *principal,
                         GError **error)
{
  g_autoptr (StreamerStorageUpload) upload = streamer_storage_upload_new ();
  g_autoptr (GBytes) bytes = streamer_seal_open (seal, PURPOSE, text);
  g_autoptr (GVariant) variant = NULL;

  if (bytes)
    {
      variant =
          g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (FORMAT), bytes, FALSE));
      g_variant_get (variant, FORMAT, &upload->id, &upload->principal, &upload->key, &upload->size,
                     &upload->part_size, &upload->content_type, &upload->overwrite,
                     &upload->expires);
      if (strcmp (upload->principal, principal) == 0 &&
          g_get_real_time () / G_USEC_PER_SEC < upload->expires)
        return g_steal_pointer (&upload);
    }
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NO_UPLOAD, "There is no such upload.");
  return NULL;
}
