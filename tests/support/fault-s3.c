/* fault-s3.c: the bucket of a faulty server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fault-server-private.h"

#include <string.h>

#include "streamer-s3-client.h"
#include "streamer-sigv4.h"

#define MARK "x-amz-meta-" STREAMER_S3_MARK
/* Seconds by which a signature's time may be off. */
#define MAX_SKEW 900

static void
answer_xml (FaultRequest *request, const char *text)
{
  fault_request_answer (request, 200, "application/xml", text);
}

void
fault_s3_refuse (FaultRequest *request, guint status, const char *code)
{
  g_autofree char *text = g_strdup_printf ("<?xml version=\"1.0\"?><Error><Code>%s</Code>"
                                           "<Message>As the script says.</Message></Error>",
                                           code);

  if (g_str_equal (request->method, "HEAD"))
    fault_request_answer (request, status, NULL, "");
  else
    fault_request_answer (request, status, "application/xml", text);
}

static FaultUpload *
get_upload (FaultRequest *request)
{
  FaultUpload *upload =
      fault_store_find_upload (request->server->store, fault_request_get (request, "uploadId"));

  if (upload != NULL && upload->open && g_str_equal (upload->key, request->key))
    return upload;
  fault_s3_refuse (request, 404, "NoSuchUpload");
  return NULL;
}

static gboolean
is_taken (FaultRequest *request)
{
  g_autofree char *condition = script_request_get_header (request->raw, "If-None-Match");

  if (condition == NULL || !g_hash_table_contains (request->server->store->objects, request->key))
    return FALSE;
  fault_s3_refuse (request, 412, "PreconditionFailed");
  return TRUE;
}

static void
set_etag (FaultRequest *request, const char *etag)
{
  g_autofree char *quoted = fault_request_quote_etag (request, etag);

  g_string_append_printf (request->headers, "ETag: %s\r\n", quoted);
}

static void
create (FaultRequest *request)
{
  g_autofree char *text = NULL;

  request->begun = fault_store_begin (request->server->store, request->key, NULL);
  request->begun->began_at = g_get_real_time () / G_USEC_PER_SEC;
  request->begun->mark = script_request_get_header (request->raw, MARK);
  text = g_strdup_printf ("<InitiateMultipartUploadResult><UploadId>%s</UploadId>"
                          "</InitiateMultipartUploadResult>",
                          request->begun->id);
  answer_xml (request, text);
}

static void
put (FaultRequest *request)
{
  const char *number = fault_request_get (request, "partNumber");
  FaultUpload *upload;

  if (number == NULL)
    {
      const FaultBytes *object;
      g_autofree char *mark = script_request_get_header (request->raw, MARK);

      if (is_taken (request))
        return;
      upload =
          fault_store_find_upload (request->server->store, fault_request_get (request, "x-upload"));
      object = fault_store_put_object (request->server->store, request->key, upload, request->body);
      fault_store_mark (request->server->store, request->key, mark);
      set_etag (request, object->etag);
    }
  else
    {
      upload = get_upload (request);
      if (upload == NULL)
        return;
      set_etag (request, fault_store_put_part (request->server->store, upload,
                                               (guint) atoi (number), request->body));
    }
  fault_request_answer (request, 200, NULL, "");
}

static void
list_parts (FaultRequest *request)
{
  FaultUpload *upload = get_upload (request);
  const char *marker = fault_request_get (request, "part-number-marker");
  g_autoptr (GString) text = g_string_new ("<ListPartsResult>");
  guint n = 0;
  int last = 0;
  GTreeNode *node;

  if (upload == NULL)
    return;
  for (node = g_tree_upper_bound (upload->parts, GINT_TO_POINTER (marker ? atoi (marker) : 0));
       node != NULL && n < request->server->page; node = g_tree_node_next (node), n++)
    {
      const FaultBytes *part = g_tree_node_value (node);
      g_autofree char *etag = fault_request_quote_etag (request, part->etag);

      last = GPOINTER_TO_INT (g_tree_node_key (node));
      g_string_append_printf (text,
                              "<Part><PartNumber>%d</PartNumber><Size>%" G_GSIZE_FORMAT "</Size>"
                              "<ETag>%s</ETag></Part>",
                              last, g_bytes_get_size (part->bytes), etag);
    }
  g_string_append_printf (text,
                          "<IsTruncated>%s</IsTruncated><NextPartNumberMarker>%d"
                          "</NextPartNumberMarker></ListPartsResult>",
                          node != NULL ? "true" : "false", last);
  answer_xml (request, text->str);
}

/* What stands between the tags, from *at on, which moves behind it. (transfer full) (nullable) */
static char *
take_element (const char **at, const char *open, const char *close)
{
  const char *start = strstr (*at, open);
  const char *end = start != NULL ? strstr (start, close) : NULL;

  if (end == NULL)
    return NULL;
  *at = end;
  start += strlen (open);
  return g_strndup (start, end - start);
}

static void
complete (FaultRequest *request)
{
  FaultUpload *upload = get_upload (request);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GPtrArray) etags = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *body = NULL;
  g_autofree char *text = NULL;
  g_autofree char *etag = NULL;
  const FaultBytes *object;
  const char *at;
  char *number;

  if (upload == NULL || is_taken (request))
    return;
  at = body = g_strndup (g_bytes_get_data (request->body, NULL), g_bytes_get_size (request->body));
  while ((number = take_element (&at, "<PartNumber>", "</PartNumber>")) != NULL)
    {
      g_autofree char *given = take_element (&at, "<ETag>", "</ETag>");
      guint value = (guint) atoi (number);
      g_auto (GStrv) pieces = g_strsplit (given != NULL ? given : "", "&quot;", -1);

      g_array_append_val (numbers, value);
      g_ptr_array_add (etags, g_strjoinv ("", pieces));
      g_free (number);
    }
  object = fault_store_finish (request->server->store, upload, numbers, etags);
  if (object == NULL)
    {
      fault_s3_refuse (request, 400, "InvalidPart");
      return;
    }
  fault_store_mark (request->server->store, request->key, upload->mark);
  etag = fault_request_quote_etag (request, object->etag);
  text = g_strdup_printf ("<CompleteMultipartUploadResult><ETag>%s</ETag>"
                          "</CompleteMultipartUploadResult>",
                          etag);
  answer_xml (request, text);
}

static void
cancel (FaultRequest *request)
{
  FaultUpload *upload = get_upload (request);

  if (upload == NULL)
    return;
  upload->open = FALSE;
  fault_request_answer (request, 204, NULL, "");
}

static void
head (FaultRequest *request)
{
  const FaultBytes *object = g_hash_table_lookup (request->server->store->objects, request->key);

  if (object == NULL)
    {
      fault_request_answer (request, 404, NULL, "");
      return;
    }
  set_etag (request, object->etag);
  if (object->mark != NULL)
    g_string_append_printf (request->headers, MARK ": %s\r\n", object->mark);
  g_string_append_printf (request->headers,
                          "Content-Length: %" G_GSIZE_FORMAT "\r\n"
                          "Last-Modified: Sun, 22 Nov 2026 09:00:00 GMT\r\n",
                          g_bytes_get_size (object->bytes));
  fault_request_answer (request, 200, NULL, "");
}

static void
remove_object (FaultRequest *request)
{
  g_hash_table_remove (request->server->store->objects, request->key);
  fault_request_answer (request, 204, NULL, "");
}

static void
list_uploads (FaultRequest *request)
{
  const char *prefix = fault_request_get (request, "prefix");
  g_autoptr (GString) text = g_string_new ("<ListMultipartUploadsResult>");
  GPtrArray *uploads = request->server->store->uploads;

  for (guint i = 0; i < uploads->len; i++)
    {
      const FaultUpload *upload = uploads->pdata[i];

      g_autoptr (GDateTime) began_at =
          g_date_time_new_from_unix_utc (upload->began_at + request->server->clock_offset);
      g_autofree char *date = g_date_time_format (began_at, "%Y-%m-%dT%H:%M:%S.000Z");

      if (upload->open && !upload->whole && g_str_has_prefix (upload->key, prefix ? prefix : ""))
        g_string_append_printf (text,
                                "<Upload><Key>%s</Key><UploadId>%s</UploadId>"
                                "<Initiated>%s</Initiated></Upload>",
                                upload->key, upload->id, date);
    }
  g_string_append (text, "<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>");
  answer_xml (request, text->str);
}

/* Of an Authorization header: what stands behind @name, up to a comma. */
static char *
get_field (const char *authorization, const char *name)
{
  const char *start = strstr (authorization, name);

  if (start == NULL)
    return g_strdup ("");
  start += strlen (name);
  return g_strndup (start, strcspn (start, ","));
}

static GStrv
get_signed_headers (FaultRequest *request, const char *names)
{
  static const char *const added[] = { "x-amz-date", "x-amz-content-sha256", NULL };
  g_auto (GStrv) list = g_strsplit (names, ";", -1);
  g_autoptr (GStrvBuilder) headers = g_strv_builder_new ();

  for (guint i = 0; list[i] != NULL; i++)
    {
      g_autofree char *value = script_request_get_header (request->raw, list[i]);

      if (!g_strv_contains (added, list[i]))
        g_strv_builder_add_many (headers, list[i], value != NULL ? value : "", NULL);
    }
  return g_strv_builder_end (headers);
}

static GStrv
get_query (FaultRequest *request)
{
  g_autoptr (GStrvBuilder) query = g_strv_builder_new ();
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, request->query);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_strv_builder_add_many (query, name, value, NULL);
  return g_strv_builder_end (query);
}

static gboolean
is_well_signed (FaultRequest *request, const char *authorization, gint64 time)
{
  g_autoptr (StreamerS3Credentials) credentials =
      streamer_s3_credentials_new (FAULT_ACCESS_KEY, request->server->token, NULL, 0);
  const StreamerSigV4 signer = { credentials, FAULT_REGION, "s3", time };
  g_autofree char *names = get_field (authorization, "SignedHeaders=");
  g_autofree char *hash = script_request_get_header (request->raw, "x-amz-content-sha256");
  g_auto (GStrv) headers = get_signed_headers (request, names);
  g_auto (GStrv) query = get_query (request);
  g_auto (GStrv) expected = NULL;

  if (hash == NULL)
    return FALSE;
  expected = streamer_sigv4_sign_headers (&signer, request->method, request->path,
                                          (const char *const *) query,
                                          (const char *const *) headers, hash);
  return g_str_equal (authorization, expected[g_strv_length (expected) - 1]);
}

static gboolean
is_url_well_signed (FaultRequest *request)
{
  const char *signature = fault_request_get (request, "X-Amz-Signature");
  const char *number = fault_request_get (request, "partNumber");
  const char *id = fault_request_get (request, number != NULL ? "uploadId" : "x-upload");
  g_autofree char *signed_query = g_strdup_printf ("%s %s", number != NULL ? number : "", id);
  g_autofree char *right = fault_api_sign (request->server, request->key, signed_query);

  return g_strcmp0 (signature, right) == 0;
}

/* FALSE: refused, and answered. */
static gboolean
check_access (FaultRequest *request)
{
  g_autofree char *authorization = script_request_get_header (request->raw, "Authorization");
  g_autofree char *date = script_request_get_header (request->raw, "x-amz-date");
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = NULL;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC + request->server->clock_offset;

  if (authorization == NULL)
    {
      if (is_url_well_signed (request))
        return TRUE;
      fault_s3_refuse (request, 403, "SignatureDoesNotMatch");
      return FALSE;
    }
  time = date != NULL ? g_date_time_new_from_iso8601 (date, utc) : NULL;
  if (time == NULL || !is_well_signed (request, authorization, g_date_time_to_unix (time)))
    {
      fault_s3_refuse (request, 403, "SignatureDoesNotMatch");
      return FALSE;
    }
  if (ABS (g_date_time_to_unix (time) - now) > MAX_SKEW)
    {
      fault_s3_refuse (request, 403, "RequestTimeTooSkewed");
      return FALSE;
    }
  return TRUE;
}

FaultOperation
fault_s3_get_operation (FaultRequest *request)
{
  gboolean has_upload = fault_request_get (request, "uploadId") != NULL;

  if (g_str_equal (request->method, "POST"))
    return has_upload ? FAULT_FINISH : FAULT_BEGIN;
  if (g_str_equal (request->method, "PUT"))
    return FAULT_PUT;
  if (g_str_equal (request->method, "DELETE"))
    return has_upload ? FAULT_CANCEL : FAULT_REMOVE;
  if (g_str_equal (request->method, "HEAD"))
    return FAULT_STAT;
  return has_upload ? FAULT_PARTS : FAULT_UPLOADS;
}

void
fault_s3_run (FaultRequest *request)
{
  static void (*const functions[FAULT_N_OPERATIONS]) (FaultRequest * request) = {
    [FAULT_BEGIN] = create,         [FAULT_PUT] = put,
    [FAULT_PARTS] = list_parts,     [FAULT_FINISH] = complete,
    [FAULT_CANCEL] = cancel,        [FAULT_STAT] = head,
    [FAULT_REMOVE] = remove_object, [FAULT_UPLOADS] = list_uploads,
  };

  if (check_access (request))
    functions[fault_s3_get_operation (request)](request);
}
