/* streamer-post-uploads.c: takes files by the forms that version 1 of the request API gave
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs on the connection's thread. It answers as S3 does, because that is what clients of these
 * forms know. Bytes go from the socket to the disk through one buffer.
 */

#include "streamer-post-uploads.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-form-reader.h"
#include "streamer-reply.h"
#include "streamer-server-log.h"
#include "streamer-staged-sink.h"

#define BUFFER_BYTES 262144
/* Until the fields have come, nobody knows who sends. */
#define FIELDS_SECONDS 30

typedef struct
{
  StreamerHttpConnection *connection;
  const StreamerHttpRequest *request;
  StreamerFolderStorage *storage;
  StreamerSeal *seal;
  StreamerFormReader *reader; /* (owned) */
  StreamerStagedSink *sink;   /* (owned) (nullable) */
} Post;

static const struct
{
  StreamerError error;
  guint status;
  const char *code;
} codes[] = {
  { STREAMER_ERROR_INVALID, 400, "MalformedPOSTRequest" },
  { STREAMER_ERROR_PROTOCOL, 400, "MalformedPOSTRequest" },
  { STREAMER_ERROR_TOO_LARGE, 400, "EntityTooLarge" },
  { STREAMER_ERROR_FORBIDDEN, 403, "AccessDenied" },
  { STREAMER_ERROR_EXPIRED, 403, "AccessDenied" },
  { STREAMER_ERROR_EXISTS, 412, "PreconditionFailed" },
  { STREAMER_ERROR_BUSY, 503, "SlowDown" },
  { STREAMER_ERROR_NO_SPACE, 507, "QuotaExceeded" },
  { STREAMER_ERROR_QUOTA, 507, "QuotaExceeded" },
};

static gboolean
answer_status (const Post *post, guint status, const char *code, const GError *error)
{
  g_autofree char *id = streamer_reply_new_request_id ();
  g_autofree char *body = g_markup_printf_escaped (
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message>"
      "<RequestId>%s</RequestId></Error>",
      code, error->message, id);
  const char *headers[] = { "Content-Type", "application/xml",
                            status == SOUP_STATUS_METHOD_NOT_ALLOWED ? "Allow" : NULL, "POST",
                            NULL };

  streamer_server_log (status >= 500 ? "error" : "info", "post", "outcome", code, "message",
                       error->message, "request_id", id, NULL);
  return streamer_http_connection_answer (post->connection, post->request, status, headers, body);
}

static gboolean
answer_error (const Post *post, const GError *error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, STREAMER_ERROR, codes[i].error))
      return answer_status (post, codes[i].status, codes[i].code, error);
  return answer_status (post, 500, "InternalError", error);
}

static gboolean
answer_invalid (const Post *post, guint status, const char *code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_INVALID, message);

  return answer_status (post, status, code, error);
}

static gboolean
begin_file (gpointer user_data, GError **error)
{
  Post *post = user_data;
  g_auto (StreamerPostGrant) grant = { 0 };

  if (!streamer_post_grant_check (post->seal, streamer_form_reader_get_field (post->reader, "key"),
                                  streamer_form_reader_get_field (post->reader, "policy"),
                                  streamer_form_reader_get_field (post->reader, "signature"),
                                  &grant, error))
    return FALSE;
  if (post->request->length > grant.max_size + STREAMER_FORM_MAX_OVERHEAD)
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_TOO_LARGE,
                           "The file is larger than what may be sent.");
      return FALSE;
    }
  streamer_http_connection_limit_body (post->connection, 0);
  post->sink = streamer_staged_sink_open (post->storage, &grant, error);
  return post->sink != NULL;
}

static gboolean
take_file (const void *data, gsize length, gpointer user_data, GError **error)
{
  return streamer_staged_sink_write (((Post *) user_data)->sink, data, length, error);
}

static const StreamerFormSink form_sink = {
  .begin_file = begin_file,
  .take_file = take_file,
};

/* FALSE with an error of STREAMER_ERROR where an answer makes sense, else of another. */
static gboolean
take_form (Post *post, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (BUFFER_BYTES);
  gssize n;

  streamer_http_connection_limit_body (post->connection, FIELDS_SECONDS);
  while ((n = streamer_http_connection_read_body (post->connection, post->request, buffer,
                                                  BUFFER_BYTES, error)) > 0)
    if (!streamer_form_reader_feed (post->reader, buffer, n, error))
      return FALSE;
  return n == 0 && streamer_form_reader_end (post->reader, error);
}

static void
post_clear (Post *post)
{
  g_clear_pointer (&post->reader, streamer_form_reader_free);
  g_clear_pointer (&post->sink, streamer_staged_sink_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Post, post_clear)

gboolean
streamer_post_uploads_answer (StreamerHttpConnection *connection,
                              const StreamerHttpRequest *request,
                              StreamerFolderStorage *storage,
                              StreamerSeal *seal)
{
  g_auto (Post) post = { connection, request, storage, seal, NULL, NULL };
  const char *headers[] = { "ETag", NULL, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *etag = NULL;

  if (strcmp (request->method, "POST") != 0)
    return answer_invalid (&post, SOUP_STATUS_METHOD_NOT_ALLOWED, "MethodNotAllowed",
                           "A form is sent by POST.");
  if (!request->has_length)
    return answer_invalid (&post, SOUP_STATUS_LENGTH_REQUIRED, "MissingContentLength",
                           "The length of a form has to be sent.");
  post.reader = streamer_form_reader_new (
      soup_message_headers_get_one (request->headers, "Content-Type"), &form_sink, &post, &error);
  if (post.reader && take_form (&post, &error))
    etag = streamer_staged_sink_commit (post.sink, &error);
  if (etag)
    {
      headers[1] = etag;
      return streamer_http_connection_answer (connection, request, SOUP_STATUS_NO_CONTENT, headers,
                                              NULL);
    }
  /* Nobody is there any more to be told. */
  if (error->domain != STREAMER_ERROR)
    return FALSE;
  g_clear_pointer (&post.sink, streamer_staged_sink_free);
  return answer_error (&post, error);
}
