/* streamer-part-uploads.c: takes parts by the URLs that the request API gave
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs on the connection's thread. Bytes go from the socket to the disk through one buffer; a disk
 * that is slower than the network is felt by the client, not by the memory.
 */

#include "streamer-part-uploads.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-reply.h"
#include "streamer-server-log.h"

#define BUFFER_BYTES 262144

static gboolean
answer_error (StreamerHttpConnection *connection,
              const StreamerHttpRequest *request,
              guint status,
              const GError *error)
{
  const char *headers[] = { "Content-Type", "application/json", NULL, NULL, NULL };
  g_autofree char *id = streamer_reply_new_request_id ();
  g_autofree char *body = streamer_reply_failed (error, id);

  if (status == SOUP_STATUS_METHOD_NOT_ALLOWED)
    {
      headers[2] = "Allow";
      headers[3] = "PUT";
    }
  streamer_server_log (status >= 500 ? "error" : "info", "part", "outcome",
                       streamer_reply_get_code (error), "message", error->message, "request_id", id,
                       NULL);
  return streamer_http_connection_answer (connection, request, status, headers, body);
}

static gboolean
answer_invalid (StreamerHttpConnection *connection,
                const StreamerHttpRequest *request,
                guint status,
                const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_INVALID, message);

  return answer_error (connection, request, status, error);
}

/* Returns FALSE with an error of STREAMER_ERROR where an answer makes sense, else of another. */
static gboolean
take_body (StreamerHttpConnection *connection,
           const StreamerHttpRequest *request,
           StreamerPartSink *sink,
           GError **error)
{
  g_autofree guint8 *buffer = g_malloc (BUFFER_BYTES);
  gssize n;

  while ((n = streamer_http_connection_read_body (connection, request, buffer, BUFFER_BYTES,
                                                  error)) > 0)
    if (!streamer_part_sink_write (sink, buffer, n, error))
      return FALSE;
  return n == 0;
}

static gboolean
answer_stored (StreamerHttpConnection *connection,
               const StreamerHttpRequest *request,
               StreamerPartSink *sink,
               const char *etag)
{
  guint32 crc32 = GUINT32_TO_BE (streamer_part_sink_get_crc32 (sink));
  g_autofree char *base64 = g_base64_encode ((const guchar *) &crc32, sizeof crc32);
  const char *headers[] = { "ETag", etag, "x-amz-checksum-crc32", base64, NULL };

  return streamer_http_connection_answer (connection, request, SOUP_STATUS_OK, headers, NULL);
}

gboolean
streamer_part_uploads_answer (StreamerHttpConnection *connection,
                              const StreamerHttpRequest *request,
                              StreamerFolderStorage *storage,
                              StreamerSeal *seal)
{
  GCancellable *cancellable = streamer_http_connection_get_cancellable (connection);
  g_auto (StreamerPartGrant) grant = { 0 };
  g_autoptr (StreamerPartSink) sink = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *etag = NULL;

  if (strcmp (request->method, "PUT") != 0)
    return answer_invalid (connection, request, SOUP_STATUS_METHOD_NOT_ALLOWED,
                           "A part is sent by PUT.");
  if (!request->has_length)
    return answer_invalid (connection, request, SOUP_STATUS_LENGTH_REQUIRED,
                           "The length of a part has to be sent.");
  if (!streamer_url_signer_check_part (seal, request, &grant, &error))
    return answer_error (connection, request, streamer_reply_get_status (error), error);
  if (request->length != grant.length)
    return answer_invalid (connection, request, SOUP_STATUS_BAD_REQUEST,
                           "This address is for a part of another length.");

  sink = streamer_folder_storage_open_part (storage, &grant, cancellable, &error);
  if (sink && take_body (connection, request, sink, &error))
    etag = streamer_part_sink_commit (sink, &error);
  if (etag)
    return answer_stored (connection, request, sink, etag);
  /* Nobody is there any more to be told. */
  if (error->domain != STREAMER_ERROR)
    return FALSE;
  g_clear_pointer (&sink, streamer_part_sink_free);
  return answer_error (connection, request, streamer_reply_get_status (error), error);
}
