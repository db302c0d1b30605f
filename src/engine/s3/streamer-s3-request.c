/* streamer-s3-request.c: one signed request, and what its answer teaches
 *
 * Any worker, with a StreamerHttp of its own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-request.h"

#include <string.h>

#include "streamer-answer-headers.h"
#include "streamer-s3-fault.h"

/* Seconds by which clocks may differ; Amazon allows 15 min, and others less. */
#define SKEW_CERTAIN  30
#define SKEW_PROBABLE 300

typedef enum
{
  CORRECT_NOTHING = 0,
  CORRECT_REGION = 1 << 0,
  CORRECT_CLOCK = 1 << 1,
  CORRECT_CREDENTIALS = 1 << 2,
} Correction;

static gboolean
is_success (const StreamerS3Request *request, const StreamerAnswer *answer)
{
  gsize length;
  const char *text = g_bytes_get_data (answer->body, &length);

  if (answer->status != 200 && answer->status != 201 && answer->status != 204)
    return FALSE;
  /* The headers of HEAD are an object's own, which may be a web page. */
  if (g_str_equal (request->method, "HEAD"))
    return request->key != NULL || !streamer_answer_is_web_page (answer);
  /* Amazon S3 API Reference, DeleteObject and AbortMultipartUpload: 204, without a body. What says
   * more is not the store, and nothing is gone. */
  if (g_str_equal (request->method, "DELETE"))
    return length == 0;
  return !streamer_answer_is_web_page (answer) && !streamer_s3_xml_is_error (text, length);
}

static char *
make_url (const StreamerS3Address *address, const char *const *query)
{
  GString *url = g_string_new (address->base);

  g_string_append (url, address->path);
  for (guint i = 0; query != NULL && query[i] != NULL; i += 2)
    {
      g_autofree char *name = streamer_sigv4_encode (query[i], FALSE);
      g_autofree char *value = streamer_sigv4_encode (query[i + 1], FALSE);

      g_string_append_printf (url, "%c%s=%s", i == 0 ? '?' : '&', name, value);
    }
  return g_string_free (url, FALSE);
}

static GStrv
sign (const StreamerS3Context *context, const StreamerS3Request *request)
{
  g_autoptr (GStrvBuilder) headers = g_strv_builder_new ();
  g_auto (GStrv) unsigned_headers = NULL;
  g_autofree char *hash = NULL;

  g_strv_builder_add_many (headers, "host", streamer_s3_address_get_host (&context->address), NULL);
  if (request->headers != NULL)
    g_strv_builder_addv (headers, (const char **) request->headers);
  unsigned_headers = g_strv_builder_end (headers);

  /* The bytes of a part would have to be read twice, the first time for their hash only. */
  if (request->part == NULL)
    hash = streamer_sigv4_hash (request->text != NULL ? request->text : "",
                                request->text != NULL ? strlen (request->text) : 0);
  return streamer_sigv4_sign_headers (&context->signer, request->method, context->address.path,
                                      request->query, (const char *const *) unsigned_headers,
                                      hash != NULL ? hash : STREAMER_SIGV4_UNSIGNED_PAYLOAD);
}

static gboolean
send_once (const StreamerS3Context *context,
           StreamerHttp *http,
           const StreamerS3Request *request,
           StreamerAnswer *answer,
           GCancellable *cancellable,
           GError **error)
{
  g_autofree char *url = make_url (&context->address, request->query);
  g_auto (GStrv) headers = sign (context, request);
  StreamerHttpFlags flags = request->flags | STREAMER_HTTP_REDIRECTS;

  if (request->part != NULL)
    return streamer_http_send_part (http, request->method, url, (const char *const *) headers,
                                    request->part, flags, answer, cancellable, error);
  return streamer_http_send_text (http, request->method, url, (const char *const *) headers,
                                  request->text, flags, answer, cancellable, error);
}

static gboolean
correct_region (StreamerS3Client *self,
                const StreamerS3Context *context,
                const StreamerS3Fault *fault)
{
  g_autofree char *found =
      fault->region != NULL
          ? g_strdup (fault->region)
          : streamer_s3_location_find_region (&context->location, fault->words.endpoint);
  gboolean corrected;

  if (fault->status != 301 && fault->status != 302 && fault->status != 307 &&
      fault->status != 308 && fault->status != 400 &&
      !streamer_s3_fault_is (fault, "AuthorizationHeaderMalformed"))
    return FALSE;
  /* Another thing than the region is wrong with such a request. */
  if (fault->status == 400 && fault->words.code != NULL &&
      !streamer_s3_fault_is (fault, "AuthorizationHeaderMalformed") &&
      !streamer_s3_fault_is (fault, "IllegalLocationConstraintException"))
    return FALSE;

  g_mutex_lock (&self->lock);
  corrected = streamer_s3_location_move (&self->location, found);
  /* Somebody else may have been told the same. */
  if (!corrected && found != NULL)
    corrected = g_str_equal (self->location.region, found) &&
                (!g_str_equal (context->location.region, found) ||
                 !g_str_equal (context->location.endpoint, self->location.endpoint));
  g_mutex_unlock (&self->lock);
  if (corrected)
    g_debug ("the bucket is in region %s", found);
  return corrected;
}

static gboolean
correct_clock (StreamerS3Client *self,
               const StreamerS3Context *context,
               const StreamerS3Fault *fault)
{
  gint64 wrong_by = fault->time - context->signer.time;

  if (fault->time == 0)
    return FALSE;
  /* An answer to HEAD says no more than that it was refused. */
  if (!streamer_s3_fault_is (fault, "RequestTimeTooSkewed") &&
      (fault->status != 403 || fault->words.code != NULL || ABS (wrong_by) < SKEW_PROBABLE))
    return FALSE;
  if (ABS (wrong_by) < SKEW_CERTAIN)
    return FALSE;

  g_mutex_lock (&self->lock);
  self->clock_offset = fault->time - g_get_real_time () / G_USEC_PER_SEC;
  g_debug ("the store's clock is %" G_GINT64_FORMAT " s ahead", self->clock_offset);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static gboolean
are_same (const StreamerS3Credentials *first, const StreamerS3Credentials *second)
{
  return g_str_equal (first->access_key, second->access_key) &&
         g_str_equal (first->secret_key, second->secret_key) &&
         g_strcmp0 (first->session_token, second->session_token) == 0;
}

static gboolean
correct_credentials (StreamerS3Client *self,
                     const StreamerS3Context *context,
                     const StreamerS3Fault *fault,
                     GCancellable *cancellable)
{
  g_autoptr (StreamerS3Credentials) fresh = NULL;
  gboolean unnamed = fault->status == 400 && fault->words.code == NULL &&
                     context->credentials->session_token != NULL;

  if (!unnamed && !streamer_s3_fault_is (fault, "ExpiredToken") &&
      !streamer_s3_fault_is (fault, "TokenRefreshRequired") &&
      !streamer_s3_fault_is (fault, "InvalidToken"))
    return FALSE;

  /* Another worker may have been here before. */
  fresh = streamer_s3_credentials_provider_get (self->provider, FALSE, cancellable, NULL);
  if (fresh != NULL && are_same (fresh, context->credentials))
    {
      g_clear_pointer (&fresh, streamer_s3_credentials_unref);
      fresh = streamer_s3_credentials_provider_get (self->provider, TRUE, cancellable, NULL);
    }
  return fresh != NULL && !are_same (fresh, context->credentials);
}

static Correction
correct (StreamerS3Client *self,
         const StreamerS3Context *context,
         const StreamerS3Fault *fault,
         Correction done,
         GCancellable *cancellable)
{
  if (fault->is_web_page)
    return CORRECT_NOTHING;
  if ((done & CORRECT_REGION) == 0 && correct_region (self, context, fault))
    return CORRECT_REGION;
  if ((done & CORRECT_CLOCK) == 0 && correct_clock (self, context, fault))
    return CORRECT_CLOCK;
  if ((done & CORRECT_CREDENTIALS) == 0 && correct_credentials (self, context, fault, cancellable))
    return CORRECT_CREDENTIALS;
  return CORRECT_NOTHING;
}

static StreamerS3Subject
get_subject (const StreamerS3Request *request)
{
  if (request->key == NULL)
    return STREAMER_S3_BUCKET;
  /* Where something is copied, what is not there is its source. */
  for (guint i = 0; request->headers != NULL && request->headers[i] != NULL; i += 2)
    if (g_str_equal (request->headers[i], "x-amz-copy-source"))
      return STREAMER_S3_OBJECT;
  for (guint i = 0; request->query != NULL && request->query[i] != NULL; i += 2)
    if (g_str_equal (request->query[i], "uploadId"))
      return STREAMER_S3_UPLOAD;
  return STREAMER_S3_OBJECT;
}

gboolean
streamer_s3_client_send (StreamerS3Client *self,
                         StreamerHttp *http,
                         const StreamerS3Request *request,
                         StreamerAnswer *answer,
                         GCancellable *cancellable,
                         GError **error)
{
  Correction done = CORRECT_NOTHING;

  for (;;)
    {
      g_auto (StreamerS3Context) context = { 0 };
      g_auto (StreamerS3Fault) fault = { 0 };
      Correction correction;

      if (!streamer_s3_context_init (&context, self, request->key, cancellable, error) ||
          !send_once (&context, http, request, answer, cancellable, error))
        return FALSE;
      if (is_success (request, answer))
        return TRUE;

      streamer_s3_fault_init (&fault, answer);
      streamer_answer_clear (answer);
      g_debug ("%s: status %u", request->method, fault.status);
      correction = correct (self, &context, &fault, done, cancellable);
      if (correction == CORRECT_NOTHING)
        {
          const char *const secrets[] = { context.credentials->secret_key,
                                          context.credentials->session_token };

          g_propagate_error (error, streamer_s3_fault_to_error (&fault, get_subject (request),
                                                                secrets, G_N_ELEMENTS (secrets)));
          return FALSE;
        }
      done |= correction;
    }
}
