/* streamer-s3-crc32.c: whether a store verifies the CRC-32 of a whole object
 *
 * Any worker, with a StreamerHttp of its own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "streamer-error.h"
#include "streamer-s3-options.h"
#include "streamer-s3-request.h"
#include "streamer-s3-xml.h"

/* Of no bytes, it is 0. */
#define RIGHT_CRC32 0x00000000
#define WRONG_CRC32 0xffffffff

char *
streamer_s3_crc32_to_string (guint32 crc32)
{
  guint32 bytes = GUINT32_TO_BE (crc32);

  return g_base64_encode ((const guchar *) &bytes, sizeof bytes);
}

/* An error that says something about the store, and not only about this attempt. */
static gboolean
is_answer (const GError *error)
{
  static const StreamerError answers[] = { STREAMER_ERROR_FAILED,   STREAMER_ERROR_INVALID,
                                           STREAMER_ERROR_CHECKSUM, STREAMER_ERROR_NO_UPLOAD,
                                           STREAMER_ERROR_PROTOCOL, STREAMER_ERROR_EXISTS };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    if (g_error_matches (error, STREAMER_ERROR, (int) answers[i]))
      return TRUE;
  return FALSE;
}

/* @upload_id: (out) (nullable): NULL where the store does not take it, or does not repeat it */
static gboolean
create (StreamerS3Client *self,
        StreamerHttp *http,
        const char *key,
        char **upload_id,
        gboolean *is_repeated,
        GCancellable *cancellable,
        GError **error)
{
  static const char *const query[] = { "uploads", "", NULL };
  const StreamerS3PutOptions options = { .crc32 = TRUE };
  g_auto (GStrv) headers = streamer_s3_put_options_to_headers (&options, NULL);
  const StreamerS3Request request = { .method = "POST",
                                      .key = key,
                                      .query = query,
                                      .headers = (const char *const *) headers,
                                      .text = "" };
  g_auto (StreamerAnswer) answer = { 0 };
  const char *repeated;
  const char *text;
  gsize length;

  if (!streamer_s3_client_send (self, http, &request, &answer, cancellable, error))
    return FALSE;
  repeated = soup_message_headers_get_one (answer.headers, "x-amz-checksum-algorithm");
  *is_repeated = repeated != NULL && g_ascii_strcasecmp (repeated, "CRC32") == 0;
  text = g_bytes_get_data (answer.body, &length);
  *upload_id = streamer_s3_xml_read_upload_id (text, length, error);
  return *upload_id != NULL;
}

static gboolean
complete (StreamerS3Client *self,
          StreamerHttp *http,
          const char *key,
          const char *upload_id,
          const StreamerStoredPart *part,
          guint32 crc32,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (GArray) parts = g_array_new (FALSE, TRUE, sizeof *part);

  g_array_append_val (parts, *part);
  return streamer_s3_client_complete_multipart (self, http, key, upload_id, parts, FALSE, &crc32,
                                                NULL, cancellable, error);
}

/* Who may write and not remove leaves an empty object there, once: the store has said what it can. */
static gboolean
remove_object (StreamerS3Client *self,
               StreamerHttp *http,
               const char *key,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (streamer_s3_client_delete_object (self, http, key, cancellable, &local_error) ||
      g_error_matches (local_error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* @can: (out): set where the store was led to say so. FALSE where something went wrong before. */
static gboolean
try (StreamerS3Client *self,
     StreamerHttp *http,
     const char *key,
     const char *upload_id,
     gboolean *can,
     GCancellable *cancellable,
     GError **error)
{
  const StreamerSlice nothing = { .fd = -1, .last = TRUE };
  g_autoptr (StreamerPartStream) body = streamer_part_stream_new (&nothing, NULL, NULL);
  StreamerStoredPart part = { 0 };
  g_autoptr (GError) wrong = NULL;
  gboolean done = FALSE;

  if (!streamer_s3_client_upload_part (self, http, key, upload_id, 1, body, &part, cancellable,
                                       error))
    return FALSE;
  if (complete (self, http, key, upload_id, &part, WRONG_CRC32, cancellable, &wrong))
    done = remove_object (self, http, key, cancellable, error);
  else if (!g_error_matches (wrong, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM))
    g_propagate_error (error, g_steal_pointer (&wrong));
  /* It says the same of parts that it does not find. */
  else if (complete (self, http, key, upload_id, &part, RIGHT_CRC32, cancellable, error))
    *can = done = remove_object (self, http, key, cancellable, error);
  streamer_stored_part_clear (&part);
  return done;
}

gboolean
streamer_s3_client_probe_crc32 (StreamerS3Client *self,
                                StreamerHttp *http,
                                const char *key,
                                gboolean *can,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *upload_id = NULL;
  gboolean is_repeated = FALSE;

  g_return_val_if_fail (STREAMER_IS_S3_CLIENT (self) && key != NULL && can != NULL, FALSE);

  *can = FALSE;
  if (create (self, http, key, &upload_id, &is_repeated, cancellable, &local_error) && is_repeated)
    try (self, http, key, upload_id, can, cancellable, &local_error);
  /* Where it is completed there is nothing left to give up. */
  if (upload_id != NULL && !*can)
    streamer_s3_client_abort_multipart (self, http, key, upload_id, cancellable, NULL);
  if (local_error == NULL || is_answer (local_error))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}
