/* streamer-store-answer.c: what a store says to the bytes it was sent
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-config.h"
#include "streamer-store-answer.h"

#include <glib/gi18n-lib.h>

#include "streamer-answer-headers.h"
#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-s3-client.h"
#include "streamer-s3-etag.h"
#include "streamer-s3-xml.h"
#include "streamer-words.h"

#define MAX_FIELD_BYTES 4096
/* What is shorter in a signed URL's query is no secret: numbers, names of parameters. */
#define MIN_SECRET_BYTES 12

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerS3XmlError, streamer_s3_xml_error_clear)

/* Some of S3's codes say more than the status that they come with. */
static const struct
{
  const char *name;
  StreamerError code;
} known_names[] = {
  { "RequestTimeout", STREAMER_ERROR_NETWORK },
  { "IncompleteBody", STREAMER_ERROR_NETWORK },
  { "ExpiredToken", STREAMER_ERROR_EXPIRED },
  { "TokenRefreshRequired", STREAMER_ERROR_EXPIRED },
  { "BadDigest", STREAMER_ERROR_CHECKSUM },
  { "InvalidDigest", STREAMER_ERROR_CHECKSUM },
  { "XAmzContentChecksumMismatch", STREAMER_ERROR_CHECKSUM },
  { "XAmzContentSHA256Mismatch", STREAMER_ERROR_CHECKSUM },
  { "EntityTooLarge", STREAMER_ERROR_TOO_LARGE },
  { "EntityTooSmall", STREAMER_ERROR_FAILED },
  { "OperationAborted", STREAMER_ERROR_BUSY },
  { "ConditionalRequestConflict", STREAMER_ERROR_BUSY },
  { "NoSuchBucket", STREAMER_ERROR_FAILED },
  { "QuotaExceeded", STREAMER_ERROR_NO_SPACE },
};

static void
read_json (JsonNode *root, StreamerS3XmlError *words)
{
  JsonObject *object = json_node_get_object (root);
  JsonObject *member = streamer_json_get_object (object, "error", NULL);

  words->request_id = g_strdup (streamer_json_get_string (object, "request_id", NULL));
  if (member != NULL)
    {
      words->code = g_strdup (streamer_json_get_string (member, "code", NULL));
      words->message = g_strdup (streamer_json_get_string (member, "message", NULL));
    }
  if (words->message == NULL)
    words->message = g_strdup (streamer_json_get_string (object, "status", NULL));
}

static void
read_words (const StreamerAnswer *answer, StreamerS3XmlError *words)
{
  const char *type = soup_message_headers_get_content_type (answer->headers, NULL);
  gsize length;
  const char *text = g_bytes_get_data (answer->body, &length);
  g_autoptr (JsonNode) root = NULL;

  if (length == 0 || streamer_answer_is_web_page (answer))
    return;
  if (*text == '<')
    {
      /* What it found before a mistake is good enough to show. */
      streamer_s3_xml_read_error (text, length, words, NULL);
      return;
    }

  root = streamer_json_parse (text, length, NULL);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    read_json (root, words);
  else if (type != NULL && g_ascii_strcasecmp (type, "text/plain") == 0)
    words->message = g_strndup (text, MIN (length, MAX_FIELD_BYTES));
}

static StreamerError
code_for_status (guint status)
{
  switch (status)
    {
    case 401:
    case 403:
      return STREAMER_ERROR_EXPIRED;
    case 404:
    case 410:
      return STREAMER_ERROR_NO_UPLOAD;
    case 408:
      return STREAMER_ERROR_NETWORK;
    case 409:
    case 412:
      return STREAMER_ERROR_EXISTS;
    case 413:
      return STREAMER_ERROR_TOO_LARGE;
    case 429:
      return STREAMER_ERROR_BUSY;
    case 507:
      return STREAMER_ERROR_NO_SPACE;
    case 501:
    case 505:
      return STREAMER_ERROR_FAILED;
    default:
      if (status >= 500)
        return STREAMER_ERROR_BUSY;
      return status >= 400 ? STREAMER_ERROR_FAILED : STREAMER_ERROR_PROTOCOL;
    }
}

static const char *
sentence_for (StreamerError code)
{
  switch (code)
    {
    case STREAMER_ERROR_EXPIRED:
      return _ ("The store's permission to send this part has expired.");
    case STREAMER_ERROR_NO_UPLOAD:
      return _ ("The store does not know this upload any more.");
    case STREAMER_ERROR_NETWORK:
      return _ ("The store did not get the part in time.");
    case STREAMER_ERROR_EXISTS:
      return _ ("A file of this name exists on the server and was not replaced.");
    case STREAMER_ERROR_TOO_LARGE:
      return _ ("The part is larger than the store takes.");
    case STREAMER_ERROR_BUSY:
      return _ ("The store is busy, or has a problem at the moment.");
    case STREAMER_ERROR_NO_SPACE:
      return _ ("The disk of the store is full.");
    case STREAMER_ERROR_CHECKSUM:
      return _ ("What arrived at the store is not what was sent.");
    case STREAMER_ERROR_PORTAL:
      return _ ("Something between here and the server wants you to sign in first.");
    case STREAMER_ERROR_PROTOCOL:
      return _ ("What answered is not a store, or does not take parts in this way.");
    default:
      return _ ("The store did not take the part.");
    }
}

/* The values in a signed URL's query, as they stand there and decoded; and those of @fields but the
 * key. */
static GPtrArray *
get_secrets (const char *url, const char *const *fields)
{
  GPtrArray *secrets = g_ptr_array_new_with_free_func (g_free);
  const char *query = strchr (url, '?');
  g_auto (GStrv) pairs = NULL;

  for (; fields != NULL && fields[0] != NULL; fields += 2)
    if (strlen (fields[1]) >= MIN_SECRET_BYTES && !g_str_equal (fields[0], "key"))
      g_ptr_array_add (secrets, g_strdup (fields[1]));

  if (query == NULL)
    return secrets;

  g_ptr_array_add (secrets, g_strdup (query + 1));
  pairs = g_strsplit (query + 1, "&", -1);
  for (guint i = 0; pairs[i] != NULL; i++)
    {
      const char *equals = strchr (pairs[i], '=');

      if (equals == NULL || strlen (equals + 1) < MIN_SECRET_BYTES)
        continue;
      g_ptr_array_add (secrets, g_strdup (equals + 1));
      g_ptr_array_add (secrets, g_uri_unescape_string (equals + 1, NULL));
    }
  return secrets;
}

gboolean
streamer_store_answer_check (const StreamerAnswer *answer,
                             const char *url,
                             const char *const *fields,
                             GError **error)
{
  g_auto (StreamerS3XmlError) words = { NULL };
  g_autoptr (GPtrArray) secrets = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *message = NULL;
  const char *request_id = streamer_answer_get_request_id (answer);
  StreamerError code = code_for_status (answer->status);
  GError *refused;

  if ((answer->status == 200 || answer->status == 201 || answer->status == 204) &&
      !streamer_answer_is_portal (answer))
    return TRUE;

  if (streamer_answer_is_portal (answer))
    code = STREAMER_ERROR_PORTAL;
  read_words (answer, &words);
  if (answer->status >= 400)
    for (guint i = 0; words.code != NULL && i < G_N_ELEMENTS (known_names); i++)
      if (g_str_equal (words.code, known_names[i].name))
        code = known_names[i].code;
  if (words.request_id != NULL && streamer_request_id_is_usable (words.request_id))
    request_id = words.request_id;

  secrets = get_secrets (url, fields);
  shown = streamer_words_show (words.message != NULL ? words.message : words.code,
                               (const char *const *) secrets->pdata, secrets->len);
  message = streamer_words_join (sentence_for (code), shown);

  refused = g_error_new_literal (STREAMER_ERROR, code, message);
  streamer_error_set_answer (refused, answer->status, streamer_answer_get_retry_after (answer),
                             request_id);
  g_propagate_error (error, refused);
  return FALSE;
}

gboolean
streamer_store_answer_fits_md5 (const StreamerAnswer *answer, const char *md5)
{
  g_autofree char *etag = streamer_answer_get_etag (answer);

  return streamer_s3_etag_equal (etag, md5) || !streamer_s3_etag_is_md5 (etag) ||
         strchr (etag, '-') != NULL || streamer_answer_is_encrypted (answer);
}

/* Some stores say what they have got. */
static gboolean
fits_crc32 (const StreamerAnswer *answer, guint32 crc32)
{
  const char *given = soup_message_headers_get_one (answer->headers, "x-amz-checksum-crc32");
  g_autofree char *sent = streamer_s3_crc32_to_string (crc32);

  return given == NULL || strlen (given) != strlen (sent) || g_str_equal (given, sent);
}

gboolean
streamer_store_answer_read_part (const StreamerAnswer *answer,
                                 guint number,
                                 StreamerPartStream *body,
                                 StreamerStoredPart *stored,
                                 GError **error)
{
  guint32 crc32 = streamer_part_stream_get_crc32 (body);
  g_autofree char *md5 = streamer_part_stream_get_md5 (body);

  if (!fits_crc32 (answer, crc32) || (md5 != NULL && !streamer_store_answer_fits_md5 (answer, md5)))
    {
      g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM,
                           sentence_for (STREAMER_ERROR_CHECKSUM));
      return FALSE;
    }
  stored->number = number;
  stored->size = streamer_part_stream_get_count (body);
  stored->crc32 = crc32;
  stored->etag = streamer_answer_get_etag (answer);
  return TRUE;
}

void
streamer_store_answer_refuse (GError **error)
{
  GError *forbidden =
      g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN,
                           _ ("The store refuses the part, although its permission is fresh."));

  streamer_error_set_answer (forbidden, streamer_error_get_status_code (*error), -1,
                             streamer_error_get_request_id (*error));
  g_error_free (*error);
  *error = forbidden;
}
